/// What `corfu bench cluster` tells of processes that are killed.
struct ProcessOutages: Sendable {
  /// All that happened, in order.
  let timelines: [Timeline]

  /// Kills each kind of process so often, each time in a fresh cluster.
  ///
  /// - Parameters:
  ///   - outages: Who is killed, and where.
  ///   - count: How often.
  ///   - folder: Where the clusters' files go; it is left as it was.
  ///   - onDeath: Hears who dies next.
  /// - Returns: What happened.
  /// - Throws: ``BenchError``, and what a cluster throws that does not begin.
  static func run(
    _ outages: [ProcessOutage],
    times count: Int,
    in folder: BenchFolder,
    onDeath: (String) -> Void
  ) async throws -> ProcessOutages {
    var timelines: [Timeline] = []
    for number in 0..<count {
      for outage in outages {
        onDeath("\(outage.victim.rawValue) is killed, \(number + 1) of \(count)")
        let place = folder.folder("outage")
        timelines.append(try await outage.run(in: place))
        try place.remove()
      }
    }
    return ProcessOutages(timelines: timelines)
  }

  private func timelines(of victim: ProcessOutage.Victim) -> [Timeline] {
    timelines.filter { $0.victim == victim.rawValue }
  }

  /// The figures; none if nobody was killed.
  var section: Report.Section? {
    let figures = ProcessOutage.Victim.allCases.flatMap { victim -> [Figure] in
      let timelines = timelines(of: victim)
      if timelines.isEmpty { return [] }
      return [
        figure("\(victim.rawValue): nothing is acknowledged for", timelines.map { $0.outage }),
        // Infinity is shown as a dash.
        figure("\(victim.rawValue): 90 % as fast again after", timelines.map { $0.recovery }),
      ]
    }
    if figures.isEmpty { return nil }
    return Report.Section("A process is killed, 64 appends of 128 B at a time", figures)
  }

  private func figure(_ name: String, _ times: [Duration?]) -> Figure {
    let seconds = times.map { $0?.seconds ?? .infinity }
    var figure = Figure(name, seconds.median, .seconds)
    if let least = seconds.min(), let most = seconds.max(), most.isFinite, figure.value > 0 {
      figure.spread = (most - least) / figure.value
    }
    return figure
  }

  /// What a reader must know of them.
  var notes: [String] {
    if timelines.isEmpty { return [] }
    var notes = [
      "a process is killed by SIGKILL, in a fresh cluster each time; median of the times, "
        + "detection included; 90 % as fast: 100 ms together, beside the second before the death"
    ]
    let late = timelines.count { $0.recovery == nil }
    if late > 0 {
      notes.append(
        "\(late) of \(timelines.count) times appends were not 90 % as fast again within "
          + "\(Int(ProcessOutage.watchMax.seconds)) s"
      )
    }
    return notes
  }

  /// Of each kind the time whose outage was the median one.
  var plots: [Report.Plot] {
    ProcessOutage.Victim.allCases.compactMap { victim in
      let sorted = timelines(of: victim).sorted { $0.outage < $1.outage }
      guard !sorted.isEmpty else { return nil }
      return sorted[(sorted.count - 1) / 2].plot(named: "outage-\(Self.word(for: victim))")
    }
  }

  private static func word(for victim: ProcessOutage.Victim) -> String {
    switch victim {
    case .unit: "unit"
    case .sequencer: "sequencer"
    }
  }
}

internal import CorfuGlobalLog

/// `corfu bench sequencer`: what a token costs, and what it saves.
public struct SequencerBench: Sendable {
  let folder: BenchFolder
  let rounds: Rounds
  let clients: [Int]

  /// A benchmark with its files in a folder, which it leaves empty.
  ///
  /// - Parameters:
  ///   - folder: Where the logs are made.
  ///   - rounds: How long to measure.
  ///   - clients: How many clients append at once, from few to many.
  public init(in folder: BenchFolder, rounds: Rounds, clients: [Int] = [1, 4, 16, 64]) {
    self.folder = folder
    self.rounds = rounds
    self.clients = clients
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    var report = Report(name: "sequencer", machine: .current(filesAt: folder.path))
    report.notes.append(
      "median of \(rounds.count) rounds; ratios are taken within a round; "
        + "spread is half the range of the rounds"
    )
    report.notes.append("tokens are measured in processor time")
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections.append(try await tokens())
    report.sections.append(try await appends())
    return report
  }

  private func tokens() async throws -> Report.Section {
    let kinds: [(count: Int, streams: Int)] = [(1, 0), (4, 0), (1, 1), (4, 1), (1, 4)]
    let trials = kinds.map { kind in
      let workload = TokenWorkload(count: kind.count, streams: kind.streams)
      return Trial("tokens of \(kind.count), \(kind.streams) streams") {
        try workload.run(for: $0)
      }
    }
    let series = try await rounds.run(
      [Trial("counter") { TokenWorkload.counter(for: $0) }] + trials
    )
    let cost = { (measurement: Measurement) in 1 / measurement.operationsPerSecond }
    var figures: [Figure] = []
    for (kind, one) in zip(kinds, series.dropFirst()) {
      let positions = kind.count == 1 ? "1 position" : "\(kind.count) positions"
      let streams = kind.streams == 0 ? "" : ", \(kind.streams) of 1,000 streams"
      var figure = Figure("token of \(positions)\(streams)", one.median(cost), .seconds)
      figure.spread = one.spread(cost)
      figures.append(
        figure.against(
          "atomic counter",
          ratio: one.ratio(to: series[0], cost),
          budget: kind.streams == 0 ? .value(atMost: 20e-9) : nil
        )
      )
    }
    return Report.Section("Tokens, in process", figures)
  }

  private func appends() async throws -> Report.Section {
    let trials = clients.flatMap { clients in
      let race = RaceWorkload(clients: clients, payloadBytes: 128)
      let tokens = SequencedWorkload(clients: clients, payloadBytes: 128)
      return [
        Trial("race of \(clients)") { try await race.run(in: folder.folder("race"), for: $0) },
        Trial("tokens for \(clients)") {
          try await tokens.run(in: folder.folder("tokens"), for: $0)
        },
      ]
    }
    let series = try await rounds.run(trials)
    var figures: [Figure] = []
    for (index, clients) in clients.enumerated() {
      let race = series[2 * index]
      let tokens = series[2 * index + 1]
      let name = clients == 1 ? "1 client" : "\(clients) clients"
      figures.append(Figure("\(name), race", rate: race))
      let lost = race.median { Double($0.lostRaces) / Double(max(1, $0.operations)) }
      figures.append(Figure("\(name), lost races per append", lost, .number))
      figures.append(
        Figure("\(name), tokens", rate: tokens).against(
          "race of \(clients)",
          ratio: tokens.ratio(to: race, \.operationsPerSecond),
          // A lone client has nobody to race with; what it pays for the token must not show.
          budget: .ratio(atLeast: clients == 1 ? 0.9 : 1)
        )
      )
    }
    return Report.Section("Appends of 128 B: chapter 1 against chapter 2", figures)
  }
}

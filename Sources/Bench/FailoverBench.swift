/// `corfu bench failover`: how long nobody can append if a node dies and nobody is told.
public struct FailoverBench: Sendable {
  private let folder: BenchFolder
  private let rounds: Int
  private let onStep: @Sendable (String) -> Void

  /// A benchmark with its files in a folder, which it leaves empty.
  ///
  /// - Parameters:
  ///   - folder: Where.
  ///   - rounds: How often each node dies.
  ///   - onStep: Hears who dies.
  public init(
    in folder: BenchFolder,
    rounds: Int = 5,
    onStep: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.folder = folder
    self.rounds = rounds
    self.onStep = onStep
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    var courses: [Outage.Victim: [Outage.Course]] = [:]
    for round in 0..<rounds {
      for victim in Outage.Victim.allCases {
        onStep("\(victim.rawValue) dies, \(round + 1) of \(rounds)")
        courses[victim, default: []].append(try await Outage(victim: victim, folder: folder).run())
      }
    }
    let disk = try await rewriting()
    var report = Report(name: "failover", machine: .current(filesAt: folder.path))
    report.notes = [
      "1 chain of 2, 4 spares of which 3 are the acceptors, 2 sequencers, each node with a thread; "
        + "3 monitors; 16 clients; median of \(rounds) deaths each",
      "who dies is gone at once, and its disk with it; monitors ask every 100 ms and suspect "
        + "whoever is silent for 800 ms",
    ]
    let failures = courses.values.flatMap(\.self).reduce(0) { $0 + $1.failures }
    report.notes.append("appends that ended in an error: \(failures)")
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections =
      [
        Report.Section(
          "Disk, one after the other",
          [Figure("small file rewritten in place, fdatasync", rate: disk)]
        )
      ]
      + Outage.Victim.allCases.map { victim in section(victim, courses[victim] ?? []) }
    return report
  }

  /// What it costs at least to remember one thing.
  private func rewriting() async throws -> Series {
    let disk = DiskBaselines(folder: folder)
    let rounds = Rounds(count: rounds, duration: .milliseconds(100) * rounds)
    let trial = Trial("small file, rewritten") { try disk.rewriteAndSync(for: $0) }
    return try await rounds.run([trial])[0]
  }

  private func section(_ victim: Outage.Victim, _ courses: [Outage.Course]) -> Report.Section {
    let gap = figure("longest time without an append", courses, \.gap)
    let ratios = courses.map { $0.gap.seconds / $0.suspected.seconds }
    return Report.Section(
      "The death of \(victim.rawValue)",
      [
        figure("suspected after", courses, \.suspected).within(.value(atMost: 1)),
        figure("next layout after", courses, \.changed),
        gap.against("suspected after", ratio: ratios.median),
        figure("slowest append", courses, \.slowest),
      ]
    )
  }

  private func figure(
    _ name: String,
    _ courses: [Outage.Course],
    _ value: (Outage.Course) -> Duration
  ) -> Figure {
    let values = courses.map { value($0).seconds }
    var figure = Figure(name, values.median, .seconds)
    if let least = values.min(), let most = values.max(), values.median > 0 {
      figure.spread = (most - least) / values.median
    }
    return figure
  }
}

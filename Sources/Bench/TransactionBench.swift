internal import Corfu
internal import CorfuTransactions

/// `corfu bench transactions`: objects and transactions over chapter 5's cluster on this machine's
/// disk, after the experiments of the Tango paper.
public struct TransactionBench: Sendable {
  /// How much of everything.
  public struct Sizes: Hashable, Sendable {
    /// How many programs do transactions at once, from few to many.
    public var programs = [1, 2, 4, 8]
    /// How many transactions each program has under way.
    public var callers = 256
    /// How many keys there are.
    public var keys = 100_000
    /// How many updates of a map are played.
    public var updates = 200_000

    /// What suits a server's disk.
    public init() {}
  }

  private let folder: BenchFolder
  private let rounds: Rounds
  private let sizes: Sizes

  /// A benchmark with its files in a folder, which it leaves empty.
  public init(in folder: BenchFolder, rounds: Rounds, sizes: Sizes = Sizes()) {
    self.folder = folder
    self.rounds = rounds
    self.sizes = sizes
  }

  private func programs(_ count: Int, _ name: String) -> ObjectPrograms {
    ObjectPrograms(
      cluster: BenchCluster(folder: folder.folder(name), stripes: 2, replicas: 2),
      programs: count,
      callers: sizes.callers
    )
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    let most = sizes.programs.last ?? 1
    let uniform = KeyChoice.uniform(sizes.keys)
    let zipf = KeyChoice.zipf(sizes.keys)
    let aborts = [SharedCounter(), SharedCounter(), SharedCounter()]
    let play = MapPlay(
      cluster: BenchCluster(folder: folder.folder("play"), stripes: 2, replicas: 2),
      updates: sizes.updates
    )
    var trials = [
      Trial("appends of one program") { try await appends($0) },
      Trial("reads of a register") {
        try await RegisterUse(programs: programs(1, "reads"), reads: true).run(for: $0)
      },
      Trial("writes of a register") {
        try await RegisterUse(programs: programs(1, "writes"), reads: false).run(for: $0)
      },
      Trial("reads on \(most) views") {
        try await RegisterUse(programs: programs(most, "views"), reads: true).run(for: $0)
      },
      Trial("skewed transactions") {
        try await MapTransactions(programs: programs(most, "zipf"), keys: zipf).run(
          for: $0,
          aborts[1]
        )
      },
      Trial("transactions across maps") {
        var work = MapTransactions(programs: programs(1, "across"), keys: uniform)
        work.isAcross = true
        return try await work.run(for: $0, aborts[2])
      },
      Trial("playing a map") { _ in try await play.run() },
    ]
    let fixed = trials.count
    trials += sizes.programs.map { count in
      Trial("transactions of \(count)") {
        let work = MapTransactions(programs: programs(count, "uniform"), keys: uniform)
        return try await work.run(for: $0, aborts[0])
      }
    }
    let series = try await rounds.run(trials)
    return report(Array(series[..<fixed]), Array(series[fixed...]), aborts.map(\.count))
  }

  private func appends(_ duration: Duration) async throws -> Measurement {
    let programs = programs(1, "appends")
    return try await programs.with { runtimes in
      let payload = [UInt8](repeating: 5, count: 64)
      return try await programs.measure(for: duration) { program, _ in
        _ = try await runtimes[program].log.append(payload)
      }
    }
  }

  private func report(_ series: [Series], _ clients: [Series], _ aborts: [Int]) -> Report {
    var report = Report(name: "transactions", machine: .current(filesAt: folder.path))
    report.notes = [
      "2 stripes of 2 in this process, files on one disk; each program has \(sizes.callers) "
        + "operations under way; \(sizes.keys) keys; median of \(rounds.count) rounds",
      "tries that were off, over all rounds: \(aborts[0]) of uniform, \(aborts[1]) of skewed, "
        + "\(aborts[2]) of those across maps",
    ]
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    let baseline = series[0]
    func figure(_ name: String, _ series: Series) -> Figure {
      Figure(name, rate: series).against(
        "appends",
        ratio: series.ratio(to: baseline, \.operationsPerSecond)
      )
    }
    report.sections = [
      Report.Section("Appends, durable on both replicas", [Figure("appends", rate: baseline)]),
      Report.Section(
        "A register, linearizable",
        [
          figure("reads, one view", series[1]), figure("writes, one view", series[2]),
          figure("reads, \(sizes.programs.last ?? 1) views", series[3]),
        ]
      ),
      Report.Section(
        "Transactions on a map, 3 reads and 3 writes",
        zip(sizes.programs, clients).map { count, series in
          let figure = figure("\(count) \(count == 1 ? "program" : "programs")", series)
          if count == 1 { return figure.within(.value(atLeast: 30_000)) }
          return count == 4 ? figure.within(.value(atLeast: 50_000)) : figure
        } + [
          figure("\(sizes.programs.last ?? 1) programs, skewed", series[4]),
          figure("1 program, reading one map and writing another", series[5]),
        ]
      ),
      Report.Section(
        "Playing a map from the log",
        [
          Figure("\(sizes.updates) updates", rate: series[6])
            .within(.value(atLeast: 500_000))
        ]
      ),
    ]
    return report
  }
}

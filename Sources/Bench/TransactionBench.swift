internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuTransactions

/// `corfu bench transactions`: objects and transactions over chapter 5's cluster on this machine's
/// disk, after the experiments of the Tango paper.
public struct TransactionBench: Sendable {
  /// How much of everything.
  public struct Sizes: Hashable, Sendable {
    /// How many programs there are at once, from few to many.
    public var programs = [1, 2, 4, 8]
    /// How many operations each program has under way.
    public var callers = 256
    /// How many keys there are.
    public var keys = 100_000
    /// How many of a hundred transactions write another program's map.
    public var percents = [0, 10, 25, 50, 100]
    /// How many updates of a map are played.
    public var updates = 1_000_000

    /// What suits a server's disk.
    public init() {}

    /// So little of everything that only tests want it.
    public static var quick: Sizes {
      var sizes = Sizes()
      sizes.programs = [1, 2]
      sizes.callers = 8
      sizes.keys = 1000
      sizes.percents = [0, 100]
      sizes.updates = 5000
      return sizes
    }
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

  private var groups: [[Trial]] {
    [
      single, views, transactions(.uniform(sizes.keys), "alike"),
      transactions(.zipf(sizes.keys), "skewed"), partitions,
    ]
  }

  /// Measures some loads and nothing besides: no baselines, no budgets.
  ///
  /// - Parameter text: What the names of the loads have in them.
  /// - Returns: How fast they were; `nil` if no load is called so.
  /// - Throws: Whatever a load throws.
  public func run(only text: String) async throws -> Report? {
    let trials = groups.flatMap(\.self).filter { $0.name.contains(text) }
    var figures = zip(trials, try await rounds.run(trials)).map { Figure($0.name, rate: $1) }
    if "playing a map".contains(text) {
      let play = MapPlay(cluster: cluster("play"), updates: sizes.updates)
      let played = try await play.run(times: rounds.count, onTime: rounds.onTrial)
      figures.append(Figure("playing a map", rate: played.plays))
      figures.append(Figure("reading its entries", rate: played.scans))
    }
    if figures.isEmpty { return nil }
    var report = Report(name: "transactions", machine: .current(filesAt: folder.path))
    report.sections = [Report.Section("Only what is called '\(text)'", figures)]
    return report
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    let groups = groups
    var rest = try await rounds.run(groups.flatMap(\.self))
    func taken(_ group: [Trial]) -> [Series] {
      defer { rest.removeFirst(group.count) }
      return Array(rest.prefix(group.count))
    }
    let series = groups.map(taken)
    let play = MapPlay(cluster: cluster("play"), updates: sizes.updates)
    let played = try await play.run(times: rounds.count, onTime: rounds.onTrial)
    return report(
      TransactionReport(
        sizes: sizes,
        single: series[0],
        views: series[1],
        alike: series[2],
        skewed: series[3],
        partitions: series[4],
        play: played.plays,
        scan: played.scans
      )
    )
  }

  private func report(_ measured: TransactionReport) -> Report {
    var report = Report(name: "transactions", machine: .current(filesAt: folder.path))
    report.notes = [
      "2 stripes of 2 in this process, files on one disk; each program has \(sizes.callers) "
        + "operations under way; \(Unit.grouped(sizes.keys)) keys; median of \(rounds.count) "
        + (rounds.count == 1 ? "round" : "rounds"),
      "tries that were off are made again; they are told as a part of all tries",
    ]
    if sizes == .quick {
      report.notes.append("small sizes: these figures say that it works, and no more")
    }
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections = measured.sections
    report.plots = measured.plots
    return report
  }

  // MARK: - What is measured

  private func cluster(_ name: String) -> BenchCluster {
    BenchCluster(folder: folder.folder(name), stripes: 2, replicas: 2)
  }

  private func programs(_ count: Int, _ name: String) -> ObjectPrograms {
    ObjectPrograms(cluster: cluster(name), programs: count, callers: sizes.callers)
  }

  /// What one program does: appends, reads and writes of a register, transactions over two maps.
  private var single: [Trial] {
    [
      Trial("appends of one program") { try await appends($0) },
      Trial("reads of a register") {
        try await RegisterUse(programs: programs(1, "reads"), reads: true).run(for: $0)
      },
      Trial("writes of a register") {
        try await RegisterUse(programs: programs(1, "writes"), reads: false).run(for: $0)
      },
      Trial("transactions across maps") {
        var work = MapTransactions(
          programs: programs(1, "across"),
          keys: .uniform(sizes.keys)
        )
        work.isAcross = true
        return try await work.run(for: $0)
      },
    ]
  }

  private var views: [Trial] {
    sizes.programs.map { count in
      Trial("reads on \(count) views") {
        try await RegisterViews(programs: programs(count + 1, "views")).run(for: $0)
      }
    }
  }

  private func transactions(_ keys: KeyChoice, _ name: String) -> [Trial] {
    sizes.programs.map { count in
      Trial("transactions of \(count), keys \(name)") {
        try await MapTransactions(programs: programs(count, name), keys: keys).run(for: $0)
      }
    }
  }

  private var partitions: [Trial] {
    let count = sizes.programs.last ?? 1
    return sizes.percents.map { percent in
      Trial("\(count) partitions, \(percent) % across") {
        try await PartitionTransactions(
          programs: programs(count, "parts"),
          keys: .uniform(sizes.keys),
          percent: percent
        ).run(for: $0)
      }
    }
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
}

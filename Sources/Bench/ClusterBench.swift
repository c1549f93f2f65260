internal import Corfu
internal import CorfuCluster
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

/// `corfu bench cluster`: a cluster of real processes on this machine, over TCP.
public struct ClusterBench: Sendable {
  /// How much of everything.
  public struct Sizes: Hashable, Sendable {
    /// How many chains positions rotate over.
    public var stripes = 2
    /// How many units each chain has.
    public var replicas = 2
    /// How many appends are under way at any time.
    public var outstanding = [1, 64, 1024]
    /// The payloads of entries, in bytes.
    public var payloads = [128, 4096]
    /// How many clients append at once, each one entry at a time.
    public var clients = [16, 256]

    /// What the budgets are for.
    public init() {}
  }

  private let folder: BenchFolder
  private let program: String
  private let rounds: Rounds
  private let sizes: Sizes

  /// A benchmark with its files in a folder, which it leaves empty.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - program: The program that runs a node.
  ///   - rounds: How long, and how often.
  ///   - sizes: How much of everything.
  public init(
    in folder: BenchFolder,
    program: String,
    rounds: Rounds,
    sizes: Sizes = Sizes()
  ) {
    self.folder = folder
    self.program = program
    self.rounds = rounds
    self.sizes = sizes
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    try await ProcessCluster.with(
      in: folder,
      program: program,
      stripes: sizes.stripes,
      replicas: sizes.replicas,
      spares: 1
    ) { cluster in try await measure(cluster) }
  }

  private func measure(_ cluster: ProcessCluster) async throws -> Report {
    let loads = ClusterLoads(cluster)
    try await loads.prepareReads()
    let others = [
      Trial("tokens") { try await loads.tokens(inFlight: 256, for: $0) },
      Trial("random reads") { try await loads.randomReads(callers: 64, for: $0) },
      Trial("scan") { try await loads.scan(for: $0) },
    ]
    let appends = appendSizes.map { size in
      Trial("append \(size.bytes) B × \(size.outstanding)") {
        try await loads.appends(
          clients: 1,
          outstanding: size.outstanding,
          payloadBytes: size.bytes,
          for: $0
        )
      }
    }
    let crowds = sizes.clients.map { count in
      Trial("append, \(count) clients") {
        try await loads.appends(clients: count, outstanding: 1, payloadBytes: 128, for: $0)
      }
    }
    let series = try await rounds.run(baselines + others + appends + crowds)
    var report = Report(name: "cluster", machine: .current(filesAt: folder.path))
    report.notes.append(
      "\(cluster.members.count) processes and the clients on one machine, their files on one "
        + "disk; median of \(rounds.count) rounds, ratios within a round"
    )
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections = sections(
      machine: Array(series.prefix(3)),
      others: Array(series.dropFirst(3).prefix(3)),
      appends: Array(series.dropFirst(6).prefix(appends.count)),
      crowds: Array(series.suffix(crowds.count))
    )
    return report
  }

  private var baselines: [Trial] {
    let disk = DiskBaselines(folder: folder)
    return [
      Trial("fdatasync loop") { try disk.overwriteAndSync(for: $0) },
      Trial("echo, 1 at a time") { try await EchoBaseline(inFlight: 1).run(for: $0) },
      Trial("echo, 256 in flight") { try await EchoBaseline(inFlight: 256).run(for: $0) },
    ]
  }

  private var appendSizes: [(bytes: Int, outstanding: Int)] {
    sizes.payloads.flatMap { bytes in
      sizes.outstanding.map { (bytes: bytes, outstanding: $0) }
    }
  }

  private func sections(
    machine: [Series],
    others: [Series],
    appends: [Series],
    crowds: [Series]
  ) -> [Report.Section] {
    let (sync, echo, echoMany) = (machine[0], machine[1], machine[2])
    let share = others[0].ratio(to: echoMany, \.operationsPerSecond)
    return [
      Report.Section(
        "Machine",
        [
          Figure("fdatasync loop, 4 KiB, overwriting", rate: sync),
          Figure("echo over loopback, 1 at a time", rate: echo),
          Figure("echo over loopback, 256 in flight", rate: echoMany),
        ]
      ),
      Report.Section(
        "Tokens, one client over TCP",
        [
          Figure("256 in flight", rate: others[0])
            .against("echo, 256 in flight", ratio: share, budget: .ratio(atLeast: 0.25))
        ]
      ),
      Report.Section(
        "Append, \(sizes.stripes) stripes of \(sizes.replicas), durable on all replicas, "
          + "one client",
        zip(appendSizes, appends).map { size, series in
          figure(size.bytes, size.outstanding, series, sync, echo)
        }
      ),
      Report.Section(
        "Append, 128 B, clients with one entry at a time",
        zip(sizes.clients, crowds).map { count, series in
          let ratio = series.ratio(to: sync, \.operationsPerSecond)
          return Figure("\(count) clients", rate: series).against("fdatasync loop", ratio: ratio)
        }
      ),
      Report.Section(
        "Read, 4 KiB, from the units' memory cache",
        [
          Figure("random, 64 at a time", rate: others[1]),
          Figure("scan, 256 at a time", throughput: others[2]),
        ]
      ),
    ]
  }

  private func figure(
    _ bytes: Int,
    _ outstanding: Int,
    _ series: Series,
    _ sync: Series,
    _ echo: Series
  ) -> Figure {
    let figure = Figure("\(bytes) B, \(Unit.grouped(outstanding)) at a time", rate: series)
    if outstanding == 1 {
      // Two syncs one after the other, and four times through the network.
      let floor = zip(sync.measurements, echo.measurements).map { sync, echo in
        2 * sync.p50 + 4 / echo.operationsPerSecond
      }
      let ratio = zip(series.measurements, floor).map { $0.p50 / $1 }.median
      return figure.against(
        "2 fdatasync + 4 echoes",
        ratio: ratio,
        budget: .ratio(atMost: 1.2)
      )
    }
    return figure.against("fdatasync loop", ratio: series.ratio(to: sync, \.operationsPerSecond))
      .within(.value(atLeast: Self.budget(bytes, outstanding)))
  }

  /// What is asked of the machine that the budgets were made for.
  private static func budget(_ bytes: Int, _ outstanding: Int) -> Double {
    switch (bytes <= 128, outstanding <= 64) {
    case (true, true): 140_000
    case (true, false): 350_000
    case (false, true): 50_000
    case (false, false): 80_000
    }
  }
}

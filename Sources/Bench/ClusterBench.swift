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
    public var clients = [1, 16, 256]
    /// How many entries there are to be read.
    public var readable = 20_000
    /// How many random reads are under way at any time, or reads and appends together.
    public var callers = 64
    /// How many of a hundred are reads, where there are reads and appends.
    public var readPercents = [50, 90]
    /// How many appends are under way beside a reader.
    public var writers = 1024
    /// How often a unit and the sequencer are killed.
    public var deaths = 3
    /// Whether there is so little of everything that the figures say nothing.
    public private(set) var isQuick = false

    /// What the budgets are for.
    public init() {}

    /// So little of everything that only tests want it, and nobody is killed.
    public static var quick: Sizes {
      var sizes = Sizes()
      sizes.outstanding = [1, 64]
      sizes.clients = [1, 4]
      sizes.readable = 1000
      sizes.writers = 64
      sizes.deaths = 0
      sizes.isQuick = true
      return sizes
    }

    /// Each payload with each number of appends under way.
    var appends: [(bytes: Int, outstanding: Int)] {
      payloads.flatMap { bytes in outstanding.map { (bytes: bytes, outstanding: $0) } }
    }
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
    let measured = try await RedisServer.with(in: folder.folder("redis")) { redis in
      try await RedisServer.with(in: folder.folder("redises"), isReplicated: true) { redises in
        try await measure(beside: redis, redises)
      }
    }
    // What was appended takes room that the clusters to come may need.
    try folder.folder("cluster").remove()
    let outages = try await killProcesses()
    return report(ClusterReport(sizes: sizes, series: measured), outages)
  }

  private func measure(
    beside redis: RedisServer?,
    _ redises: RedisServer?
  ) async throws -> ClusterMeasured {
    try await ProcessCluster.with(
      in: folder,
      program: program,
      stripes: sizes.stripes,
      replicas: sizes.replicas,
      spares: 1
    ) { cluster in
      let loads = ClusterLoads(cluster, readable: sizes.readable)
      try await loads.prepareReads()
      return try await ClusterTrials(
        sizes: sizes,
        loads: loads,
        disk: DiskBaselines(folder: folder),
        redis: redis,
        redises: redises
      ).measured(in: rounds)
    }
  }

  // MARK: - Deaths

  private func killProcesses() async throws -> ProcessOutages {
    // Of a chain of one nothing is left if its unit dies.
    let victims = ProcessOutage.Victim.allCases.filter { $0 != .unit || sizes.replicas > 1 }
    let outages = victims.map { victim in
      ProcessOutage(
        victim: victim,
        program: program,
        stripes: sizes.stripes,
        replicas: sizes.replicas
      )
    }
    return try await ProcessOutages.run(
      outages,
      times: sizes.deaths,
      in: folder,
      onDeath: rounds.onTrial
    )
  }

  // MARK: - The report

  private func report(_ loads: ClusterReport, _ outages: ProcessOutages) -> Report {
    var report = Report(name: "cluster", machine: .current(filesAt: folder.path))
    let processes = sizes.stripes * sizes.replicas + 1
    let count = rounds.count == 1 ? "1 round" : "\(rounds.count) rounds"
    report.notes = [
      "\(processes) processes and the clients on one machine, their files on one "
        + "disk; median of \(count), ratios within a round"
    ]
    if sizes.isQuick {
      report.notes.append("small sizes: these figures say that it works, and no more")
    }
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.notes += loads.notes + outages.notes
    report.sections = loads.sections + (outages.section.map { [$0] } ?? [])
    report.timelines = outages.timelines
    report.plots = loads.plots + outages.plots
    return report
  }
}

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
    /// How often a unit and the sequencer are killed.
    public var deaths = 3

    /// What the budgets are for.
    public init() {}

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
    let series = try await RedisServer.with(in: folder.folder("redis")) { redis in
      try await ProcessCluster.with(
        in: folder,
        program: program,
        stripes: sizes.stripes,
        replicas: sizes.replicas,
        spares: 1
      ) { cluster in try await measure(cluster, redis) }
    }
    // What was appended takes room that the clusters to come may need.
    try folder.folder("cluster").remove()
    let outages = try await killProcesses()
    return report(ClusterReport(sizes: sizes, series: series), outages)
  }

  // MARK: - Loads

  private func measure(
    _ cluster: ProcessCluster,
    _ redis: RedisServer?
  ) async throws -> ClusterReport.Measured {
    let loads = ClusterLoads(cluster)
    try await loads.prepareReads()
    let others = [
      Trial("tokens") { try await loads.tokens(inFlight: 256, for: $0) },
      Trial("random reads") { try await loads.randomReads(callers: 64, for: $0) },
      Trial("scan") { try await loads.scan(for: $0) },
    ]
    let appends = sizes.appends.map { size in
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
    let groups = [baselines, others, appends, crowds, redis.map(redisTrials) ?? []]
    var rest = try await rounds.run(groups.flatMap(\.self))
    func taken(_ group: [Trial]) -> [Series] {
      defer { rest.removeFirst(group.count) }
      return Array(rest.prefix(group.count))
    }
    let series = groups.map(taken)
    return ClusterReport.Measured(
      machine: series[0],
      others: series[1],
      appends: series[2],
      crowds: series[3],
      redis: series[4]
    )
  }

  private var baselines: [Trial] {
    let disk = DiskBaselines(folder: folder)
    return [
      Trial("fdatasync loop") { try disk.overwriteAndSync(for: $0) },
      Trial("echo, 1 at a time") { try await EchoBaseline(inFlight: 1).run(for: $0) },
      Trial("echo, 256 in flight") { try await EchoBaseline(inFlight: 256).run(for: $0) },
    ]
  }

  private func redisTrials(_ redis: RedisServer) -> [Trial] {
    sizes.outstanding.map { count in
      Trial("redis, 128 B × \(count)") {
        try await RedisAppends(server: redis, outstanding: count, payloadBytes: 128).run(for: $0)
      }
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
    report.notes = [
      "\(processes) processes and the clients on one machine, their files on one "
        + "disk; median of \(rounds.count) rounds, ratios within a round"
    ]
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

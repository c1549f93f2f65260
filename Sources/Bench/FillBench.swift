/// `corfu bench fill`: chapter 5's cluster on this machine's disk: filling holes, and clients that
/// append.
public struct FillBench: Sendable {
  /// How much of everything.
  public struct Sizes: Hashable, Sendable {
    /// How many clients append at once, from few to many.
    public var clients = [1, 16, 256]
    /// How many chains the clients' positions rotate over.
    public var stripes = 2
    /// How many units each chain has.
    public var replicas = 2
    /// The payload of an entry, in bytes.
    public var payloadBytes = 128

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

  /// Measures everything and reports.
  public func run() async throws -> Report {
    let disk = DiskBaselines(folder: folder)
    let filling = HoleFilling(
      cluster: BenchCluster(
        folder: folder.folder("fill"),
        stripes: 1,
        replicas: sizes.replicas
      )
    )
    let trials =
      [
        Trial("fdatasync loop") { try disk.overwriteAndSync(for: $0) },
        Trial("fill") { try await filling.run(for: $0) },
      ] + sizes.clients.map { clients in Trial(name(clients)) { try await appends(clients, $0) } }
    let series = try await rounds.run(trials)
    return report(sync: series[0], fill: series[1], appends: Array(series[2...]))
  }

  private func appends(_ clients: Int, _ duration: Duration) async throws -> Measurement {
    let cluster = BenchCluster(
      folder: folder.folder("appends"),
      stripes: sizes.stripes,
      replicas: sizes.replicas
    )
    let workload = ClusterAppends(
      cluster: cluster,
      clients: clients,
      payloadBytes: sizes.payloadBytes
    )
    return try await workload.run(for: duration)
  }

  private func name(_ clients: Int) -> String {
    "\(Unit.grouped(clients)) \(clients == 1 ? "client" : "clients")"
  }

  private func report(sync: Series, fill: Series, appends: [Series]) -> Report {
    var report = Report(name: "fill", machine: .current(filesAt: folder.path))
    report.notes.append(
      "all nodes in this process, their files on one disk; median of \(rounds.count) rounds, "
        + "ratios within a round"
    )
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections = [
      Report.Section(
        "Disk, 4 KiB at a time",
        [Figure("fdatasync loop, overwriting", rate: sync)]
      ),
      Report.Section(
        "Fill of a hole, \(sizes.replicas) replicas, after the timeout",
        [
          Figure("fill", rate: fill).against("fdatasync p50", ratio: fill.ratio(to: sync, \.p50)),
          Figure("half of them within", fill.median(\.p50), .seconds)
            .within(.value(atMost: 0.001)),
          Figure("99 of 100 within", fill.median(\.p99), .seconds)
            .within(.value(atMost: 0.005)),
        ]
      ),
      Report.Section(
        "Append, \(sizes.stripes) stripes of \(sizes.replicas), \(sizes.payloadBytes) B, "
          + "durable on all replicas",
        zip(sizes.clients, appends).map { clients, series in
          let figure = Figure(name(clients), rate: series)
          if clients == 1 {
            return figure.against("fdatasync p50", ratio: series.ratio(to: sync, \.p50))
          }
          return figure.against(
            "fdatasync loop",
            ratio: series.ratio(to: sync, \.operationsPerSecond)
          )
        }
      ),
    ]
    return report
  }
}

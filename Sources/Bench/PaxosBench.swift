/// `corfu bench paxos-per-entry`: what it would cost to let acceptors agree on every entry, beside
/// a token and a chain.
public struct PaxosBench: Sendable {
  /// How much of everything.
  public struct Sizes: Hashable, Sendable {
    /// How many clients append at once where there are several.
    public var clients = 16
    /// How many of them compete for the end of the log.
    public var rivals = 4
    /// How many appends are under way where they go in batches, and how many go into one.
    public var batched = 64
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

  /// What is measured under one load.
  private struct Load {
    let title: String
    let isAlone: Bool
    let trials: [Trial]
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    let disk = DiskBaselines(folder: folder)
    let loads = loads()
    let series = try await rounds.run(
      [Trial("fdatasync loop") { try disk.overwriteAndSync(for: $0) }] + loads.flatMap(\.trials)
    )
    var report = Report(name: "paxos-per-entry", machine: .current(filesAt: folder.path))
    report.notes = [
      "3 acceptors, or a chain of 2 or 3 units, all in this process, their files on one disk; "
        + "median of \(rounds.count) rounds",
      "acceptors append promises and votes to a file, one sync for all that came during the last; "
        + "a message is a request or a reply",
    ]
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections = [
      Report.Section(
        "Disk, 4 KiB at a time",
        [Figure("fdatasync loop, overwriting", rate: series[0])]
      )
    ]
    var index = 1
    for load in loads {
      var figures: [Figure] = []
      for trial in load.trials {
        figures += self.figures(of: trial, series[index], beside: series[0], load.isAlone)
        index += 1
      }
      report.sections.append(Report.Section(load.title, figures))
    }
    return report
  }

  private func loads() -> [Load] {
    let work = PaxosWorkloads(
      folder: folder,
      payloadBytes: sizes.payloadBytes,
      batchMax: sizes.batched
    )
    let (many, rivals, batched) = (sizes.clients, sizes.rivals, sizes.batched)
    let alone = [
      Trial("paxos, both phases") { try await work.rounds(.inTurn, clients: 1, for: $0) },
      Trial("paxos, stable leader") { try await work.leader(clients: 1, for: $0) },
    ]
    let several = [
      Trial("paxos, both phases") { try await work.rounds(.inTurn, clients: many, for: $0) },
      Trial("paxos, stable leader") { try await work.leader(clients: many, for: $0) },
    ]
    let rivalry = [
      Trial("paxos, both phases") { try await work.rounds(.atTheTail, clients: rivals, for: $0) }
    ]
    let batches = [
      Trial("paxos, stable leader") { try await work.batchingLeader(callers: batched, for: $0) }
    ]
    let bytes = "\(sizes.payloadBytes) B"
    return [
      Load(title: "1 client, \(bytes)", isAlone: true, trials: alone + chains(work, 1)),
      Load(
        title: "\(many) clients, \(bytes), positions in turn",
        isAlone: false,
        trials: several + chains(work, many)
      ),
      Load(
        title: "\(rivals) clients, \(bytes), all at the end of the log",
        isAlone: false,
        trials: rivalry
      ),
      Load(
        title: "\(batched) callers of 1 client, \(bytes), at most \(batched) entries at once",
        isAlone: false,
        trials: batches + chains(work, batched, sharesClient: true)
      ),
    ]
  }

  private func chains(
    _ work: PaxosWorkloads,
    _ callers: Int,
    sharesClient: Bool = false
  ) -> [Trial] {
    [2, 3].map { replicas in
      Trial("token, chain of \(replicas)") { duration in
        try await work.corfu(
          replicas: replicas,
          callers: callers,
          sharesClient: sharesClient,
          for: duration
        )
      }
    }
  }

  private func figures(
    of trial: Trial,
    _ series: Series,
    beside sync: Series,
    _ isAlone: Bool
  ) -> [Figure] {
    let rate = Figure(trial.name, rate: series)
    var figures = [
      isAlone
        ? rate.against("fdatasync p50", ratio: series.ratio(to: sync, \.p50))
        : rate.against("fdatasync loop", ratio: series.ratio(to: sync, \.operationsPerSecond)),
      Figure("\(trial.name), messages per entry", series.median(\.messagesPerOperation), .number),
      Figure("\(trial.name), syncs per entry", series.median(\.syncsPerOperation), .number),
    ]
    let lost = series.median { Double($0.lostRaces) / Double(max(1, $0.operations)) }
    if lost > 0 { figures.append(Figure("\(trial.name), lost positions per entry", lost, .number)) }
    return figures
  }
}

internal import CorfuCopyCompaction
internal import CorfuGlobalLog

/// `corfu bench compaction`: the room that compaction gives back, and what it costs.
public struct CompactionBench: Sendable {
  /// How much to write.
  public struct Sizes: Hashable, Sendable {
    /// Bytes of payload in a log whose room is measured.
    public var spaceBytes = 256 << 20
    /// Bytes of payload, at least, in a log that is compacted while others use it.
    public var busyBytes = 64 << 20
    /// The size of a segment: so small that what is open does not matter.
    public var segmentBytes = 4 << 20

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
    var report = Report(name: "compaction", machine: .current(filesAt: folder.path))
    report.notes.append(
      "median of \(rounds.count) rounds; ratios are taken within a round; "
        + "spread is half the range of the rounds"
    )
    report.notes.append(
      "room is that of closed segments; the open one and its spare, "
        + "\(sizes.segmentBytes >> 10) KiB each, come on top"
    )
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections.append(try await space())
    report.sections.append(try await foreground())
    return report
  }

  /// How much room a tenth takes, after the others were trimmed at random.
  private func space() async throws -> Report.Section {
    var figures: [Figure] = []
    for payloadBytes in [DiskBaselines.blockBytes, 128] {
      rounds.onTrial("compacting entries of \(payloadBytes) B")
      let log = ThinnedLog(
        folder: folder.folder("space"),
        payloadBytes: payloadBytes,
        entries: min(1 << 20, sizes.spaceBytes / payloadBytes),
        percentKept: 10,
        segmentBytes: sizes.segmentBytes
      )
      figures += try await log.with { store, _ in
        try await space(of: store, StoreBench.name(bytes: payloadBytes))
      }
    }
    return Report.Section("Room, nine tenths of the entries trimmed here and there", figures)
  }

  private func space(
    of store: LogFolder.Log,
    _ name: String
  ) async throws -> [Figure] {
    let before = try await room(of: store)
    var limits = CompactionLimits()
    limits.bytesPerSecond = .max >> 1
    let clock = ContinuousClock()
    let compactor = Compactor(of: store, limits: limits, clock: clock)
    let begin = clock.now
    try await compactor.run()
    let duration = begin.duration(to: clock.now)
    let after = try await room(of: store)
    let counters = compactor.counters
    return [
      Figure("\(name), before", Double(before.files), .bytes)
        .against("live bytes", ratio: Double(before.files) / Double(before.live)),
      Figure("\(name), after", Double(after.files), .bytes)
        .against(
          "live bytes",
          ratio: Double(after.files) / Double(max(1, after.live)),
          budget: .ratio(atMost: 1.2)
        ),
      Figure(
        "\(name), given back in a second, unthrottled",
        Double(counters.removedBytes - counters.copiedBytes) / duration.seconds,
        .bytesPerSecond
      ),
    ]
  }

  private func room(of store: LogFolder.Log) async throws -> (files: Int, live: Int) {
    let usage = try await store.usage()
    return (
      usage.reduce(0) { $0 + $1.fileBytes },
      usage.reduce(0) { $0 + $1.liveBytes }
    )
  }

  /// Appends and reads, idle and beside compaction at its usual rate.
  private func foreground() async throws -> Report.Section {
    let kinds: [(name: String, foreground: CompactionWorkload.Foreground)] = [
      ("append 4 KiB, 1 outstanding", .appends(outstanding: 1)),
      ("append 4 KiB, 64 outstanding", .appends(outstanding: 64)),
      ("random read 4 KiB", .reads),
    ]
    let trials = kinds.flatMap { kind in
      [false, true].map { compacts in
        let workload = CompactionWorkload(log: busyLog, foreground: kind.foreground)
        return Trial("\(kind.name)\(compacts ? ", compacting" : "")") {
          try await workload.run(compacts: compacts, for: $0)
        }
      }
    }
    let series = try await rounds.run(trials)
    var figures: [Figure] = []
    for (index, kind) in kinds.enumerated() {
      let (idle, busy) = (series[2 * index], series[2 * index + 1])
      figures.append(Figure("\(kind.name), idle", rate: idle))
      figures.append(
        Figure("\(kind.name), compacting", rate: busy)
          .against(
            "idle p99",
            ratio: busy.ratio(to: idle, \.p99),
            budget: .ratio(atMost: 2)
          )
      )
    }
    return Report.Section("Appends and reads beside compaction: p99 against an idle log's", figures)
  }

  /// Half of it is copied, at most: enough to be busy for twice as long as anybody measures.
  private var busyLog: ThinnedLog {
    let seconds = (rounds.duration / rounds.count).seconds
    let busy = Int(Double(CompactionLimits().bytesPerSecond) * seconds * 4)
    return ThinnedLog(
      folder: folder.folder("busy"),
      payloadBytes: DiskBaselines.blockBytes,
      entries: max(sizes.busyBytes, min(1 << 30, busy)) / DiskBaselines.blockBytes,
      percentKept: 50,
      segmentBytes: sizes.segmentBytes
    )
  }
}

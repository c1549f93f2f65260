internal import CorfuGlobalLog

/// `corfu bench store`: the durable log on this machine's disk, beside the disk without it.
public struct StoreBench: Sendable {
  /// How much to write and read.
  public struct Sizes: Hashable, Sendable {
    /// Bytes in the file and the log that are read from.
    public var readBytes = 256 << 20
    /// Bytes in a file that is written sequentially.
    public var streamBytes = 256 << 20
    /// Entries in the folder that is opened again.
    public var reopenEntries = 1_000_000
    /// The payloads of those entries, in bytes: first the small ones, then the large.
    public var reopenPayloadBytes = [16, 1024]
    /// How many appends are under way, from few to many.
    public var outstanding = [1, 64, 1024]
    /// How many clients race for the tail.
    public var racers = [1, 4, 16]

    /// What suits a server's disk.
    public init() {}

    /// Ten million entries to open again, of 16 bytes only.
    public static var large: Sizes {
      var sizes = Sizes()
      sizes.reopenEntries = 10_000_000
      sizes.reopenPayloadBytes = [16]
      return sizes
    }
  }

  let folder: BenchFolder
  let rounds: Rounds
  let sizes: Sizes

  /// A benchmark with its files in a folder, which it leaves empty.
  public init(in folder: BenchFolder, rounds: Rounds, sizes: Sizes = Sizes()) {
    self.folder = folder
    self.rounds = rounds
    self.sizes = sizes
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    var report = emptyReport()
    // First, while the process is small: what later workloads held would hide what a log holds.
    let reopening = try await reopening()
    report.sections += try await appends()
    report.sections += try await reads()
    report.sections += reopening
    report.sections.append(try await races())
    return report
  }

  /// Measures how a log opens again, and what it holds then, and nothing else.
  public func runReopening() async throws -> Report {
    var report = emptyReport()
    report.sections += try await reopening()
    return report
  }

  private func emptyReport() -> Report {
    var report = Report(name: "store", machine: .current(filesAt: folder.path))
    report.notes.append(
      "median of \(rounds.count) rounds; ratios are taken within a round; "
        + "spread is half the range of the rounds"
    )
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    return report
  }

  var disk: DiskBaselines { DiskBaselines(folder: folder) }

  static func name(bytes: Int) -> String {
    bytes >= 1024 ? "\(bytes / 1024) KiB" : "\(bytes) B"
  }

  static func name(count: Int) -> String { Unit.grouped(count) }
}

public import Corfu
public import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce

/// Copies of a log: into a file, from a file into a new cluster, and from one cluster to another as
/// it grows.
public enum Backup {
  /// How far a copy is.
  public struct Progress: Hashable, Sendable {
    /// Before which position everything is copied.
    public var next: Position
    /// Where the log ended that is copied, when that was last asked.
    public var end: Position
  }

  /// Writes what stands in a log at one moment to a file; others go on writing meanwhile.
  ///
  /// Holes before the end are filled first, as readers do. What is trimmed while it is copied is
  /// trimmed in the copy.
  ///
  /// - Returns: Which positions the file has.
  /// - Throws: ``BackupError``. A file that is not whole has another name, and can be removed.
  @discardableResult
  public static func save(
    _ log: ClusterLog,
    to path: String,
    onProgress: (Progress) -> Void = { _ in }
  ) async throws(BackupError) -> Range<Position> {
    let (begin, end) = try await extent(of: log)
    let writer = try BackupWriter(path: path, begin: begin, end: end, frameBytesMax: 64 << 20)
    while writer.next < end {
      let upTo = min(end, writer.next.advanced(by: batchMax))
      try writer.write(try await slots(writer.next..<upTo, of: log))
      onProgress(Progress(next: writer.next, end: end))
    }
    try writer.finish()
    return begin..<end
  }

  /// Writes what is in a file to a new cluster, at the same positions.
  ///
  /// What stopped half-way goes on where it was.
  ///
  /// - Returns: Which positions there are now.
  /// - Throws: ``BackupError``.
  @discardableResult
  public static func restore(
    from path: String,
    to target: LogConnection,
    onProgress: (Progress) -> Void = { _ in }
  ) async throws(BackupError) -> Range<Position> {
    let reader = try BackupReader(path: path)
    let copier = LogCopier(to: target.log, via: target.network)
    var done = try await copier.end()
    if done < reader.begin {
      try await copier.skip(to: reader.begin)
      done = reader.begin
    }
    if done > reader.end { throw .notAlone(reader.end) }
    while let (first, slots) = try reader.read() {
      let end = first.advanced(by: slots.count)
      if end <= done { continue }
      let rest = slots[(done > first ? Int(done.number - first.number) : 0)...]
      try await copier.write(Array(rest), from: max(first, done))
      onProgress(Progress(next: end, end: reader.end))
    }
    return reader.begin..<reader.end
  }

  /// Keeps a copy of a log in another cluster, until its task is cancelled.
  ///
  /// - Parameters:
  ///   - source: The log.
  ///   - target: The other cluster, to which nobody else writes.
  ///   - pause: How long to wait for more, at the end.
  ///   - onProgress: Hears how far it is.
  /// - Throws: ``BackupError``.
  public static func mirror(
    _ source: ClusterLog,
    to target: LogConnection,
    pause: Duration = .milliseconds(20),
    onProgress: (Progress) -> Void = { _ in }
  ) async throws(BackupError) {
    let copier = LogCopier(to: target.log, via: target.network)
    var next = try await copier.end()
    var mark = try await trimMark(of: target.log)
    while !Task.isCancelled {
      let (begin, end) = try await extent(of: source)
      next = max(next, begin)
      if begin > mark {
        try await copier.skip(to: begin)
        mark = begin
      }
      while next < end, !Task.isCancelled {
        let upTo = min(end, next.advanced(by: batchMax))
        try await copier.write(try await slots(next..<upTo, of: source), from: next)
        next = upTo
        onProgress(Progress(next: next, end: end))
      }
      onProgress(Progress(next: next, end: end))
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: pause)
    }
  }

  private static func trimMark(of log: ClusterLog) async throws(BackupError) -> Position {
    do throws(LogError) {
      return try await log.trimMark(from: .zero)
    } catch {
      throw .log(error)
    }
  }

  private static func extent(
    of log: ClusterLog
  ) async throws(BackupError) -> (begin: Position, end: Position) {
    do throws(LogError) {
      let end = try await log.tail()
      return (min(try await log.trimMark(from: .zero), end), end)
    } catch {
      throw .log(error)
    }
  }

  /// What stands at positions, holes filled.
  private static func slots(
    _ range: Range<Position>,
    of log: ClusterLog
  ) async throws(BackupError) -> [Slot] {
    do throws(LogError) {
      var slots = try await log.read(range)
      for index in slots.indices where slots[index] == .empty {
        slots[index] = try await log.settle(range.lowerBound.advanced(by: index))
      }
      return slots
    } catch {
      throw .log(error)
    }
  }

  private static var batchMax: Int { 256 }
}

public import CorfuClient
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
  /// What stopped half-way goes on where it was. A cluster in which anything else stands is
  /// refused, and nothing is changed there.
  ///
  /// - Returns: Which positions there are now.
  /// - Throws: ``BackupError``.
  @discardableResult
  public static func restore(
    from path: String,
    to target: LogConnection,
    onProgress: (Progress) -> Void = { _ in }
  ) async throws(BackupError) -> Range<Position> {
    let copier = LogCopier(to: target, follows: false)
    let reader = try BackupReader(path: path)
    let done = try await compared(with: BackupReader(path: path), copier)
    if try await copier.trimMark() < reader.begin { try await copier.skip(to: reader.begin) }
    while let (first, slots) = try reader.read() {
      let end = first.advanced(by: slots.count)
      if end <= done { continue }
      let rest = slots[(done > first ? Int(done.number - first.number) : 0)...]
      try await copier.write(Array(rest), from: max(first, done))
      onProgress(Progress(next: end, end: reader.end))
    }
    return reader.begin..<reader.end
  }

  /// Compares a cluster with a file, and changes nothing.
  ///
  /// - Returns: Before which position everything is as it should be.
  private static func compared(
    with reader: BackupReader,
    _ copier: LogCopier
  ) async throws(BackupError) -> Position {
    if let entry = try await copier.firstEntry(before: reader.begin) { throw .notAlone(entry) }
    let next = try await copier.next()
    if next > reader.end { throw .notAlone(reader.end) }
    var done: Position?
    var compared = reader.begin
    while compared < next, let (first, slots) = try reader.read() {
      let missing = try await copier.missing(of: slots, from: first, before: next)
      if let index = missing.first { done = done ?? first.advanced(by: index) }
      compared = first.advanced(by: slots.count)
    }
    return done ?? compared
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
    do throws(BackupError) {
      try await follow(source, to: target, pause, onProgress)
    } catch {
      // Cancelled in the middle of something: what is half done is finished by the next mirror.
      if case .log = error, Task.isCancelled { return }
      throw error
    }
  }

  private static func follow(
    _ source: ClusterLog,
    to target: LogConnection,
    _ pause: Duration,
    _ onProgress: (Progress) -> Void
  ) async throws(BackupError) {
    let copier = LogCopier(to: target, follows: true)
    var next = try await resumption(of: source, copier)
    var mark = try await copier.trimMark()
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
      if Task.isCancelled { return }
      // What somebody else has added would be copied over by nothing.
      if try await copier.next() > next { throw .notAlone(next) }
      onProgress(Progress(next: next, end: end))
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: pause)
    }
  }

  /// Looks whether a copy is one, as far as it may not be, and changes nothing.
  ///
  /// A mirror writes one batch after the other, and the next only when the one before is whole. So
  /// what was interrupted is among the last that the copy has handed out, and so is what somebody
  /// else has written: no mirror goes on after that.
  ///
  /// - Returns: Where to go on: what stands there and behind it is compared once more.
  private static func resumption(
    of source: ClusterLog,
    _ copier: LogCopier
  ) async throws(BackupError) -> Position {
    // First the copy: the log that is copied only grows.
    let copied = try await copier.next()
    let (begin, end) = try await extent(of: source)
    if copied > end { throw .notAlone(end) }
    if copied <= begin {
      // Nothing can be compared: what is there may be anybody's.
      if let entry = try await copier.firstEntry(before: copied) { throw .trimmed(entry) }
      return copied
    }
    let first = max(begin, Position(copied.number - min(copied.number, resumedMax)))
    var next = first
    while next < copied {
      let upTo = min(copied, next.advanced(by: batchMax))
      let slots = try await slots(next..<upTo, of: source)
      _ = try await copier.missing(of: slots, from: next, before: copied)
      next = upTo
    }
    return first
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

  /// How many positions a mirror compares when it goes on: those of a batch that was not finished,
  /// and of one that was taken in vain behind what somebody else has written, and as many again.
  private static var resumedMax: UInt64 { 4 * UInt64(batchMax) }
}

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
    let reader = SourceReader(of: log)
    let (begin, end) = try await reader.extent()
    let writer = try BackupWriter(path: path, begin: begin, end: end, frameBytesMax: 64 << 20)
    var size = CopySize()
    while writer.next < end {
      let upTo = min(end, writer.next.advanced(by: size.count))
      let slots = try await reader.slots(writer.next..<upTo)
      size.learn(from: slots)
      try writer.write(slots)
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
}

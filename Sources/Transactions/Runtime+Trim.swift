internal import Corfu
public import CorfuGlobalLog
internal import CorfuSequencer

// Forgetting: what stands before a position is trimmed once nobody can want it any more (R38).

extension Runtime {
  /// Notes up to where a name's entries are not needed; it never goes back.
  func mark(_ name: String, before position: Position) async throws(ObjectError) {
    try await directory().update(.mark(name: name, before: position.number))
  }

  /// Everything before it can be forgotten: for each object there is a checkpoint of a later
  /// moment, of each stream nobody wants what is before it, and nobody here reads as of an earlier
  /// moment.
  ///
  /// What others read as of earlier moments is not known here: they are told that it is trimmed.
  public func trimMark() async throws(ObjectError) -> Position {
    let directory = try await directory()
    // Afterwards, so that the marks are of the moment or newer.
    let own = try await newestCheckpoint(of: Directory.item, as: Directory.self)?.version ?? .zero
    let marks = try await directory.read { $0.names.map(\.item.trimMark) }
    let pinned = access { $0.pins.oldest ?? .max }
    return min(own, min(pinned, marks.min() ?? own))
  }

  /// Writes a checkpoint of the directory, and forgets all that nobody can want any more.
  ///
  /// - Returns: Everything before it is trimmed now.
  /// - Throws: ``ObjectError``; some of it may be trimmed.
  @discardableResult
  public func trim() async throws(ObjectError) -> Position {
    try await checkpoint(directory())
    let mark = try await trimMark()
    if mark > .zero {
      try await ask { (log) throws(LogError) in try await log.trimPrefix(before: mark) }
    }
    return mark
  }
}

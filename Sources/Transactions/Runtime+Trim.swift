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
    let bound = try await trimBound()
    let marks = try await directory.read { $0.names.map(\.item.trimMark) }
    return min(bound, marks.min() ?? bound)
  }

  /// What the directory itself allows to forget, and whoever reads here.
  private func trimBound() async throws(ObjectError) -> Position {
    let own = try await newestCheckpoint(of: Directory.item, as: Directory.self)?.version ?? .zero
    if planted(.trimsBeyondCheckpoints) { return seen.position }
    return min(own, access { $0.pins.oldest } ?? own)
  }

  /// Writes a checkpoint of the directory, and forgets all that nobody can want any more.
  ///
  /// - Returns: Everything before it is trimmed now.
  /// - Throws: ``ObjectError``; some of it may be trimmed.
  @discardableResult
  public func trim() async throws(ObjectError) -> Position {
    let directory = try await directory()
    try await checkpoint(directory)
    let bound = try await trimBound()
    // How far, the log decides: a name that is entered behind this begins behind the trim (R38).
    _ = try await directory.outcome(of: .forget(before: bound.number))
    let forgotten = try directory.peek { $0.forgotten }
    let mark = min(forgotten, access { $0.pins.oldest } ?? forgotten)
    if mark > .zero {
      try await ask { (log) throws(LogError) in try await log.trimPrefix(before: mark) }
    }
    return mark
  }

  /// Where objects may have missed what was trimmed, though the ends of their streams say nothing
  /// of it.
  ///
  /// Units count trimmed entries for nobody (R12), so when another sequencer begins, a stream may
  /// seem to begin behind entries that are gone. But whoever trims says so in the directory first
  /// (``trim()``), and what was said last is never trimmed.
  func forgotten(
    in walks: [(link: StreamLink, range: Range<Position>)],
    of objects: [StreamID: any PlayedObject],
    by finder: inout StreamFinder<Log, PlayedWalk>
  ) async throws(LogError) -> [StreamGap] {
    let stream = Directory.item.stream
    // One that has failed is told of no more.
    guard let cell = objects[stream] as? ObjectCell<Directory>, var directory = try? cell.state()
    else { return [] }
    if let walk = walks.first(where: { $0.link.stream == stream }) {
      let places = try await finder.positions(along: [walk]).found
      for slot in try await finder.slots(at: places) {
        for update in Directory.updates(in: slot) {
          if case .forget(let mark) = update, Position(mark) > walk.range.lowerBound {
            // It missed something itself, and has to begin anew first.
            return [StreamGap(stream: stream, place: walk.range.lowerBound, isCertain: true)]
          }
          _ = directory.apply(update)
        }
      }
    }
    let mark = directory.forgotten
    return walks.filter { $0.link.stream != stream && $0.range.lowerBound < mark }.map { walk in
      StreamGap(stream: walk.link.stream, place: mark.advanced(by: -1), isCertain: true)
    }
  }
}

extension Directory {
  /// The updates of the directory in an entry; none if it is another's, or cannot be read.
  fileprivate static func updates(in slot: Slot) -> [Update] {
    guard case .data(let entry) = slot else { return [] }
    return (ObjectUpdate.all(in: entry) ?? []).filter { $0.stream == item.stream }
      .compactMap { decodeUpdate($0.bytes) }
  }
}

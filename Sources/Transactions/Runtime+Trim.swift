internal import CorfuClient
public import CorfuGlobalLog
internal import CorfuSequencer

// Forgetting: what stands before a position is trimmed once nobody can want it any more (R38).

extension Runtime {
  /// How many updates of the directory are fetched at once.
  private static var updatesMax: Int { 1024 }

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
  /// That takes a little room. On disks without any it forgets what was announced by somebody who
  /// did not come to it, and tries once more with the room that this gives.
  ///
  /// - Returns: Everything before it is trimmed now.
  /// - Throws: ``ObjectError``; some of it may be trimmed. Of `LogError.outOfSpace` only more
  ///   room is a way out: checkpoints take some, and nothing is forgotten without.
  @discardableResult
  public func trim() async throws(ObjectError) -> Position {
    do throws(ObjectError) {
      try await announce()
    } catch {
      guard error == .log(.outOfSpace), try await trimAnnounced() > .zero else { throw error }
      try await announce()
    }
    return try await trimAnnounced()
  }

  /// Says in the log up to where it is going to be trimmed.
  private func announce() async throws(ObjectError) {
    let directory = try await directory()
    try await checkpoint(directory)
    let bound = try await trimBound()
    // How far, the log decides: a name that is entered behind this begins behind the trim (R38).
    _ = try await directory.outcome(of: .forget(before: bound.number))
  }

  /// Forgets what was announced, by anybody, and is not in the way of whoever reads here.
  private func trimAnnounced() async throws(ObjectError) -> Position {
    let forgotten = try await directory().peek { $0.forgotten }
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
  ) async throws(ObjectError) -> [StreamGap] {
    let stream = Directory.item.stream
    guard let cell = objects[stream] ?? access({ $0.objects[stream] }) else { return [] }
    // One that has failed guards nobody: so nobody goes on into another reign.
    var directory = try guardian(cell)
    do throws(LogError) {
      if let gap = try await advance(&directory, along: walks, by: &finder) { return [gap] }
    } catch {
      throw .log(error)
    }
    let mark = directory.forgotten
    return walks.filter { $0.link.stream != stream && $0.range.lowerBound < mark }.map { walk in
      StreamGap(stream: walk.link.stream, place: mark.advanced(by: -1), isCertain: true)
    }
  }

  /// The directory, as the object that it is.
  private func guardian(_ object: any PlayedObject) throws(ObjectError) -> Directory {
    guard let cell = object as? ObjectCell<Directory> else { throw .otherType(object.name) }
    return try cell.state()
  }

  /// Takes what the directory's stream has got since into a copy of it.
  ///
  /// - Returns: What the directory has missed itself, if it did.
  private func advance(
    _ directory: inout Directory,
    along walks: [(link: StreamLink, range: Range<Position>)],
    by finder: inout StreamFinder<Log, PlayedWalk>
  ) async throws(LogError) -> StreamGap? {
    let stream = Directory.item.stream
    guard let walk = walks.first(where: { $0.link.stream == stream }) else { return nil }
    var backlog = StreamBacklog<PlayedWalk>(along: [walk], positionsMax: limits.positionsMax)
    repeat {
      var places = try await finder.positions(of: &backlog).found[...]
      while !places.isEmpty {
        let slots = try await finder.slots(at: places.prefix(Self.updatesMax))
        for update in slots.flatMap({ Directory.updates(in: $0) }) {
          if case .forget(let mark) = update, Position(mark) > walk.range.lowerBound {
            // It has to begin anew first.
            return StreamGap(stream: stream, place: walk.range.lowerBound, isCertain: true)
          }
          _ = directory.apply(update)
        }
        places = places.dropFirst(slots.count)
      }
    } while !backlog.isOver
    return nil
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

internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer

// What an operator has given up with its disks (R24): nobody can say whose it was. So whoever needs
// anything from there is told, and nobody takes it for junk.

extension Runtime {
  /// Whose entries may have been given up: all who need anything from before the last loss.
  ///
  /// - Parameters:
  ///   - walks: Who needs what.
  ///   - end: Nothing behind it was given up.
  /// - Returns: What each of them misses, and where.
  /// - Throws: ``ObjectError``.
  func lost(
    in walks: [(link: StreamLink, range: Range<Position>)],
    before end: Position
  ) async throws(ObjectError) -> [StreamGap] {
    let begin = walks.map(\.range.lowerBound).min() ?? end
    guard let place = try await lastLoss(from: begin, to: end) else { return [] }
    return walks.filter { $0.range.lowerBound <= place }.map { walk in
      StreamGap(stream: walk.link.stream, place: place, isCertain: true, isLoss: true)
    }
  }

  /// Takes notice that the log was cut: it goes on from an earlier place than this process has come
  /// to, and other entries stand there.
  ///
  /// What it played from there on nobody else ever will. So each object that has any of that fails:
  /// opened again, it is what the log makes of it.
  ///
  /// - Parameters:
  ///   - cuts: Where the log was cut.
  ///   - objects: All that are open.
  ///   - seen: What they hold.
  /// - Returns: Whether it was cut before anything that they hold, or this process has seen.
  func notice(
    _ cuts: [Snapshot],
    in objects: [StreamID: any PlayedObject],
    from seen: Snapshot
  ) -> Bool {
    var isCut = false
    for object in objects.values {
      let held = Snapshot(epoch: max(object.reign, seen.epoch), position: object.version)
      guard let cut = held.cut(in: cuts) else { continue }
      object.fail(.log(.cut(cut.position)))
      isCut = true
      // Streams of names that were entered behind it may be others' now.
      if object.stream == Directory.item.stream { loseNames(to: cut, in: objects) }
    }
    // Nobody looks after names where the directory itself has failed, or is not open yet.
    let heard = access { $0.heard }
    if objects[Directory.item.stream] == nil, let cut = cuts.first(where: { $0.epoch > heard }) {
      if !objects.isEmpty { isCut = true }
      loseNames(to: cut, in: objects)
    }
    guard let cut = seen.cut(in: cuts) else { return isCut }
    access { state in
      state.seen = cut
      state.ownEnd = min(state.ownEnd, cut.position)
      state.cuts += 1
      state.lastCut = cut.position
    }
    return true
  }

  /// Gives up all that is open under a name, and whatever is still to be opened under what the
  /// directory said.
  private func loseNames(to cut: Snapshot, in objects: [StreamID: any PlayedObject]) {
    for object in objects.values { object.fail(.log(.cut(cut.position))) }
    access { ($0.namesLost, $0.lastCut) = ($0.namesLost + 1, cut.position) }
  }

  /// How often names were lost, as far as was heard, with what the log had behind a cut.
  var namesLost: Int { access { $0.namesLost } }

  /// Sees to it that a stream is still that of its name.
  ///
  /// Where names were lost with a cut it may be another's (R24). Whoever writes asks first; whoever
  /// reads asks afterwards.
  ///
  /// - Parameter count: How often names had been lost when the stream became known.
  /// - Returns: The epoch of which that is known.
  /// - Throws: `LogError.cut`, in an ``ObjectError``, if they were since.
  func proveNames(since count: Int) async throws(ObjectError) -> Epoch {
    var names = namesHeard
    if isOver(names.reign) {
      do throws(ObjectError) {
        try await sync()
      } catch {
        // That an object misses something says nothing of names, and is told to whoever reads it:
        // cuts were heard of before.
        switch error {
        case .log(.lost), .trimmed, .undecodable: break
        default: throw error
        }
      }
      names = namesHeard
    }
    if names.lost > count { throw .log(.cut(names.cut)) }
    return names.reign
  }

  /// What was heard of names in one look: up to which reign, how often they were lost, and with
  /// which cut last.
  private var namesHeard: (reign: Epoch, lost: Int, cut: Position) {
    access { ($0.heard, $0.namesLost, $0.lastCut) }
  }

  /// Writes down the directory, if something was given up since that was last done.
  func saveDirectory() async throws(ObjectError) {
    let end = access { $0.lossEnd }
    if end == .zero { return }
    let written = try await newestCheckpoint(of: Directory.item, as: Directory.self)?.version
    if written ?? .zero < end { _ = try await writeCheckpoint(of: try await directory().cell) }
  }

  /// Just before it something was given up, and nothing between it and the log's end; zero if
  /// nothing was.
  func lossEnd(since begin: Position) async throws(ObjectError) -> Position {
    let end = try await ends(of: [Directory.item.stream]).lossEnd
    return try await lastLoss(from: begin, to: end)?.advanced(by: 1) ?? .zero
  }

  /// Sees to it that nothing in a stretch was given up.
  ///
  /// - Throws: `LogError.lost` with the first position that was.
  func proveWhole(from begin: Position, to end: Position) async throws(ObjectError) {
    var next = begin
    while next < end {
      let range = next..<min(end, next.advanced(by: limits.chunkMax))
      if let lost = try await firstLoss(in: range) { throw .log(.lost(lost)) }
      next = range.upperBound
    }
  }

  /// The last position of a stretch that was given up and is not trimmed.
  private func lastLoss(
    from begin: Position,
    to end: Position
  ) async throws(ObjectError) -> Position? {
    var end = end
    // Most often the very last.
    var count = 1
    while end > begin {
      let range = end.advanced(by: -min(count, begin.distance(to: end)))..<end
      var last: Position?
      var next = range.lowerBound
      while next < range.upperBound,
        let lost = try await firstLoss(in: next..<range.upperBound)
      {
        last = lost
        next = lost.advanced(by: 1)
      }
      if let last { return last }
      (end, count) = (range.lowerBound, limits.chunkMax)
    }
    return nil
  }

  /// The first position of a range that was given up and is not trimmed.
  private func firstLoss(in range: Range<Position>) async throws(ObjectError) -> Position? {
    if limits.passesLosses { return nil }
    do throws(ObjectError) {
      // As a range, which is told with its losses.
      _ = try await ask { (log) throws(LogError) in try await log.read(range) }
      return nil
    } catch {
      guard case .log(.lost(let position)) = error else { throw error }
      return position
    }
  }
}

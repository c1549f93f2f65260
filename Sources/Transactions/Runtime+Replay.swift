internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer

// Playing one object anew, apart from the others: what it was once, and what became of it since.

extension Runtime {
  /// What an object was at a moment, played anew.
  func replay<State: ReplicatedState>(
    _ item: Directory.Item,
    as type: State.Type,
    to position: Position
  ) async throws(ObjectError) -> State {
    let restored = try await newestCheckpoint(of: item, as: type, notAfter: position)
    let base = restored ?? (State(), item.begin)
    return try await replay(item, from: base, to: position) { _ in }
  }

  /// Plays an object from as far back as the log goes, and shows each change.
  func replay<State: ReplicatedState>(
    _ item: Directory.Item,
    as type: State.Type,
    _ body: (ObjectChange<State>) -> Void
  ) async throws(ObjectError) {
    let end = try await sync().position
    let base = try await oldestBase(of: item, as: type)
    _ = try await replay(item, from: base, to: end, body)
  }

  /// The earliest moment of which it is known what an object was, and from which on all of its
  /// changes are in the log.
  func oldestBase<State: ReplicatedState>(
    of item: Directory.Item,
    as type: State.Type
  ) async throws(ObjectError) -> (state: State, version: Position) {
    let forgotten = try await directory().read { $0.forgotten }
    let lossEnd = try await lossEnd(since: item.begin)
    let begin = max(forgotten, lossEnd)
    if begin <= item.begin { return (State(), item.begin) }
    var base: (state: State, version: Position)?
    var versionMax = Position.max
    while let found = try await newestCheckpoint(of: item, as: type, notAfter: versionMax),
      found.version >= begin
    {
      base = found
      versionMax = found.version.advanced(by: -1)
    }
    guard let base else {
      throw lossEnd > forgotten
        ? .log(.lost(lossEnd.advanced(by: -1))) : .trimmed(item.stream, item.begin)
    }
    return base
  }

  private func replay<State: ReplicatedState>(
    _ item: Directory.Item,
    from base: (state: State, version: Position),
    to position: Position,
    _ body: (ObjectChange<State>) -> Void
  ) async throws(ObjectError) -> State {
    let cell = ObjectCell(named: "", item, state: base.state, version: base.version)
    if position <= base.version { return try cell.state() }
    let ends = try await ends(of: [item.stream])
    guard base.version >= ends.begin else { throw .trimmed(item.stream, base.version) }
    let link = ends.links.first ?? StreamLink(stream: item.stream, previous: [])
    var finder = StreamFinder<Log, PlayedWalk>(log)
    var gaps: [StreamGap] = []
    do throws(LogError) {
      let range = base.version..<max(base.version, ends.snapshot.position)
      let walks = [(link: link, range: range)]
      var backlog = StreamBacklog<PlayedWalk>(along: walks, positionsMax: limits.positionsMax)
      repeat {
        let part = try await finder.positions(of: &backlog)
        gaps += part.gaps.filter { $0.place < position }
        let places = part.found.filter { $0 < position }
        for start in stride(from: 0, to: places.count, by: limits.chunkMax) {
          let chunk = places[start..<min(start + limits.chunkMax, places.count)]
          for (place, slot) in zip(chunk, try await finder.slots(at: chunk)) {
            apply(slot, at: place, to: cell, body)
          }
        }
      } while !backlog.isOver && backlog.begin < position
    } catch {
      throw .log(error)
    }
    for gap in gaps { try await pass(gap, of: cell) }
    // Afterwards, so that nothing is trimmed between the walk and this.
    if let gone = try await firstTrimmed(from: base.version, to: position) {
      throw .trimmed(item.stream, gone)
    }
    try await proveWhole(from: base.version, to: min(position, ends.lossEnd))
    return try cell.state()
  }

  /// The first position of a stretch that is trimmed, if any of it may be.
  ///
  /// The units count trimmed entries for nobody (R12), so a stream may seem to begin behind its
  /// entries. But who trims objects' entries says so in the directory first.
  private func firstTrimmed(
    from begin: Position,
    to end: Position
  ) async throws(ObjectError) -> Position? {
    let bound = min(end, try await directory().read { $0.forgotten })
    var next = begin
    while next < bound {
      let range = next..<min(bound, next.advanced(by: limits.chunkMax))
      let slots = try await ask { (log) throws(LogError) in try await log.read(range) }
      if let index = slots.firstIndex(of: .trimmed) { return next.advanced(by: index) }
      next = range.upperBound
    }
    return nil
  }

  /// Goes on behind a gap, unless entries of the object may have been trimmed there: that they were
  /// not without a checkpoint (R38).
  private func pass<State: ReplicatedState>(
    _ gap: StreamGap,
    of cell: ObjectCell<State>
  ) async throws(ObjectError) {
    var isHiding = gap.isCertain
    if !isHiding, let newest = try await newestCheckpoint(of: cell.item, as: State.self) {
      isHiding = newest.version > gap.place
    }
    if isHiding { throw .trimmed(gap.stream, gap.place) }
  }

  private func apply<State: ReplicatedState>(
    _ slot: Slot,
    at position: Position,
    to cell: ObjectCell<State>,
    _ body: (ObjectChange<State>) -> Void
  ) {
    guard case .data(let entry) = slot, let updates = ObjectUpdate.all(in: entry) else {
      return cell.fail(.undecodable(cell.stream, position))
    }
    cell.apply([PlayedEntry(position: position, updates: updates, isMine: false)], pin: nil)
    let own = updates.filter { $0.stream == cell.stream }
    // One that failed has nothing more to show.
    guard let state = try? cell.state() else { return }
    body(
      ObjectChange(
        position: position,
        client: entry.mark.client,
        updates: own.compactMap { State.decodeUpdate($0.bytes) },
        state: state
      )
    )
  }

  /// Walks back along an object's stream to the last entry before a position that wrote a key.
  func lastWrite<State: ReplicatedState>(
    of key: LogKey,
    in item: Directory.Item,
    as type: State.Type,
    before position: Position
  ) async throws(ObjectError) -> LastWrite {
    let ends = try await ends(of: [item.stream])
    let begin = max(item.begin, ends.begin)
    // The units count trimmed entries for nobody (R12); what was forgotten stands in the directory.
    let lossEnd = try await lossEnd(since: item.begin)
    let mark = max(begin, lossEnd, try await directory().peek { $0.forgotten })
    let bottom = mark > item.begin ? LastWrite.forgotten(before: mark) : .nowhere
    guard let link = ends.links.first, begin < ends.snapshot.position else { return bottom }
    var finder = StreamFinder<Log, PlayedWalk>(log)
    var walk = PlayedWalk(from: link, over: begin..<ends.snapshot.position)
    do throws(LogError) {
      while let places = try await finder.step(&walk) {
        for (place, slot) in zip(places, try await finder.slots(at: places)) where place < position
        {
          guard case .data(let entry) = slot else { continue }
          let own = (ObjectUpdate.all(in: entry) ?? []).filter { $0.stream == item.stream }
          let writes = own.compactMap { State.decodeUpdate($0.bytes) }.contains { update in
            State.keys(writtenBy: update)?.contains(key) ?? true
          }
          // What was given up may have been a later write.
          if place < lossEnd { return .forgotten(before: lossEnd) }
          if writes { return .at(place) }
        }
        // Where a walk meets what is trimmed, nothing further back can be told for sure.
        if let gone = walk.trimmed { return .forgotten(before: gone.advanced(by: 1)) }
      }
    } catch {
      throw .log(error)
    }
    return bottom
  }
}

internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer

// Playing the log: the entries of all open objects, in the order of the log, each once.

extension Runtime {
  /// Where the entries of a stream are looked for.
  typealias Walk = (link: StreamLink, range: Range<Position>)

  /// Plays to the end of the log.
  ///
  /// - Parameter newcomer: An object that is not among the others yet: it is played from its own
  ///   version on, and is among them afterwards.
  /// - Throws: ``ObjectError``.
  func playToEnd(besides newcomer: (any PlayedObject)?) async throws(ObjectError) {
    while true {
      var (objects, seen) = access { ($0.objects, $0.seen) }
      if let newcomer { objects[newcomer.stream] = newcomer }
      // Nobody reads what has failed.
      objects = objects.filter { !$0.value.hasFailed }
      var reign = Epoch(.max)
      do throws(ObjectError) {
        let ends = try await ends(of: objects.keys.sorted(), seen: seen.position)
        reign = ends.snapshot.epoch
        if try await play(objects, to: ends, from: seen, besides: newcomer) { return }
      } catch {
        switch error {
        // It was there a moment ago. The next walk will say whose it was.
        case .log(.trimmed): continue
        // It was there as well, before the log was cut.
        case .log(.beyondTail) where isOver(reign): continue
        default: throw error
        }
      }
    }
  }

  /// Whether another reign has begun since, as far as this process has heard.
  ///
  /// It may have begun before the end of this one, and handed out the same positions to others
  /// (R24). So whoever finds that after reading has perhaps read what others wrote, and asks where
  /// the streams end once more.
  func isOver(_ reign: Epoch) -> Bool { log.knownEpoch > reign && !planted(.trustsOldEnds) }

  /// Where streams end, at a moment that holds: nobody will come to stand before it of whom the
  /// ends do not tell (R19).
  ///
  /// - Parameters:
  ///   - streams: Which.
  ///   - seen: What is known to hold already.
  /// - Returns: Their ends.
  /// - Throws: ``ObjectError``.
  func ends(
    of streams: [StreamID],
    seen: Position = .zero
  ) async throws(ObjectError) -> StreamEnds {
    while true {
      let ends = try await ask { (log) throws(LogError) in try await log.ends(of: streams) }
      if ends.snapshot.position <= seen { return ends }
      let holds = try await ask { (log) throws(LogError) in
        try await log.settle(before: ends.snapshot)
      }
      if holds { return ends }
      // The reign is over, and the next one may have begun before its end (R32).
    }
  }

  /// - Returns: Whether they were; `false` if some had to begin anew, or another reign has begun,
  ///   and not all was played.
  private func play(
    _ objects: [StreamID: any PlayedObject],
    to ends: StreamEnds,
    from seen: Snapshot,
    besides newcomer: (any PlayedObject)?
  ) async throws(ObjectError) -> Bool {
    access { $0.lossEnd = ends.lossEnd }
    let isCut = notice(ends.cuts, in: objects, from: seen)
    access { $0.heard = max($0.heard, ends.snapshot.epoch) }
    if isCut { return false }
    var walks: [Walk] = []
    for link in ends.links {
      guard let object = objects[link.stream] else { continue }
      // One that began anew may be ahead of the others.
      let isNew = object === newcomer
      let begin = isNew ? object.version : max(seen.position, object.version)
      if begin < ends.snapshot.position { walks.append((link, begin..<ends.snapshot.position)) }
    }
    var finder = StreamFinder<Log, PlayedWalk>(log)
    // Within a reign the sequencer knows of every entry, trimmed or not.
    if newcomer != nil || ends.snapshot.epoch > seen.epoch {
      let gaps =
        try await forgotten(in: walks, of: objects, by: &finder)
        + lost(in: walks, before: ends.lossEnd)
      if isOver(ends.snapshot.epoch) { return false }
      if try await !bridge(gaps, of: objects) { return false }
    }
    let begin = try await scan(walks, in: ends.snapshot.epoch, besides: newcomer)
    walks = walks.compactMap { walk in
      let begin = max(begin, walk.range.lowerBound)
      return begin < walk.range.upperBound ? (walk.link, begin..<walk.range.upperBound) : nil
    }
    var backlog = StreamBacklog<PlayedWalk>(along: walks, positionsMax: limits.positionsMax)
    repeat {
      let (positions, gaps) = try await next(of: &backlog, by: &finder)
      if isOver(ends.snapshot.epoch) { return false }
      if try await !bridge(gaps, of: objects) { return false }
      try await play(positions, by: &finder, in: ends.snapshot.epoch, besides: newcomer)
      if isOver(ends.snapshot.epoch) { return false }
    } while !backlog.isOver
    if let newcomer { access { $0.objects[newcomer.stream] = newcomer } }
    advance(to: ends.snapshot)
    return true
  }

  /// Finds what is to be played next.
  private func next(
    of backlog: inout StreamBacklog<PlayedWalk>,
    by finder: inout StreamFinder<Log, PlayedWalk>
  ) async throws(ObjectError) -> (found: [Position], gaps: [StreamGap]) {
    do throws(LogError) {
      let part = try await finder.positions(of: &backlog)
      let count = backlog.countMax
      access { $0.counters.positionsHeldMax = max($0.counters.positionsHeldMax, count) }
      return part
    } catch {
      throw .log(error)
    }
  }

  /// Fetches entries, and applies them, for as long as the reign lasts that told where they stand.
  private func play(
    _ positions: [Position],
    by finder: inout StreamFinder<Log, PlayedWalk>,
    in epoch: Epoch,
    besides newcomer: (any PlayedObject)?
  ) async throws(ObjectError) {
    for start in stride(from: 0, to: positions.count, by: limits.chunkMax) {
      let chunk = positions[start..<min(start + limits.chunkMax, positions.count)]
      var items: [LogItem] = []
      items.reserveCapacity(chunk.count)
      do throws(LogError) {
        for (position, slot) in zip(chunk, try await finder.slots(at: chunk)) {
          guard case .data(let entry) = slot else {
            throw .trimmed(position, mark: position.advanced(by: 1))
          }
          items.append(LogItem(position: position, entry: entry))
        }
      } catch {
        throw .log(error)
      }
      guard let last = chunk.last, !isOver(epoch) else { return }
      let end = Snapshot(epoch: epoch, position: last.advanced(by: 1))
      apply(items, to: end, besides: newcomer)
    }
  }

  /// Has objects begin anew that missed something.
  ///
  /// What is trimmed of an object is in a checkpoint, which was there before (R38). So if none is
  /// of a moment behind the gap, and no pointer leads into it, others' entries were trimmed there.
  ///
  /// - Returns: Whether nothing was missed.
  private func bridge(
    _ gaps: [StreamGap],
    of objects: [StreamID: any PlayedObject]
  ) async throws(ObjectError) -> Bool {
    var isWhole = true
    for gap in gaps {
      guard let object = objects[gap.stream], !object.hasFailed else { continue }
      if try await object.restart(in: self, behind: gap.place) {
        access { $0.counters.restarts += 1 }
        isWhole = false
      } else if gap.isCertain {
        object.fail(gap.error)
        isWhole = false
      }
    }
    return isWhole
  }

  private func advance(to moment: Snapshot) {
    access { if moment.position >= $0.seen.position { $0.seen = moment } }
  }

  /// Applies some entries to all objects at once: whoever begins to read sees all of them or none.
  ///
  /// - Parameters:
  ///   - items: Entries in the order of the log.
  ///   - end: The moment behind the last.
  ///   - newcomer: An object that is not among the others yet.
  func apply(_ items: [LogItem], to end: Snapshot, besides newcomer: (any PlayedObject)?) {
    access { state in
      // One after the other, each with all of its own: that costs far less than entry by entry.
      typealias Part = (stream: StreamID, object: any PlayedObject, entries: [PlayedEntry])
      var parts: [Part] = []
      for item in items {
        let entry = item.entry
        let played = PlayedEntry(
          position: item.position,
          updates: ObjectUpdate.all(in: entry),
          isMine: entry.mark.client == log.id
        )
        for link in planted(.appliesHalf) ? Array(entry.streams.prefix(1)) : entry.streams {
          if let part = parts.firstIndex(where: { $0.stream == link.stream }) {
            parts[part].entries.append(played)
          } else if newcomer?.stream == link.stream, let newcomer {
            parts.append((link.stream, newcomer, [played]))
          } else if let object = state.objects[link.stream] {
            parts.append((link.stream, object, [played]))
          }
        }
      }
      for part in parts { part.object.apply(part.entries, pin: state.pins.newest) }
      state.counters.entriesPlayed += items.count
      if end.position >= state.seen.position { state.seen = end }
    }
  }
}

extension ObjectUpdate {
  /// The updates of an entry; `nil` if it is none that objects read.
  static func all(in entry: Entry) -> [ObjectUpdate]? {
    // What it is instead is of no use to anybody.
    guard case .updates(let updates)? = try? ObjectEntry(decoding: entry.payload) else {
      return nil
    }
    return updates
  }
}

internal import Corfu
internal import CorfuGlobalLog
internal import CorfuSequencer

// Playing the log: the entries of all open objects, in the order of the log, each once.

extension Runtime {
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
      do throws(ObjectError) {
        let ends = try await ends(of: objects.keys.sorted(), seen: seen.position)
        if try await play(objects, to: ends, from: seen, besides: newcomer) { return }
      } catch {
        switch error {
        // It was there a moment ago. The next walk will say whose it was.
        case .log(.trimmed): continue
        default: throw error
        }
      }
    }
  }

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

  /// - Returns: Whether they were; `false` if some had to begin anew, and nothing was played.
  private func play(
    _ objects: [StreamID: any PlayedObject],
    to ends: StreamEnds,
    from seen: Snapshot,
    besides newcomer: (any PlayedObject)?
  ) async throws(ObjectError) -> Bool {
    let end = ends.snapshot.position
    access { $0.lossEnd = ends.lossEnd }
    var walks: [(link: StreamLink, range: Range<Position>)] = []
    var gaps: [StreamGap] = []
    for link in ends.links {
      guard let object = objects[link.stream] else { continue }
      // One that began anew may be ahead of the others.
      let isNew = object === newcomer
      let begin = isNew ? object.version : max(seen.position, object.version)
      if begin >= end { continue }
      walks.append((link, begin..<end))
    }
    var finder = StreamFinder<Log, PlayedWalk>(log)
    let positions: [Position]
    do throws(LogError) {
      let found = try await finder.positions(along: walks)
      positions = found.found
      gaps += found.gaps
    } catch {
      throw .log(error)
    }
    // Within a reign the sequencer knows of every entry, trimmed or not.
    if newcomer != nil || ends.snapshot.epoch > seen.epoch {
      gaps += try await forgotten(in: walks, of: objects, by: &finder)
      gaps += try await lost(in: walks, before: ends.lossEnd)
    }
    if try await !bridge(gaps, of: objects) { return false }
    do throws(LogError) {
      for start in stride(from: 0, to: positions.count, by: limits.chunkMax) {
        let chunk = positions[start..<min(start + limits.chunkMax, positions.count)]
        let slots = try await finder.slots(at: chunk)
        let chunkEnd = try apply(Array(zip(chunk, slots)), besides: newcomer)
        advance(to: Snapshot(epoch: ends.snapshot.epoch, position: chunkEnd))
      }
    } catch {
      throw .log(error)
    }
    if let newcomer { access { $0.objects[newcomer.stream] = newcomer } }
    advance(to: ends.snapshot)
    return true
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
  /// - Returns: The moment behind the last.
  private func apply(
    _ entries: [(position: Position, slot: Slot)],
    besides newcomer: (any PlayedObject)?
  ) throws(LogError) -> Position {
    let result = access { state -> Result<Position, LogError> in
      var end = state.seen.position
      for (position, slot) in entries {
        guard case .data(let entry) = slot else {
          return .failure(.trimmed(position, mark: position.advanced(by: 1)))
        }
        let updates = ObjectUpdate.all(in: entry)
        for link in planted(.appliesHalf) ? Array(entry.streams.prefix(1)) : entry.streams {
          let isNew = newcomer?.stream == link.stream
          guard let object = isNew ? newcomer : state.objects[link.stream] else { continue }
          guard let updates else {
            object.fail(.undecodable(link.stream, position))
            continue
          }
          object.apply(
            updates.filter { $0.stream == link.stream }.map(\.bytes),
            at: position,
            isMine: entry.mark.client == log.id,
            pin: state.pins.newest
          )
        }
        state.counters.entriesPlayed += 1
        end = position.advanced(by: 1)
        if end > state.seen.position {
          state.seen = Snapshot(epoch: state.seen.epoch, position: end)
        }
      }
      return .success(end)
    }
    return try result.get()
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

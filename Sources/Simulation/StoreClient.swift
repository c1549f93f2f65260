import CorfuGlobalLog

/// A client that does whatever clients may do to a store, at random, and tells the history.
struct StoreClient: Sendable {
  let world: World
  let store: GroupCommit<SimulatedDevice>
  let history: StoreHistory
  let client: ClientID
  let payloadBytesMax: Int
  let trims: Bool
  /// Whether other programs may have taken the room that a trim needs.
  var sharesDisk = false

  /// Works until so many operations are done or the store ends.
  func run(operations: Int) async {
    var random = world.random.split()
    var sequence: UInt64 = 0
    for _ in 0..<operations {
      await world.sleep(for: random.duration(in: .zero ... .microseconds(400)))
      let isAlive: Bool
      switch random.number(below: 20) {
      case 0..<8:
        let count = random.number(in: 1...4)
        isAlive = await write(runOf: count, at: store.tail(), &sequence, &random)
      case 8..<11: isAlive = await write(runOf: 1, at: somewhere(&random), &sequence, &random)
      case 11: isAlive = await fill(somewhere(&random), &random)
      case 12 where trims: isAlive = await trim(somewhere(&random), &random)
      case 13 where trims && random.chance(0.3):
        isAlive = await trimPrefix(somewhere(&random), &random)
      default: isAlive = read(somewhere(&random), count: random.number(in: 1...20))
      }
      guard isAlive else { return }
    }
  }

  /// Near the tail most often, on either side of it.
  private func somewhere(_ random: inout SeededGenerator) -> Position {
    let tail = Int(store.tail().number)
    let back = random.chance(0.7) ? random.number(below: 12) : random.number(below: tail + 12)
    return Position(UInt64(max(0, tail + 4 - back)))
  }

  private func write(
    runOf count: Int,
    at position: Position,
    _ sequence: inout UInt64,
    _ random: inout SeededGenerator
  ) async -> Bool {
    let entries = (0..<count).map { _ in
      sequence += 1
      return Entry(
        mark: EntryMark(client: client, sequence: sequence),
        streams: random.chance(0.2) ? [StreamLink(stream: StreamID(sequence), previous: nil)] : [],
        payload: payload(sequence, random.number(below: payloadBytesMax))
      )
    }
    let places = zip(entries.map(Slot.data), position...)
    let moment = history.moment()
    for (slot, place) in places { history.began(slot, at: place) }
    do {
      let outcome = try await store.write(entries, at: position)
      for (index, (slot, place)) in places.enumerated() {
        if index < outcome.written {
          history.acknowledged(slot, at: place)
        } else {
          history.refused(slot, at: place)
        }
      }
      if let obstacle = outcome.obstacle {
        history.saw(
          obstacle,
          at: position.advanced(by: outcome.written),
          since: moment
        )
      }
      return true
    } catch {
      if error.isDefinite {
        for (slot, place) in places { history.refused(slot, at: place) }
      }
      return await survive(error, at: position, &random)
    }
  }

  private func fill(
    _ position: Position,
    _ random: inout SeededGenerator
  ) async -> Bool {
    let moment = history.moment()
    history.began(.junk, at: position)
    do {
      let slot = try await store.fill(position)
      history.saw(slot, at: position, since: moment)
      return true
    } catch {
      if error.isDefinite { history.refused(.junk, at: position) }
      return await survive(error, at: position, &random)
    }
  }

  private func trim(
    _ position: Position,
    _ random: inout SeededGenerator
  ) async -> Bool {
    history.beganTrim(position)
    do {
      try await store.trim(position)
      history.trimmed(position)
      return true
    } catch {
      return await survive(error, at: position, &random)
    }
  }

  private func trimPrefix(
    _ mark: Position,
    _ random: inout SeededGenerator
  ) async -> Bool {
    history.beganPrefixTrim(before: mark)
    do {
      try await store.trimPrefix(before: mark)
      history.trimmedPrefix(before: mark)
      return true
    } catch {
      return await survive(error, at: mark, &random)
    }
  }

  private func read(_ position: Position, count: Int) -> Bool {
    history.saw(tail: store.tail())
    do {
      let slots = try store.reader.read(position..<position.advanced(by: count))
      for (slot, place) in zip(slots, position...) { history.saw(slot, at: place) }
    } catch {
      history.saw(error, at: position)
    }
    return true
  }

  /// What a client does about an error: makes room on a full disk,
  /// goes on where it can, or gives up.
  private func survive(
    _ error: LogError,
    at position: Position,
    _ random: inout SeededGenerator
  ) async -> Bool {
    switch error {
    // Not at once: what a full disk still takes has to be seen too.
    case .outOfSpace: return random.chance(0.1) ? await makeRoom() : true
    case .corrupt, .unknown:
      history.saw(error, at: position)
      return true
    case .closed, .failed: return false
    case .entryTooLarge, .lost, .cut, .beyondTail, .trimmed, .inconsistent, .indefinite,
      .unavailable, .noQuorum:
      history.fail("a store answered: \(error)")
      return false
    }
  }

  /// A full disk must still take the trim that empties it (D11).
  private func makeRoom() async -> Bool {
    let mark = store.tail()
    history.beganPrefixTrim(before: mark)
    do {
      try await store.trimPrefix(before: mark)
      history.trimmedPrefix(before: mark)
    } catch {
      if error == .outOfSpace && !sharesDisk {
        history.fail("a full disk refused the trim that would empty it")
      }
      return error.isDefinite
    }
    return true
  }

  /// Bytes that tell whose they are, so that a mix-up cannot go unnoticed.
  private func payload(_ sequence: UInt64, _ count: Int) -> [UInt8] {
    let start = UInt8(truncatingIfNeeded: client.low &+ sequence &* 31)
    return (0..<count).map { start &+ UInt8(truncatingIfNeeded: $0) }
  }
}

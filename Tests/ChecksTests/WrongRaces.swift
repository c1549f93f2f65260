import CorfuGlobalLog

/// Begins its batch anew after a lost race.
struct DoublingRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    var lostRaces = 0
    while true {
      let position = try await store.tail()
      let outcome = try await store.write(entries, at: position)
      if outcome.obstacle == nil {
        let end = position.advanced(by: entries.count)
        return RaceResult(positions: Array(position..<end), lostRaces: lostRaces)
      }
      lostRaces += 1
    }
  }
}

/// Believes that its entries stand where it looked, whatever the store said.
struct CredulousRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    let position = try await store.tail()
    _ = try await store.write(entries, at: position)
    let end = position.advanced(by: entries.count)
    return RaceResult(positions: Array(position..<end), lostRaces: 0)
  }
}

/// Waits for the taken position to become free.
struct PatientRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    let position = try await store.tail()
    while true {
      let outcome = try await store.write(entries, at: position)
      if outcome.written > 0 {
        return RaceResult(positions: [position], lostRaces: 0)
      }
    }
  }
}

/// Asks for the tail again after each lost race: right, if not the shortest way.
struct LookingRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    var result = RaceResult(positions: [], lostRaces: 0)
    while result.positions.count < entries.count {
      let position = try await store.tail()
      let rest = Array(entries[result.positions.count...])
      let outcome = try await store.write(rest, at: position)
      result.positions += position..<position.advanced(by: outcome.written)
      if outcome.obstacle != nil { result.lostRaces += 1 }
    }
    return result
  }
}

/// Catches what the store throws, and tries again.
struct SwallowingRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    while true {
      do throws(LogError) {
        return try await LookingRace().append(entries, to: store)
      } catch {
        continue
      }
    }
  }
}

/// Forgets to go on behind what it wrote.
struct CreepingRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    var result = RaceResult(positions: [], lostRaces: 0)
    var position = try await store.tail()
    while result.positions.count < entries.count {
      let rest = Array(entries[result.positions.count...])
      let outcome = try await store.write(rest, at: position)
      result.positions += position..<position.advanced(by: outcome.written)
      if outcome.obstacle != nil {
        result.lostRaces += 1
        position = position.advanced(by: 1)
      }
    }
    return result
  }
}

/// Takes a run without an obstacle for done.
struct HastyRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    var result = RaceResult(positions: [], lostRaces: 0)
    var position = try await store.tail()
    while true {
      let rest = Array(entries[result.positions.count...])
      let outcome = try await store.write(rest, at: position)
      let end = position.advanced(by: outcome.written)
      result.positions += position..<end
      if outcome.obstacle == nil || result.positions.count == entries.count { return result }
      result.lostRaces += 1
      position = end.advanced(by: 1)
    }
  }
}

/// Skips two positions after a lost race.
struct LeapingRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    var result = RaceResult(positions: [], lostRaces: 0)
    var position = try await store.tail()
    while result.positions.count < entries.count {
      let rest = Array(entries[result.positions.count...])
      let outcome = try await store.write(rest, at: position)
      let end = position.advanced(by: outcome.written)
      result.positions += position..<end
      position = end
      if outcome.obstacle != nil {
        result.lostRaces += 1
        position = position.advanced(by: 2)
      }
    }
    return result
  }
}

/// Takes a run that was cut short for a lost race.
struct SuspiciousRace: AppendRace {
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    var result = RaceResult(positions: [], lostRaces: 0)
    var position = try await store.tail()
    while result.positions.count < entries.count {
      let rest = Array(entries[result.positions.count...])
      let outcome = try await store.write(rest, at: position)
      let end = position.advanced(by: outcome.written)
      result.positions += position..<end
      position = end
      if outcome.written < rest.count {
        result.lostRaces += 1
        position = position.advanced(by: 1)
      }
    }
    return result
  }
}

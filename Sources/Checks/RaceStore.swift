import CorfuGlobalLog
import CorfuSimulation
import Synchronization

/// A store in memory where somebody else is faster at moments that a seed draws.
///
/// It keeps the contract of ``PositionStore`` and writes down who asked for what. Between two
/// entries of a run a rival may get in, as it may in the real store where a run is cut in two by
/// the end of a segment.
final class RaceStore: Sendable {
  fileprivate struct State: Sendable {
    var log = ModelLog()
    var random: SeededGenerator
    var rivalsLeft: Int
    var rivalEntries: UInt64 = 0
    /// Operations until the disk fails; `nil` for a good disk.
    var operationsLeft: Int?
  }

  /// What the store answers once its disk has failed.
  static let failure = LogError.failed(.failed("write: input/output error"))

  private let world: World
  private let state: Mutex<State>

  /// A store of a world.
  ///
  /// - Parameters:
  ///   - world: Draws and times everything.
  ///   - rivals: How many entries a rival writes, at most, at moments of its own.
  ///   - operationsMax: How many operations succeed before the disk fails; `nil` for a good disk.
  init(in world: World, rivals: Int, operationsMax: Int? = nil) {
    self.world = world
    let state = State(
      random: world.random.split(),
      rivalsLeft: rivals,
      operationsLeft: operationsMax
    )
    self.state = Mutex(state)
  }

  /// What is in the store.
  var log: ModelLog { state.withLock { $0.log } }

  fileprivate func tail(for client: String) async throws(LogError) -> Position {
    await pause()
    let isAlive = state.withLock { $0.countOperation() }
    guard isAlive else {
      world.note("\(client) -> store  tail()  <- \(Self.failure)")
      throw Self.failure
    }
    let tail = log.tail
    world.note("\(client) -> store  tail()  <- \(tail)")
    await pause()
    return tail
  }

  fileprivate func write(
    _ entries: [Entry],
    at position: Position,
    for client: String
  ) async throws(LogError) -> RunOutcome {
    await pause()
    let isAlive = state.withLock { $0.countOperation() }
    let names = entries.map(\.mark.name).joined(separator: " ")
    let call = "\(client) -> store  write(\(names) at \(position))"
    guard isAlive else {
      world.note("\(call)  <- \(Self.failure)")
      throw Self.failure
    }
    var outcome = RunOutcome(written: 0)
    var rivals: [String] = []
    state.withLock { state in
      for entry in entries {
        if let rival = state.letRivalWrite() { rivals.append(rival) }
        let before = state.log.write(entry, at: position.advanced(by: outcome.written))
        guard before == .empty else {
          outcome.obstacle = before
          break
        }
        outcome.written += 1
      }
    }
    for rival in rivals { world.note(rival) }
    world.note("\(call)  <- \(outcome.told(from: position))")
    await pause()
    return outcome
  }

  private func pause() async {
    let duration = state.withLock { $0.random.duration(in: .zero ... .microseconds(20)) }
    await world.sleep(for: duration)
  }
}

extension RaceStore.State {
  /// - Returns: Whether the disk still works.
  fileprivate mutating func countOperation() -> Bool {
    guard let left = operationsLeft else { return true }
    operationsLeft = max(0, left - 1)
    return left > 0
  }

  /// Writes an entry of somebody else at the tail, if this is such a moment, and tells of it.
  fileprivate mutating func letRivalWrite() -> String? {
    guard random.chance(0.3), rivalsLeft > 0 else { return nil }
    rivalsLeft -= 1
    rivalEntries += 1
    let mark = EntryMark(client: ClientID(high: 0, low: 0), sequence: rivalEntries)
    let position = log.append(Entry(mark: mark, payload: []))
    return "rival gets in with \(mark.name) at \(position)"
  }
}

/// The store as one append sees it: everything asked is counted.
final class RaceClient: PositionStore {
  /// What was asked in the course of an append.
  struct Counts: Sendable {
    var looks = 0
    var writes = 0
    /// How many writes found a position taken.
    var losses = 0
    /// What was asked after the store had answered with an error.
    var afterFailure = 0
    var hasFailed = false
  }

  private let store: RaceStore
  private let name: String
  private let state = Mutex(Counts())

  init(of store: RaceStore, name: String) {
    self.store = store
    self.name = name
  }

  var counts: Counts { state.withLock { $0 } }

  func tail() async throws(LogError) -> Position {
    begin { $0.looks += 1 }
    do {
      return try await store.tail(for: name)
    } catch {
      state.withLock { $0.hasFailed = true }
      throw error
    }
  }

  func write(_ entries: [Entry], at position: Position) async throws(LogError) -> RunOutcome {
    begin { $0.writes += 1 }
    do {
      let outcome = try await store.write(entries, at: position, for: name)
      if outcome.obstacle != nil { state.withLock { $0.losses += 1 } }
      return outcome
    } catch {
      state.withLock { $0.hasFailed = true }
      throw error
    }
  }

  private func begin(_ count: (inout Counts) -> Void) {
    state.withLock { counts in
      if counts.hasFailed { counts.afterFailure += 1 }
      count(&counts)
    }
  }
}

extension EntryMark {
  /// A short name for stories: `c1#2`, `rival#1`.
  var name: String {
    client.low == 0 ? "rival#\(sequence)" : "c\(client.low)#\(sequence)"
  }
}

extension RunOutcome {
  fileprivate func told(from position: Position) -> String {
    let end = position.advanced(by: written)
    guard let obstacle else { return "\(written) written" }
    return "\(written) written, \(end) is taken by \(obstacle.owner)"
  }
}

extension Slot {
  /// Whose entry it is, for stories.
  var owner: String {
    guard case .data(let entry) = self else { return description }
    return entry.mark.name
  }
}

import CorfuGlobalLog
import CorfuSimulation
import Synchronization

/// A store in memory where somebody else is faster at moments that a seed draws.
///
/// It keeps the contract of ``PositionStore``, uses all the freedom that the contract gives, and
/// writes down who asked for what: between two entries of a run a rival may get in, and a disk
/// that is full, be it for a moment, cuts a run short.
final class RaceStore: Sendable {
  fileprivate struct State: Sendable {
    var log = ModelLog()
    var random: SeededGenerator
    var rivalsLeft: Int
    var rivalEntries: UInt64 = 0
    var failure: Failure?
    /// How many runs are still to be cut short, though there is room again right after.
    var shortRunsLeft: Int
  }

  /// How a disk fails.
  enum Failure: Equatable, Sendable {
    /// It works this many times more; then nothing does.
    case breaks(operationsLeft: Int)
    /// It holds this many entries more; then writes are refused.
    case fills(entriesLeft: Int)

    /// What the store answers from then on.
    var error: LogError {
      switch self {
      case .breaks: .failed(.failed("write: input/output error"))
      case .fills: .outOfSpace
      }
    }
  }

  /// How a story tells that the store answered with an error.
  static let errorMark = "<- error: "

  private let world: World
  private let state: Mutex<State>

  /// A store of a world.
  ///
  /// - Parameters:
  ///   - world: Draws and times everything.
  ///   - rivals: How many entries a rival writes, at most, at moments of its own.
  ///   - failure: When the disk fails, and how; `nil` for a good disk.
  ///   - shortRuns: How many runs it cuts short, at most, and goes on.
  init(in world: World, rivals: Int, failure: Failure? = nil, shortRuns: Int = 0) {
    self.world = world
    let state = State(
      random: world.random.split(),
      rivalsLeft: rivals,
      failure: failure,
      shortRunsLeft: shortRuns
    )
    self.state = Mutex(state)
  }

  /// What is in the store.
  var log: ModelLog { state.withLock { $0.log } }

  fileprivate func tail(for client: String) async throws(LogError) -> Position {
    await pause()
    let failure = state.withLock { $0.begin(isWrite: false) }
    if let failure {
      world.note("\(client) -> store  tail()  \(Self.errorMark)\(failure)")
      throw failure
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
    let failure = state.withLock { $0.begin(isWrite: true) }
    let names = entries.map(\.mark.name).joined(separator: " ")
    let call = "\(client) -> store  write(\(names) at \(position))"
    if let failure {
      world.note("\(call)  \(Self.errorMark)\(failure)")
      throw failure
    }
    let (outcome, rivals) = state.withLock { $0.write(entries, at: position) }
    for rival in rivals { world.note(rival) }
    guard outcome.written > 0 || outcome.obstacle != nil else {
      world.note("\(call)  \(Self.errorMark)\(LogError.outOfSpace)")
      throw .outOfSpace
    }
    world.note("\(call)  <- \(outcome.told(from: position, of: entries.count))")
    await pause()
    return outcome
  }

  private func pause() async {
    let duration = state.withLock { $0.random.duration(in: .zero ... .microseconds(20)) }
    await world.sleep(for: duration)
  }
}

extension RaceStore.State {
  /// - Returns: The error, if the disk cannot do it.
  fileprivate mutating func begin(isWrite: Bool) -> LogError? {
    switch failure {
    case .breaks(let left):
      failure = .breaks(operationsLeft: max(0, left - 1))
      return left > 0 ? nil : failure?.error
    case .fills(let left): return left > 0 || !isWrite ? nil : failure?.error
    case nil: return nil
    }
  }

  /// Writes a run, and tells of those who got in between.
  fileprivate mutating func write(
    _ entries: [Entry],
    at position: Position
  ) -> (outcome: RunOutcome, rivals: [String]) {
    var outcome = RunOutcome(written: 0)
    var rivals: [String] = []
    for entry in entries {
      if let rival = letRivalWrite() { rivals.append(rival) }
      let next = position.advanced(by: outcome.written)
      let slot = log.read(next)
      if slot.isTaken {
        outcome.obstacle = slot
        break
      }
      // A full disk cuts a run short: what is written is a fact, and nobody stands in the way.
      if outcome.written > 0, cutsShort() { break }
      guard takeRoom() else { break }
      _ = log.write(entry, at: next)
      outcome.written += 1
    }
    return (outcome, rivals)
  }

  /// Whether there is no room for a moment, so that a run ends here.
  fileprivate mutating func cutsShort() -> Bool {
    guard shortRunsLeft > 0, random.chance(0.5) else { return false }
    shortRunsLeft -= 1
    return true
  }

  /// Takes room for an entry, if there is any left.
  fileprivate mutating func takeRoom() -> Bool {
    guard case .fills(let left) = failure else { return true }
    failure = .fills(entriesLeft: max(0, left - 1))
    return left > 0
  }

  /// Writes an entry of somebody else at the tail, if this is such a moment, and tells of it.
  fileprivate mutating func letRivalWrite() -> String? {
    guard random.chance(0.3), rivalsLeft > 0, takeRoom() else { return nil }
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
  fileprivate func told(from position: Position, of count: Int) -> String {
    let end = position.advanced(by: written)
    guard let obstacle else {
      return "\(written) written" + (written < count ? ", then cut short" : "")
    }
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

internal import Synchronization

/// A client of one durable log file, shared with any number of
/// other clients: the whole of chapter 1.
public final class RacingLog<Storage: Device, Race: AppendRace>: SharedLog {
  /// Who this client is.
  public let client: ClientID

  /// What this client did.
  public struct Counters: Hashable, Sendable {
    /// Entries appended.
    public var appends = 0
    /// How often another client was faster.
    public var lostRaces = 0
  }

  private struct State: Sendable {
    var nextSequence: UInt64 = 0
    var counters = Counters()
  }

  private let store: GroupCommit<Storage>
  private let race = Race()
  private let state = Mutex(State())

  /// A client of a store.
  public init(store: GroupCommit<Storage>, client: ClientID) {
    self.store = store
    self.client = client
  }

  /// What this client did so far.
  public var counters: Counters { state.withLock { $0.counters } }

  public func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    let positions = try await append(batch: [payload])
    guard let position = positions.first else { preconditionFailure("no position for an entry") }
    return position
  }

  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    guard !batch.isEmpty else { return [] }
    let first = state.withLock { state in
      defer { state.nextSequence += UInt64(batch.count) }
      return state.nextSequence
    }
    let entries = batch.enumerated().map { index, payload in
      Entry(
        mark: EntryMark(client: client, sequence: first + UInt64(index)),
        payload: payload
      )
    }
    let result = try await race.append(entries, to: store)
    state.withLock { state in
      state.counters.appends += batch.count
      state.counters.lostRaces += result.lostRaces
    }
    return result.positions
  }

  public func read(_ position: Position) async throws(LogError) -> Slot {
    try store.reader.read(position)
  }

  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try store.reader.read(range)
  }

  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try check(position)
    return try await store.fill(position)
  }

  public func trim(_ position: Position) async throws(LogError) {
    try check(position)
    try await store.trim(position)
  }

  public func trimPrefix(before mark: Position) async throws(LogError) {
    let tail = store.tail()
    if mark > tail { throw .beyondTail(mark, tail: tail) }
    try await store.trimPrefix(before: mark)
  }

  public func tail() async throws(LogError) -> Position {
    store.tail()
  }

  private func check(_ position: Position) throws(LogError) {
    let tail = store.tail()
    if position >= tail { throw .beyondTail(position, tail: tail) }
  }
}

public import CorfuGlobalLog
internal import Synchronization

/// A client of one durable log file who takes a token first, and then writes beside all others: the
/// whole of chapter 2.
///
/// Nobody else was given its positions, so it loses no races. Only a filler or a trimmer may have
/// been at one of them before. Then the entries from there on move up, and take another token where
/// this one ends.
public final class SequencedLog<Storage: Device, Source: TokenSource>: SharedLog {
  /// Who this client is.
  public let client: ClientID

  /// What this client did.
  public struct Counters: Hashable, Sendable {
    /// Entries appended.
    public var appends = 0
    /// Positions that were lost to a filler or a trimmer.
    public var lostPositions = 0
  }

  private struct State: Sendable {
    var nextSequence: UInt64 = 0
    var counters = Counters()
  }

  private let store: GroupCommit<Storage>
  private let sequencer: LocalSequencer<Source>
  private let state = Mutex(State())

  /// A client of a store and a sequencer.
  public init(
    store: GroupCommit<Storage>,
    sequencer: LocalSequencer<Source>,
    client: ClientID
  ) {
    self.store = store
    self.sequencer = sequencer
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
    // Before a token is taken: an entry that is refused with a token in hand leaves a hole.
    let bytes = batch.reduce(0) { max($0, $1.count) }
    if bytes > store.payloadBytesMax {
      throw .entryTooLarge(bytes: bytes, bytesMax: store.payloadBytesMax)
    }
    var rest = marked(batch)[...]
    var positions: [Position] = []
    while !rest.isEmpty {
      let token = try take(min(rest.count, Token.countMax))
      let written = try await write(&rest, with: token)
      positions += written
      state.withLock { $0.counters.appends += written.count }
    }
    return positions
  }

  private func marked(_ batch: [[UInt8]]) -> [Entry] {
    let first = state.withLock { state in
      defer { state.nextSequence += UInt64(batch.count) }
      return state.nextSequence
    }
    return batch.enumerated().map { index, payload in
      Entry(mark: EntryMark(client: client, sequence: first + UInt64(index)), payload: payload)
    }
  }

  private func take(_ count: Int) throws(LogError) -> Token {
    do {
      return try sequencer.reserve(count)
    } catch {
      throw LogError(error)
    }
  }

  /// Writes entries to a token's positions, in order, until either are used up.
  ///
  /// - Parameters:
  ///   - rest: The entries; those that stand are taken off.
  ///   - token: Where they go.
  /// - Returns: Where they stand.
  /// - Throws: The store's error; some of the entries may have been written.
  private func write(
    _ rest: inout ArraySlice<Entry>,
    with token: Token
  ) async throws(LogError) -> [Position] {
    var places = token.positions
    var positions: [Position] = []
    while !rest.isEmpty, !places.isEmpty {
      let run = Array(rest.prefix(places.count))
      let outcome = try await store.write(run, at: places.lowerBound, epoch: token.epoch)
      positions += places.prefix(outcome.written)
      rest = rest.dropFirst(outcome.written)
      places = places.dropFirst(outcome.written)
      if outcome.obstacle != nil {
        state.withLock { $0.counters.lostPositions += 1 }
        places = places.dropFirst()
      }
    }
    return positions
  }

  public func read(_ position: Position) async throws(LogError) -> Slot {
    try store.reader.read(position)
  }

  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try store.reader.read(range)
  }

  public func fill(_ position: Position) async throws(LogError) -> Slot {
    let end = try handedOut()
    if position >= end { throw .beyondTail(position, tail: end) }
    return try await store.fill(position)
  }

  public func trim(_ position: Position) async throws(LogError) {
    let end = try handedOut()
    if position >= end { throw .beyondTail(position, tail: end) }
    try await store.trim(position)
  }

  public func trimPrefix(before mark: Position) async throws(LogError) {
    let end = try handedOut()
    if mark > end { throw .beyondTail(mark, tail: end) }
    try await store.trimPrefix(before: mark)
  }

  /// The end of what is written.
  ///
  /// The sequencer may have handed out more, and its clients may not have written it yet.
  public func tail() async throws(LogError) -> Position {
    store.tail()
  }

  /// The end of what was handed out: nothing behind it may be filled or trimmed, because nobody
  /// could have written it (R17).
  private func handedOut() throws(LogError) -> Position {
    do {
      return try sequencer.tail()
    } catch {
      throw LogError(error)
    }
  }
}

extension LogError {
  /// What a refusal of the sequencer means to a client in the same process.
  init(_ refusal: SequencerRefusal) {
    switch refusal {
    case .notInstalled, .sealed, .behind, .otherBoot: self = .closed
    case .positionsUsedUp: self = .outOfSpace
    case .countOutOfRange, .tooManyStreams:
      preconditionFailure("a client asked for a token that there is not: \(refusal)")
    }
  }
}

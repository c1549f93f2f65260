public import CorfuGlobalLog
public import CorfuSequencer
internal import Synchronization

/// A client of a log over many units, in chapters 3 and 4.
///
/// A token says where, the layout says on whom, and the chain makes copies.
/// A batch is one token and one write per unit, all chains at once, so it takes the time of one
/// entry. Where a unit is taken out of the layout meanwhile, the client looks the layout up again
/// and goes on with the same value at the same position.
public final class MirroredLog<Unit: Replica, Parts: MirrorParts>: SharedLog {
  /// Who this client is.
  public let client: ClientID

  /// What this client did.
  public struct Counters: Hashable, Sendable {
    /// Entries appended.
    public var appends = 0
    /// Positions that were lost to a filler or a trimmer.
    public var lostPositions = 0
    /// How often the layout had changed under an operation.
    public var layoutChanges = 0
  }

  private struct State: Sendable {
    var nextSequence: UInt64 = 0
    var counters = Counters()
  }

  let roster: Roster<Unit, Parts.Tokens>
  private let payloadBytesMax: Int
  private let state = Mutex(State())

  /// A client of the units and the sequencer of a roster.
  public init(
    roster: Roster<Unit, Parts.Tokens>,
    client: ClientID,
    payloadBytesMax: Int = Entry.payloadBytesMaxDefault
  ) {
    self.roster = roster
    self.client = client
    self.payloadBytesMax = payloadBytesMax
  }

  /// What this client did so far.
  public var counters: Counters { state.withLock { $0.counters } }

  public func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    let positions = try await append(batch: [payload])
    guard let position = positions.first else { preconditionFailure("no position for an entry") }
    return position
  }

  /// Appends entries in order.
  ///
  /// They stand in order, except that one whose position was filled or trimmed by somebody gets
  /// another, behind the rest: those were on their way to other units at the same time.
  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    // Before a token is taken: an entry that is refused with a token in hand leaves a hole.
    let bytes = batch.reduce(0) { max($0, $1.count) }
    if bytes > payloadBytesMax { throw .entryTooLarge(bytes: bytes, bytesMax: payloadBytesMax) }
    let entries = marked(batch)
    var positions = [Position](repeating: .zero, count: entries.count)
    var open = Array(entries.indices)
    while !open.isEmpty {
      let turn = open.prefix(Token.countMax)
      let token = try await reserve(turn.count)
      let values = zip(turn, token.positions).map { PlacedValue(.data(entries[$0]), at: $1) }
      let stand = try await write(values)
      var lost: [Int] = []
      for (place, index) in turn.enumerated() {
        if stand[place] {
          positions[index] = values[place].position
        } else {
          lost.append(index)
        }
      }
      state.withLock { state in
        state.counters.appends += turn.count - lost.count
        state.counters.lostPositions += lost.count
      }
      open = lost + open.dropFirst(turn.count)
    }
    return positions
  }

  /// Takes positions without writing there: what a client has in its hand when it falls asleep.
  ///
  /// - Parameter count: How many; 1 to ``Token/countMax``.
  /// - Returns: A token from the next sequencer, if this one's reign has just ended.
  /// - Throws: ``LogError/closed``, ``LogError/outOfSpace``.
  public func reserve(_ count: Int) async throws(LogError) -> Token {
    var view = roster.view
    while true {
      do {
        return try view.sequencer.reserve(count)
      } catch {
        if error == .positionsUsedUp { throw .outOfSpace }
        guard let next = await newer(than: view) else { throw .closed }
        view = next
      }
    }
  }

  /// Writes an entry to a position that was taken before.
  ///
  /// - Parameters:
  ///   - payload: The entry's bytes.
  ///   - position: One of this client's, from ``reserve(_:)``.
  /// - Returns: Whether it stands there now; if not, somebody else's does.
  /// - Throws: As ``append(_:)``.
  public func write(_ payload: [UInt8], at position: Position) async throws(LogError) -> Bool {
    let values = marked([payload]).map { PlacedValue(.data($0), at: position) }
    return try await write(values) == [true]
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

  /// The view after this one, if the layout has changed or is about to.
  func newer(than view: Roster<Unit, Parts.Tokens>.View) async -> Roster<Unit, Parts.Tokens>.View? {
    let next = await roster.view(after: view)
    if next != nil { state.withLock { $0.counters.layoutChanges += 1 } }
    return next
  }

  /// The end of what is written.
  ///
  /// The sequencer may have handed out more, and its clients may not have written it yet.
  public func tail() async throws(LogError) -> Position { roster.end }

  /// The end of what was handed out: nothing behind it may be filled or trimmed, because nobody
  /// could have written it (R17, R20).
  private func handedOut() async throws(LogError) -> Position {
    var view = roster.view
    while true {
      do {
        return try view.sequencer.tail()
      } catch {
        guard let next = await newer(than: view) else { throw .closed }
        view = next
      }
    }
  }

  public func read(_ position: Position) async throws(LogError) -> Slot {
    guard let slot = try await read(each: [position]).first else { throw .unknown(position) }
    return slot
  }

  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await read(each: Array(range))
  }

  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try await check(position)
    let stands = try await write([PlacedValue(.junk, at: position)])
    if stands == [true] { return .junk }
    // The head has something else. Reading finishes it, and says what it is.
    return try await read(position)
  }

  public func trim(_ position: Position) async throws(LogError) {
    try await check(position)
    try await trim([position])
  }

  public func trim(_ range: Range<Position>) async throws(LogError) {
    guard !range.isEmpty else { return }
    try await check(range.upperBound.advanced(by: -1))
    // In turns, so that others get theirs.
    for start in stride(from: range.lowerBound.number, to: range.upperBound.number, by: 1024) {
      let end = min(start + 1024, range.upperBound.number)
      try await trim((start..<end).map { Position($0) })
    }
  }

  public func trimPrefix(before mark: Position) async throws(LogError) {
    let tail = try await handedOut()
    if mark > tail { throw .beyondTail(mark, tail: tail) }
    try await trimAll(before: mark)
  }

  private func check(_ position: Position) async throws(LogError) {
    let tail = try await handedOut()
    if position >= tail { throw .beyondTail(position, tail: tail) }
  }
}

/// How a client of chapter 1 gets its entries to the end of the log: the part that exercise 1.3
/// builds.
public protocol AppendRace: Sendable {
  /// A racer.
  init()

  /// Writes entries behind everything that is in the store, in order, and says where they stand.
  ///
  /// - Parameters:
  ///   - entries: At least one.
  ///   - store: Where to write. Others write to it too, at the same time.
  func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult
}

/// Where a racer's entries stand, and what it took.
public struct RaceResult: Hashable, Sendable {
  /// The position of each entry, increasing.
  public var positions: [Position]
  /// How often somebody else was faster.
  public var lostRaces: Int

  /// A result.
  public init(positions: [Position], lostRaces: Int) {
    self.positions = positions
    self.lostRaces = lostRaces
  }
}

/// The race for the tail: look where the log ends, write there, and if somebody was faster, try
/// behind.
///
/// Any number of clients may do this at once and none loses an entry. Their only trouble is that
/// all of them want the same position, and all but one have looked in vain: the sequencer of
/// chapter 2 ends that.
public struct TailRace: AppendRace {
  /// A racer.
  public init() {}

  // exercise 1.3: write at the tail; whoever finds the position taken tries the next one
  public func append(
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
        position = position.advanced(by: 1)
      }
    }
    return result
  }
  // end 1.3
}

// Exercise 1.3: write at the tail; whoever finds the position taken tries the next one
// Write the body below, then: swift run course check 1.3
import CorfuChecks
public import CorfuGlobalLog

/// The race for the tail: look where the log ends, write there, and if somebody was faster, try
/// behind.
///
/// Any number of clients may do this at once and none loses an entry. Their only trouble is that
/// all of them want the same position, and all but one have looked in vain: the sequencer of
/// chapter 2 ends that.
public struct TailRace: AppendRace {
  /// A racer.
  public init() {}

  public func append(
    _ entries: [Entry],
    to store: some PositionStore
  ) async throws(LogError) -> RaceResult {
    TODO("1.3 write at the tail; whoever finds the position taken tries the next one")
  }
}

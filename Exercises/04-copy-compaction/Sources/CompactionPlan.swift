// Exercise 4.2: choose the segment that gives most for what it costs, if it is worth it
// Write the body below, then: swift run course check 4.2
import CorfuChecks
public import CorfuCopyCompaction

/// The cheapest gain first: until what is live takes nearly all of the room.
///
/// To empty a segment costs what is copied, and gains the rest of its file. The one with the best
/// gain for its cost comes first, so that a log of which a little is trimmed everywhere, and all of
/// one segment, gives that segment back and copies nothing.
public struct CompactionPlan: CompactionPolicy {
  /// How much room may be taken for each live byte: 1.2 leaves a sixth to what was trimmed.
  public var spaceFactor = 1.2
  /// The part of its file that a segment must gain.
  public var gainMin = 0.05

  /// The plan.
  public init() {}

  public func next(of usage: [SegmentUsage]) -> SegmentUsage? {
    TODO("4.2 choose the segment that gives most for what it costs, if it is worth it")
  }
}

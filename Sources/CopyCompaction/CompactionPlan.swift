/// Chooses the segment to empty next: a learner's part (exercise 4.2).
///
/// It decides and does nothing: the same usage always gives the same answer.
public protocol CompactionPolicy: Sendable {
  /// A policy; it keeps nothing from one question to the next.
  init()

  /// The segment to empty next.
  ///
  /// Asked again after each segment; the work ends when there is no answer. It must end: to move
  /// what gains nothing would go on for ever.
  ///
  /// - Parameter usage: The closed segments, in no order that means anything.
  /// - Returns: One of them; `nil` if none is worth it.
  func next(of usage: [SegmentUsage]) -> SegmentUsage?
}

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

  // exercise 4.2: choose the segment that gives most for what it costs, if it is worth it
  public func next(of usage: [SegmentUsage]) -> SegmentUsage? {
    let fileBytes = usage.reduce(0) { $0 + $1.fileBytes }
    let liveBytes = usage.reduce(0) { $0 + $1.liveBytes }
    guard Double(fileBytes) > spaceFactor * Double(liveBytes) else { return nil }
    let worthwhile = usage.filter { Double($0.gainBytes) >= gainMin * Double($0.fileBytes) }
    return worthwhile.min { left, right in
      // Bytes copied for each byte gained.
      let leftPrice = Double(left.moveBytes) / Double(left.gainBytes)
      let rightPrice = Double(right.moveBytes) / Double(right.gainBytes)
      return leftPrice == rightPrice ? left.number < right.number : leftPrice < rightPrice
    }
  }
  // end 4.2
}

internal import CorfuGlobalLog

/// Where a log ended at some moments, which tells how old a copy of it is.
///
/// Of ever fewer moments the longer ago they are: it never grows beyond a page. So an age is never
/// too low, and too high by a quarter at most.
struct EndHistory: Equatable, Sendable {
  private struct Moment: Equatable, Sendable {
    var end: Position
    /// When it was told first.
    let begin: Duration
    /// And last.
    var time: Duration
  }

  private static let momentsMax = 64

  /// In their order, each with a later end than the one before.
  private var moments: [Moment] = []

  /// Where the log ended last; `nil` if nobody has said.
  var end: Position? { moments.last?.end }

  /// Takes in where the log ended.
  ///
  /// It may be lower than before: positions that a sequencer handed out and nobody wrote are handed
  /// out again by the next one.
  ///
  /// - Parameters:
  ///   - end: Where.
  ///   - time: When.
  mutating func note(_ end: Position, at time: Duration) {
    while let last = moments.last, last.end > end { moments.removeLast() }
    if let last = moments.last, last.end == end {
      moments[moments.count - 1].time = time
      return
    }
    moments.append(Moment(end: end, begin: time, time: time))
    if moments.count > Self.momentsMax { thinOut() }
  }

  /// Forgets the moment that is missed least.
  ///
  /// Its neighbours stay, and are near each other for their age; the first and the newest of all
  /// are never forgotten.
  private mutating func thinOut() {
    guard let now = moments.last?.time else { return }
    let gaps = (1..<moments.count - 1).map { index in
      let (before, after) = (moments[index - 1].time, moments[index + 1].time)
      return (after - before) / max(now - before, .nanoseconds(1))
    }
    let least = gaps.indices.min { gaps[$0] < gaps[$1] }
    if let least { moments.remove(at: least + 1) }
  }

  /// How far a copy is behind; `nil` if nobody has ever said where the log ends.
  ///
  /// - Parameters:
  ///   - copied: Before which position everything is in the copy.
  ///   - now: When.
  /// - Returns: The lag.
  mutating func lag(of copied: Position, at now: Duration) -> MirrorLag? {
    guard let last = moments.last else { return nil }
    // What came before the newest moment that the copy has reached is never asked for again.
    if let reached = moments.lastIndex(where: { $0.end <= copied }) {
      moments.removeFirst(reached)
    }
    let first = moments.first ?? last
    let isKnown = first.end <= copied
    return MirrorLag(
      copied: copied,
      end: last.end,
      age: now - (isKnown ? first.time : first.begin),
      isAgeKnown: isKnown,
      silence: now - last.time
    )
  }
}

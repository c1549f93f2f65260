/// A set of trimmed positions: a learner's part (exercise 4.1).
///
/// Trims are never taken back, so a set only grows; what lies before the trim mark is cut off
/// elsewhere.
public protocol TrimSet: Sendable {
  /// The empty set.
  init()

  /// The members, as ranges: sorted, none empty, and no two so close that they could be one.
  var ranges: [Range<Position>] { get }

  /// Whether a position is a member.
  func contains(_ position: Position) -> Bool

  /// Adds all positions of a range, which may be empty.
  mutating func insert(_ range: Range<Position>)
}

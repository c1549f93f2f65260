// Exercise 4.1: add a range; ranges that touch become one
// Write the body below, then: swift run course check 4.1
import CorfuChecks
public import CorfuGlobalLog

/// A set of positions, kept as ranges: small where its members lie side by side.
///
/// Membership takes O(log ranges); inserting O(ranges) at worst, O(log ranges) at the end.
public struct PositionSet: TrimSet, Equatable {
  /// The ranges: sorted, apart from each other, none empty.
  public private(set) var ranges: [Range<Position>] = []

  /// The empty set.
  public init() {}

  /// Whether the set has no members.
  public var isEmpty: Bool { ranges.isEmpty }

  /// How many members the set has.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Whether a position is a member.
  public func contains(_ position: Position) -> Bool {
    let index = firstIndex(endingAfter: position)
    return index < ranges.count && ranges[index].lowerBound <= position
  }

  /// Whether all positions of a range are members.
  public func contains(_ range: Range<Position>) -> Bool {
    let index = firstIndex(endingAfter: range.lowerBound)
    guard index < ranges.count else { return range.isEmpty }
    return range.isEmpty
      || ranges[index].lowerBound <= range.lowerBound
        && range.upperBound <= ranges[index].upperBound
  }

  /// Adds one position.
  public mutating func insert(_ position: Position) {
    insert(position..<position.advanced(by: 1))
  }

  /// Adds all positions of a range.
  public mutating func insert(_ range: Range<Position>) {
    TODO("4.1 add a range; ranges that touch become one")
  }

  /// Removes every position before `mark`.
  public mutating func removeAll(before mark: Position) {
    let first = firstIndex(endingAfter: mark)
    ranges.removeFirst(first)
    if let range = ranges.first, range.lowerBound < mark {
      ranges[0] = mark..<range.upperBound
    }
  }

  /// The index of the first range that ends after a position, or, if asked for, at it.
  private func firstIndex(endingAfter position: Position, orAt: Bool = false) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      let end = ranges[middle].upperBound
      if end < position || (end == position && !orAt) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

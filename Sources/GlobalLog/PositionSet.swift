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

  // exercise 4.1: add a range; ranges that touch become one
  /// Adds all positions of a range.
  public mutating func insert(_ range: Range<Position>) {
    guard !range.isEmpty else { return }
    var lower = range.lowerBound
    var upper = range.upperBound
    // Ranges that touch the new one, even just at its ends, melt into it.
    let first = firstIndex(endingAfter: lower, orAt: true)
    var last = first
    while last < ranges.count && ranges[last].lowerBound <= upper {
      lower = min(lower, ranges[last].lowerBound)
      upper = max(upper, ranges[last].upperBound)
      last += 1
    }
    ranges.replaceSubrange(first..<last, with: CollectionOfOne(lower..<upper))
  }
  // end 4.1

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

// Whole sets against each other, in O(ranges of both).
extension PositionSet {
  /// The set of the positions of some ranges.
  public init(_ ranges: some Sequence<Range<Position>>) {
    insert(contentsOf: Array(ranges))
  }

  /// Adds all positions of many ranges.
  ///
  /// Few are inserted one by one; many are merged with those that lie among them, and the others
  /// stay as they are.
  public mutating func insert(contentsOf added: [Range<Position>]) {
    guard added.count > 8 else {
      for range in added { insert(range) }
      return
    }
    let news = added.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    guard let lowest = news.first?.lowerBound else { return }
    let highest = news.reduce(lowest) { max($0, $1.upperBound) }
    let first = firstIndex(endingAfter: lowest, orAt: true)
    let last = max(first, ranges.partitioningIndex { $0.lowerBound > highest })
    var merged = PositionSet()
    merged.ranges.reserveCapacity(last - first + news.count)
    // In order of their beginnings each goes to the end.
    var next = first
    for range in news {
      while next < last && ranges[next].lowerBound <= range.lowerBound {
        merged.insert(ranges[next])
        next += 1
      }
      merged.insert(range)
    }
    for range in ranges[next..<last] { merged.insert(range) }
    ranges.replaceSubrange(first..<last, with: merged.ranges)
  }

  /// Removes all positions of ranges that are sorted and apart from each other.
  public mutating func remove(contentsOf removed: [Range<Position>]) {
    guard let first = ranges.first, let last = ranges.last, !removed.isEmpty else { return }
    var rest: [Range<Position>] = []
    var index = removed.partitioningIndex { $0.upperBound > first.lowerBound }
    guard index < removed.count, removed[index].lowerBound < last.upperBound else { return }
    for range in ranges {
      var lower = range.lowerBound
      if index < removed.count && removed[index].upperBound <= lower {
        // Of many that lie between two of these, each is passed over unseen.
        index = removed.partitioningIndex(from: index + 1) { $0.upperBound > lower }
      }
      var next = index
      while next < removed.count && removed[next].lowerBound < range.upperBound {
        if removed[next].lowerBound > lower { rest.append(lower..<removed[next].lowerBound) }
        lower = max(lower, removed[next].upperBound)
        next += 1
      }
      if lower < range.upperBound { rest.append(lower..<range.upperBound) }
    }
    ranges = rest
  }

  /// The members in a range.
  public func intersection(_ range: Range<Position>) -> [Range<Position>] {
    var found: [Range<Position>] = []
    var index = ranges.partitioningIndex { $0.upperBound > range.lowerBound }
    while index < ranges.count && ranges[index].lowerBound < range.upperBound {
      found.append(ranges[index].clamped(to: range))
      index += 1
    }
    return found
  }
}

extension [Range<Position>] {
  /// The first index, not below a certain one, from which on a condition holds, if it holds for no
  /// range before it.
  fileprivate func partitioningIndex(
    from begin: Int = 0,
    where holds: (Range<Position>) -> Bool
  ) -> Int {
    var low = begin
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

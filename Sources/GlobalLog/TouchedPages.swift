/// Says which pages of an index a trim touches: the part that exercise 4.5 builds.
///
/// What is live on a page is counted once, and again after a trim that touched it. To count a page
/// is to read it from the disk.
public protocol PageTouching: Sendable {
  /// Remembers nothing.
  init()

  /// The pages on which a trimmed position may be.
  ///
  /// - Parameters:
  ///   - range: What was trimmed: some of it may lie before the first page or behind the last, or
  ///     all of it.
  ///   - fences: The first position on each page, in order.
  ///   - highest: The last position on the last page.
  /// - Returns: Their numbers, side by side; an empty range if there are none.
  func pages(
    touchedBy range: Range<Position>,
    fences: [Position],
    upTo highest: Position
  ) -> Range<Int>
}

/// The pages from that with a range's first position to that with its last.
public struct TouchedPages: PageTouching {
  /// Remembers nothing.
  public init() {}

  // exercise 4.5: no page that was not touched, and none less
  public func pages(
    touchedBy range: Range<Position>,
    fences: [Position],
    upTo highest: Position
  ) -> Range<Int> {
    // How many pages begin at a position or before it.
    func begun(by position: Position) -> Int {
      var low = 0
      var high = fences.count
      while low < high {
        let middle = (low + high) / 2
        if fences[middle] <= position { low = middle + 1 } else { high = middle }
      }
      return low
    }
    guard !range.isEmpty, range.lowerBound <= highest else { return 0..<0 }
    let last = range.upperBound.advanced(by: -1)
    // What lies before the first page begins with it.
    return max(begun(by: range.lowerBound), 1) - 1..<begun(by: last)
  }
  // end 4.5
}

internal import CorfuGlobalLog

/// The moments at which somebody reads, and which must therefore stay readable.
struct PinnedMoments: Equatable, Sendable {
  private var counts: [Position: Int] = [:]

  var isEmpty: Bool { counts.isEmpty }
  /// The newest of them.
  private(set) var newest: Position?
  /// The oldest of them: nothing from there on may be trimmed (R38).
  var oldest: Position? { counts.keys.min() }

  mutating func pin(_ position: Position) {
    counts[position, default: 0] += 1
    newest = max(newest ?? position, position)
  }

  /// Lets go of a moment.
  ///
  /// - Returns: Whether nobody reads at it any more.
  mutating func unpin(_ position: Position) -> Bool {
    guard let count = counts[position] else { return false }
    counts[position] = count > 1 ? count - 1 : nil
    if count == 1 && newest == position { newest = counts.keys.max() }
    return count == 1
  }

  /// Whether any moment is within a range.
  func contains(in range: Range<Position>) -> Bool {
    counts.keys.contains { range.contains($0) }
  }
}

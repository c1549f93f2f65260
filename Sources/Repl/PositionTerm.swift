public import CorfuGlobalLog

/// A position as it is typed: a number, or counted back from the end of the log.
public enum PositionTerm: Hashable, Sendable {
  /// `5`
  case number(Position)
  /// `tail` or `tail-3`
  case tail(back: UInt64)

  /// The position meant, in a log that ends at `tail`.
  ///
  /// Counting back stops at the start of the log.
  public func resolved(tail: Position) -> Position {
    switch self {
    case .number(let position): position
    case .tail(let back): Position(tail.number - min(back, tail.number))
    }
  }
}

/// A run of positions as it is typed: `5..<9`, `5...9`, `5...`, `..<9`, `...9`.
public struct RangeTerm: Hashable, Sendable {
  /// The first position; the start of the log if nil.
  public let lower: PositionTerm?
  /// Where it ends; at the end of the log if nil.
  public let upper: PositionTerm?
  /// Whether `upper` itself belongs to it.
  public let includesUpper: Bool

  /// A run of positions.
  public init(lower: PositionTerm?, upper: PositionTerm?, includesUpper: Bool = false) {
    self.lower = lower
    self.upper = upper
    self.includesUpper = includesUpper
  }

  /// All that the log holds.
  public static let all = RangeTerm(lower: nil, upper: nil)

  /// The positions meant, in a log from `start` to `tail`; none of them beyond the tail.
  public func resolved(start: Position, tail: Position) -> Range<Position> {
    let first = lower?.resolved(tail: tail) ?? start
    var end = upper?.resolved(tail: tail) ?? tail
    if includesUpper, end < tail { end = end.advanced(by: 1) }
    end = min(end, tail)
    return min(first, end)..<end
  }
}

extension PositionTerm: CustomStringConvertible {
  /// The words for people.
  public var description: String {
    switch self {
    case .number(let position): position.description
    case .tail(0): "tail"
    case .tail(let back): "tail-\(back)"
    }
  }
}

extension RangeTerm: CustomStringConvertible {
  /// The words for people.
  public var description: String {
    let dots = includesUpper || upper == nil ? "..." : "..<"
    return (lower?.description ?? "") + dots + (upper?.description ?? "")
  }
}

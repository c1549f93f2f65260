/// A place in the log: 0, 1, 2, … Each position holds one entry for ever, or nothing.
public struct Position: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The position as a number.
  public let number: UInt64

  /// The position with this number.
  public init(_ number: UInt64) {
    self.number = number
  }

  /// The first position of every log.
  public static let zero = Position(0)

  /// Where every log ends at the latest: entries stand before this position, never at it.
  ///
  /// It is the largest `Int`, so the distance between any two positions fits one.
  public static let max = Position(UInt64(Int64.max))

  public static func < (left: Position, right: Position) -> Bool {
    left.number < right.number
  }

  // What `Strideable` brings along takes a distance, which numbers above ``max`` do not have.
  public static func == (left: Position, right: Position) -> Bool {
    left.number == right.number
  }
}

extension Position: Strideable {
  public func distance(to other: Position) -> Int {
    Int(other.number) - Int(number)
  }

  public func advanced(by distance: Int) -> Position {
    Position(UInt64(Int(number) + distance))
  }
}

extension Position: CustomStringConvertible {
  public var description: String { String(number) }
}

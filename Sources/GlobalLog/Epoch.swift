/// The version of the layout in force.
///
/// Chapter 5 makes it matter; a record carries it from the start.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The epoch as a number.
  public let number: UInt64

  /// The epoch with this number.
  public init(_ number: UInt64) {
    self.number = number
  }

  /// The epoch of a log that has no layout yet.
  public static let zero = Epoch(0)

  public static func < (left: Epoch, right: Epoch) -> Bool {
    left.number < right.number
  }

  public var description: String { String(number) }
}

/// One process of a cluster, whatever it does there.
public struct NodeID: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// The node as a number.
  public let number: UInt32

  /// The node with this number.
  public init(_ number: UInt32) {
    self.number = number
  }

  public static func < (left: NodeID, right: NodeID) -> Bool {
    left.number < right.number
  }

  public var description: String { "n\(number)" }
}

/// One life of a disk: 128 random bits, drawn when its folder was made.
///
/// A node whose disk was lost and replaced keeps its number and gets a new incarnation, so nobody
/// takes its empty memory for a full one (R8).
public struct Incarnation: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// The incarnation with these bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Draws a new incarnation.
  public init(using generator: inout some RandomNumberGenerator) {
    self.init(high: generator.next(), low: generator.next())
  }

  /// The first four hexadecimal digits: enough to see that it is another one.
  public var description: String {
    let digits = String(high >> 48, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

/// A storage unit or an acceptor, as layouts name it: which node, and which life of its disk.
public struct UnitName: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// Where it is.
  public let node: NodeID
  /// Which disk it has.
  public let incarnation: Incarnation

  /// The unit with this name.
  public init(node: NodeID, incarnation: Incarnation) {
    self.node = node
    self.incarnation = incarnation
  }

  public static func < (left: UnitName, right: UnitName) -> Bool {
    (left.node, left.incarnation.high, left.incarnation.low)
      < (right.node, right.incarnation.high, right.incarnation.low)
  }

  public var description: String { "\(node)" }
}

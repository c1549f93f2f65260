/// The name of a stream: a log within the log (chapter 7).
public struct StreamID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The stream as a number.
  public let number: UInt64

  /// The stream with this number.
  public init(_ number: UInt64) {
    self.number = number
  }

  public static func < (left: StreamID, right: StreamID) -> Bool {
    left.number < right.number
  }

  public var description: String { String(number) }
}

/// An entry's membership in a stream, and where that stream's entries before it stand (R31).
public struct StreamLink: Hashable, Sendable {
  /// How many positions back an entry points, at most.
  public static let backpointersMax = 4

  /// The stream.
  public let stream: StreamID

  /// The stream's last positions before this entry, newest first; empty for its first entry.
  ///
  /// `nil` means that nobody knew them: a reader scans, and never takes it for "empty" (R12).
  public let previous: [Position]?

  /// Links an entry to a stream. Takes the first four of `previous`.
  public init(stream: StreamID, previous: [Position]?) {
    self.stream = stream
    self.previous = previous.map { Array($0.prefix(Self.backpointersMax)) }
  }
}

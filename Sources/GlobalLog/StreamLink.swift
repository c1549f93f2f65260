/// The name of a stream: a log within the log (chapter 7).
public struct StreamID: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
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

  /// Links an entry to a stream.
  ///
  /// Takes the first four of `previous`.
  public init(stream: StreamID, previous: [Position]?) {
    self.stream = stream
    self.previous = previous.map { Array($0.prefix(Self.backpointersMax)) }
  }
}

// Links stand before the payload of a record: for each the stream (8 bytes), how many positions
// follow (1 byte, 255 for "nobody knew"), and those positions (8 bytes each).
extension StreamLink {
  private static let unknown: UInt8 = 255
  /// How many bytes a link takes with one position.
  static let bytesMin = 17

  /// The bytes of an entry's links.
  package static func encode(_ links: [StreamLink]) -> [UInt8] {
    var bytes: [UInt8] = []
    for link in links {
      bytes.append(number: link.stream.number)
      bytes.append(link.previous.map { UInt8($0.count) } ?? unknown)
      for position in link.previous ?? [] { bytes.append(number: position.number) }
    }
    return bytes
  }

  /// The streams of encoded links, which must be whole; nothing is decoded besides.
  static func forEachStream(in bytes: [UInt8], _ body: (StreamID) -> Void) {
    let span = bytes.span.bytes
    var index = 0
    while index + 9 <= bytes.count {
      body(StreamID(span.number(at: index)))
      let count = bytes[index + 8]
      index += 9 + (count == unknown ? 0 : Int(count) * 8)
    }
  }

  /// How many streams encoded links name.
  static func streamCount(in bytes: [UInt8]) -> Int {
    var count = 0
    forEachStream(in: bytes) { _ in count += 1 }
    return count
  }

  /// The links that some bytes stand for, or `nil` if they stand for none.
  package static func decode(_ bytes: RawSpan) -> [StreamLink]? {
    var links: [StreamLink] = []
    var index = 0
    while index < bytes.byteCount {
      guard bytes.byteCount - index >= 9 else { return nil }
      let stream = StreamID(bytes.number(at: index))
      let count = bytes.number(at: index + 8, as: UInt8.self)
      index += 9
      if count == unknown {
        links.append(StreamLink(stream: stream, previous: nil))
        continue
      }
      guard count <= backpointersMax, bytes.byteCount - index >= Int(count) * 8 else { return nil }
      let previous = (0..<Int(count)).map { Position(bytes.number(at: index + $0 * 8)) }
      guard previous.allSatisfy({ $0 <= .max }) else { return nil }
      links.append(StreamLink(stream: stream, previous: previous))
      index += Int(count) * 8
    }
    return links
  }
}

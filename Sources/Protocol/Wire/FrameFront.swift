internal import CorfuGlobalLog

/// What stands before the body of a frame.
public struct FrameHeader: Hashable, Sendable {
  /// What kind of message it is: whoever reads the body knows which there are.
  public let kind: UInt8
  /// How many bytes follow.
  public let bodyBytes: Int
  /// The checksum of all else.
  public let sum: UInt32
  /// The number of a request, and of its reply; else 0.
  public let id: UInt64

  /// A header.
  public init(kind: UInt8, bodyBytes: Int, sum: UInt32, id: UInt64) {
    self.kind = kind
    self.bodyBytes = bodyBytes
    self.sum = sum
    self.id = id
  }

  /// What every frame begins with: `CRFU`.
  public static var magic: UInt32 { 0x5546_5243 }
  /// The version of the protocol.
  public static var version: UInt8 { 1 }
  /// How many bytes a header has.
  public static var byteCount: Int { 24 }

  /// The checksum of a frame: of all but itself.
  static func sum(of frame: RawSpan) -> UInt32 {
    var sum = Checksum()
    sum.update(frame.extracting(0..<12))
    sum.update(frame.extracting(16..<frame.byteCount))
    return sum.value
  }
}

/// Looks at the front of what came on a connection: the part that exercise 8.1 builds.
public protocol FrameFrontReading: Sendable {
  /// A reader; it remembers nothing.
  init()

  /// The header at the front of some bytes.
  ///
  /// Whatever the bytes are, it returns or throws. Nobody waits for more of what is no frame: each
  /// byte of the magic is looked at when it is there, each other field when all of it is.
  ///
  /// - Parameters:
  ///   - bytes: What came and was not taken yet; the frame may go on behind them, or end within.
  ///   - bytesMax: The largest frame that is taken, in bytes, header and body.
  /// - Returns: The header; `nil` if there are too few bytes, and nothing is wrong with those.
  /// - Throws: ``FrameError/notCorfu``, ``FrameError/otherVersion(_:)``,
  ///   ``FrameError/malformed`` if the two zeros are none, or
  ///   ``FrameError/tooLarge(bytes:bytesMax:)``.
  func header(of bytes: RawSpan, bytesMax: Int) throws(FrameError) -> FrameHeader?
}

/// Looks at the front of what came on a connection.
public struct FrameFront: FrameFrontReading {
  /// A reader; it remembers nothing.
  public init() {}

  // exercise 8.1: the header at the front of some bytes, refused as soon as it can be told
  public func header(of bytes: RawSpan, bytesMax: Int) throws(FrameError) -> FrameHeader? {
    let count = bytes.byteCount
    for index in 0..<min(4, count) {
      let wanted = UInt8(truncatingIfNeeded: FrameHeader.magic >> (8 * UInt32(index)))
      guard bytes.number(at: index, as: UInt8.self) == wanted else { throw .notCorfu }
    }
    guard count >= 5 else { return nil }
    let version: UInt8 = bytes.number(at: 4)
    guard version == FrameHeader.version else { throw .otherVersion(version) }
    guard count >= 8 else { return nil }
    guard bytes.number(at: 6, as: UInt16.self) == 0 else { throw .malformed }
    guard count >= 12 else { return nil }
    let bodyBytes = Int(bytes.number(at: 8, as: UInt32.self))
    let size = FrameHeader.byteCount + bodyBytes
    guard size <= bytesMax else { throw .tooLarge(bytes: size, bytesMax: bytesMax) }
    guard count >= FrameHeader.byteCount else { return nil }
    return FrameHeader(
      kind: bytes.number(at: 5),
      bodyBytes: bodyBytes,
      sum: bytes.number(at: 12),
      id: bytes.number(at: 16)
    )
  }
  // end 8.1
}

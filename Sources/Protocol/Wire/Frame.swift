internal import CorfuGlobalLog

// A frame, as it crosses the network. Numbers are little-endian.
//
//    0  magic     4 bytes   "CRFU"
//    4  version   1 byte    of the protocol: 1
//    5  kind      1 byte    hello 1, welcome 2, rejected 3, request 4, reply 5
//    6  zero      2 bytes
//    8  length    4 bytes   of the body
//   12  sum       4 bytes   CRC-32C of all else: the bytes before, the bytes behind
//   16  id        8 bytes   a request's number, which its reply has as well; else 0
//   24  body
//
// The sum covers payloads, too: a unit computes the sum of a record of what arrived, and would seal
// in what was damaged before.

/// What one side of a connection says to the other.
public enum Message: Hashable, Sendable {
  /// Who connects; the first frame of a connection.
  case hello(Hello)
  /// The hello is taken.
  case welcome(Welcome)
  /// The hello is not taken.
  case rejected(Rejection)
  /// A question.
  case request(Request)
  /// An answer.
  case reply(Reply)
}

/// A message with its number.
public struct Frame: Hashable, Sendable {
  /// The number of a request on its connection, and of the reply to it; else 0.
  public var id: UInt64
  /// What is said.
  public var message: Message

  /// A frame.
  public init(id: UInt64 = 0, _ message: Message) {
    self.id = id
    self.message = message
  }
}

/// How large frames may be.
public struct FrameLimits: Equatable, Sendable {
  /// The largest frame, in bytes: a batch of sixteen of the largest entries, and some room.
  public var bytesMax = 17 << 20

  /// The defaults.
  public init() {}
}

/// Turns messages into bytes, and bytes into messages.
public struct FrameCodec: Equatable, Sendable {
  /// How large frames may be.
  public var limits: FrameLimits

  /// A codec.
  public init(limits: FrameLimits = FrameLimits()) {
    self.limits = limits
  }

  /// Appends a frame to bytes.
  ///
  /// - Throws: ``FrameError/tooLarge(bytes:bytesMax:)``; nothing was appended then.
  public func encode(_ frame: Frame, into bytes: inout [UInt8]) throws(FrameError) {
    let begin = bytes.count
    bytes.append(number: FrameHeader.magic)
    bytes.append(FrameHeader.version)
    bytes.append(frame.message.kind)
    bytes.append(number: UInt16(0))
    // Its length and its sum are known at the end.
    bytes.append(number: UInt64(0))
    bytes.append(number: frame.id)
    frame.message.encodeBody(into: &bytes)
    let size = bytes.count - begin
    guard size <= limits.bytesMax else {
      bytes.removeLast(size)
      throw .tooLarge(bytes: size, bytesMax: limits.bytesMax)
    }
    bytes.put(UInt32(size - FrameHeader.byteCount), at: begin + 8)
    let sum = FrameHeader.sum(of: bytes.span.bytes.extracting(begin..<bytes.count))
    bytes.put(sum, at: begin + 12)
  }

  /// Takes the frame at the front of some bytes.
  ///
  /// - Returns: The frame, and how many bytes it took; `nil` if it is not all there yet.
  /// - Throws: ``FrameError``: the bytes are no frame, and what follows them is none either.
  public func decode(_ bytes: RawSpan) throws(FrameError) -> (frame: Frame, byteCount: Int)? {
    guard let header = try FrameFront().header(of: bytes, bytesMax: limits.bytesMax) else {
      return nil
    }
    let size = FrameHeader.byteCount + header.bodyBytes
    guard bytes.byteCount >= size else { return nil }
    let whole = bytes.extracting(0..<size)
    guard FrameHeader.sum(of: whole) == header.sum else { throw .damaged }
    var cursor = WireCursor(from: FrameHeader.byteCount, to: size)
    let message = try Message.decode(kind: header.kind, whole, &cursor)
    guard cursor.rest == 0 else { throw .malformed }
    return (Frame(id: header.id, message), size)
  }
}

extension Message {
  fileprivate var kind: UInt8 {
    switch self {
    case .hello: 1
    case .welcome: 2
    case .rejected: 3
    case .request: 4
    case .reply: 5
    }
  }

  fileprivate func encodeBody(into bytes: inout [UInt8]) {
    switch self {
    case .hello(let hello): hello.encode(into: &bytes)
    case .welcome(let welcome): welcome.encode(into: &bytes)
    case .rejected(let rejection): rejection.encode(into: &bytes)
    case .request(let request): request.encode(into: &bytes)
    case .reply(let reply): reply.encode(into: &bytes)
    }
  }

  fileprivate static func decode(
    kind: UInt8,
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> Message {
    switch kind {
    case 1: return .hello(try Hello.decode(bytes, &cursor))
    case 2: return .welcome(try Welcome.decode(bytes, &cursor))
    case 3: return .rejected(try Rejection.decode(bytes, &cursor))
    case 4: return .request(try Request.decode(bytes, &cursor))
    case 5: return .reply(try Reply.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

// The canonical bytes of a key. Comparing them, byte by byte, compares the keys:
//
//   10 … 20  a number; the byte is 18 + n for a positive one of n bytes, 18 for zero, 18 - n for a
//            negative one; then its n bytes, highest first, a negative one's as 2⁸ⁿ - 1 + number
//   30       a string: its UTF-8, with FF behind each 00, then 00
//   40       bytes, likewise
//   50       a tuple: its parts, one behind the other, then 00
//
//   -1       17 fe              "a"      30 61 00            ()        50 00
//   0        18                 "a\0"    30 61 00 ff 00      ("a", 7)  50 30 61 00 19 07 00
//   256      1a 01 00           0x0102   40 01 02 00         ("a",)    50 30 61 00 00
//
// No part begins with 00 or FF, so an end (00) sorts before all that could stand there instead,
// and is never taken for a byte 00 that goes on (00 FF). Each key has one spelling; a number has
// no leading zeros. So whoever compares bytes, like the sequencer's window of conflicts (R34),
// compares keys.

/// Why some bytes are no key.
public enum LogKeyError: Error, Equatable {
  /// The bytes end within the key.
  case truncated
  /// A byte stands where none of its kind may.
  case malformed(offset: Int)
  /// Tuples stand more than ``LogKey/depthMax`` deep in each other.
  case tooDeep
  /// Something stands behind the key.
  case bytesLeft(Int)
}

extension LogKey {
  /// The one byte form of this key, in whose order keys stand.
  ///
  /// - Precondition: The key is no deeper than ``depthMax``.
  public var canonicalBytes: [UInt8] {
    precondition(depth() <= Self.depthMax, "a key has tuples more than \(Self.depthMax) deep")
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  private func append(to bytes: inout [UInt8]) {
    switch self {
    case .integer(let number): bytes.append(key: number)
    case .string(let text):
      bytes.append(Code.string)
      text.withBytes { bytes.append(escaped: $0) }
    case .bytes(let content):
      bytes.append(Code.bytes)
      content.withUnsafeBytes { bytes.append(escaped: $0) }
    case .tuple(let parts):
      bytes.append(Code.tuple)
      for part in parts { part.append(to: &bytes) }
      bytes.append(Code.end)
    }
  }

  /// The key that some canonical bytes stand for.
  ///
  /// Any bytes give a key or an error, and a key gives the very same bytes again.
  public init(canonicalBytes bytes: [UInt8]) throws(LogKeyError) {
    var parser = Parser(bytes: bytes)
    self = try parser.key(depth: 0)
    guard parser.index == bytes.count else { throw .bytesLeft(bytes.count - parser.index) }
  }
}

/// The bytes that begin and end things.
private enum Code {
  static let end: UInt8 = 0x00
  static let zero: UInt8 = 0x18
  static let string: UInt8 = 0x30
  static let bytes: UInt8 = 0x40
  static let tuple: UInt8 = 0x50
  static let escape: UInt8 = 0xff
}

extension [UInt8] {
  fileprivate mutating func append(key number: Int64) {
    let size = (64 - number.magnitude.leadingZeroBitCount + 7) / 8
    append(number < 0 ? Code.zero - UInt8(size) : Code.zero + UInt8(size))
    // The complement of a negative number's size: larger numbers have larger bytes.
    let bits = number < 0 ? ~number.magnitude : number.magnitude
    for place in stride(from: size - 1, through: 0, by: -1) {
      append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(place))))
    }
  }

  fileprivate mutating func append(escaped content: UnsafeRawBufferPointer) {
    for byte in content {
      append(byte)
      if byte == Code.end { append(Code.escape) }
    }
    append(Code.end)
  }
}

/// Reads keys from front to back.
private struct Parser {
  let bytes: [UInt8]
  var index = 0

  mutating func next() throws(LogKeyError) -> UInt8 {
    guard index < bytes.count else { throw .truncated }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func key(depth: Int) throws(LogKeyError) -> LogKey {
    let start = index
    let code = try next()
    switch code {
    case Code.zero - 8...Code.zero + 8: return .integer(try number(code, at: start))
    case Code.string:
      guard let text = try content().withUnsafeBytes({ String(strictly: $0) }) else {
        throw .malformed(offset: start)
      }
      return .string(text)
    case Code.bytes: return .bytes(try content())
    case Code.tuple:
      guard depth < LogKey.depthMax else { throw .tooDeep }
      var parts: [LogKey] = []
      while true {
        guard index < bytes.count else { throw .truncated }
        if bytes[index] == Code.end { break }
        parts.append(try key(depth: depth + 1))
      }
      index += 1
      return .tuple(parts)
    default: throw .malformed(offset: start)
    }
  }

  private mutating func number(_ code: UInt8, at start: Int) throws(LogKeyError) -> Int64 {
    let isNegative = code < Code.zero
    let size = isNegative ? Int(Code.zero - code) : Int(code - Code.zero)
    var magnitude: UInt64 = 0
    for place in 0..<size {
      let byte = try next() ^ (isNegative ? 0xff : 0)
      if place == 0 && byte == 0 { throw .malformed(offset: start) }
      magnitude = magnitude << 8 | UInt64(byte)
    }
    if isNegative && magnitude == Int64.min.magnitude { return .min }
    guard let number = Int64(exactly: magnitude) else { throw .malformed(offset: start) }
    return isNegative ? -number : number
  }

  private mutating func content() throws(LogKeyError) -> [UInt8] {
    var content: [UInt8] = []
    while true {
      let byte = try next()
      if byte == Code.end {
        guard index < bytes.count, bytes[index] == Code.escape else { return content }
        index += 1
      }
      content.append(byte)
    }
  }
}

/// What names a part of a replicated object: a map's key, a member of a set.
///
/// A key is a number, a string, some bytes, or a tuple of keys:
/// ```swift
/// let plain: LogKey = "alice"
/// let pair: LogKey = ["invoice", 2026, 7]
/// ```
/// Keys have one order everywhere, that of their ``canonicalBytes``: numbers before strings before
/// bytes before tuples; strings by their UTF-8; a tuple after its prefixes. Two strings are the
/// same key only if their bytes are, though Swift may call them equal ("é" in one scalar or two).
public enum LogKey: Sendable {
  /// A whole number.
  case integer(Int64)
  /// A string, compared by its UTF-8.
  case string(String)
  /// Some bytes.
  case bytes([UInt8])
  /// Several keys in a row; tuples may stand in tuples, ``depthMax`` deep.
  case tuple([LogKey])

  /// How deep tuples may stand in each other.
  ///
  /// What is nested deeper is refused by decoders, and a bug where it is made.
  public static let depthMax = 16

  /// The place of a key's kind in the order of keys.
  private var rank: Int {
    switch self {
    case .integer: 0
    case .string: 1
    case .bytes: 2
    case .tuple: 3
    }
  }

  /// How deep tuples stand in each other here; counts no further than is allowed.
  func depth(atMost limit: Int = depthMax + 1) -> Int {
    guard case .tuple(let parts) = self, limit > 0 else { return 0 }
    return 1 + (parts.lazy.map { $0.depth(atMost: limit - 1) }.max() ?? 0)
  }

  /// Whether this key stands before another (negative), after it (positive), or is it (zero).
  private func order(comparedTo other: LogKey) -> Int {
    switch (self, other) {
    case (.integer(let left), .integer(let right)):
      return left < right ? -1 : left == right ? 0 : 1
    case (.string(let left), .string(let right)):
      return left.withBytes { left in right.withBytes { right in left.order(comparedTo: right) } }
    case (.bytes(let left), .bytes(let right)):
      return left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in left.order(comparedTo: right) }
      }
    case (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left, right) {
        let order = left.order(comparedTo: right)
        if order != 0 { return order }
      }
      return left.count - right.count
    case (.integer, _), (.string, _), (.bytes, _), (.tuple, _):
      return rank - other.rank
    }
  }
}

extension LogKey: Comparable, Hashable {
  public static func < (left: LogKey, right: LogKey) -> Bool {
    left.order(comparedTo: right) < 0
  }

  public static func == (left: LogKey, right: LogKey) -> Bool {
    left.order(comparedTo: right) == 0
  }

  /// Feeds the bytes of the key: what is equal here has the same.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    switch self {
    case .integer(let number): hasher.combine(number)
    case .string(let text): text.withBytes { hasher.combine(bytes: $0) }
    case .bytes(let bytes): hasher.combine(bytes)
    case .tuple(let parts): hasher.combine(parts)
    }
  }
}

extension LogKey: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  /// A number.
  public init(integerLiteral number: Int64) {
    self = .integer(number)
  }

  /// A string.
  public init(stringLiteral text: String) {
    self = .string(text)
  }

  /// A tuple.
  public init(arrayLiteral parts: LogKey...) {
    self = .tuple(parts)
  }
}

extension LogKey: CustomStringConvertible {
  /// The key as one types it: `7`, `"a"`, `0x0102`, `("a", 7)`.
  public var description: String {
    switch self {
    case .integer(let number): return String(number)
    case .string(let text): return text.debugDescription
    case .bytes(let bytes):
      return bytes.reduce(into: "0x") { text, byte in
        text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    case .tuple(let parts):
      let list = parts.map(\.description).joined(separator: ", ")
      return parts.count == 1 ? "(\(list),)" : "(\(list))"
    }
  }
}

extension String {
  /// Lends the UTF-8 of the string.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let fast = utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
    return fast ?? Array(utf8).withUnsafeBytes(body)
  }
}

extension String {
  /// The text whose UTF-8 some bytes are; `nil` if they are none.
  init?(strictly bytes: UnsafeRawBufferPointer) {
    // Mends what is no UTF-8, and is several times faster than asking first.
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.withBytes({ $0.order(comparedTo: bytes) }) == 0 else { return nil }
    self = text
  }
}

extension UnsafeRawBufferPointer {
  /// Whether these bytes stand before others (negative), behind them (positive), or are the same.
  func order(comparedTo other: UnsafeRawBufferPointer) -> Int {
    let common = Swift.min(count, other.count)
    var index = 0
    // Eight at a time: as a big-endian number, the first byte that differs decides.
    while index + 8 <= common {
      let left = loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let right = other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if left != right { return left.bigEndian < right.bigEndian ? -1 : 1 }
      index += 8
    }
    while index < common {
      if self[index] != other[index] { return self[index] < other[index] ? -1 : 1 }
      index += 1
    }
    return count - other.count
  }
}

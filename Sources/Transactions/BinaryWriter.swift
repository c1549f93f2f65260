// An item begins with a head: three bits of what it is, five of how many or how much. What does not
// fit into five bits stands behind, in as few bytes as can be, highest first.
//
//   bits 7 6 5   4 3 2 1 0
//        kind    n < 24: n itself · 24, 25, 26, 27: n stands in the next 1, 2, 4, 8 bytes
//
//   kind 0  the number n                      00 … 17, 18 18 …, 19 01 00 …
//        1  the number -1 - n                 20 is -1
//        2  n bytes                           42 01 02
//        3  a text of n bytes of UTF-8        61 61 is "a"
//        4  an array of the next n items      82 01 02 is [1, 2]
//        5  a map of the next n pairs, in the order of the keys' bytes, no key twice
//        6  c6: the next item is something, though it looks like nothing (an optional in another)
//        7  f4 no · f5 yes · f6 nothing · fa and fb: a floating-point number of 4 and 8 bytes

/// What kind of item a head begins.
enum BinaryKind {
  static let natural: UInt8 = 0 << 5
  static let negative: UInt8 = 1 << 5
  static let bytes: UInt8 = 2 << 5
  static let text: UInt8 = 3 << 5
  static let array: UInt8 = 4 << 5
  static let map: UInt8 = 5 << 5
  static let something: UInt8 = 0xc6
  static let no: UInt8 = 0xf4
  static let yes: UInt8 = 0xf5
  static let nothing: UInt8 = 0xf6
  static let float: UInt8 = 0xfa
  static let double: UInt8 = 0xfb
}

/// Writes items one behind the other.
public struct BinaryWriter {
  /// What was written so far.
  public private(set) var bytes: [UInt8]
  /// How deep the value that is being written stands in others.
  var depth = 0

  /// Begins with nothing.
  public init() {
    bytes = []
    bytes.reserveCapacity(Self.firstRoom)
  }

  /// Room for most updates; a smaller one would be outgrown twice by each of them.
  private static let firstRoom = 64

  mutating func head(_ kind: UInt8, _ number: UInt64) {
    if number < 24 {
      bytes.append(kind | UInt8(number))
    } else if number <= 0xff {
      bytes.append(kind | 24)
      bytes.append(UInt8(number))
    } else if number <= 0xffff {
      bytes.append(kind | 25)
      append(UInt16(number))
    } else if number <= 0xffff_ffff {
      bytes.append(kind | 26)
      append(UInt32(number))
    } else {
      bytes.append(kind | 27)
      append(number)
    }
  }

  private mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes a number.
  public mutating func write(_ number: Int64) {
    if number >= 0 {
      head(BinaryKind.natural, UInt64(number))
    } else {
      head(BinaryKind.negative, UInt64(~number))
    }
  }

  /// Writes a number.
  public mutating func write(_ number: UInt64) {
    head(BinaryKind.natural, number)
  }

  /// Writes a yes or a no.
  public mutating func write(_ flag: Bool) {
    bytes.append(flag ? BinaryKind.yes : BinaryKind.no)
  }

  /// Writes a number, bit by bit: every NaN is itself.
  public mutating func write(_ number: Double) {
    bytes.append(BinaryKind.double)
    append(number.bitPattern)
  }

  /// Writes a number, bit by bit: every NaN is itself.
  public mutating func write(_ number: Float) {
    bytes.append(BinaryKind.float)
    append(number.bitPattern)
  }

  /// Writes a text.
  public mutating func write(_ text: String) {
    text.withBytes {
      head(BinaryKind.text, UInt64($0.count))
      bytes.append(contentsOf: $0)
    }
  }

  /// Writes some bytes.
  public mutating func write(_ content: [UInt8]) {
    head(BinaryKind.bytes, UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  /// Writes nothing, as an item.
  public mutating func writeNothing() {
    bytes.append(BinaryKind.nothing)
  }

  /// Begins an array: that many items follow.
  public mutating func beginArray(count: Int) {
    head(BinaryKind.array, UInt64(count))
  }

  /// Begins a map: that many pairs follow, in the order of the keys' bytes.
  mutating func beginMap(count: Int) {
    head(BinaryKind.map, UInt64(count))
  }

  /// Writes items that are bytes already.
  mutating func append(items: some Collection<UInt8>) {
    bytes.append(contentsOf: items)
  }

  /// Writes a value, whichever way its type goes.
  public mutating func write<Value: Encodable>(_ value: Value) throws(BinaryCodingError) {
    guard depth < BinaryCoder.depthMax else { throw .tooDeep }
    depth += 1
    defer { depth -= 1 }
    // Most values are one of these, and a look at the type costs less than asking what it can.
    if Value.self == String.self {
      write(unsafeBitCast(value, to: String.self))
    } else if Value.self == Int.self {
      write(Int64(unsafeBitCast(value, to: Int.self)))
    } else if let direct = Value.self as? any BinaryCodable.Type {
      try write(value, as: direct)
    } else {
      try BinaryEncoder.encode(value, into: &self)
    }
  }

  /// Writes a value whose type is known by two names.
  private mutating func write<Value, Direct: BinaryCodable>(
    _ value: Value,
    as direct: Direct.Type
  ) throws(BinaryCodingError) {
    precondition(direct == Value.self, "two types were taken for one")
    try unsafeBitCast(value, to: direct).write(to: &self)
  }

  /// Writes an optional: something that looks like nothing gets a mark in front.
  mutating func write<Value: Encodable>(optional value: Value?) throws(BinaryCodingError) {
    guard let value else { return writeNothing() }
    let start = bytes.count
    try write(value)
    let looks = bytes[start] == BinaryKind.nothing || bytes[start] == BinaryKind.something
    if looks { bytes.insert(BinaryKind.something, at: start) }
  }
}

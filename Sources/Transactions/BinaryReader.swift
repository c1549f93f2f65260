/// Reads items one behind the other (see ``BinaryWriter`` for their form).
///
/// Any bytes give items or an error. A count is checked against what is left before it is believed.
public struct BinaryReader {
  private let bytes: ArraySlice<UInt8>
  /// The index of the next byte.
  private(set) var index: Int
  /// How deep the value that is being read stands in others.
  private(set) var depth = 0

  /// Begins at the first byte.
  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  /// Whether all was read.
  public var isAtEnd: Bool { index == bytes.endIndex }

  /// How many bytes were not read yet.
  public var bytesLeft: Int { bytes.endIndex - index }

  /// How many bytes were read.
  var offset: Int { index - bytes.startIndex }

  /// A reader of the same bytes that begins elsewhere in them.
  func moved(to index: Int) -> BinaryReader {
    var reader = self
    reader.index = index
    return reader
  }

  /// A reader of what stands in the value being read.
  func nested() throws(BinaryCodingError) -> BinaryReader {
    guard depth < BinaryCoder.depthMax else { throw .tooDeep }
    var reader = self
    reader.depth += 1
    return reader
  }

  /// Some of the bytes.
  func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
    bytes[range]
  }

  private func first() throws(BinaryCodingError) -> UInt8 {
    guard index < bytes.endIndex else { throw .truncated }
    return bytes[index]
  }

  private mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    as type: Number.Type
  ) throws(BinaryCodingError) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytesLeft >= size else { throw .truncated }
    var number: Number = 0
    for _ in 0..<size {
      number = number << 8 | Number(bytes[index])
      index += 1
    }
    return number
  }

  /// A head that is spelled the shortest way; of kinds 0 to 5.
  private mutating func head() throws(BinaryCodingError) -> (kind: UInt8, number: UInt64) {
    let start = offset
    let byte = try first()
    index += 1
    let (kind, small) = (byte & 0xe0, byte & 0x1f)
    guard kind <= BinaryKind.map else { throw .malformed(offset: start) }
    let (number, least): (UInt64, UInt64)
    switch small {
    case ..<24: return (kind, UInt64(small))
    case 24: (number, least) = (UInt64(try self.number(as: UInt8.self)), 24)
    case 25: (number, least) = (UInt64(try self.number(as: UInt16.self)), 1 << 8)
    case 26: (number, least) = (UInt64(try self.number(as: UInt32.self)), 1 << 16)
    case 27: (number, least) = (try self.number(as: UInt64.self), 1 << 32)
    default: throw .malformed(offset: start)
    }
    guard number >= least else { throw .malformed(offset: start) }
    return (kind, number)
  }

  /// What a head of one kind counts, each of which takes at least so many bytes.
  private mutating func count(
    _ kind: UInt8,
    each size: Int,
    wanted: String
  ) throws(BinaryCodingError) -> Int {
    let start = offset
    guard try first() & 0xe0 == kind else { throw .unexpected(offset: start, wanted: wanted) }
    let number = try head().number
    guard number <= UInt64(bytesLeft / size) else { throw .truncated }
    return Int(number)
  }

  /// Reads a number of any type.
  public mutating func integer<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self
  ) throws(BinaryCodingError) -> Number {
    let start = offset
    guard try first() < BinaryKind.bytes else {
      throw .unexpected(offset: start, wanted: "a whole number")
    }
    let (kind, magnitude) = try head()
    guard let number = Number(exactly: magnitude) else { throw .outOfRange(offset: start) }
    guard kind == BinaryKind.negative else { return number }
    guard Number.isSigned else { throw .outOfRange(offset: start) }
    return ~number
  }

  /// Reads a yes or a no.
  public mutating func bool() throws(BinaryCodingError) -> Bool {
    let byte = try first()
    guard byte == BinaryKind.yes || byte == BinaryKind.no else {
      throw .unexpected(offset: offset, wanted: "yes or no")
    }
    index += 1
    return byte == BinaryKind.yes
  }

  /// Reads a number.
  public mutating func double() throws(BinaryCodingError) -> Double {
    try skip(BinaryKind.double, wanted: "a number of 8 bytes")
    return Double(bitPattern: try number(as: UInt64.self))
  }

  /// Reads a number.
  public mutating func float() throws(BinaryCodingError) -> Float {
    try skip(BinaryKind.float, wanted: "a number of 4 bytes")
    return Float(bitPattern: try number(as: UInt32.self))
  }

  private mutating func skip(_ byte: UInt8, wanted: String) throws(BinaryCodingError) {
    guard try first() == byte else { throw .unexpected(offset: offset, wanted: wanted) }
    index += 1
  }

  /// Reads a text.
  public mutating func text() throws(BinaryCodingError) -> String {
    let start = offset
    let count = try count(BinaryKind.text, each: 1, wanted: "a text")
    let text = bytes[index..<index + count].withUnsafeBytes { String(strictly: $0) }
    guard let text else {
      throw .malformed(offset: start)
    }
    index += count
    return text
  }

  /// Reads some bytes.
  public mutating func content() throws(BinaryCodingError) -> [UInt8] {
    let count = try count(BinaryKind.bytes, each: 1, wanted: "bytes")
    defer { index += count }
    return Array(bytes[index..<index + count])
  }

  /// Reads the beginning of an array, and returns how many items follow: at most one a byte.
  public mutating func beginArray() throws(BinaryCodingError) -> Int {
    try count(BinaryKind.array, each: 1, wanted: "an array")
  }

  /// Reads the beginning of an array that must have so many items.
  public mutating func beginArray(count: Int) throws(BinaryCodingError) {
    let start = offset
    guard try beginArray() == count else {
      throw .unexpected(offset: start, wanted: "an array of \(count)")
    }
  }

  /// Reads the beginning of a map, and returns how many pairs follow.
  mutating func beginMap() throws(BinaryCodingError) -> Int {
    try count(BinaryKind.map, each: 2, wanted: "a map")
  }

  /// Reads nothing, if it stands here.
  ///
  /// - Returns: Whether it does.
  public mutating func nothing() -> Bool {
    guard index < bytes.endIndex, bytes[index] == BinaryKind.nothing else { return false }
    index += 1
    return true
  }

  /// The high three bits of the next byte, and so the kind of the next item.
  func kind() throws(BinaryCodingError) -> UInt8 {
    try first() & 0xe0
  }

  /// Takes the next bytes, as many of which must be left.
  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    defer { index += count }
    return bytes[index..<index + count]
  }

  /// Passes over one item, whatever it is.
  mutating func skip() throws(BinaryCodingError) {
    // Counts what is still to come instead of descending: no depth of nesting costs any room.
    var left = 1
    while left > 0 {
      left -= 1
      let byte = try first()
      switch byte {
      case BinaryKind.something:
        index += 1
        left += 1
      case BinaryKind.no, BinaryKind.yes, BinaryKind.nothing: index += 1
      case BinaryKind.float: _ = try float()
      case BinaryKind.double: _ = try double()
      default:
        let (kind, number) = try head()
        let isLong = kind == BinaryKind.bytes || kind == BinaryKind.text
        let each = kind == BinaryKind.map ? 2 : isLong || kind == BinaryKind.array ? 1 : 0
        guard each == 0 || number <= UInt64(bytesLeft / each) else { throw .truncated }
        if isLong { index += Int(number) } else { left += each * Int(truncatingIfNeeded: number) }
      }
    }
  }

  /// Reads a value, whichever way its type goes.
  public mutating func read<Value: Decodable>(
    _ type: Value.Type = Value.self
  ) throws(BinaryCodingError) -> Value {
    guard depth < BinaryCoder.depthMax else { throw .tooDeep }
    depth += 1
    defer { depth -= 1 }
    // Most values are one of these, and a look at the type costs less than asking what it can.
    if type == String.self { return unsafeBitCast(try text(), to: type) }
    if type == Int.self { return unsafeBitCast(try integer(Int.self), to: type) }
    guard let direct = type as? any BinaryCodable.Type else {
      return try BinaryDecoder.decode(type, from: &self)
    }
    return try read(direct, as: type)
  }

  /// Reads a value of a type that is known by two names.
  private mutating func read<Direct: BinaryCodable, Value>(
    _ direct: Direct.Type,
    as type: Value.Type
  ) throws(BinaryCodingError) -> Value {
    precondition(direct == type, "two types were taken for one")
    return unsafeBitCast(try Direct(reading: &self), to: type)
  }

  /// Reads an optional.
  mutating func optional<Value: Decodable>(
    _ type: Value.Type = Value.self
  ) throws(BinaryCodingError) -> Value? {
    if nothing() { return nil }
    guard try first() == BinaryKind.something else { return try read(type) }
    index += 1
    let byte = try first()
    // Only what looks like nothing is marked: one value, one spelling.
    guard byte == BinaryKind.nothing || byte == BinaryKind.something else {
      throw .malformed(offset: offset)
    }
    return try read(type)
  }
}

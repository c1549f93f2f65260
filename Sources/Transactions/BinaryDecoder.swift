/// Lets a type's `init(from:)` read an item.
struct BinaryDecoder: Decoder {
  fileprivate let reader: BinaryReader

  /// Reads the next item as a value.
  static func decode<Value: Decodable>(
    _ type: Value.Type,
    from reader: inout BinaryReader
  ) throws(BinaryCodingError) -> Value {
    let start = reader
    // A type need not look at all of its item; the next one begins behind it all the same.
    try reader.skip()
    do { return try Value(from: BinaryDecoder(reader: start)) } catch {
      throw BinaryCodingError(error)
    }
  }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try KeyedReading(reader))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try UnkeyedReading(reader)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    SingleReading(reader: reader)
  }
}

private struct KeyedReading<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let reader: BinaryReader
  /// Where the keys stand, in their order, and so where their values do.
  private var keys: [Range<Int>] = []

  var codingPath: [any CodingKey] { [] }

  init(_ start: BinaryReader) throws(BinaryCodingError) {
    reader = start
    var reader = start
    let count = try reader.beginMap()
    // A pair takes at least two bytes, so this is no more room than the item takes itself.
    keys.reserveCapacity(min(count, 64))
    var order = AscendingItems()
    for _ in 0..<count {
      let begin = reader.index
      try reader.skip()
      let key = begin..<reader.index
      try order.check(key, in: reader)
      keys.append(key)
      try reader.skip()
    }
  }

  var allKeys: [Key] {
    keys.compactMap { key in
      var reader = reader.moved(to: key.lowerBound)
      // A key that is neither text nor a number is no field's.
      if let text = try? reader.text() { return Key(stringValue: text) }
      // Nor is one that does not fit.
      if let number = try? reader.integer(Int.self) { return Key(intValue: number) }
      return nil
    }
  }

  /// A reader that stands at the value of a key.
  private func find(_ key: any CodingKey) -> BinaryReader? {
    var writer = BinaryWriter()
    writer.write(key: key)
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if reader.slice(keys[middle]).lexicographicallyPrecedes(writer.bytes) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < keys.count, reader.slice(keys[low]).elementsEqual(writer.bytes) else { return nil }
    return reader.moved(to: keys[low].upperBound)
  }

  private func value(_ key: any CodingKey) throws -> BinaryReader {
    guard let reader = find(key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "no such key"))
    }
    return reader
  }

  func contains(_ key: Key) -> Bool {
    find(key) != nil
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    var reader = try value(key)
    return reader.nothing()
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    var reader = try value(key)
    return try reader.read(type)
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    guard var reader = find(key) else { return nil }
    return try reader.optional(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try BinaryDecoder(reader: value(key).nested()).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try BinaryDecoder(reader: value(key).nested()).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    BinaryDecoder(reader: try value(SuperKey()).nested())
  }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    BinaryDecoder(reader: try value(key).nested())
  }
}

private struct UnkeyedReading: UnkeyedDecodingContainer {
  private var reader: BinaryReader
  private let length: Int
  private(set) var currentIndex = 0

  var codingPath: [any CodingKey] { [] }
  var count: Int? { length }
  var isAtEnd: Bool { currentIndex == length }

  init(_ reader: BinaryReader) throws(BinaryCodingError) {
    self.reader = reader
    length = try self.reader.beginArray()
  }

  /// Takes the next item.
  private mutating func next<Value>(
    _ read: (inout BinaryReader) throws(BinaryCodingError) -> Value
  ) throws(BinaryCodingError) -> Value {
    guard !isAtEnd else { throw .refused("an array has \(length) items, and no more") }
    let value = try read(&reader)
    currentIndex += 1
    return value
  }

  /// A decoder of the next item.
  private mutating func nextDecoder() throws -> BinaryDecoder {
    let start = try reader.nested()
    try next { reader throws(BinaryCodingError) in try reader.skip() }
    return BinaryDecoder(reader: start)
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, reader.nothing() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next { reader throws(BinaryCodingError) in try reader.read(type) }
  }

  mutating func decodeIfPresent<Value: Decodable>(_ type: Value.Type) throws -> Value? {
    guard !isAtEnd else { return nil }
    return try next { reader throws(BinaryCodingError) in try reader.optional(type) }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try nextDecoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try nextDecoder().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder {
    try nextDecoder()
  }
}

private struct SingleReading: SingleValueDecodingContainer {
  let reader: BinaryReader

  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool {
    var reader = reader
    return reader.nothing()
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    var reader = reader
    return try reader.read(type)
  }
}

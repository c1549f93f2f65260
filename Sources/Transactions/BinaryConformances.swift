// How the standard library's types write themselves.

extension BinaryCodable where Self: FixedWidthInteger {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    if let number = Int64(exactly: self) {
      writer.write(number)
    } else if let number = UInt64(exactly: self) {
      writer.write(number)
    } else {
      throw .refused("\(self) does not fit 64 bits")
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = try reader.integer()
  }
}

extension Int: BinaryCodable {}
extension Int8: BinaryCodable {}
extension Int16: BinaryCodable {}
extension Int32: BinaryCodable {}
extension Int64: BinaryCodable {}
extension UInt: BinaryCodable {}
extension UInt8: BinaryCodable {}
extension UInt16: BinaryCodable {}
extension UInt32: BinaryCodable {}
extension UInt64: BinaryCodable {}

extension Bool: BinaryCodable {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    writer.write(self)
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = try reader.bool()
  }
}

extension Double: BinaryCodable {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    writer.write(self)
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = try reader.double()
  }
}

extension Float: BinaryCodable {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    writer.write(self)
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = try reader.float()
  }
}

extension String: BinaryCodable {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    writer.write(self)
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = try reader.text()
  }
}

extension LogKey: BinaryCodable {
  /// Writes the key as what it is; a tuple is an array.
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    switch self {
    case .integer(let number): writer.write(number)
    case .string(let text): writer.write(text)
    case .bytes(let bytes): writer.write(bytes)
    case .tuple(let parts):
      guard depth() <= Self.depthMax else { throw .tooDeep }
      writer.beginArray(count: parts.count)
      for part in parts { try part.write(to: &writer) }
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    try self.init(reading: &reader, depth: 0)
  }

  private init(reading reader: inout BinaryReader, depth: Int) throws(BinaryCodingError) {
    switch try reader.kind() {
    case BinaryKind.text: self = .string(try reader.text())
    case BinaryKind.bytes: self = .bytes(try reader.content())
    case BinaryKind.array:
      guard depth < Self.depthMax else { throw .tooDeep }
      var parts: [LogKey] = []
      for _ in 0..<(try reader.beginArray()) {
        parts.append(try LogKey(reading: &reader, depth: depth + 1))
      }
      self = .tuple(parts)
    default: self = .integer(try reader.integer())
    }
  }

  /// For other coders than ours: the canonical bytes.
  public func encode(to encoder: any Encoder) throws {
    guard depth() <= Self.depthMax else { throw LogKeyError.tooDeep }
    var container = encoder.singleValueContainer()
    try container.encode(canonicalBytes)
  }

  /// For other coders than ours: the canonical bytes.
  public init(from decoder: any Decoder) throws {
    try self.init(canonicalBytes: try decoder.singleValueContainer().decode([UInt8].self))
  }
}

extension Optional: BinaryCodable where Wrapped: Codable {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    try writer.write(optional: self)
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = try reader.optional()
  }
}

extension Array: BinaryCodable where Element: Codable {
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    // An empty array can be cast to any other.
    if Element.self == UInt8.self, let bytes = self as? [UInt8] { return writer.write(bytes) }
    writer.beginArray(count: count)
    for element in self { try writer.write(element) }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = []
    if Element.self == UInt8.self {
      let bytes = try reader.content()
      if let bytes = bytes as? Self { self = bytes }
      return
    }
    for _ in 0..<(try reader.beginArray()) { append(try reader.read()) }
  }
}

extension Set: BinaryCodable where Element: Codable {
  /// Writes the elements in the order of their bytes.
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    var items: [[UInt8]] = []
    for element in self { items.append(try writer.apart(element)) }
    writer.beginArray(count: items.count)
    for item in items.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      writer.append(items: item)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = []
    var order = AscendingItems()
    for _ in 0..<(try reader.beginArray()) {
      let start = reader.index
      let isNew = insert(try reader.read()).inserted
      try order.check(start..<reader.index, isNew: isNew, in: reader)
    }
  }
}

extension Dictionary: BinaryCodable where Key: Codable, Value: Codable {
  /// Writes the pairs in the order of their keys' bytes.
  public func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
    var pairs: [(key: [UInt8], value: [UInt8])] = []
    for (key, value) in self {
      pairs.append((try writer.apart(key), try writer.apart(value)))
    }
    writer.beginMap(count: pairs.count)
    for (key, value) in pairs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      writer.append(items: key)
      writer.append(items: value)
    }
  }

  public init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
    self = [:]
    var order = AscendingItems()
    for _ in 0..<(try reader.beginMap()) {
      let start = reader.index
      let key = try reader.read(Key.self)
      try order.check(start..<reader.index, isNew: self[key] == nil, in: reader)
      self[key] = try reader.read(Value.self)
    }
  }
}

extension BinaryWriter {
  /// The bytes of a value that stands in the one being written.
  fileprivate func apart(_ value: some Encodable) throws(BinaryCodingError) -> [UInt8] {
    var writer = BinaryWriter()
    writer.depth = depth
    try writer.write(value)
    return writer.bytes
  }
}

/// Sees to it that items come in the order of their bytes, none twice.
struct AscendingItems {
  private var last: Range<Int>?

  mutating func check(
    _ item: Range<Int>,
    isNew: Bool = true,
    in reader: BinaryReader
  ) throws(BinaryCodingError) {
    let isNext = last.map { reader.slice($0).lexicographicallyPrecedes(reader.slice(item)) }
    // Items with other bytes may be equal all the same, as strings are.
    guard isNew, isNext != false else { throw .malformed(offset: reader.offset - item.count) }
    last = item
  }
}

/// A type that writes its own bytes, faster than `Codable` can.
///
/// Whatever is `Codable` has a binary form (``BinaryCoder``); this is for
/// types of which there are millions. Both forms are the same kind of bytes, and either may stand
/// inside the other.
/// ```swift
/// extension Point: BinaryCodable {
///   func write(to writer: inout BinaryWriter) throws(BinaryCodingError) {
///     writer.beginArray(count: 2)
///     writer.write(x)
///     writer.write(y)
///   }
///   init(reading reader: inout BinaryReader) throws(BinaryCodingError) {
///     try reader.beginArray(count: 2)
///     self.init(x: try reader.integer(), y: try reader.integer())
///   }
/// }
/// ```
/// What is written must be one item: a number, a text, some bytes, an array, a map, or nothing.
public protocol BinaryCodable: Codable {
  /// Writes one item.
  ///
  /// A value has the same bytes in every process: the order of a hash must not show.
  func write(to writer: inout BinaryWriter) throws(BinaryCodingError)

  /// Reads what was written.
  ///
  /// Throws for any other bytes, and never trusts a count in them.
  init(reading reader: inout BinaryReader) throws(BinaryCodingError)
}

/// Why something has no bytes, or some bytes mean nothing.
public enum BinaryCodingError: Error, Equatable {
  /// The bytes end within an item.
  case truncated
  /// No encoder writes such bytes.
  case malformed(offset: Int)
  /// Something else stands here than was asked for.
  case unexpected(offset: Int, wanted: String)
  /// A number does not fit its type.
  case outOfRange(offset: Int)
  /// Values stand more than ``BinaryCoder/depthMax`` deep in each other.
  case tooDeep
  /// Something stands behind the value.
  case bytesLeft(Int)
  /// The type itself does not take these values, or cannot be written, and says why.
  case refused(String)

  /// What an `init(from:)` or an `encode(to:)` threw, as one of ours.
  init(_ error: any Error) {
    switch error {
    case let error as BinaryCodingError: self = error
    case DecodingError.keyNotFound(let key, _): self = .refused("no value for '\(key.stringValue)'")
    case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context):
      self = .refused(context.debugDescription)
    case EncodingError.invalidValue(_, let context): self = .refused(context.debugDescription)
    default: self = .refused("\(error)")
    }
  }
}

/// Anything `Codable` as few bytes, and back.
///
/// The bytes are CBOR (RFC 8949) in its deterministic form: one value, one spelling. Any reader of
/// CBOR shows what is in a log. Keys of structs and names of cases are written out, so a later
/// version of a type may add optional fields and cases, and still read what an earlier one wrote.
public enum BinaryCoder {
  /// How deep values may stand in each other.
  public static let depthMax = 64

  /// The bytes of a value: the same in every process.
  ///
  /// `Set` and `Dictionary` are written in the order of their elements' bytes. A type whose own
  /// `encode(to:)` walks through one in its order breaks the promise.
  public static func encode(_ value: some Encodable) throws(BinaryCodingError) -> [UInt8] {
    var writer = BinaryWriter()
    try writer.write(value)
    return writer.bytes
  }

  /// The value that some bytes stand for.
  ///
  /// Any bytes give a value or an error; room is taken for no more than is there.
  public static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self,
    from bytes: [UInt8]
  ) throws(BinaryCodingError) -> Value {
    try decode(type, from: bytes[...])
  }

  /// The value that a part of some bytes stands for.
  public static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self,
    from bytes: ArraySlice<UInt8>
  ) throws(BinaryCodingError) -> Value {
    var reader = BinaryReader(bytes)
    let value = try reader.read(type)
    guard reader.isAtEnd else { throw .bytesLeft(reader.bytesLeft) }
    return value
  }
}

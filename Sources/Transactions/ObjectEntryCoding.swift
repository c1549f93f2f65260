internal import CorfuGlobalLog

/// The numbers that tell one kind of payload from another.
private enum Mark {
  static let magic: [UInt8] = [0x4f, 0x42]
  static let version: UInt8 = 1
  static let updates: UInt8 = 1
  static let begin: UInt8 = 2
  static let pieces: UInt8 = 3
  static let end: UInt8 = 4
  static let piecesThatGoOn: UInt8 = 5
  static let headSize = 4
  static let sumSize = 4
}

extension ObjectEntry {
  /// The payload of the entry.
  public func encoded() -> [UInt8] {
    var writer = BinaryWriter()
    writer.append(items: Mark.magic + [Mark.version])
    switch self {
    case .updates(let updates):
      writer.append(items: [Mark.updates])
      writer.write(UInt64(updates.count))
      for update in updates {
        writer.write(update.stream.number)
        writer.write(sized: update.bytes)
      }
      return writer.bytes
    case .checkpoint(let name, let part):
      writer.append(items: [part.mark])
      writer.write(name.stream.number)
      writer.write(name.version.number)
      writer.write(name.number)
      switch part {
      case .begin: break
      case .pieces(let index, let pieces):
        writer.write(UInt64(index))
        writer.write(UInt64(pieces.bytes.count))
        for piece in pieces.bytes { writer.write(sized: piece) }
      case .end(let count, let sum):
        writer.write(UInt64(count))
        writer.write(UInt64(sum.sum.value))
      }
      var bytes = writer.bytes
      bytes.append(number: Checksum.of(bytes.span.bytes))
      return bytes
    }
  }

  /// What a payload says about objects.
  ///
  /// Any bytes give an entry or an error.
  public init(decoding payload: [UInt8]) throws(ObjectEntryError) {
    guard payload.starts(with: Mark.magic), payload.count >= Mark.headSize else {
      throw .otherPayload
    }
    guard payload[2] == Mark.version else { throw .newerVersion(payload[2]) }
    let kind = payload[3]
    do {
      if kind == Mark.updates {
        var reader = BinaryReader(payload[Mark.headSize...])
        self = .updates(try Self.updates(&reader))
        guard reader.isAtEnd else { throw ObjectEntryError.malformed }
      } else {
        guard let body = Self.checked(payload) else { throw ObjectEntryError.malformed }
        var reader = BinaryReader(body)
        self = try Self.checkpoint(kind, &reader)
        guard reader.isAtEnd else { throw ObjectEntryError.malformed }
      }
    } catch {
      throw .malformed
    }
  }

  /// What stands between the head and the sum, if the sum is right.
  private static func checked(_ payload: [UInt8]) -> ArraySlice<UInt8>? {
    let end = payload.count - Mark.sumSize
    guard end >= Mark.headSize else { return nil }
    let bytes = payload.span.bytes
    let sum = bytes.number(at: end, as: UInt32.self)
    guard Checksum.of(bytes.extracting(0..<end)) == sum else { return nil }
    return payload[Mark.headSize..<end]
  }

  private static func updates(
    _ reader: inout BinaryReader
  ) throws(BinaryCodingError) -> [ObjectUpdate] {
    // An update takes two bytes at least.
    let count = try reader.count(each: 2)
    var updates: [ObjectUpdate] = []
    updates.reserveCapacity(count)
    for _ in 0..<count {
      let stream = StreamID(try reader.integer())
      updates.append(ObjectUpdate(stream: stream, bytes: try reader.sized()))
    }
    return updates
  }

  private static func checkpoint(
    _ kind: UInt8,
    _ reader: inout BinaryReader
  ) throws -> ObjectEntry {
    let stream = StreamID(try reader.integer())
    let version = Position(try reader.integer())
    guard version <= .max else { throw ObjectEntryError.malformed }
    let name = CheckpointName(stream: stream, version: version, number: try reader.integer())
    switch kind {
    case Mark.begin: return .checkpoint(name, .begin)
    case Mark.pieces, Mark.piecesThatGoOn:
      let index = try reader.ordinal()
      var pieces: [ArraySlice<UInt8>] = []
      for _ in 0..<(try reader.count(each: 1)) { pieces.append(try reader.sized()) }
      let goesOn = kind == Mark.piecesThatGoOn
      return .checkpoint(name, .pieces(index: index, CheckpointPieces(pieces, goesOn: goesOn)))
    case Mark.end:
      let count = try reader.ordinal()
      let sum = CheckpointSum(try reader.integer())
      return .checkpoint(name, .end(count: count, sum: sum))
    default: throw ObjectEntryError.malformed
    }
  }
}

extension CheckpointPart {
  fileprivate var mark: UInt8 {
    switch self {
    case .begin: Mark.begin
    case .pieces(_, let pieces): pieces.goesOn ? Mark.piecesThatGoOn : Mark.pieces
    case .end: Mark.end
    }
  }
}

extension BinaryWriter {
  fileprivate mutating func write(sized bytes: ArraySlice<UInt8>) {
    write(UInt64(bytes.count))
    append(items: bytes)
  }
}

extension BinaryReader {
  /// How many things follow, each of which takes so many bytes at least.
  fileprivate mutating func count(each size: Int) throws(BinaryCodingError) -> Int {
    let count = try ordinal()
    guard count <= bytesLeft / size else { throw .truncated }
    return count
  }

  /// A number that is not negative.
  fileprivate mutating func ordinal() throws(BinaryCodingError) -> Int {
    let number: Int = try integer()
    guard number >= 0 else { throw .outOfRange(offset: offset) }
    return number
  }

  /// Bytes behind their number.
  fileprivate mutating func sized() throws(BinaryCodingError) -> ArraySlice<UInt8> {
    take(try count(each: 1))
  }
}

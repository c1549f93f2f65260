public import CorfuGlobalLog

// The payload of an entry that objects read. All numbers are little-endian.
//
//    0  magic   1 byte    0xC7
//    1  kind    1 byte    1 updates; of a checkpoint: 2 its beginning, 3 a piece, 4 its end
//
//  1 updates            and then, for each update:
//    0  stream  8 bytes   the object
//    8  length  4 bytes
//   12  update            as `BinaryCoder` writes it
//
//  2 beginning
//    2  version 8 bytes   everything before it is in the checkpoint
//
//  3 piece
//    2  begin   8 bytes   where the checkpoint begins: its name
//   10  number  8 bytes   which of its pieces
//   18  piece             as `BinaryCoder` writes it
//
//  4 end
//    2  begin   8 bytes
//   10  version 8 bytes
//   18  count   8 bytes   how many pieces there are
//   26  sum     4 bytes   CRC-32C of all pieces, one after the other
//
// All updates of a transaction are in one entry, so that all of them are in the log, or none (R35).

/// A part of a checkpoint, as an entry has it.
public enum CheckpointPart: Hashable, Sendable {
  /// Here begins one of what everything before `version` has made of an object.
  case begin(version: Position)
  /// A piece of the checkpoint that begins at a position.
  case piece(of: Position, number: Int, bytes: [UInt8])
  /// The checkpoint that begins at a position is whole with this, and counts from now on.
  case end(of: Position, version: Position, pieces: Int, sum: UInt32)
}

/// The payloads of entries that objects read.
enum ObjectEntry {
  private static let magic: UInt8 = 0xc7
  private enum Kind: UInt8 { case updates = 1, begin, piece, end }

  private static func head(_ kind: Kind) -> [UInt8] { [magic, kind.rawValue] }

  /// The kind of a payload; `nil` if objects do not write such a thing.
  private static func kind(of payload: [UInt8]) -> Kind? {
    guard payload.count >= 2, payload[0] == magic else { return nil }
    return Kind(rawValue: payload[1])
  }

  // MARK: - Updates

  static func encode(updates: [(stream: StreamID, bytes: [UInt8])]) -> [UInt8] {
    var bytes = head(.updates)
    bytes.reserveCapacity(updates.reduce(2) { $0 + 12 + $1.bytes.count })
    for update in updates {
      bytes.append(number: update.stream.number)
      bytes.append(number: UInt32(update.bytes.count))
      bytes += update.bytes
    }
    return bytes
  }

  /// The updates in a payload; `nil` if it has none.
  static func updates(
    in payload: [UInt8]
  ) -> [(stream: StreamID, bytes: ArraySlice<UInt8>)]? {
    guard kind(of: payload) == .updates else { return nil }
    let span = payload.span.bytes
    var updates: [(stream: StreamID, bytes: ArraySlice<UInt8>)] = []
    var index = 2
    while index < payload.count {
      guard payload.count - index >= 12 else { return nil }
      let stream = StreamID(span.number(at: index))
      let length = Int(span.number(at: index + 8, as: UInt32.self))
      index += 12
      guard payload.count - index >= length else { return nil }
      updates.append((stream, payload[index..<index + length]))
      index += length
    }
    return updates
  }

  // MARK: - Checkpoints

  static func encode(_ part: CheckpointPart) -> [UInt8] {
    switch part {
    case .begin(let version):
      var bytes = head(.begin)
      bytes.append(number: version.number)
      return bytes
    case .piece(let begin, let number, let piece):
      var bytes = head(.piece)
      bytes.reserveCapacity(18 + piece.count)
      bytes.append(number: begin.number)
      bytes.append(number: UInt64(number))
      bytes += piece
      return bytes
    case .end(let begin, let version, let pieces, let sum):
      var bytes = head(.end)
      bytes.append(number: begin.number)
      bytes.append(number: version.number)
      bytes.append(number: UInt64(pieces))
      bytes.append(number: sum)
      return bytes
    }
  }

  /// The part of a checkpoint in a payload; `nil` if it has none.
  static func checkpointPart(in payload: [UInt8]) -> CheckpointPart? {
    let span = payload.span.bytes
    func position(at index: Int) -> Position? {
      let number: UInt64 = span.number(at: index)
      return number <= Position.max.number ? Position(number) : nil
    }
    func count(at index: Int) -> Int? { Int(exactly: span.number(at: index, as: UInt64.self)) }
    switch kind(of: payload) {
    case .begin? where payload.count == 10:
      return position(at: 2).map { .begin(version: $0) }
    case .piece? where payload.count >= 18:
      guard let begin = position(at: 2), let number = count(at: 10) else { return nil }
      return .piece(of: begin, number: number, bytes: Array(payload[18...]))
    case .end? where payload.count == 30:
      guard let begin = position(at: 2), let version = position(at: 10), let pieces = count(at: 18)
      else { return nil }
      return .end(of: begin, version: version, pieces: pieces, sum: span.number(at: 26))
    case .begin?, .piece?, .end?, .updates?, nil: return nil
    }
  }
}

extension ReplicatedState {
  /// The bytes of an update.
  static func encode(_ update: Update) throws(ObjectError) -> [UInt8] {
    do {
      return try BinaryCoder.encode(update)
    } catch {
      throw .unencodable("\(error)")
    }
  }

  /// The bytes of a piece of a checkpoint.
  static func encode(piece: Piece) throws(ObjectError) -> [UInt8] {
    do {
      return try BinaryCoder.encode(piece)
    } catch {
      throw .unencodable("\(error)")
    }
  }

  /// The update that some bytes stand for, if they stand for one.
  static func decodeUpdate(_ bytes: ArraySlice<UInt8>) -> Update? {
    // What it is instead is of no use to anybody.
    try? BinaryCoder.decode(Update.self, from: bytes)
  }

  /// The piece that some bytes stand for, if they stand for one.
  static func decodePiece(_ bytes: [UInt8]) -> Piece? {
    // What it is instead is of no use to anybody.
    try? BinaryCoder.decode(Piece.self, from: bytes)
  }
}

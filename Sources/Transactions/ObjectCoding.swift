internal import CorfuGlobalLog

// Updates and pieces as bytes.

extension ReplicatedState {
  /// An update as it stands in an entry.
  static func entry(
    _ update: Update,
    of stream: StreamID
  ) throws(ObjectError) -> ObjectUpdate {
    ObjectUpdate(stream: stream, bytes: try bytes(of: update)[...])
  }

  /// The bytes of a piece of a checkpoint.
  static func encode(piece: Piece) throws(ObjectError) -> [UInt8] {
    try bytes(of: piece)
  }

  private static func bytes(of value: some Encodable) throws(ObjectError) -> [UInt8] {
    do {
      return try BinaryCoder.encode(value)
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
  static func decodePiece(_ bytes: ArraySlice<UInt8>) -> Piece? {
    // What it is instead is of no use to anybody.
    try? BinaryCoder.decode(Piece.self, from: bytes)
  }
}

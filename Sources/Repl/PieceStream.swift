import CorfuGlobalLog

/// What tells an entry that is a piece of a text from one that is a line of it.
///
/// Where payloads are printed alone a new line follows each, since most entries are lines. What was
/// no whole line, the last of a file without a new line or a part of one that is too long for an
/// entry, must come back without. Its payload is the bytes and nothing else; that it is a piece it
/// says by a stream that it belongs to.
enum PieceStream {
  /// The stream.
  ///
  /// It has the highest number there is; names get theirs from the lowest on.
  static let id = StreamID(.max)

  /// Whether an entry is such a piece.
  static func has(_ entry: Entry) -> Bool { entry.streams.contains { $0.stream == id } }
}

/// Some lines of a text one after the other, or some pieces of it that no new line follows.
struct LineBatch: Equatable {
  /// The bytes of each, without the new line.
  private(set) var entries: [[UInt8]] = []
  /// Whether they are pieces.
  private(set) var isOfPieces = false

  /// Whether nothing is in it.
  var isEmpty: Bool { entries.isEmpty }

  /// Whether there is a place for a line, or a piece: nothing else stands here.
  func takes(isPiece: Bool) -> Bool { entries.isEmpty || isOfPieces == isPiece }

  /// Adds a line, or a piece.
  mutating func add(_ bytes: [UInt8], isPiece: Bool) {
    entries.append(bytes)
    isOfPieces = isPiece
  }
}

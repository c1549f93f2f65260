/// The pieces of a state that stand in one entry of its checkpoint.
public struct CheckpointPieces: Equatable, Sendable {
  /// What ``BinaryCoder`` made of them.
  public let bytes: [ArraySlice<UInt8>]
  /// Whether the last of them is too large for one entry, and goes on in the next.
  public let goesOn: Bool

  /// What stands in an entry.
  public init(_ bytes: [ArraySlice<UInt8>], goesOn: Bool = false) {
    self.bytes = bytes
    self.goesOn = goesOn
  }
}

/// Fills entries with the pieces of a state.
///
/// Many small ones share an entry, and one that is larger than any entry may be stands in several:
/// a state that is one piece may have any size.
struct CheckpointPacker: Equatable {
  /// An entry with so many bytes is full.
  let bytesWanted: Int
  /// More than this never stand in an entry, what is said about them included.
  let bytesMax: Int
  private var pieces: [ArraySlice<UInt8>] = []
  private var bytes = 0

  /// What an entry takes besides its pieces, at most: magic, version and kind; five numbers; a
  /// checksum.
  static let headBytesMax = 4 + 5 * 9 + 4
  /// What is said about each piece: how many bytes it has.
  static let sizeBytesMax = 9

  init(_ limits: RuntimeLimits) {
    bytesWanted = limits.pieceBytes
    // Entries so small that nothing fits are refused by the log, not here.
    bytesMax = max(limits.payloadBytesMax - Self.headBytesMax, Self.sizeBytesMax + 1)
  }

  /// Takes the next piece.
  ///
  /// - Returns: What is full by it.
  mutating func take(_ piece: [UInt8]) -> [CheckpointPieces] {
    var full: [CheckpointPieces] = []
    var rest = piece[...]
    while bytes + Self.sizeBytesMax + rest.count > bytesMax {
      if !pieces.isEmpty {
        full.append(flush())
      } else {
        let room = bytesMax - Self.sizeBytesMax
        full.append(CheckpointPieces([rest.prefix(room)], goesOn: true))
        rest = rest.dropFirst(room)
      }
    }
    pieces.append(rest)
    bytes += Self.sizeBytesMax + rest.count
    if bytes >= bytesWanted { full.append(flush()) }
    return full
  }

  /// Ends.
  ///
  /// - Returns: What is left; `nil` if nothing is.
  mutating func finish() -> CheckpointPieces? {
    pieces.isEmpty ? nil : flush()
  }

  private mutating func flush() -> CheckpointPieces {
    defer { (pieces, bytes) = ([], 0) }
    return CheckpointPieces(pieces)
  }
}

/// Puts the pieces of a state together again from the entries of its checkpoint.
struct CheckpointUnpacker {
  /// The beginning of a piece that goes on.
  private var begun: [UInt8] = []
  /// Whether a piece has begun that is not whole yet.
  private(set) var isAmidst = false

  /// Takes the next entry.
  ///
  /// - Returns: The pieces that are whole by it.
  mutating func take(_ entry: CheckpointPieces) -> [ArraySlice<UInt8>] {
    var whole = entry.bytes
    let last = entry.goesOn ? whole.popLast() : nil
    if isAmidst, let first = whole.first {
      whole[0] = begun[...] + first
      (begun, isAmidst) = ([], false)
    }
    if let last {
      begun += last
      isAmidst = true
    }
    return whole
  }
}

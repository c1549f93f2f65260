public import CorfuGlobalLog

/// A checkpoint that is whole.
public struct FoundCheckpoint: Hashable, Sendable {
  /// Everything before it is in the checkpoint.
  public let version: Position
  /// Where its pieces stand, in order.
  public let pieces: [Position]
  /// The checksum of all pieces.
  public let sum: UInt32

  /// A checkpoint.
  public init(version: Position, pieces: [Position], sum: UInt32) {
    self.version = version
    self.pieces = pieces
    self.sum = sum
  }
}

/// Who tells a checkpoint that is whole from one whose writer died: the part of chapter 7 with which
/// a log may forget.
public protocol CheckpointSearching: Equatable, Sendable {
  /// Looks for the newest checkpoint.
  ///
  /// - Parameter versionMax: One of a later moment is of no use.
  init(versionMax: Position)

  /// Takes notice of an entry of the stream of checkpoints; they come newest first.
  mutating func take(_ part: CheckpointPart, at position: Position)

  /// The best of those that were met so far.
  var found: FoundCheckpoint? { get }

  /// Whether nothing that stands further back can be better.
  var isOver: Bool { get }
}

/// Looks for the newest checkpoint that is whole: the one of the latest moment.
///
/// One counts once its end is there, and all its pieces are (R38). Several writers may be at it at
/// once; each checkpoint goes by the position of its beginning, which nobody else has. A checkpoint
/// is of a moment before its beginning, and may be of a long one before: so one that begins later
/// need not be newer.
public struct CheckpointSearch: CheckpointSearching {
  private let versionMax: Position
  /// Those whose end was met, by where they begin.
  private var candidates: [Position: Candidate] = [:]
  public private(set) var found: FoundCheckpoint?
  public private(set) var isOver = false

  private struct Candidate: Equatable {
    let version: Position
    let count: Int
    let sum: UInt32
    var pieces: [Int: Position] = [:]
  }

  public init(versionMax: Position) {
    self.versionMax = versionMax
  }

  // exercise 7.4: find the newest checkpoint that is whole, and never take half of one for it
  public mutating func take(_ part: CheckpointPart, at position: Position) {
    // Whatever begins before this moment is of an earlier one.
    if let found, position < found.version { isOver = true }
    switch part {
    case .end(let begin, let version, let count, let sum):
      if version > versionMax { return }
      candidates[begin] = Candidate(version: version, count: count, sum: sum)
    case .piece(let begin, let number, _):
      candidates[begin]?.pieces[number] = position
    case .begin:
      // All of it was met by now, if it is all there.
      guard let candidate = candidates.removeValue(forKey: position) else { return }
      if let found, found.version >= candidate.version { return }
      // As many first: what an entry says of their count may be anything.
      guard candidate.pieces.count == candidate.count else { return }
      let pieces = (0..<candidate.count).compactMap { candidate.pieces[$0] }
      guard pieces.count == candidate.count else { return }
      found = FoundCheckpoint(version: candidate.version, pieces: pieces, sum: candidate.sum)
    }
  }
  // end 7.4
}

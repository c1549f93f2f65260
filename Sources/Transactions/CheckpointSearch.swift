public import CorfuGlobalLog

/// A checkpoint that is whole.
public struct FoundCheckpoint: Equatable, Sendable {
  /// Everything before it is in the checkpoint.
  public let version: Position
  /// Where the entries with its pieces stand, in order.
  public let pieces: [Position]
  /// The checksum of all pieces.
  public let sum: CheckpointSum

  /// A checkpoint.
  public init(version: Position, pieces: [Position], sum: CheckpointSum) {
    self.version = version
    self.pieces = pieces
    self.sum = sum
  }
}

/// Who tells a checkpoint that is whole from one whose writer died: the part of chapter 7 with
/// which a log may forget.
public protocol CheckpointSearching: Equatable, Sendable {
  /// Looks for the newest checkpoint.
  ///
  /// - Parameter versionMax: One of a later moment is of no use.
  init(versionMax: Position)

  /// Takes notice of an entry of the stream of checkpoints; they come newest first.
  mutating func take(_ part: CheckpointPart, of name: CheckpointName, at position: Position)

  /// The best of those that were met so far.
  var found: FoundCheckpoint? { get }

  /// Whether nothing that stands further back can be better.
  ///
  /// It is set by the first entry that stands before the moment of what was found, at the latest,
  /// and never while a better one may come.
  var isOver: Bool { get }
}

/// Looks for the newest checkpoint that is whole: the one of the latest moment.
///
/// One counts if its end, all its pieces and its beginning are there (R38): a beginning lost to a
/// filler is a loss like any other. Several writers may be at it at once; no two checkpoints have
/// the same name. A checkpoint is of a moment that is not later than its own beginning, and may be
/// long before: so one that begins later need not be newer.
public struct CheckpointSearch: CheckpointSearching {
  private let versionMax: Position
  /// Those whose end was met.
  private var candidates: [CheckpointName: Candidate] = [:]
  public private(set) var found: FoundCheckpoint?
  public private(set) var isOver = false

  private struct Candidate: Equatable {
    let count: Int
    let sum: CheckpointSum
    var pieces: [Int: Position] = [:]
  }

  public init(versionMax: Position) {
    self.versionMax = versionMax
  }

  // exercise 7.4: find the newest checkpoint that is whole, and never take half of one for it
  public mutating func take(
    _ part: CheckpointPart,
    of name: CheckpointName,
    at position: Position
  ) {
    // Whatever begins before this moment is of an earlier one.
    if let found, position < found.version { isOver = true }
    switch part {
    case .end(let count, let sum):
      if name.version > versionMax { return }
      candidates[name] = Candidate(count: count, sum: sum)
    case .pieces(let index, _):
      candidates[name]?.pieces[index] = position
    case .begin:
      // All of it was met by now, if it is all there.
      guard let candidate = candidates.removeValue(forKey: name) else { return }
      if let found, found.version >= name.version { return }
      // As many first: what an entry says of their count may be anything.
      guard candidate.pieces.count == candidate.count else { return }
      let pieces = (0..<candidate.count).compactMap { candidate.pieces[$0] }
      guard pieces.count == candidate.count else { return }
      found = FoundCheckpoint(version: name.version, pieces: pieces, sum: candidate.sum)
    }
  }
  // end 7.4
}

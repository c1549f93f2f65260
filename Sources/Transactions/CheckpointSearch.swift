public import CorfuGlobalLog

/// A checkpoint that is whole.
public struct FoundCheckpoint: Equatable, Sendable {
  /// Everything before it is in the checkpoint.
  public let version: Position
  /// Where the entries with its pieces stand, in order.
  public let pieces: [Position]
  /// The checksum of all pieces.
  public let sum: CheckpointSum
}

/// Who tells a checkpoint that is whole from one whose writer died: the part of chapter 7 with which
/// a log may forget.
public protocol CheckpointSearching: Equatable, Sendable {
  /// Looks for the newest checkpoint.
  ///
  /// - Parameter versionMax: One of a later moment is of no use.
  init(versionMax: Position)

  /// Takes notice of an entry of the stream of checkpoints; they come newest first.
  mutating func take(_ part: CheckpointPart, of name: CheckpointName, at position: Position)

  /// What was looked for, as far as it is known.
  var found: FoundCheckpoint? { get }

  /// Whether no entry that comes now can change what was found.
  var isOver: Bool { get }
}

/// Looks for the newest checkpoint that is whole.
///
/// One counts once its end is there, and all its pieces are (R38). Several writers may be at it at
/// once; no two checkpoints have the same name.
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
    // Whatever begins here holds what was known before: it is of no later moment.
    if let found, position < found.version { return isOver = true }
    switch part {
    case .end(let count, let sum):
      if name.version > versionMax { return }
      candidates[name] = Candidate(count: count, sum: sum)
    case .pieces(let index, _):
      candidates[name]?.pieces[index] = position
    case .begin:
      // All of it was met by now, if it is all there.
      guard let candidate = candidates.removeValue(forKey: name) else { return }
      let pieces = (0..<candidate.count).compactMap { candidate.pieces[$0] }
      guard pieces.count == candidate.count else { return }
      // Who began last may have looked first, and what it lacks may be trimmed by now.
      if let found, found.version >= name.version { return }
      found = FoundCheckpoint(version: name.version, pieces: pieces, sum: candidate.sum)
    }
  }
  // end 7.4
}

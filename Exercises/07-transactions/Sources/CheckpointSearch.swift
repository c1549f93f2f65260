// Exercise 7.4: find the newest checkpoint that is whole, and never take half of one for it
// Write the body below, then: swift run course check 7.4
import CorfuChecks
public import CorfuGlobalLog
public import CorfuTransactions

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

  public mutating func take(
    _ part: CheckpointPart,
    of name: CheckpointName,
    at position: Position
  ) {
    TODO("7.4 find the newest checkpoint that is whole, and never take half of one for it")
  }
}

/// Where positions are kept, as a client sees it: whoever writes a position first has it.
public protocol PositionStore: Sendable {
  /// One past the last position that is not empty.
  func tail() async throws(LogError) -> Position

  /// Writes entries to positions side by side, stopping at the first that is taken.
  ///
  /// Durable on return.
  ///
  /// - Parameters:
  ///   - entries: At least one.
  ///   - position: Where the first goes.
  /// - Returns: How many were written, and what stood in the way of the next.
  /// - Throws: ``LogError``; some of the entries may have been written.
  func write(_ entries: [Entry], at position: Position) async throws(LogError) -> RunOutcome
}

/// What came of writing entries side by side.
public struct RunOutcome: Hashable, Sendable {
  /// How many were written.
  public var written: Int
  /// What stood at the position where the run stopped; `nil` if nothing did.
  ///
  /// A run may stop early without an obstacle, on a full disk say: who asks again for the rest
  /// hears why, or finds that there is room again.
  public var obstacle: Slot?

  /// An outcome.
  public init(written: Int, obstacle: Slot? = nil) {
    self.written = written
    self.obstacle = obstacle
  }
}

// Exercise 3.1: find the span of the position, then whose turn it is
// Write the body below, then: swift run course check 3.1
import CorfuChecks
public import CorfuGlobalLog
public import CorfuStripeMirror

/// Positions take turns over the chains of their span.
///
/// Neighbours stand on different disks, so a busy log keeps all of them equally busy. The turn
/// counts from position 0 of the log, not of the span: spans can be cut and merged, and no entry
/// has to move (R30).
public struct RoundRobin: PositionMapping {
  /// A mapping.
  public init() {}

  public func chain(of position: Position, in layout: Layout) -> Chain {
    TODO("3.1 find the span of the position, then whose turn it is")
  }
}

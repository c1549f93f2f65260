public import CorfuGlobalLog

/// From a position to the chain that keeps it: the part that exercise 3.1 builds.
public protocol PositionMapping: Sendable {
  /// A mapping.
  init()

  /// The chain of a position.
  ///
  /// Every client of a layout must come to the same answer.
  func chain(of position: Position, in layout: Layout) -> Chain
}

/// Positions take turns over the chains of their span.
///
/// Neighbours stand on different disks, so a busy log keeps all of them equally busy. The turn
/// counts from position 0 of the log, not of the span: spans can be cut and merged, and no entry
/// has to move (R30).
public struct RoundRobin: PositionMapping {
  /// A mapping.
  public init() {}

  // exercise 3.1: find the span of the position, then whose turn it is
  public func chain(of position: Position, in layout: Layout) -> Chain {
    let stripes = layout.span(of: position).stripes
    return stripes[Int(position.number % UInt64(stripes.count))]
  }
  // end 3.1
}

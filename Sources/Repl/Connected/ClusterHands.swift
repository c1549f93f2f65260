public import CorfuStripeMirror

/// A hand on a cluster whose nodes are processes: what an operator may do, and what can be done to
/// processes of this machine.
public protocol ClusterHands: Sendable {
  /// Does something to a node's process.
  ///
  /// - Returns: What came of it, in words.
  func perform(
    _ action: ClusterCommand.NodeAction,
    on node: NodeID
  ) async throws(ReplError) -> String

  /// Makes another node, which stands by until it is needed.
  func add() async throws(ReplError) -> String

  /// Lets a node go, once others have what it has.
  func remove(_ node: NodeID) async throws(ReplError) -> String

  /// Lets a spare take over from a node, which stands by itself then.
  func replace(_ node: NodeID) async throws(ReplError) -> String

  /// Lets spares take over from units, as soon as there are some; each stands by itself then.
  func remap(_ nodes: [NodeID]) async throws(ReplError)

  /// Lets a spare take over from a unit of which less than so many percent is alive; `nil` for
  /// never.
  func remap(below percent: Int?) async throws(ReplError) -> String

  /// Lets new positions rotate over so many chains.
  func setStripes(_ count: Int) async throws(ReplError) -> String

  /// Lets the monitors act by themselves, or not.
  func setAutomatic(_ isAutomatic: Bool) async throws(ReplError) -> String
}

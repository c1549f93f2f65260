import Corfu
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

// Compaction by remapping, in a cluster of processes: what is alive is copied together on a spare.

extension ConnectedSession {
  /// Lets spares take over from nodes in turn: each is emptied and stands by before the next goes.
  func remap(
    _ nodes: [NodeID],
    by hands: any ClusterHands
  ) async throws(ReplError) -> ClusterAnswer {
    var facts: [Fact] = []
    if await membership()?.isAutomatic == false {
      throw .refused("the monitors are off, and nobody would copy: 'monitor on' first")
    }
    for node in nodes {
      let begin = clock.now
      let (layout, _) = try await look()
      if layout.spares.contains(where: { $0.node == node }) {
        throw .refused("\(node) stands by already, and keeps nothing that could be moved")
      }
      _ = try await hands.replace(node)
      while try await !standsBy(node) {
        await pause(.milliseconds(200))
        if Task.isCancelled { throw .cancelled }
      }
      facts.append(Fact(node.description, .time(begin.duration(to: clock.now))))
    }
    let names = nodes.map(\.description).joined(separator: ", then ")
    return .told("spares have taken over from \(names); each was emptied, and stands by", facts)
  }

  /// Whether a node that others were to take over from is a spare again.
  private func standsBy(_ node: NodeID) async throws(ReplError) -> Bool {
    let (layout, look) = try await look()
    let isLeaving = await membership()?.leaving.contains(node) ?? true
    guard let unit = look.unit(of: node) else { return false }
    return !isLeaving && layout.spares.contains(unit)
  }
}

import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

// Compaction by remapping, in a cluster of processes: what is alive is copied together on spares.

extension ConnectedSession {
  /// Lets spares take over from nodes, and waits until each is emptied and stands by.
  ///
  /// Whoever is tired of waiting cancels that; what he wants is done all the same.
  func remap(
    _ nodes: [NodeID],
    by hands: any ClusterHands
  ) async throws(ReplError) -> ClusterAnswer {
    if await membership()?.isAutomatic == false {
      throw .refused("the monitors are off, and nobody would copy: 'monitor on' first")
    }
    let begin = clock.now
    try await hands.remap(nodes)
    var facts: [Fact] = []
    var waiting = nodes
    while !waiting.isEmpty {
      await pause(.milliseconds(200))
      if Task.isCancelled { throw .cancelled }
      for node in waiting where try await standsBy(node) {
        facts.append(Fact(node.description, .time(begin.duration(to: clock.now))))
        waiting.removeAll { $0 == node }
      }
    }
    let names = nodes.map(\.description).joined(separator: ", then ")
    return .told("spares have taken over from \(names); each was emptied, and stands by", facts)
  }

  /// Whether a node that others were to take over from is a spare again.
  private func standsBy(_ node: NodeID) async throws(ReplError) -> Bool {
    let survey = try await survey()
    guard let wanted = survey.wanted, let unit = survey.look.unit(of: node) else { return false }
    return !wanted.leaving.contains(node) && !wanted.remaps.contains(node)
      && survey.layout.spares.contains(unit)
  }
}

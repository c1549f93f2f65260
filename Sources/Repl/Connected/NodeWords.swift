import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

/// Puts into words how a node is, and what it does.
enum NodeWords {
  /// How a node is, in a word or two.
  ///
  /// - Parameters:
  ///   - node: Which.
  ///   - layout: The layout in force.
  ///   - look: What the nodes say of themselves.
  /// - Returns: "up", if there is nothing else to say.
  static func health(of node: NodeID, in layout: Layout, _ look: ClusterLook) -> String {
    let word = standing(of: node, in: layout, look)
    return word == "up" && look.statuses[node]?.unit?.room == .full ? "disk full" : word
  }

  /// The same, but for the room on its disk, which no monitor makes.
  static func standing(of node: NodeID, in layout: Layout, _ look: ClusterLook) -> String {
    guard let status = look.statuses[node] else { return "silent" }
    guard let unit = status.unit else { return "up" }
    if unit.hasFailed { return "stopped" }
    let name = UnitName(node: node, incarnation: unit.incarnation)
    guard (layout.units + layout.spares + layout.acceptors).contains(name) else {
      return unit.installed == nil && unit.tail == .zero ? "new" : "returned"
    }
    switch unit.admission {
    case .waits: return "not let in"
    case .outdated: return "old image"
    case .serves: return unit.installed?.epoch ?? .zero < layout.epoch ? "behind" : "up"
    }
  }

  /// What a layout has a node do.
  static func role(of node: NodeID, in layout: Layout) -> String {
    var roles: [String] = []
    for (index, chain) in (layout.spans.last?.stripes ?? []).enumerated() {
      guard let place = chain.replicas.firstIndex(where: { $0.node == node }) else { continue }
      let isTail = place == chain.replicas.count - 1
      roles.append(
        "stripe \(index)" + (place == 0 ? isTail ? "" : ", head" : isTail ? ", tail" : "")
      )
    }
    let isOld = layout.units.contains { $0.node == node }
    if roles.isEmpty, isOld { roles.append("old positions") }
    if layout.sequencer.node == node { roles.append("sequencer") }
    if layout.spares.contains(where: { $0.node == node }) { roles.append("stands by") }
    return roles.joined(separator: "; ")
  }
}

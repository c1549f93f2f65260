import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

// What people want of a cluster, as far as it has not come about, and nodes that are in no cluster:
// nothing of it is amiss.

extension ClusterTroubles {
  /// What people want and is under way, or cannot be had.
  var wishes: [String] {
    guard let wanted else { return [] }
    let remaps = wanted.remaps.map(\.description).joined(separator: ", ")
    return wanted.leaving.sorted().map { departure(of: $0, wanted) }
      + (remaps.isEmpty ? [] : ["\(remaps) will be emptied as soon as a spare is free"])
      + moreStripes(wanted) + newMembers(wanted)
  }

  /// How far a node is that is to leave, or to come back emptied.
  private func departure(of node: NodeID, _ wanted: Membership) -> String {
    let isBack = wanted.returning.contains(node)
    if layout.units.contains(where: { $0.node == node }) {
      return "others are given what \(node) has; it is "
        + (isBack ? "emptied then, and stands by" : "removed then")
    }
    if isVoting(node) {
      return "\(node) is to leave: it has nothing to hand on, and votes until enough others can: "
        + "'corfu cluster add' takes in another node"
    }
    return "others have all that \(node) has; it is \(isBack ? "emptied" : "removed") next"
  }

  /// Whether a node has no part any more but that of an acceptor.
  private func isVoting(_ node: NodeID) -> Bool {
    let isOf = { (unit: UnitName) in unit.node == node }
    return layout.acceptors.contains(where: isOf) && !layout.units.contains(where: isOf)
  }

  private func moreStripes(_ wanted: Membership) -> [String] {
    let now = layout.spans.last?.stripes.count ?? 0
    guard wanted.stripes > now else { return [] }
    let needed = (wanted.stripes - now) * wanted.replicas
    let free = layout.spares.count { isUp($0) && !wanted.leaving.contains($0.node) }
    let next =
      !wanted.isAutomatic
      ? "the monitors are off"
      : free >= needed
        ? "they come next"
        : "that takes \(needed) nodes that stand by, and there are \(free): 'corfu cluster add' "
          + "takes in more"
    return ["\(wanted.stripes) stripes are wanted, and there are \(now): \(next)"]
  }

  /// Those that no layout names yet, and whose disks will be used.
  private func newMembers(_ wanted: Membership) -> [String] {
    let next = wanted.isAutomatic ? "stands by next" : "stands by once the monitors are on"
    let named = layout.nodes.union(wanted.leaving)
    return wanted.members.keys.sorted().filter { !named.contains($0) && isNew($0) }
      .map { "\($0) is a member, and \(next)" }
  }

  /// Whether a node has an empty disk that no layout names.
  private func isNew(_ node: NodeID) -> Bool {
    guard let unit = look.statuses[node]?.unit, !unit.hasFailed else { return false }
    return unit.installed == nil && unit.tail == .zero
  }

  // MARK: - Who is no member

  /// Nodes that answer, and that are no members.
  var strangers: [NodeID] {
    guard let wanted else { return [] }
    let members = layout.nodes.union(wanted.members.keys)
    return look.statuses.keys.filter { !members.contains($0) }.sorted()
  }

  /// What is to be said of them: those that were removed may go.
  var departed: [String] {
    let returned = Set(look.returned(to: layout).map(\.node))
    return strangers.compactMap { node in
      if returned.contains(node) {
        return "\(node) was removed, and nothing of it is needed any more: its process can be "
          + "stopped, and its disk taken away"
      }
      // A disk that is another member's is told of elsewhere, and must stay.
      let mayJoin = isNew(node) || look.statuses[node]?.unit == nil
      return mayJoin ? "\(node) is no member: 'corfu cluster add' takes it in" : nil
    }
  }
}

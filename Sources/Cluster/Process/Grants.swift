internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Logging

/// What can be granted of what people want, as somebody sees the cluster.
///
/// Pure: two who see the same grant the same.
struct Grants: Equatable {
  /// Nodes that were to leave, or to come back emptied, and that is done.
  var done: [NodeID]
  /// Units that are to be remapped, and have their turn.
  var remapped: [NodeID]
  /// Disks that were declared lost, and serve all the same.
  ///
  /// They came back before anybody did without them. Their next absence is to be one like others.
  var found: [UnitName]

  var isEmpty: Bool { done.isEmpty && remapped.isEmpty && found.isEmpty }

  init(of membership: Membership, _ status: MonitorStatus) {
    done = membership.leaving.sorted().filter { id in
      if status.layout.nodes.contains(id) { return false }
      if !membership.returning.contains(id) { return true }
      guard let unit = status.look.statuses[id]?.unit else { return false }
      return unit.installed == nil && unit.tail == .zero
    }
    remapped = RemapPolicy(membership, status).turn(of: membership.remaps)
    found = membership.lost.sorted().filter { disk in
      status.layout.names(disk) && status.look.unit(of: disk.node) == disk
        && status.look.statuses[disk.node]?.unit?.admission == .serves
    }
  }

  /// What can be granted still, once the nodes were asked again after the wish was known.
  ///
  /// A monitor hears for a moment longer who has just died, and knows a layout that another has
  /// replaced: a disk that an operator found silent and declared lost would count as found.
  static func confirmed(
    of membership: Membership,
    _ status: MonitorStatus,
    by look: ClusterLook
  ) -> Grants? {
    let newest = look.statuses.values.compactMap(\.newest?.epoch).max() ?? .zero
    if newest > status.layout.epoch { return nil }
    var status = status
    status.look = look
    return Grants(of: membership, status)
  }

  func apply(to membership: inout Membership) {
    for id in done {
      membership.leaving.remove(id)
      if membership.returning.remove(id) == nil { membership.members[id] = nil }
    }
    // Who is gone by now has nothing to remap.
    for id in remapped where membership.members[id] != nil {
      membership.leaving.insert(id)
      membership.returning.insert(id)
    }
    membership.lost.subtract(found)
    membership.remaps.removeAll { remapped.contains($0) || membership.members[$0] == nil }
  }

  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = [:]
    if !done.isEmpty { metadata["done"] = "\(done.map(\.description))" }
    if !found.isEmpty { metadata["found"] = "\(found.map(\.description))" }
    if !remapped.isEmpty { metadata["remapped"] = "\(remapped.map(\.description))" }
    return metadata
  }
}

extension RemapPolicy {
  /// What says which units are remapped next, as a monitor sees the cluster.
  init(_ membership: Membership, _ status: MonitorStatus) {
    self.init(
      layout: status.layout,
      goal: membership.wishes.goal,
      present: Set(status.look.statuses.keys).subtracting(status.suspects)
    )
  }
}

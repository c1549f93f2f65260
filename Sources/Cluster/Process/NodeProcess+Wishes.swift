internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Logging

// How what people want of a cluster comes about, as far as no layout says it: who has left is named
// no more, and who is to be remapped has its turn. What came of what operators decided by hand is
// told here as well.

extension NodeProcess {
  /// Every so many rounds units are asked how much of them is alive.
  private static var roundsBetweenLooks: Int { 10 }

  /// Grants what can be granted, and tells what came of what operators decided by hand, until its
  /// task is cancelled or this node is no member any more.
  func grantWishes(_ watch: Watch, telling overrides: OverrideTales) async {
    var due = 0
    var round = 0
    while !Task.isCancelled, keeper.newest?.members[settings.node] != nil {
      await pause(settings.monitoring.interval * 5)
      round += 1
      let status = watch.status
      overrides.hear(status.layout)
      guard let membership = keeper.newest else { continue }
      var grants = Grants(of: membership, status)
      if membership.remapPercent > 0, round % Self.roundsBetweenLooks == 0, grants.isEmpty {
        grants.remapped = await emptiest(membership, status)
      }
      // Most often another monitor is at it, and done in a moment.
      due = grants.isEmpty ? 0 : due + 1
      guard due > 2 * min(rank(in: membership), 5), !grants.isEmpty,
        let confirmed = await confirmed(grants, of: membership, status)
      else { continue }
      await keep(confirmed, in: membership)
    }
  }

  /// What is to be granted of it still, once everybody was asked again; `nil` if nothing is.
  private func confirmed(
    _ grants: Grants,
    of membership: Membership,
    _ status: MonitorStatus
  ) async -> Grants? {
    let nodes = status.layout.nodes.union(membership.members.keys)
    let look = await ClusterLook.at(nodes, via: network, patience: patience)
    guard var confirmed = Grants.confirmed(of: membership, status, by: look) else { return nil }
    // Which units are the emptiest takes longer to find out, and is not asked twice.
    if membership.remaps.isEmpty { confirmed.remapped = grants.remapped }
    return confirmed.isEmpty ? nil : confirmed
  }

  private func keep(_ grants: Grants, in membership: Membership) async {
    var random = SystemRandomNumberGenerator()
    do {
      let next = membership.changed(using: &random) { grants.apply(to: &$0) }
      // Whoever changed it meanwhile comes first: what is to be granted is seen again.
      guard try await keeper.offer(next, madeOf: membership) else { return }
      logger.info("members changed", metadata: grants.metadata)
      // At once: other monitors act on what they know.
      await PeerNews.exchange(keeper, network, besides: settings.node, patience)
    } catch {
      logger.error("what was granted could not be kept: \(error)")
    }
  }

  /// The unit of which so little is alive that a spare is to take over from it, if any is.
  private func emptiest(_ membership: Membership, _ status: MonitorStatus) async -> [NodeID] {
    let policy = RemapPolicy(membership, status)
    if !membership.remaps.isEmpty || !membership.leaving.isEmpty || policy.sparesFree == 0 {
      return []
    }
    var rooms: [NodeID: RemapPolicy.Room] = [:]
    for unit in policy.layout.units {
      // Who does not answer is left as it is.
      let reply = try? await network.call(.space, to: unit.node, patience: patience)
      guard case .space(let space)? = reply else { continue }
      rooms[unit.node] = RemapPolicy.Room(live: space.liveBytes, total: space.totalBytes)
    }
    let share = Double(membership.remapPercent) / 100
    return policy.worthwhile(of: rooms, below: share).map { [$0] } ?? []
  }
}

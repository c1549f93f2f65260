internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Foundation

/// What breaks a cluster and mends it: signals to its processes, cuts in its network, and new
/// certificates.
struct ChaosHands: Sendable {
  let cluster: LocalCluster
  /// The nodes' network, if it can be cut.
  let network: NamespaceNetwork?
  /// How those come in who append and read.
  let security: Security

  /// What can be broken.
  var means: ChaosMeans {
    ChaosMeans(hasCuts: network != nil, hasCertificates: cluster.authority != nil)
  }

  /// Breaks something.
  func strike(_ fault: ChaosFault, _ members: [LocalCluster.Member]) throws(ChaosError) {
    switch fault {
    case .kill(let node): cluster.kill(node)
    case .end(let node): cluster.signal(node, SIGTERM)
    case .pause(let node): cluster.signal(node, SIGSTOP)
    case .powerCut: for member in members { cluster.kill(member.node) }
    case .cut(let cut): try change { (network) throws(NamespaceError) in try network.cut(cut) }
    case .renew(let node): try renew(node, members)
    }
  }

  /// Has a fault be over; what it cannot mend ``heal(_:)`` does.
  func mend(_ fault: ChaosFault, _ members: [LocalCluster.Member]) {
    switch fault {
    case .pause(let node): cluster.signal(node, SIGCONT)
    // One that has not ended yet is started at the end of the round.
    case .kill(let node), .end(let node): try? cluster.start(node)
    case .powerCut: for member in members { try? cluster.start(member.node) }  // The same.
    case .cut(let cut): try? network?.heal(cut)  // What is left is healed at the end, too.
    case .renew: break
    }
  }

  /// Mends everything.
  func heal(_ members: [LocalCluster.Member]) throws(ChaosError) {
    try change { (network) throws(NamespaceError) in try network.healAll() }
    for member in members {
      cluster.signal(member.node, SIGCONT)
      do throws(LocalClusterError) {
        try cluster.start(member.node)
      } catch {
        throw .cluster(error)
      }
    }
  }

  private func change(
    _ body: (NamespaceNetwork) throws(NamespaceError) -> Void
  ) throws(ChaosError) {
    guard let network else { return }
    do throws(NamespaceError) {
      try body(network)
    } catch {
      throw .noPartitions(error)
    }
  }

  /// Makes certificates anew; nodes read theirs some seconds later, connections keep the old one.
  private func renew(
    _ node: NodeID,
    _ members: [LocalCluster.Member]
  ) throws(ChaosError) {
    guard let member = members.first(where: { $0.node == node }) else { return }
    do {
      _ = try cluster.renewCertificate(of: node, at: member.address.host)
      guard case .mutual(let credentials) = security else { return }
      _ = try cluster.security(as: .client)
      _ = try credentials.reload()
    } catch {
      throw .noCertificates("\(error)")
    }
  }
}

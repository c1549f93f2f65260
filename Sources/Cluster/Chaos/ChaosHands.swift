internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Foundation

/// What breaks a cluster and mends it: signals to its processes, cuts in its network, new
/// certificates, and what operators do.
struct ChaosHands: Sendable {
  let cluster: LocalCluster
  /// The nodes' network, if it can be cut.
  let network: NamespaceNetwork?
  /// How those come in who append and read.
  let security: Security
  let roster: ChaosRoster
  let hand: ChaosOperator

  /// What can be broken.
  var means: ChaosMeans {
    ChaosMeans(hasCuts: network != nil, hasCertificates: cluster.authority != nil)
  }

  /// Breaks something.
  func strike(_ fault: ChaosFault) async throws(ChaosError) {
    switch fault {
    case .kill(let node): cluster.kill(node)
    case .end(let node): cluster.signal(node, SIGTERM)
    case .pause(let node): cluster.signal(node, SIGSTOP)
    case .stutter: break
    case .powerCut: for member in roster.members { cluster.kill(member.node) }
    case .cut(let cut): try change { (network) throws(NamespaceError) in try network.cut(cut) }
    case .renew(let node): try renew(node)
    case .wipe(let node):
      cluster.kill(node)
      _ = await cluster.waitForEnd(of: node, patience: .seconds(10))
    case .replace(let node): try await hand.release(node, comesBack: true)
    case .add: try await hand.add()
    case .remove(let node): try await hand.release(node, comesBack: false)
    case .restart(let node): try await hand.end(node)
    }
  }

  /// Has a fault last for a while.
  func hold(_ fault: ChaosFault, for length: Duration) async {
    guard case .stutter(let node) = fault else { return await pause(length) }
    let end = ContinuousClock.now + length
    while ContinuousClock.now < end, !Task.isCancelled {
      cluster.signal(node, SIGSTOP)
      await pause(.milliseconds(60))
      cluster.signal(node, SIGCONT)
      await pause(.milliseconds(20))
    }
  }

  /// Has a fault be over; what it cannot mend ``heal()`` does.
  func mend(_ fault: ChaosFault) async throws(ChaosError) {
    switch fault {
    case .pause(let node), .stutter(let node): cluster.signal(node, SIGCONT)
    // One that has not ended yet is started at the end of the round.
    case .kill(let node), .end(let node), .restart(let node): try? cluster.start(node)
    case .powerCut: for member in roster.members { try? cluster.start(member.node) }  // The same.
    case .cut(let cut): try? network?.heal(cut)  // What is left is healed at the end, too.
    case .wipe(let node):
      defer {
        // The same.
        try? cluster.start(node)
      }
      try await hand.wipe(node)
    case .renew, .replace, .add, .remove: break
    }
  }

  /// Mends everything.
  func heal() throws(ChaosError) {
    try change { (network) throws(NamespaceError) in try network.healAll() }
    for member in roster.members {
      cluster.signal(member.node, SIGCONT)
      do throws(LocalClusterError) {
        try cluster.start(member.node)
      } catch {
        throw .cluster(error)
      }
    }
  }

  private func pause(_ duration: Duration) async {
    // Cancelled: whoever pauses looks for that.
    try? await ContinuousClock().sleep(for: duration)
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
  private func renew(_ node: NodeID) throws(ChaosError) {
    guard let member = roster.members.first(where: { $0.node == node }) else { return }
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

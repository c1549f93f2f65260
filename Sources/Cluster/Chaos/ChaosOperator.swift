internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Foundation

/// Does to a cluster what operators do, and looks first whether all is well.
struct ChaosOperator: Sendable {
  let cluster: LocalCluster
  let roster: ChaosRoster
  /// How operators come in.
  let security: Security

  // MARK: - Looking

  /// Waits until all was well for two seconds, in one layout; nodes that were removed end then.
  ///
  /// As long as that a monitor that has begun to take somebody for dead, who only seemed so, would
  /// have changed the layout.
  ///
  /// - Parameter deadline: When to wait no longer.
  /// - Returns: What is seen; `nil` if it did not come to rest.
  func calm(until deadline: ContinuousClock.Instant) async -> ChaosSight? {
    var since: (epoch: Epoch, time: ContinuousClock.Instant)?
    while ContinuousClock.now < deadline, !Task.isCancelled {
      if let sight = await look(), sight.isCalm {
        await dismiss(besides: sight)
        let now = ContinuousClock.now
        if let since, since.epoch == sight.epoch {
          if now - since.time >= Self.calmMin { return sight }
        } else {
          since = (sight.epoch, now)
        }
      } else {
        since = nil
      }
      await pause(.milliseconds(100))
    }
    return nil
  }

  /// For so long nothing must happen before an operator does something.
  private static var calmMin: Duration { .seconds(2) }

  /// Looks at the cluster.
  ///
  /// - Parameter node: Somebody who is not asked.
  /// - Returns: What is seen; `nil` if nobody tells.
  private func look(besides node: NodeID? = nil) async -> ChaosSight? {
    let addresses = roster.members.filter { $0.node != node }.map(\.address)
    let connection: ClusterConnection
    do throws(ConnectionError) {
      connection = try await open(addresses)
    } catch {
      return nil  // That is no calm.
    }
    let hand = ClusterOperator<ReferenceParts>(of: connection, patience: .milliseconds(500))
    let sight: ChaosSight?
    do throws(OperatorError) {
      let (membership, layout) = try await hand.current()
      let look = await ClusterLook.at(
        Set(membership.members.keys),
        via: connection.network,
        patience: .milliseconds(300)
      )
      sight = ChaosSight(membership, layout, look)
    } catch {
      sight = nil  // The same.
    }
    await connection.network.close()
    return sight
  }

  /// Ends nodes that belong to the cluster no more, and removes their disks.
  private func dismiss(besides sight: ChaosSight) async {
    for member in roster.members {
      let node = member.node
      if sight.members.contains(node) || sight.names(node) { continue }
      cluster.kill(node)
      guard await cluster.waitForEnd(of: node, patience: .seconds(10)) else { continue }
      roster.remove(node)
      // Nobody needs it; it goes with the cluster's folder.
      try? cluster.wipe(node)
    }
  }

  // MARK: - Acting

  /// Starts another node, and has the cluster take it in.
  func add() async throws(ChaosError) {
    let member: LocalCluster.Member
    do throws(LocalClusterError) {
      member = try cluster.add()
      try cluster.start(member.node)
    } catch {
      throw .cluster(error)
    }
    let others = roster.members
    roster.add(member)
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do throws(ChaosError) {
        return try await operate(via: others) { (hand) async throws(OperatorError) in
          _ = try await hand.add(member.address)
        }
      } catch {
        // It may not listen yet. Who is never taken in is dismissed.
        if ContinuousClock.now > deadline || Task.isCancelled { throw error }
      }
      await pause(.milliseconds(100))
    }
  }

  /// Has others take over from a node.
  ///
  /// - Parameters:
  ///   - node: Which.
  ///   - comesBack: Whether it stands by afterwards, or is removed.
  /// - Throws: ``ChaosError``, if that cannot be wished.
  func release(_ node: NodeID, comesBack: Bool) async throws(ChaosError) {
    try await operate(via: roster.members) { (hand) async throws(OperatorError) in
      try await hand.release([node], comesBack: comesBack)
    }
  }

  /// Ends a node's process well.
  func end(_ node: NodeID) async throws(ChaosError) {
    cluster.signal(node, SIGTERM)
    if await cluster.waitForEnd(of: node, patience: .seconds(20)) { return }
    if !Task.isCancelled { throw .operation("\(node) was told to end, and did not within 20 s") }
  }

  /// Empties the disk of a node that has ended, once others are seen to have all that it has.
  ///
  /// What was seen before it ended may not be so any more: a monitor may have left the others out.
  func wipe(_ node: NodeID) async throws(ChaosError) {
    let deadline = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < deadline, !Task.isCancelled {
      if let sight = await look(besides: node), sight.survivesLoss(of: node) {
        do throws(LocalClusterError) {
          return try cluster.wipe(node)
        } catch {
          throw .cluster(error)
        }
      }
      await pause(.milliseconds(50))
    }
    throw .operation("\(node) keeps its disk, since nobody else is seen to have all of it")
  }

  private func open(
    _ addresses: [NodeAddress]
  ) async throws(ConnectionError) -> ClusterConnection {
    try await ClusterConnection.open(to: addresses, as: .operator, security: security)
  }

  private func operate(
    via members: [LocalCluster.Member],
    _ body: (ClusterOperator<ReferenceParts>) async throws(OperatorError) -> Void
  ) async throws(ChaosError) {
    let connection: ClusterConnection
    do throws(ConnectionError) {
      connection = try await open(members.map(\.address))
    } catch {
      throw .operation("\(error)")
    }
    var trouble: OperatorError?
    do throws(OperatorError) {
      try await body(ClusterOperator<ReferenceParts>(of: connection))
    } catch {
      trouble = error
    }
    await connection.network.close()
    if let trouble { throw .operation("\(trouble)") }
  }

  private func pause(_ duration: Duration) async {
    // Cancelled: whoever pauses looks for that.
    try? await ContinuousClock().sleep(for: duration)
  }
}

internal import CorfuProtocol
public import CorfuStripeMirror

// All nodes of a local cluster at once, for programs that make one, use it and throw it away.

extension LocalCluster {
  /// Begins a cluster of nodes that have just been started, as soon as all of them listen.
  ///
  /// - Parameters:
  ///   - members: Its nodes; those that the shape does not need stand by.
  ///   - stripes: How many chains positions take turns over.
  ///   - replicas: How many units each chain has.
  ///   - patience: How long to wait for them.
  /// - Returns: The way to the nodes, for an operator, which the caller closes; and the layout.
  /// - Throws: ``LocalClusterError/notBegun(_:)``, or ``LocalClusterError/certificates(_:)``.
  public func begin(
    _ members: [Member],
    stripes: Int,
    replicas: Int,
    patience: Duration
  ) async throws(LocalClusterError) -> (network: TCPTransport, layout: Layout) {
    let security = try security(as: .operator)
    let deadline = ContinuousClock.now + patience
    while true {
      let reason: String
      do {
        return try await attempt(members, stripes, replicas, security)
      } catch {
        reason = "\(error)"
      }
      // They may not listen yet.
      if ContinuousClock.now > deadline || Task.isCancelled { throw .notBegun(reason) }
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: .milliseconds(50))
    }
  }

  private func attempt(
    _ members: [Member],
    _ stripes: Int,
    _ replicas: Int,
    _ security: Security
  ) async throws -> (network: TCPTransport, layout: Layout) {
    let connection = try await ClusterConnection.open(
      to: members.map(\.address),
      as: .operator,
      security: security
    )
    do {
      guard connection.met.count == members.count else {
        throw LocalClusterError.notBegun("not all nodes answer")
      }
      let hand = ClusterOperator<ReferenceParts>(of: connection)
      let layout = try await hand.begin(.init(stripes: stripes, replicas: replicas))
      return (connection.network, layout)
    } catch {
      await connection.network.close()
      throw error
    }
  }

  /// Ends the nodes' processes at once, and waits until they have ended, also if its task is
  /// cancelled: what they would still write must not come into a folder that is being removed.
  public func kill(_ members: [Member]) async {
    for member in members { kill(member.node) }
    // A task of its own: nothing of it is hurried by the cancellation that asks for it.
    await Task {
      for member in members { _ = await waitForEnd(of: member.node, patience: .seconds(10)) }
    }.value
  }
}

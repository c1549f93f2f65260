internal import CorfuGlobalLog
public import CorfuProtocol
public import CorfuStripeMirror

// What an operator can want of a cluster: more chains, more nodes or fewer, what is alive moved
// elsewhere. The monitors bring it about.

extension ClusterOperator {
  /// Has new positions rotate over another number of chains.
  ///
  /// - Throws: ``OperatorError/impossible(_:)`` for fewer than there are: chains only come.
  public func setStripes(_ count: Int) async throws(OperatorError) {
    try await change { (membership, layout) throws(OperatorError) in
      let now = layout.spans.last?.stripes.count ?? 1
      if count > 0, count < now {
        throw .impossible("positions rotate over \(now) chains, and fewer are not possible")
      }
      membership.stripes = count
    }
  }

  /// Makes another node known.
  public func add(_ address: NodeAddress) async throws(OperatorError) -> NodeID {
    let welcome: Welcome
    do {
      welcome = try await network.meet(address)
    } catch {
      throw .notMet(error)
    }
    guard welcome.cluster == connection.cluster else {
      throw .otherCluster(address, welcome.cluster)
    }
    try await change { (membership, _) throws(OperatorError) in
      if let before = membership.members[welcome.node], before != address {
        throw .sameName(welcome.node, before)
      }
      membership.members[welcome.node] = address
    }
    return welcome.node
  }

  /// Lets nodes go, once others have what they have.
  ///
  /// - Parameters:
  ///   - nodes: Which.
  ///   - comesBack: Whether they are to stand by afterwards, emptied.
  /// - Throws: ``OperatorError``.
  public func release(_ nodes: Set<NodeID>, comesBack: Bool) async throws(OperatorError) {
    try await change { (membership, layout) throws(OperatorError) in
      for node in nodes.sorted() {
        guard membership.members[node] != nil else { throw .noMember(node, membership) }
        let keeps = layout.units.contains { $0.node == node }
        let leaving = membership.leaving.union(nodes)
        let spares = layout.spares.count { !leaving.contains($0.node) }
        if keeps, spares == 0 { throw .noSpare(node) }
        if comesBack, !keeps {
          throw .impossible(
            "\(node) keeps no entries, so nobody need take over: "
              + "'corfu cluster remove \(node)' lets it go"
          )
        }
        membership.leaving.insert(node)
        if comesBack {
          membership.returning.insert(node)
        } else {
          membership.returning.remove(node)
        }
      }
    }
  }

  /// Lets spares take over from units, as many at once as there are spares; each is emptied and
  /// stands by then.
  ///
  /// - Throws: ``OperatorError``.
  public func remap(_ nodes: [NodeID]) async throws(OperatorError) {
    try await change { (membership, layout) throws(OperatorError) in
      for node in nodes {
        guard membership.members[node] != nil else { throw .noMember(node, membership) }
        guard layout.units.contains(where: { $0.node == node }) else {
          throw .impossible("\(node) keeps nothing that could be moved")
        }
        if !layout.spares.contains(where: { !membership.leaving.contains($0.node) }) {
          throw .noSpare(node)
        }
        if !membership.remaps.contains(node), !membership.leaving.contains(node) {
          membership.remaps.append(node)
        }
      }
    }
  }

  /// Lets a spare take over, unasked, from a unit of which less than so many percent is alive.
  ///
  /// - Parameter percent: `nil` for never again, and not from those that wait for a spare.
  /// - Throws: ``OperatorError``.
  public func remap(below percent: Int?) async throws(OperatorError) {
    try await change { (membership, _) in
      membership.remapPercent = percent ?? 0
      if percent == nil { membership.remaps = [] }
    }
  }
}

internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
public import CorfuStripeMirror
internal import Foundation

// The way back when all nodes have lost the file that says who is in the cluster. Entries and
// layouts are on the disks, and nothing of them is touched.

extension ClusterOperator {
  /// Writes anew who is in a cluster whose nodes have all lost that: the nodes that were met, with
  /// the shape that their layout has.
  ///
  /// Others can be added later. What operators wished beyond the layout is forgotten: who was to
  /// leave, which disks were given up and are still named, whether the monitors are off.
  ///
  /// - Parameters:
  ///   - replicas: How many units a chain should have; `nil` for as many as the longest has.
  ///   - isSure: Whether nodes may be missing that the layout names, or that were named and do not
  ///     answer.
  /// - Returns: The layout, who is a member now, and whom the layout names that is none.
  /// - Throws: ``OperatorError``, and nothing is changed if anybody knows who is in the cluster, or
  ///   a disk is there that may be of another one.
  public func beginAgain(
    replicas: Int? = nil,
    isSure: Bool = false
  ) async throws(OperatorError) -> (layout: Layout, members: Set<NodeID>, missing: Set<NodeID>) {
    if let known = connection.membership { throw .membersKnown(known.members.keys.sorted()) }
    if !isSure, let missed = connection.missed.first {
      throw .impossible(
        "\(missed): start that node, or leave it out with --sure: 'corfu cluster add' takes it in "
          + "later"
      )
    }
    guard let layout = await newestLayout(of: connection.nodes) else {
      throw .notBegunYet(connection.cluster)
    }
    let members = connection.nodes
    try await checkDisks(of: members, in: layout)
    let missing = layout.nodes.subtracting(members)
    if !isSure, !missing.isEmpty {
      let names = missing.sorted().map(\.description).joined(separator: ", ")
      throw .impossible(
        "the layout names \(names), and --connect does not: name them as well, or say with --sure "
          + "that they are added later, or never"
      )
    }
    let membership = membership(for: layout, replicas)
    if let objection = membership.objection { throw .impossible(objection) }
    for node in members.sorted() { try await tell(membership, node) }
    return (layout, members, missing)
  }

  /// Whoever is a member, and has a disk that the layout does not name, is emptied: it must not be
  /// one of another cluster.
  private func checkDisks(of nodes: Set<NodeID>, in layout: Layout) async throws(OperatorError) {
    let look = await ClusterLook.at(nodes, via: network, patience: patience)
    for node in nodes.sorted() {
      guard let status = look.statuses[node] else {
        throw .silent(node, network.trouble(with: node))
      }
      guard let unit = status.unit, unit.tail > .zero || unit.installed != nil else { continue }
      if layout.names(unit.incarnation) { continue }
      throw .impossible(
        "the disk of \(node) was in use, and the layout of epoch \(layout.epoch) does not name it: "
          + "leave \(node) out, and see what it is; 'corfu cluster add' takes it in, and empties it"
      )
    }
  }

  private func membership(for layout: Layout, _ replicas: Int?) -> Membership {
    var random = SystemRandomNumberGenerator()
    let chains = layout.spans.flatMap(\.stripes)
    let acceptors = layout.acceptors.count
    var membership = Membership(
      of: connection.cluster,
      members: Dictionary(uniqueKeysWithValues: connection.met.map { ($0.value, $0.key) }),
      replicas: replicas ?? chains.map(\.replicas.count).max() ?? 1,
      acceptors: acceptors % 2 == 0 ? acceptors + 1 : acceptors,
      stripes: layout.spans.last?.stripes.count ?? 1,
      author: 0
    )
    membership.writeAnew(at: UInt64(max(1, Date().timeIntervalSince1970)), using: &random)
    return membership
  }
}

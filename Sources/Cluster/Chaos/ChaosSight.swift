internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

/// What an operator sees of a cluster before doing something to it.
struct ChaosSight: Equatable, Sendable {
  /// The newest layout's epoch.
  var epoch = Epoch.zero
  /// Who belongs to the cluster.
  var members: Set<NodeID> = []
  /// The units of every chain, those of old positions too.
  var chains: [[UnitName]] = []
  /// Who votes.
  var acceptors: [UnitName] = []
  /// Who stands by.
  var spares: [UnitName] = []
  /// How many units a chain should have.
  var replicas = 1
  /// Disks that serve and know the newest layout, as their nodes say.
  var serving: Set<UnitName> = []
  /// Whether something is under way: a wish, a change, a copy, or somebody is not heard.
  var isBusy = false

  /// Whether everybody whom the layout names is there, chains are as long as they should be, and
  /// nothing is under way.
  ///
  /// Members that no layout names may be left: who came and went often has to wait for its return.
  var isCalm: Bool {
    let named = Set(chains.joined()).union(acceptors).union(spares)
    return !isBusy && !chains.isEmpty && named.isSubset(of: serving)
      && chains.allSatisfy { $0.count >= replicas }
  }

  /// Whether a node's disk keeps entries.
  func keepsEntries(_ node: NodeID) -> Bool {
    chains.contains { chain in chain.contains { $0.node == node } }
  }

  /// Whether the layout names a disk of a node.
  func names(_ node: NodeID) -> Bool {
    keepsEntries(node) || (acceptors + spares).contains { $0.node == node }
  }

  /// Whether somebody else stands by who could take over from a node.
  func hasSpare(besides node: NodeID) -> Bool {
    spares.contains { $0.node != node && serving.contains($0) }
  }

  /// Whether nothing is lost with a node's disk: each chain keeps a unit that has all and serves,
  /// and most acceptors are others.
  func survivesLoss(of node: NodeID) -> Bool {
    let stays = { (unit: UnitName) in unit.node != node && serving.contains(unit) }
    let isKept = chains.allSatisfy { chain in
      !chain.contains { $0.node == node } || chain.contains(where: stays)
    }
    return isKept && !chains.isEmpty && acceptors.count(where: stays) * 2 > acceptors.count
  }
}

extension ChaosSight {
  /// What nodes say, put together.
  ///
  /// - Parameters:
  ///   - membership: Who there is, and what is wanted.
  ///   - layout: The newest.
  ///   - look: What the members answered; who did not serves nothing.
  init(_ membership: Membership, _ layout: Layout, _ look: ClusterLook) {
    epoch = layout.epoch
    members = Set(membership.members.keys)
    chains = layout.chains.map(\.replicas)
    acceptors = layout.acceptors
    spares = layout.spares
    replicas = membership.replicas
    let newest = layout.id
    for (node, status) in look.statuses {
      guard let unit = status.unit, !unit.hasFailed, !unit.isInDoubt, unit.damage.isEmpty,
        unit.admission == .serves, status.newest == newest
      else { continue }
      serving.insert(UnitName(node: node, incarnation: unit.incarnation))
    }
    let isUnderWay = look.statuses.values.contains { status in
      guard let view = status.view else { return false }
      return view.isChanging || view.copy != nil || !view.unheard.isEmpty || !view.suspects.isEmpty
    }
    isBusy =
      isUnderWay || !membership.leaving.isEmpty || !membership.remaps.isEmpty
      || !membership.isAutomatic
  }
}

internal import CorfuGlobalLog
public import CorfuPaxosConfigurator
public import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror

/// What the nodes of a cluster said of themselves when they were last asked.
public struct ClusterLook: Equatable, Sendable {
  /// What each said that answered.
  public var statuses: [NodeID: NodeStatus]

  /// A look.
  public init(_ statuses: [NodeID: NodeStatus] = [:]) {
    self.statuses = statuses
  }

  /// Asks nodes, all at once.
  ///
  /// - Parameters:
  ///   - nodes: Whom.
  ///   - network: The way to them.
  ///   - patience: How long to wait for each.
  /// - Returns: What they said.
  public static func at(
    _ nodes: Set<NodeID>,
    via network: some Transport,
    patience: Duration
  ) async -> ClusterLook {
    await withTaskGroup(of: (NodeID, NodeStatus?).self) { group in
      for node in nodes.sorted() {
        group.addTask {
          // Silence is what a look is for.
          let reply = try? await network.call(.status, to: node, patience: patience)
          guard case .status(let status)? = reply else { return (node, nil) }
          return (node, status)
        }
      }
      var look = ClusterLook()
      for await (node, status) in group { look.statuses[node] = status }
      return look
    }
  }

  /// The disk that a node has, if it is well.
  public func unit(of node: NodeID) -> UnitName? {
    guard let unit = statuses[node]?.unit, !unit.hasFailed else { return nil }
    return UnitName(node: node, incarnation: unit.incarnation)
  }

  /// Who is there, as a plan wants to know it.
  public func sight(of layout: Layout) -> ClusterSight {
    let nodes = statuses.keys.sorted()
    let units = nodes.compactMap { unit(of: $0) }
    // An older image of a disk counts as no disk at all: whoever relied on it would lose entries.
    let outdated = outdated
    let forgetful = forgetful(in: layout).union(outdated)
    let fresh = units.filter { unit in
      guard let status = statuses[unit.node]?.unit, !layout.names(unit),
        !outdated.contains(unit)
      else { return false }
      return status.tail == .zero && status.installed == nil || planted(.takesBackUnreset)
    }
    // A node that does nothing else is the better sequencer, and nothing lost with it.
    let sequencers = nodes.filter { statuses[$0]?.sequencer != nil }.sorted { left, right in
      let (one, other) = (statuses[left]?.unit == nil, statuses[right]?.unit == nil)
      return one == other ? left < right : one
    }
    return ClusterSight(
      units: Set(units).subtracting(forgetful),
      fresh: fresh,
      sequencers: sequencers.compactMap { node in
        statuses[node]?.sequencer.map { SequencerName(node: node, boot: $0.boot) }
      },
      forgetful: forgetful,
      waiting: Set(waiting.map(\.disk))
    )
  }

  /// Units that may have forgotten something, while others of their chains have not: they count as
  /// dead, and come back emptied (D7).
  ///
  /// One that nobody could stand in for keeps its place: an operator must say what is to become of
  /// what it forgot (R24).
  private func forgetful(in layout: Layout) -> Set<UnitName> {
    let isInDoubt = { (name: UnitName) in
      self.unit(of: name.node) == name && self.statuses[name.node]?.unit?.isInDoubt == true
    }
    let isSure = { (name: UnitName) in self.unit(of: name.node) == name && !isInDoubt(name) }
    let irreplaceable = layout.chains.filter { !$0.replicas.contains(where: isSure) }
    let kept = Set(irreplaceable.flatMap(\.replicas))
    return Set((layout.units + layout.spares).filter(isInDoubt)).subtracting(kept)
  }

  /// Disks that answered, that the layout does not name, and of whose content nobody knows whether
  /// it is true (R29).
  ///
  /// Never one that the layout names on another node: that somebody mixed up folders is no reason
  /// to empty the disk, which may be the only one that has what the layout needs.
  public func returned(to layout: Layout) -> [UnitName] {
    statuses.keys.sorted().compactMap { node in
      guard let unit = unit(of: node), let status = statuses[node]?.unit,
        !layout.names(unit.incarnation),
        status.tail > .zero || status.installed != nil || outdated.contains(unit)
      else { return nil }
      return unit
    }
  }
}

extension Layout {
  /// Every node that has any part in the layout.
  public var nodes: Set<NodeID> {
    Set((units + spares + acceptors).map(\.node)).union([sequencer.node])
  }
}

internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
public import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

// What can be done to the nodes of stage 6, and how what people want comes about.

extension Stage6 {
  /// Starts a node that is down.
  public func start(
    _ id: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(ClusterError) {
    try await cluster.start(id, using: &random)
    state.withLock { $0.notOpened[id] = nil }
  }

  /// Ends a node at once, and its monitor with it.
  public func kill(_ id: NodeID) async throws(ClusterError) {
    unseat(id)
    try await cluster.kill(id)
  }

  /// Lets a node's monitor stand still, or go on: what the network does to a paused node.
  public func setAsleep(_ isAsleep: Bool, _ id: NodeID) {
    state.withLock { state in
      if isAsleep { state.asleep.insert(id) } else { state.asleep.remove(id) }
    }
    if isAsleep { unseat(id) }
  }

  /// Why a node's folder could not be opened; `nil` if it could.
  public func obstacle(of id: NodeID) -> ClusterError? { state.withLock { $0.notOpened[id] } }

  /// Puts an empty disk in the place of a node's: it starts as somebody new.
  public func wipe(
    _ id: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(ClusterError) {
    guard cluster.unitIDs.contains(id) else { throw .noSuchNode(id) }
    if cluster.node(id) != nil { try await kill(id) }
    try await cluster.erase(id)
    try await start(id, using: &random)
  }

  /// Makes another storage unit, which stands by until it is needed.
  ///
  /// - Returns: Its name.
  public func add(
    using random: inout some RandomNumberGenerator
  ) async throws(ClusterError) -> NodeID {
    let id = NodeID(state.withLock { $0.roster.next })
    try await keepRoster { roster in
      roster.next += 1
      roster.units.append(id)
    }
    cluster.enlist(id)
    try await cluster.start(id, using: &random)
    wishes.change { wishes in
      wishes.peers.insert(id)
      if cluster.unitIDs.count >= 3 { wishes.goal.acceptors = 3 }
    }
    return id
  }

  /// Lets a node go, once others have what it has: it is stopped then, and its folder emptied.
  public func remove(_ id: NodeID) async throws(ClusterError) {
    try await leave(id, comesBack: false)
  }

  /// Lets a spare take over from a unit, which is emptied then and stands by itself.
  public func replace(_ id: NodeID) async throws(ClusterError) {
    guard cluster.unitIDs.contains(id) else { throw .noSuchNode(id) }
    try await leave(id, comesBack: true)
  }

  private func leave(_ id: NodeID, comesBack: Bool) async throws(ClusterError) {
    guard let layout = cluster.layout else { throw .notOpen }
    guard cluster.nodeIDs.contains(id) else { throw .noSuchNode(id) }
    if layout.units.contains(where: { $0.node == id }), !hasSpare { throw .noSpare(id) }
    try await keepRoster { roster in
      if !roster.leaving.contains(id) { roster.leaving.append(id) }
      roster.returning.removeAll { $0 == id }
      if comesBack { roster.returning.append(id) }
    }
    wishes.change { wishes in
      wishes.goal.leaving.insert(id)
      if comesBack { wishes.returning.insert(id) } else { wishes.returning.remove(id) }
    }
  }

  private var hasSpare: Bool { remapping.map { $0.sparesReady > 0 } ?? false }

  /// What says which units are remapped next; `nil` while there is no layout.
  private var remapping: RemapPolicy? {
    cluster.layout.map { layout in
      let present = cluster.unitIDs.filter { cluster.node($0) != nil }
      return RemapPolicy(layout: layout, goal: wishes.value.goal, present: Set(present))
    }
  }

  /// Lets spares take over from units, as many at once as there are spares.
  ///
  /// Compaction by remapping: what is alive of a unit is copied together on the spare, the unit is
  /// emptied and stands by for those that still wait. The layout says where the entries are now.
  /// (TOCS 2013, 3.4.)
  public func remap(_ nodes: [NodeID]) async throws(ClusterError) {
    for id in nodes where !cluster.unitIDs.contains(id) { throw .noSuchNode(id) }
    if let first = nodes.first, !hasSpare { throw .noSpare(first) }
    try await keepRoster { roster in
      roster.remaps += nodes.filter { !roster.remaps.contains($0) }
    }
  }

  /// Below which share of live bytes a unit is remapped without being asked; `nil` for never.
  public var remapShare: Double? { state.withLock { $0.roster.remapShare } }

  /// Changes ``remapShare``; with `nil` those that wait for a spare are not remapped either.
  public func setRemapShare(_ share: Double?) async throws(ClusterError) {
    try await keepRoster { roster in
      roster.remapShare = share
      if share == nil { roster.remaps = [] }
    }
  }

  /// Over how many chains new positions should rotate: more need spares.
  public func setStripes(_ count: Int) async throws(ClusterError) {
    try await keepRoster { $0.stripes = count }
    wishes.change { $0.goal.stripes = count }
  }

  /// Changes who there is, and what is wanted, durably.
  func keepRoster(_ change: (inout ClusterRoster) -> Void) async throws(ClusterError) {
    let roster = state.withLock { state in
      change(&state.roster)
      return state.roster
    }
    do {
      try await onRoster(roster)
    } catch {
      throw .notKept(error)
    }
  }

  // MARK: - Wishes

  /// Brings to an end what the monitors have prepared: a node that no layout names any more goes,
  /// or is new again.
  func grantWishes() async {
    guard let layout = cluster.layout, state.withLock({ $0.isOpen }) else { return }
    let wishes = wishes.value
    for id in wishes.goal.leaving.sorted() where !layout.nodes.contains(id) {
      if wishes.returning.contains(id) {
        guard let unit = cluster.node(id)?.unit, unit.installed == nil, unit.tail == .zero else {
          continue
        }
      } else {
        await part(from: id)
      }
      onEvent(wishes.returning.contains(id) ? .emptied(id) : .removed(id))
      self.wishes.change { wishes in
        wishes.goal.leaving.remove(id)
        wishes.returning.remove(id)
      }
      await forgetWish(of: id)
    }
    let next = remapping?.turn(of: state.withLock { $0.roster.remaps }) ?? []
    if next.isEmpty { return }
    for id in next {
      // One that is gone by now has nothing to remap.
      try? await replace(id)
    }
    // If it cannot be kept, the next session remaps them again.
    try? await keepRoster { $0.remaps.removeAll { next.contains($0) } }
  }

  private func part(from id: NodeID) async {
    // It may be down already, and its folder gone.
    try? await kill(id)
    // What is left of a folder that nothing names does no harm.
    if cluster.unitIDs.contains(id) { try? await cluster.erase(id) }
    cluster.dismiss(id)
    wishes.change { $0.peers.remove(id) }
  }

  private func forgetWish(of id: NodeID) async {
    let members = cluster.members
    // If it cannot be kept, the next session grants it again.
    try? await keepRoster { roster in
      roster.units = members.units
      roster.sequencers = members.sequencers
      roster.leaving.removeAll { $0 == id }
      roster.returning.removeAll { $0 == id }
    }
  }

  /// Remaps the unit with the least alive, if that is little and people want it.
  func considerRemapping() async {
    guard let share = remapShare, let policy = remapping,
      state.withLock({ $0.roster.remaps.isEmpty })
    else { return }
    var rooms: [NodeID: RemapPolicy.Room] = [:]
    for id in policy.layout.units.map(\.node) {
      guard case .space(let space)? = await cluster.node(id)?.handle(.space) else { continue }
      rooms[id] = RemapPolicy.Room(live: space.liveBytes, total: space.totalBytes)
    }
    guard let worst = policy.worthwhile(of: rooms, below: share) else { return }
    // Not now: it is looked at again later.
    try? await remap([worst])
  }
}

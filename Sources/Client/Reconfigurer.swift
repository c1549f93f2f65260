internal import CorfuGlobalLog
public import CorfuPaxosConfigurator
public import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror
internal import CorfuWriteOnce

/// Carries a cluster from one layout to the next.
///
/// Look, seal, read the tails, let the acceptors decide, install. Anybody may run it, at any time:
/// two at once help each other, and what one leaves half-done the next one finishes. (TOCS 2013,
/// 3.1; rules R11, R22–R28.)
public struct Reconfigurer<Network: Transport, Time: Clock, Kit: Parts>: Sendable
where Time.Duration == Duration {
  let network: Network
  let clock: Time
  /// How long to wait for a sign of life.
  var patience: Duration
  /// How long to wait for what has to be durable first: a sealed epoch waits for all of it, and a
  /// vote that nobody waits for has stopped the log for nothing.
  var diskPatience: Duration { patience * 5 }
  let proposers: ProposerSource

  /// A reconfigurer, for one life of a process.
  ///
  /// - Parameters:
  ///   - network: The way to the nodes.
  ///   - clock: What waits are measured by.
  ///   - patience: How long to wait for a sign of life; for a disk five times as long.
  ///   - random: Draws who proposes.
  public init(
    network: Network,
    clock: Time,
    patience: Duration,
    using random: inout some RandomNumberGenerator
  ) {
    self.network = network
    self.clock = clock
    self.patience = patience
    proposers = ProposerSource(using: &random)
  }

  /// What is to be brought about.
  public struct Order: Sendable {
    /// The newest layout that is known.
    public var base: Layout
    /// What the cluster should be like.
    public var goal: ClusterGoal
    /// Nodes that may be there besides those of the layout.
    public var peers: Set<NodeID>
    /// Nodes that are to be taken for dead, whatever they say.
    public var shunned: Set<NodeID>
    /// Units that have caught up with a chain.
    public var joins: [SpanJoin]
    /// Nodes whose disks keep entries and that are believed to be alive: without an answer from
    /// them nothing is changed.
    public var awaited: Set<NodeID> = []
    /// Nodes that may not be taken in, though they are there.
    public var barred: Set<NodeID> = []
    /// Whether those who are shunned are still to be taken for dead, asked before anything is
    /// closed.
    public var isFounded: @Sendable () -> Bool = { true }
    /// Whether to end the epoch of ``base`` even if the next one says the same.
    public var isForced: Bool

    /// An order.
    public init(
      base: Layout,
      goal: ClusterGoal,
      peers: Set<NodeID> = [],
      shunned: Set<NodeID> = [],
      joins: [SpanJoin] = [],
      isForced: Bool = false
    ) {
      self.base = base
      self.goal = goal
      self.peers = peers
      self.shunned = shunned
      self.joins = joins
      self.isForced = isForced
    }

    /// What a look shows of those who may take part.
    func sight(_ look: ClusterLook) -> ClusterSight {
      var sight = look.sight(of: base)
      sight.fresh.removeAll { barred.contains($0.node) }
      return sight
    }
  }

  /// Brings the next layout into force, if there is a reason for one.
  ///
  /// - Returns: The newest layout. It may be another's, who was faster.
  /// - Throws: ``ReconfigurationError``. The epoch may be sealed by then: run it again.
  public func run(_ order: Order) async throws(ReconfigurationError) -> Layout {
    let begun = order.base.epoch
    var order = order
    order.base = await newest(from: order.base, and: order.peers, without: order.shunned)
    let layout = order.base
    // What was to be ended by force is over.
    let isLate = layout.epoch > begun
    if isLate { order.isForced = false }
    // Look, then seal: who seals first and finds too few left has stopped the log for nothing.
    let look = await look(order)
    let sight = order.sight(look)
    try proveQuorum(of: layout, in: sight)
    try proveHeard(order, look)
    let plan = try ReconfigurationPlan.checked(layout, sight, order)
    guard plan.isNeeded || order.isForced else {
      // Whoever brought it about may have stopped before all had heard of it.
      if isLate { await install(layout, telling: order.peers) }
      return layout
    }
    if !order.isFounded() { throw .unfounded }
    // Seal before reading the tail: a write admitted between the two would be invisible to the
    // next epoch.
    let seals = await seal(layout, sight)
    let others = order.peers.union(layout.nodes)
    if seals.values.contains(where: { $0.sealed > layout.epoch }) {
      // Somebody was further, so what comes next was decided.
      let chosen = try await learnSuccessor(of: layout)
      let streams = await census(for: chosen, after: layout, look)
      await install(chosen, telling: others, streams: streams)
      return chosen
    }
    try proveSealed(order, sight, seals)
    let oldTail = await sealSequencer(order)
    let next = try await decideLayout(order, sight, seals, oldTail)
    // Beside the vote: an append waits for the slower of the two, and not for both.
    async let streams = census(for: next, after: layout, look)
    let chosen = try await propose(next, after: layout)
    let known = await streams
    let isMine = chosen == next
    await install(
      chosen,
      telling: others,
      streams: isMine ? known : await census(for: chosen, after: layout, look)
    )
    return chosen
  }

  private func proveHeard(_ order: Order, _ look: ClusterLook) throws(ReconfigurationError) {
    let awaited = order.awaited.intersection(order.base.units.map(\.node))
    let unheard = awaited.subtracting(look.statuses.keys).sorted()
    if !unheard.isEmpty { throw .unheard(unheard) }
  }

  /// Proves that nobody who answered is left behind for a slow disk.
  ///
  /// The seal is on its way all the same: who comes next finds it done.
  private func proveSealed(
    _ order: Order,
    _ sight: ClusterSight,
    _ seals: [UnitName: UnitSeal]
  ) throws(ReconfigurationError) {
    if planted(.keepsUnsealed) { return }
    let late = order.base.units.filter { unit in
      order.awaited.contains(unit.node) && sight.units.contains(unit) && seals[unit] == nil
    }
    if !late.isEmpty { throw .notSealed(late) }
  }

  /// Where the streams end; nobody is asked if the sequencer simply goes on, and knows better.
  private func census(
    for next: Layout,
    after layout: Layout,
    _ look: ClusterLook
  ) async -> StreamCensus {
    let sequencer = look.statuses[next.sequencer.node]?.sequencer
    let reign = Reign(epoch: next.epoch, boot: next.sequencer.boot, firstTail: next.firstTail)
    if let sequencer, sequencer.boot == reign.boot, sequencer.serving == layout.id,
      reign.goesOn(from: layout.epoch)
    {
      return .unknown
    }
    return await census(for: next, after: layout)
  }

  /// The newest layout that anybody has heard of.
  public func newest(
    from layout: Layout,
    and peers: Set<NodeID> = [],
    without shunned: Set<NodeID> = []
  ) async -> Layout {
    var newest = layout
    while true {
      let heard = await ask(.newestLayout, newest.nodes.union(peers).subtracting(shunned))
      let best = heard.values.compactMap { reply in
        if case .newestLayout(let layout) = reply { layout } else { nil }
      }.max { $0.epoch < $1.epoch }
      guard let best, best.epoch > newest.epoch else { return newest }
      newest = best
    }
  }

  private func look(_ order: Order, isForced: Bool = false) async -> ClusterLook {
    let nodes = order.base.nodes.union(order.peers).subtracting(order.shunned)
    var look = await ClusterLook.at(nodes, via: network, patience: patience)
    // Whom nobody suspects may only have missed the question.
    let silent = order.base.nodes.subtracting(order.shunned).subtracting(look.statuses.keys)
    if !silent.isEmpty {
      let second = await ClusterLook.at(silent, via: network, patience: patience)
      look.statuses.merge(second.statuses) { $1 }
    }
    return await admit(look, order.base, isForced: isForced)
  }

  /// Has disks let in that were put to work again: none is sealed, nor votes, before that (D12).
  private func admit(_ look: ClusterLook, _ layout: Layout, isForced: Bool) async -> ClusterLook {
    let waiting = Set(look.waiting.map(\.disk.node))
    if waiting.isEmpty { return look }
    await Admission(network: network, patience: diskPatience)
      .run(look, under: layout, isForced: isForced)
    var look = look
    let second = await ClusterLook.at(waiting, via: network, patience: patience)
    look.statuses.merge(second.statuses) { $1 }
    return look
  }

  private func proveQuorum(
    of layout: Layout,
    in sight: ClusterSight
  ) throws(ReconfigurationError) {
    let all = layout.acceptors.count
    let found = layout.acceptors.count { sight.units.contains($0) }
    if found < all / 2 + 1 { throw .noQuorum(found: found, of: all) }
  }

  /// Brings the next layout into force without a vote: for the day on which the majority of the
  /// acceptors is lost for good.
  ///
  /// Those that are left do not know what those that are gone have decided. So this is for an
  /// operator, who knows that nobody else is at it. The layout begins a new generation, far above
  /// every epoch that anybody may have heard of (R24).
  ///
  /// - Returns: The layout in force.
  /// - Throws: ``ReconfigurationError``, if a chain has no survivor.
  public func appointAcceptors(_ order: Order) async throws(ReconfigurationError) -> Layout {
    var order = order
    let newest = await self.newest(from: order.base, and: order.peers, without: order.shunned)
    if !planted(.appointsUnasked) { order.base = newest }
    let layout = order.base
    let sight = order.sight(await look(order, isForced: true))
    _ = try ReconfigurationPlan.checked(layout, sight, order)
    let seals = await seal(layout, sight)
    if seals.values.contains(where: { $0.sealed > layout.epoch }) { throw .overtaken }
    let oldTail = await sealSequencer(order)
    var next = try await decideLayout(order, sight, seals, oldTail)
    next.acceptors.removeAll { !sight.units.contains($0) }
    next.openings = next.openings.filter { next.names($0.key) }
    next.generation += 1
    next.epoch = Epoch(layout.epoch.number + Layout.epochsPerGeneration)
    do throws(LayoutError) {
      try next.validate()
    } catch {
      throw .invalid(error)
    }
    let streams = await census(for: next, after: layout)
    await install(next, telling: order.peers.union(layout.nodes), streams: streams)
    return next
  }

  // MARK: - The end of an epoch

  /// Closes an epoch on every unit that answers.
  private func seal(
    _ layout: Layout,
    _ sight: ClusterSight
  ) async -> [UnitName: UnitSeal] {
    var units = (layout.units + layout.spares).filter { sight.units.contains($0) }
    if planted(.keepsUnsealed) { units = layout.chains.first?.replicas ?? [] }
    return await withTaskGroup(of: (UnitName, UnitSeal?).self) { group in
      for unit in units { group.addTask { (unit, await self.seal(layout.epoch, unit)) } }
      return await group.reduce(into: [UnitName: UnitSeal]()) { $0[$1.0] = $1.1 }
    }
  }

  /// Closes an epoch on a unit; asks twice, since who does not answer is left behind.
  private func seal(_ epoch: Epoch, _ unit: UnitName) async -> UnitSeal? {
    let request = Request.sealUnit(SealRequest(epoch: epoch, incarnation: unit.incarnation))
    for patience in [patience, diskPatience] {
      // Silence is an answer here, and the same whatever its reason.
      let reply = try? await network.call(request, to: unit.node, patience: patience)
      if case .unitSealed(let seal)? = reply { return seal }
      if reply != nil { return nil }
    }
    return nil
  }

  /// Closes the sequencer's epoch, if it answers: the units know all that matters (R22).
  private func sealSequencer(_ order: Order) async -> Position? {
    let node = order.base.sequencer.node
    let request = Request.sealSequencer(SealRequest(epoch: order.base.epoch))
    // Whoever is taken for dead gets a last chance, and not a long one: the log stands still.
    let isShunned = order.shunned.contains(node)
    let patience = isShunned ? patience / 4 : patience
    // Silence is an answer here, and the same whatever its reason.
    let reply = try? await network.call(request, to: node, patience: patience)
    guard case .sequencerSealed(let tail)? = reply else { return nil }
    return tail
  }

  /// What comes next, by those who are sealed, and by nobody else.
  private func decideLayout(
    _ order: Order,
    _ sight: ClusterSight,
    _ seals: [UnitName: UnitSeal],
    _ oldTail: Position?
  ) async throws(ReconfigurationError) -> Layout {
    let layout = order.base
    var sealed = sight
    if !planted(.keepsUnsealed) {
      let known = Set(layout.units + layout.spares)
      sealed.units = sight.units.filter { !known.contains($0) || seals[$0] != nil }
    }
    var order = order
    order.joins = await copyLateTrims(for: order.joins, in: layout, sealed)
    let plan = try ReconfigurationPlan.checked(layout, sealed, order)
    let kept = plan.kept.compactMap { seals[$0] }
    let end = ReignEnd(
      firstTail: layout.firstTail,
      sequencerTail: oldTail,
      replicas: kept.map {
        ReplicaEnd(highest: $0.tail > .zero ? $0.tail.advanced(by: -1) : nil, trimMark: $0.trimMark)
      }
    )
    return plan.layout(
      firstTail: Kit.Tokens.firstTail(after: end),
      isEndKnown: oldTail != nil,
      trimMark: kept.map(\.trimMark).min() ?? .zero,
      openings: seals.compactMapValues(\.opening)
    )
  }

  /// Copies to newcomers the trims that were made since their copies began: last, and under the
  /// seal, when nobody trims any more (R28).
  ///
  /// - Returns: Those who have them all.
  private func copyLateTrims(
    for joins: [SpanJoin],
    in layout: Layout,
    _ sight: ClusterSight
  ) async -> [SpanJoin] {
    if planted(.joinsWithoutTrims) { return joins }
    var ready: [SpanJoin] = []
    for join in joins where sight.units.contains(join.unit) {
      let span = layout.span(of: join.begin)
      guard span.stripes.indices.contains(join.stripe) else { continue }
      let source = span.stripes[join.stripe].replicas.last { sight.units.contains($0) }
      guard let source else { continue }
      let copy = LateTrims(
        source: remote(source, layout),
        target: remote(join.unit, layout),
        range: join.begin..<join.end
      )
      // Without them it stays a newcomer, and tries again.
      if await copy.run() { ready.append(join) }
    }
    return ready
  }

  private func remote(_ unit: UnitName, _ layout: Layout) -> CopyEnd<Network> {
    CopyEnd(unit, layout: layout.id, network: network, patience: diskPatience)
  }

  // MARK: - Asking

  func ask(_ request: Request, _ node: NodeID) async -> Reply? {
    // Silence is an answer here, and the same whatever its reason.
    try? await network.call(request, to: node, patience: patience)
  }

  private func ask(_ request: Request, _ nodes: Set<NodeID>) async -> [NodeID: Reply] {
    await withTaskGroup(of: (NodeID, Reply?).self) { group in
      for node in nodes.sorted() { group.addTask { (node, await self.ask(request, node)) } }
      return await group.reduce(into: [NodeID: Reply]()) { $0[$1.0] = $1.1 }
    }
  }
}

extension ReconfigurationPlan {
  /// The plan for an order.
  fileprivate static func checked<Network, Time, Kit>(
    _ layout: Layout,
    _ sight: ClusterSight,
    _ order: Reconfigurer<Network, Time, Kit>.Order
  ) throws(ReconfigurationError) -> ReconfigurationPlan {
    do {
      return try ReconfigurationPlan(
        after: layout,
        seeing: sight,
        goal: order.goal,
        joins: order.joins,
        by: Kit.Planner.self
      )
    } catch {
      throw .plan(error)
    }
  }
}

internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
public import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror
internal import Synchronization

/// Looks after a cluster: notices who is dead and brings a layout into force without it, and has
/// what was lost copied to others.
///
/// Any number of monitors look after one cluster. They need not know of each other: a change that
/// two begin is made once. Only time is measured here, never told: no clocks are compared. (Rules
/// R22, R25, R28, R29.)
public final class Monitor<Network: Transport, Time: Clock, Kit: Parts>: Sendable
where Time.Duration == Duration {
  private let network: Network
  private let clock: Time
  private let limits: MonitorLimits
  private let reconfigurer: Reconfigurer<Network, Time, Kit>
  private let rebuilder: Rebuilder<Network, Time, Kit>
  private let client: Client<Network, Time, Kit>
  private let wishes: @Sendable () -> ClusterWishes
  private let onEvent: @Sendable (MonitorEvent) -> Void
  private let begin: Time.Instant
  /// How many monitors go first, where one is enough.
  private let rank: Int
  private let state: Mutex<State>

  private struct State: Sendable {
    var status: MonitorStatus
    var detector: FailureDetector
    /// Since when something is to be done; `nil` if nothing is.
    var neededSince: Duration?
    /// Since when the epoch is closed, and none came after it.
    var halfDoneSince: Duration?
    /// Whether it is changing the layout itself.
    var isChanging = false
    var pause: Duration
    var resting = Duration.zero
  }

  /// A monitor.
  ///
  /// - Parameters:
  ///   - rank: Its place among the monitors of the cluster: those with a lower one act first.
  ///   - layout: A layout to begin with, which may be old.
  ///   - network: The way to the nodes.
  ///   - clock: What waits are measured by.
  ///   - limits: How often and how long.
  ///   - clientLimits: How patient it is when it fills and copies.
  ///   - random: Draws who it is.
  ///   - wishes: What people want of the cluster now.
  ///   - onEvent: Hears what it does.
  public init(
    rank: Int,
    layout: Layout,
    network: Network,
    clock: Time,
    limits: MonitorLimits = MonitorLimits(),
    clientLimits: ClientLimits = ClientLimits(),
    using random: inout some RandomNumberGenerator,
    wishes: @escaping @Sendable () -> ClusterWishes,
    onEvent: @escaping @Sendable (MonitorEvent) -> Void = { _ in }
  ) {
    self.rank = rank
    self.network = network
    self.clock = clock
    self.limits = limits
    self.wishes = wishes
    self.onEvent = onEvent
    begin = clock.now
    reconfigurer = Reconfigurer(
      network: network,
      clock: clock,
      patience: limits.patience,
      using: &random
    )
    client = Client(
      id: ClientID(using: &random),
      layout: layout,
      network: network,
      clock: clock,
      limits: clientLimits
    )
    rebuilder = Rebuilder(client: client, limits: limits.rebuild)
    state = Mutex(
      State(
        status: MonitorStatus(layout: layout),
        detector: FailureDetector(silenceMax: limits.silenceMax),
        pause: limits.pauseMin
      )
    )
  }

  /// What it sees and does.
  public var status: MonitorStatus { state.withLock { $0.status } }

  /// Whether nothing is left to do.
  ///
  /// Nobody is silent whose fate is open, and there is nothing to change, to tell or to copy.
  /// Without ``ClusterWishes/isAutomatic`` only the first counts.
  public var isAtRest: Bool {
    let (status, wishes) = (status, wishes())
    let asked = status.layout.nodes.union(wishes.peers)
    let silent = asked.subtracting(status.look.statuses.keys)
    if !wishes.isAutomatic { return silent.isSubset(of: status.suspects) }
    let sight = sight(status)
    let tasks = RebuildPlan.tasks(in: status.layout, seeing: sight, goal: wishes.goal)
    let isBehind = (status.layout.units + status.layout.spares).contains { unit in
      guard status.look.unit(of: unit.node) == unit else { return false }
      let installed = status.look.statuses[unit.node]?.unit?.installed?.epoch
      return installed ?? .zero < status.layout.epoch
    }
    return silent.isSubset(of: status.suspects) && tasks.isEmpty && !isBehind
      && !isHalfDone(status) && plan(status)?.isNeeded == false
      && status.look.returned(to: status.layout).isEmpty
  }

  private var now: Duration { begin.duration(to: clock.now) }

  private var layout: Layout { status.layout }

  /// Looks after the cluster until its task is cancelled.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watch() }
      group.addTask { await self.rebuild() }
      await group.waitForAll()
    }
  }

  private func sleep(_ duration: Duration) async {
    // Cancelled: the loop that sleeps looks for that.
    try? await clock.sleep(for: duration)
  }

  // MARK: - Watching

  private func watch() async {
    while !Task.isCancelled {
      await observe()
      if wishes().isAutomatic { await act() }
      await sleep(limits.interval)
    }
  }

  /// Asks everybody how they are.
  private func observe() async {
    let nodes = layout.nodes.union(wishes().peers)
    let look = await ClusterLook.at(nodes, via: network, patience: limits.patience)
    if Task.isCancelled { return }
    let heard = Set(look.statuses.keys)
    let suspected = state.withLock { state in
      state.status.look = look
      state.detector.forget(except: nodes)
      let suspected = state.detector.observe(
        heard: heard,
        silent: nodes.subtracting(heard),
        at: now
      )
      state.status.suspects = state.detector.suspects
      return suspected
    }
    for node in suspected { onEvent(.suspected(node)) }
    let newest = look.statuses.values.compactMap(\.newest?.epoch).max() ?? .zero
    if newest > layout.epoch {
      adopt(await reconfigurer.newest(from: layout, and: nodes))
    }
  }

  private func adopt(_ layout: Layout) {
    let isNew = state.withLock { state in
      guard layout.epoch > state.status.layout.epoch else { return false }
      state.status.layout = layout
      return true
    }
    client.layouts.adopt(layout)
    if isNew { onEvent(.adopted(layout.epoch)) }
  }

  // MARK: - Acting

  /// Does what is to be done, unless somebody of a lower rank is likely to.
  private func act() async {
    let status = status
    await bringForward(status)
    let isNeeded = plan(status)?.isNeeded ?? true
    let isHalfDone = isHalfDone(status)
    let mayAct = state.withLock { state in
      state.halfDoneSince = isHalfDone ? state.halfDoneSince ?? now : nil
      state.neededSince = isNeeded ? state.neededSince ?? now : nil
      if !isNeeded && !isHalfDone { state.status.trouble = nil }
      if state.isChanging || now < state.resting { return false }
      let courtesy = limits.interval * (2 * rank)
      if let since = state.neededSince, now - since >= courtesy { return true }
      // Most often somebody is at it, and done in a moment.
      guard let since = state.halfDoneSince else { return false }
      return now - since >= limits.patience * 2 + courtesy
    }
    if mayAct { await change() }
    await resetReturned(status)
  }

  /// Tells nodes what they have missed (R27).
  private func bringForward(_ status: MonitorStatus) async {
    let layout = status.layout
    let id = layout.id
    let install = Request.install(InstallRequest(layout: layout))
    for unit in layout.units + layout.spares where status.look.unit(of: unit.node) == unit {
      let known = status.look.statuses[unit.node]?.unit?.installed
      if known?.epoch ?? .zero < layout.epoch { await tell(install, unit.node) }
    }
    let sequencer = status.look.statuses[layout.sequencer.node]?.sequencer
    if let sequencer, sequencer.boot == layout.sequencer.boot, sequencer.serving != id,
      sequencer.sealed ?? .zero < layout.epoch
    {
      let streams = await reconfigurer.census(for: layout, after: nil)
      let reign = ReignRequest(layout: layout, streams: streams)
      await tell(.reign(reign), layout.sequencer.node)
    }
  }

  private func tell(_ request: Request, _ node: NodeID) async {
    // Whoever does not hear it is told again.
    _ = try? await network.call(request, to: node, patience: limits.patience)
  }

  /// Who is there: those who answered, and those who may only be slow.
  private func sight(_ status: MonitorStatus) -> ClusterSight {
    var sight = status.look.sight(of: status.layout)
    let suspects = status.suspects
    let failed = Set(
      status.look.statuses.filter { $0.value.unit?.hasFailed == true }.map(\.key)
    )
    for unit in status.layout.units + status.layout.spares + status.layout.acceptors {
      let isSilent = status.look.statuses[unit.node] == nil
      if isSilent && !suspects.contains(unit.node) && !failed.contains(unit.node) {
        sight.units.insert(unit)
      }
    }
    let node = status.layout.sequencer.node
    if status.look.statuses[node] == nil && !suspects.contains(node) {
      sight.sequencers.insert(status.layout.sequencer, at: 0)
    }
    return sight
  }

  private func plan(_ status: MonitorStatus) -> ReconfigurationPlan? {
    do {
      return try ReconfigurationPlan(
        after: status.layout,
        seeing: sight(status),
        goal: wishes().goal,
        by: Kit.Planner.self
      )
    } catch {
      state.withLock { $0.status.trouble = "\(error)" }
      return nil
    }
  }

  private func isHalfDone(_ status: MonitorStatus) -> Bool {
    let layout = status.layout
    let isSealed = layout.units.contains { unit in
      guard status.look.unit(of: unit.node) == unit else { return false }
      return status.look.statuses[unit.node]?.unit?.sealed ?? .zero >= layout.epoch
    }
    let sequencer = status.look.statuses[layout.sequencer.node]?.sequencer
    return isSealed || sequencer?.sealed ?? .zero >= layout.epoch
  }

  /// - Returns: Whether another layout is in force now.
  @discardableResult
  private func change(joins: [SpanJoin] = []) async -> Bool {
    // One at a time: two would make two epochs of what is one change.
    while !state.withLock({ state in
      defer { state.isChanging = true }
      return !state.isChanging
    }) {
      await sleep(limits.interval)
      if Task.isCancelled { return false }
    }
    defer { state.withLock { $0.isChanging = false } }
    let status = status
    let wishes = wishes()
    var order = Reconfigurer<Network, Time, Kit>.Order(
      base: status.layout,
      goal: wishes.goal,
      peers: wishes.peers,
      shunned: status.suspects,
      joins: joins
    )
    order.isForced = isHalfDone(status) || !joins.isEmpty
    do throws(ReconfigurationError) {
      let layout = try await reconfigurer.run(order)
      let isNew = layout.epoch > status.layout.epoch
      adopt(layout)
      state.withLock { state in
        if isNew { state.status.reconfigurations += 1 }
        state.status.trouble = nil
        state.neededSince = nil
        state.halfDoneSince = nil
        state.pause = limits.pauseMin
      }
      return isNew
    } catch {
      onEvent(.failed(error))
      state.withLock { state in
        state.status.trouble = "\(error)"
        state.resting = now + state.pause
        state.pause = min(state.pause * 2, limits.pauseMax)
      }
      return false
    }
  }

  /// Empties disks that came back, and of which nobody knows whether what they hold is true (R29).
  private func resetReturned(_ status: MonitorStatus) async {
    let wishes = wishes()
    guard status.layout.epoch == layout.epoch else { return }
    for unit in status.look.returned(to: status.layout) where wishes.peers.contains(unit.node) {
      if wishes.goal.leaving.contains(unit.node), !wishes.returning.contains(unit.node) { continue }
      let request = ResetRequest(incarnation: unit.incarnation, layout: status.layout)
      let reply = try? await network.call(  // It is tried again if it has not heard.
        .reset(request),
        to: unit.node,
        patience: limits.patience * 4
      )
      guard case .reset(let incarnation)? = reply else { continue }
      onEvent(.reset(UnitName(node: unit.node, incarnation: incarnation)))
    }
  }

  // MARK: - Rebuilding

  private func rebuild() async {
    while !Task.isCancelled {
      await sleep(limits.interval)
      if wishes().isAutomatic { await rebuildOne() }
    }
  }

  /// Gives one newcomer all that it lacks, and lets it join.
  private func rebuildOne() async {
    let status = status
    guard plan(status)?.isNeeded == false, !isHalfDone(status) else { return }
    let tasks = Kit.Rebuilds.tasks(in: status.layout, seeing: sight(status), goal: wishes().goal)
    guard let newcomer = tasks.first?.newcomer else { return }
    if rank > 0 {
      // Somebody of a lower rank may be at it; whoever is there is much faster than this.
      await sleep(limits.silenceMax * (2 * rank))
      if layout.epoch != status.layout.epoch { return }
    }
    var joins: [SpanJoin] = []
    for task in tasks where task.newcomer == newcomer {
      onEvent(.rebuilding(task))
      do throws(RebuildError) {
        try await rebuilder.run(task) { next in
          state.withLock { $0.status.rebuild = RebuildProgress(task: task, next: next) }
        }
        joins.append(task.join)
      } catch {
        if error != .cancelled { onEvent(.notRebuilt(error)) }
        break
      }
    }
    state.withLock { $0.status.rebuild = nil }
    if joins.isEmpty { return await sleep(limits.pauseMin) }
    if await change(joins: joins) { onEvent(.joined(joins.count)) }
  }
}

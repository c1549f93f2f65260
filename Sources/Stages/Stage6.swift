public import CorfuClient
public import CorfuCopyCompaction
public import CorfuGlobalLog
internal import CorfuNode
public import CorfuPaxosConfigurator
public import CorfuProtocol
public import CorfuStripeMirror
public import CorfuWriteOnce
internal import Synchronization

/// The system as it stands after chapter 6: a cluster that looks after itself.
///
/// It is chapter 5's, with monitors on some of its nodes, and with two nodes that can hand out
/// positions. Any node may die: a majority of the acceptors decides on a layout without it.
/// `Stage6+Nodes.swift` has what can be done to nodes, `Stage6+Monitors.swift` who looks after
/// them.
public final class Stage6<
  Storage: Device,
  Network: LocalTransport,
  Time: Clock,
  Kit: Parts
>: Sendable where Time.Duration == Duration {
  typealias Watch = Monitor<Network, Time, Kit>

  /// The nodes.
  public let cluster: EmbeddedCluster<Storage, Network, Kit>
  /// How the monitors work.
  public let limits: MonitorLimits
  let clock: Time
  let makeWay: @Sendable (String) -> Network
  let onRoster: @Sendable (ClusterRoster) async throws(DeviceError) -> Void
  let onEvent: @Sendable (ClusterEvent) -> Void
  let reconfigurer: Reconfigurer<Network, Time, Kit>
  let wishes: WishList
  let state: Mutex<State>

  struct State: Sendable {
    var roster: ClusterRoster
    var random: DrawnGenerator
    var isOpen = false
    var isClosed = false
    /// The layouts that were in force, as far as this process saw them.
    var history: [Layout] = []
    /// Nodes whose folders could not be opened.
    var notOpened: [NodeID: ClusterError] = [:]
    /// Which node has the monitor of each rank, whether it is up or not.
    var hosts: [NodeID] = []
    var seats: [NodeID: Seat] = [:]
    /// For how many intervals each node has been away.
    var absences: [NodeID: Int] = [:]
    /// Nodes whose monitors do not run though they are up.
    var asleep: Set<NodeID> = []
  }

  /// A monitor that runs.
  struct Seat: Sendable {
    let rank: Int
    let monitor: Watch
    let stop = Latch()
  }

  /// A cluster that is not open yet.
  ///
  /// - Parameters:
  ///   - roster: Who there is, and what people want.
  ///   - clock: What waits are measured by.
  ///   - limits: Sizes that units work with.
  ///   - upkeep: How units compact and are scrubbed; `nil` for not at all.
  ///   - monitoring: How the monitors work.
  ///   - random: Draws who proposes.
  ///   - makeWay: A way to the nodes for somebody of this name.
  ///   - makeDevice: A process's view of a node's folder; asked for at each start.
  ///   - onRoster: Keeps who there is, for the next time.
  ///   - onUnitEvent: Hears what happens in the units.
  ///   - onEvent: Hears what happens.
  public init(
    roster: ClusterRoster,
    clock: Time,
    limits: StoreLimits = StoreLimits(),
    upkeep: UpkeepSettings? = nil,
    monitoring: MonitorLimits = MonitorLimits(),
    using random: inout some RandomNumberGenerator,
    makeWay: @escaping @Sendable (String) -> Network,
    makeDevice: @escaping @Sendable (NodeID) -> Storage,
    onRoster: @escaping @Sendable (ClusterRoster) async throws(DeviceError) -> Void,
    onUnitEvent: @escaping @Sendable (NodeID, UnitEvent) -> Void = { _, _ in },
    onEvent: @escaping @Sendable (ClusterEvent) -> Void = { _ in }
  ) {
    let network = makeWay("hand")
    self.clock = clock
    self.limits = monitoring
    self.makeWay = makeWay
    self.onRoster = onRoster
    self.onEvent = onEvent
    let used = roster.stripes * roster.replicas
    cluster = EmbeddedCluster(
      shape: .init(
        stripes: roster.stripes,
        replicas: roster.replicas,
        spares: max(0, roster.units.count - used)
      ),
      members: ClusterMembers(
        units: roster.units,
        sequencers: roster.sequencers,
        unitsCanReserve: true
      ),
      network: network,
      limits: limits,
      upkeep: upkeep,
      // A handover waits for disks, and nobody else is at it.
      patience: monitoring.patience * 5,
      makeDevice: makeDevice,
      onEvent: onUnitEvent
    )
    reconfigurer = Reconfigurer(
      network: network,
      clock: clock,
      patience: monitoring.patience,
      using: &random
    )
    var wishes = ClusterWishes(
      goal: ClusterGoal(
        replicas: roster.replicas,
        acceptors: roster.units.count < 3 ? 1 : 3,
        stripes: roster.stripes,
        leaving: Set(roster.leaving)
      ),
      peers: Set(roster.units + roster.sequencers)
    )
    wishes.returning = Set(roster.returning)
    self.wishes = WishList(wishes)
    state = Mutex(State(roster: roster, random: DrawnGenerator(using: &random)))
  }

  // MARK: - From beginning to end

  /// Opens all nodes that can be opened, and brings a layout into force: the first, or the one
  /// after the last.
  ///
  /// The sequencers are new processes, so they are nobody until a newer layout names one (R9). If
  /// too few nodes are there for that, the cluster is open all the same, and the monitors go on
  /// trying.
  ///
  /// - Throws: ``ClusterError``, if it was never open before and a node does not open, or if
  ///   another process has a folder open.
  public func open(using random: inout some RandomNumberGenerator) async throws(ClusterError) {
    for id in cluster.nodeIDs {
      do throws(ClusterError) {
        try await cluster.start(id, using: &random)
      } catch {
        if error.isInUse { throw error }
        state.withLock { $0.notOpened[id] = error }
      }
    }
    if let known = cluster.newestLayout() {
      note(known)
      // What is missing for it, the monitors' status tells.
      _ = try? await reconfigure()
    } else {
      if let error = state.withLock({ $0.notOpened.min { $0.key < $1.key }?.value }) { throw error }
      try await cluster.begin(namesOpenings: true)
      if let layout = cluster.layout { state.withLock { $0.history.append(layout) } }
    }
    try await keepRoster { _ in }
    state.withLock { $0.isOpen = true }
  }

  /// Does the work of nodes and monitors until the cluster is closed.
  ///
  /// - Parameter makeThread: A thread for each node, where syncs block; `nil` to stay on the
  ///   caller's executor, as in the simulator.
  public func run(on makeThread: @escaping @Sendable () -> ThreadExecutor? = { nil }) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.cluster.run(on: makeThread) }
      group.addTask { await self.tend() }
    }
  }

  /// Closes every unit properly, and ends ``run(on:)``.
  public func close() async throws(ClusterError) {
    let seats = state.withLock { state in
      state.isClosed = true
      return state.seats.values.map(\.stop)
    }
    for stop in seats { stop.open() }
    try await cluster.close()
  }

  // MARK: - Layouts

  /// What the cluster should be like.
  public var goal: ClusterGoal { wishes.value.goal }

  /// The layouts that were in force, as far as this process saw them, the oldest first.
  public var history: [Layout] { state.withLock { $0.history } }

  /// Takes notice of a layout that is in force.
  func note(_ layout: Layout) {
    guard cluster.adopt(layout) else { return }
    let before = state.withLock { state in
      defer { state.history.append(layout) }
      if state.history.count >= Self.historyMax { state.history.removeFirst() }
      return state.history.last
    }
    // The first is no news.
    if let before { onEvent(.layout(layout, after: before)) }
  }

  private static var historyMax: Int { 1000 }

  /// What is to be brought about by hand.
  func order(isForced: Bool = false) throws(ClusterError) -> Reconfigurer<Network, Time, Kit>.Order
  {
    guard let layout = cluster.layout else { throw .notOpen }
    let wishes = wishes.value
    return .init(base: layout, goal: wishes.goal, peers: wishes.peers, isForced: isForced)
  }

  /// Ends the epoch and begins the next, whether there is a reason or not.
  ///
  /// - Returns: The layout in force.
  @discardableResult
  public func reconfigure() async throws(ClusterError) -> Layout {
    try await reconfigure(with: order(isForced: true))
  }

  private func reconfigure(
    with order: Reconfigurer<Network, Time, Kit>.Order
  ) async throws(ClusterError) -> Layout {
    let layout: Layout
    do {
      layout = try await reconfigurer.run(order)
    } catch {
      throw .notReconfigured(error)
    }
    note(layout)
    return layout
  }

  /// Gives up disks, with all that only they had: an operator's decision, for disks that will never
  /// come back (R24).
  ///
  /// - Returns: The layout in force.
  public func declareLost(_ nodes: Set<NodeID>) async throws(ClusterError) -> Layout {
    guard let layout = cluster.layout else { throw .notOpen }
    let named = Set(layout.units + layout.spares + layout.acceptors)
    wishes.change { wishes in
      wishes.goal.lost.formUnion(named.filter { nodes.contains($0.node) })
    }
    var order = try order(isForced: true)
    // Not one that has another disk by now.
    order.shunned = nodes.filter { node in
      cluster.node(node)?.unitName.map { named.contains($0) } ?? true
    }
    return try await reconfigure(with: order)
  }

  /// Appoints new acceptors without asking the old ones, of which the majority is lost for good: an
  /// operator's decision, who knows that nobody else is at it (R24).
  ///
  /// - Returns: The layout in force.
  public func appointAcceptors() async throws(ClusterError) -> Layout {
    let layout: Layout
    do {
      layout = try await reconfigurer.appointAcceptors(order(isForced: true))
    } catch let error as ClusterError {
      throw error
    } catch let error as ReconfigurationError {
      throw .notReconfigured(error)
    } catch {
      throw .notOpen
    }
    note(layout)
    return layout
  }
}

/// What happens in a cluster that looks after itself.
public enum ClusterEvent: Sendable {
  /// A layout is in force.
  case layout(Layout, after: Layout)
  /// The monitor on a node did something.
  case monitor(NodeID, MonitorEvent)
  /// A node that was to go is gone.
  case removed(NodeID)
  /// A unit that was to be emptied is, and stands by.
  case emptied(NodeID)
}

/// What people want of a cluster, as all of its monitors look it up.
final class WishList: Sendable {
  private let wishes: Mutex<ClusterWishes>

  init(_ wishes: ClusterWishes) {
    self.wishes = Mutex(wishes)
  }

  var value: ClusterWishes { wishes.withLock { $0 } }

  func change(_ body: (inout ClusterWishes) -> Void) {
    wishes.withLock { body(&$0) }
  }
}

extension ClusterError {
  /// Whether another process has the node's folder open.
  var isInUse: Bool {
    switch self {
    case .notOpened(_, .device(let error)), .notOpened(_, .store(.device(let error))):
      if case .inUse = error { true } else { false }
    default: false
    }
  }
}

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
  let network: Network
  let clock: Time
  let limits: MonitorLimits
  let reconfigurer: Reconfigurer<Network, Time, Kit>
  let rebuilder: Rebuilder<Network, Time, Kit>
  let client: Client<Network, Time, Kit>
  let wishes: @Sendable () -> ClusterWishes
  let news: @Sendable (_ silent: Set<NodeID>) async -> Void
  let onView: @Sendable (MonitorView) -> Void
  let onEvent: @Sendable (MonitorEvent) -> Void
  private let begin: Time.Instant
  /// The node that it lives and dies with; `nil` if with none.
  let host: NodeID?
  /// How many monitors go first, where one is enough.
  let rank: Int
  let state: Mutex<State>

  struct State: Sendable {
    var status: MonitorStatus
    var detector: FailureDetector
    var probation: Probation
    /// What was asked of whom, and not answered yet.
    var inquiries: [NodeID: Inquiry] = [:]
    /// Since when something is to be done; `nil` if nothing is.
    var neededSince: Duration?
    /// Since when the epoch is closed, and none came after it.
    var halfDoneSince: Duration?
    /// Since when another is changing the layout; `nil` if none does.
    var busySince: Duration?
    /// Since when the sequencer has not begun the reign that the layout gives it; `nil` if it has.
    var untoldSince: Duration?
    /// Whether it is changing the layout itself.
    var isChanging = false
    var pause: Duration
    var resting = Duration.zero
    /// Until when nothing is copied, because the last copy failed; and how long the next rest is.
    var rebuildResting = Duration.zero
    var rebuildPause: Duration
    /// Copies of which a part was lost, and when that was found.
    var lostTasks: [RebuildTask: Duration] = [:]
    /// What other monitors have copied at the moment.
    var copies: [NodeID: CopySeen] = [:]
    /// What was to be done when it was last asked, as it is asked all the time.
    var lastNeed: KnownNeed?
    /// When positions that a unit had lost were last tried to be brought back.
    var repairs: [Position: Duration] = [:]
    /// How many changes in a row have failed.
    var failures = 0
  }

  /// A monitor.
  ///
  /// - Parameters:
  ///   - host: The node that it lives on, which it never takes for dead.
  ///   - rank: Its place among the monitors of the cluster: those with a lower one act first.
  ///   - layout: A layout to begin with, which may be old.
  ///   - network: The way to the nodes.
  ///   - clock: What waits are measured by.
  ///   - limits: How often and how long.
  ///   - clientLimits: How patient it is when it fills and copies.
  ///   - random: Draws who it is.
  ///   - wishes: What people want of the cluster now.
  ///   - news: Asks others whether they know of newer wishes, but those that are silent: done
  ///     before a layout is changed.
  ///   - onView: Hears whom it does not hear, and whether it is at work, for others who ask its
  ///     host.
  ///   - onEvent: Hears what it does.
  public init(
    host: NodeID? = nil,
    rank: Int,
    layout: Layout,
    network: Network,
    clock: Time,
    limits: MonitorLimits = MonitorLimits(),
    clientLimits: ClientLimits = ClientLimits(),
    using random: inout some RandomNumberGenerator,
    wishes: @escaping @Sendable () -> ClusterWishes,
    news: @escaping @Sendable (_ silent: Set<NodeID>) async -> Void = { _ in },
    onView: @escaping @Sendable (MonitorView) -> Void = { _ in },
    onEvent: @escaping @Sendable (MonitorEvent) -> Void = { _ in }
  ) {
    self.host = host
    self.rank = rank
    self.onView = onView
    self.network = network
    self.clock = clock
    self.limits = limits
    self.wishes = wishes
    self.news = news
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
        probation: Probation(
          pauseMin: limits.silenceMax * 2,
          pauseMax: limits.silenceMax * 80
        ),
        pause: limits.pauseMin,
        rebuildPause: limits.pauseMin
      )
    )
  }

  /// What it sees and does.
  public var status: MonitorStatus { state.withLock { $0.status } }

  /// Whether nothing is left to do.
  ///
  /// Nobody is silent whose fate is open, and there is nothing to change, to tell or to copy. Whom
  /// most others hear may be silent here for as long as it takes. Without
  /// ``ClusterWishes/isAutomatic`` only the first counts.
  public var isAtRest: Bool {
    let (status, wishes) = (status, wishes())
    let asked = status.layout.nodes.union(wishes.peers)
    let silent = asked.subtracting(status.look.statuses.keys)
    let isKnown = silent.isSubset(of: status.unheard)
    if !wishes.isAutomatic { return isKnown }
    let sight = sight(status)
    let tasks = RebuildPlan.tasks(in: status.layout, seeing: sight, goal: wishes.goal)
    let isBehind = status.layout.disks.contains { unit in
      guard status.look.unit(of: unit.node) == unit else { return false }
      let installed = status.look.statuses[unit.node]?.unit?.installed?.epoch
      return installed ?? .zero < status.layout.epoch
    }
    return isKnown && tasks.isEmpty && held(status).isEmpty && openDamage(status).isEmpty
      && client.hasFinishedTrims(in: client.layouts.current)
      && !isBehind && status.look.waiting.isEmpty
      && !isHalfDone(status) && need(status) == .nothing
      && status.look.returned(to: status.layout).isEmpty
  }

  var now: Duration { begin.duration(to: clock.now) }

  var layout: Layout { status.layout }

  /// Looks after the cluster until its task is cancelled.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watch() }
      // Beside it: a change takes time, in which somebody else may die.
      group.addTask { await self.care() }
      group.addTask { await self.letIn() }
      group.addTask { await self.rebuild() }
      await group.waitForAll()
    }
  }

  func sleep(_ duration: Duration) async {
    // Cancelled: the loop that sleeps looks for that.
    try? await clock.sleep(for: duration)
  }

  func adopt(_ layout: Layout) {
    let leaving = wishes().goal.leaving
    let isNew = state.withLock { state in
      guard layout.epoch > state.status.layout.epoch else { return false }
      let gone = Set(state.status.layout.disks.map(\.node))
        .subtracting(layout.disks.map(\.node)).subtracting(leaving)
      for node in gone.sorted() { state.probation.leave(node, at: now) }
      state.status.layout = layout
      // Whatever it was about may be copied by now.
      state.status.rebuildTrouble = nil
      return true
    }
    client.layouts.adopt(layout)
    if isNew { onEvent(.adopted(layout.epoch)) }
  }
}

extension Layout {
  /// The disks that have any part in the layout, each once.
  var disks: [UnitName] {
    var seen: Set<UnitName> = []
    return (units + spares + acceptors).filter { seen.insert($0).inserted }
  }
}

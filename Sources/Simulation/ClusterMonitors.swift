internal import CorfuNode
internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// Those who look after a simulated cluster of chapter 6: they die, too, and others come.
///
/// Each lives on a node, as in a real cluster: it hears as far as its host does, is cut off and
/// dies with it, and whoever asks the host learns what it sees.
final class ClusterMonitors: Sendable {
  typealias SimulatedMonitor = Monitor<ClusterWay, SimulatedClock, SimulatedParts>
  typealias SimulatedReconfigurer = Reconfigurer<StallingWay, SimulatedClock, SimulatedParts>

  /// The nodes that they live on, by rank.
  let hosts: [NodeID]
  private let nodes: ClusterNodes
  private let onEvent: @Sendable (MonitorEvent) -> Void
  private let state: Mutex<State>
  private var configuration: ClusterConfiguration { nodes.configuration }
  private var world: World { nodes.world }

  private struct State: Sendable {
    var random: SeededGenerator
    var running: [Int: SimulatedMonitor] = [:]
    /// Monitors that are to die now.
    var doomed: Set<Int> = []
    var orders = 0
    /// Who is to be emptied, once others have what it has, and to stand by then.
    var leaving: Set<NodeID> = []
    /// Those of them that are removed for good, and added again later.
    var removed: Set<NodeID> = []
    /// Over how many chains positions are to rotate; `nil` for as many as in the beginning.
    var stripes: Int?
    /// Disks that an operator has declared lost.
    var lost: Set<UnitName> = []
    /// Whether they mend what breaks.
    var isAutomatic = true
  }

  init(
    _ nodes: ClusterNodes,
    random: SeededGenerator,
    onEvent: @escaping @Sendable (MonitorEvent) -> Void
  ) {
    self.nodes = nodes
    self.onEvent = onEvent
    var random = random
    hosts = Array(nodes.all.shuffled(using: &random).prefix(nodes.configuration.monitors))
    state = Mutex(State(random: random))
  }

  /// What the cluster should be like.
  var wishes: ClusterWishes {
    let (leaving, removed, stripes) = state.withLock { ($0.leaving, $0.removed, $0.stripes) }
    let (lost, isAutomatic) = state.withLock { ($0.lost, $0.isAutomatic) }
    var wishes = ClusterWishes(
      goal: ClusterGoal(
        replicas: configuration.replicas,
        acceptors: configuration.acceptors,
        stripes: stripes,
        leaving: leaving,
        lost: lost
      ),
      peers: Set(nodes.all),
      returning: leaving.subtracting(removed)
    )
    wishes.isAutomatic = isAutomatic
    return wishes
  }

  /// Whether they mend what breaks, or only look on.
  func setAutomatic(_ isAutomatic: Bool) {
    state.withLock { $0.isAutomatic = isAutomatic }
  }

  /// Disks are declared lost, as by an operator (R24); what else was wished of their nodes is over.
  ///
  /// - Parameter disks: All of them; none takes back what was declared before.
  func declareLost(_ disks: Set<UnitName>) {
    state.withLock { state in
      state.lost = disks
      state.leaving.subtract(disks.map(\.node))
      state.removed.subtract(disks.map(\.node))
    }
  }

  /// Has spares take over from nodes that keep entries, as an operator may: as many as there are
  /// spares.
  ///
  /// - Parameters:
  ///   - ids: Who is to be emptied.
  ///   - layout: What is in force, as far as is known.
  ///   - forGood: Whether they are removed, and added again later as somebody new.
  /// - Returns: Whether there was a spare for any.
  func letGo(_ ids: [NodeID], of layout: Layout, forGood: Bool) -> Bool {
    let policy = RemapPolicy(layout: layout, goal: wishes.goal, present: Set(nodes.units))
    let possible = policy.turn(of: ids).filter { id in layout.units.contains { $0.node == id } }
    return state.withLock { state in
      let next = possible.prefix(room(besides: state.leaving, stripes: state.stripes))
      state.leaving.formUnion(next)
      if forGood { state.removed.formUnion(next) }
      return !next.isEmpty
    }
  }

  /// How many units there are beyond those that the wishes need: more must not leave, however old
  /// the layout is that an operator has looked at.
  private func room(besides leaving: Set<NodeID>, stripes: Int?) -> Int {
    let wanted = (stripes ?? configuration.stripes) * configuration.replicas
    return max(0, nodes.units.count - leaving.count - wanted)
  }

  /// Wishes for one chain more, as an operator may who has spares for it: once.
  ///
  /// - Returns: Whether there were enough.
  func grow(_ layout: Layout) -> Bool {
    let policy = RemapPolicy(layout: layout, goal: wishes.goal, present: Set(nodes.units))
    guard policy.sparesFree >= configuration.replicas else { return false }
    return state.withLock { state in
      if state.stripes != nil { return false }
      let room = room(besides: state.leaving, stripes: nil)
      guard room >= configuration.replicas else { return false }
      state.stripes = (layout.spans.last?.stripes.count ?? 0) + 1
      return true
    }
  }

  /// Ends what the operator wished for, once it has come about: until it is cancelled.
  private func grantWishes() async {
    while !Task.isCancelled {
      await world.sleep(for: .milliseconds(10))
      guard let layout = nodes.newestLayout else { continue }
      let (leaving, removed) = state.withLock { ($0.leaving, $0.removed) }
      for id in leaving.sorted() where !layout.nodes.contains(id) {
        if removed.contains(id) {
          // Nobody empties it. It is added again as it is.
          await world.sleep(for: configuration.monitorLimits.silenceMax)
        } else if !isEmpty(id) {
          continue
        }
        world.note("\(id) is \(removed.contains(id) ? "added again" : "empty, and comes back")")
        state.withLock { state in
          state.leaving.remove(id)
          state.removed.remove(id)
        }
      }
    }
  }

  private func isEmpty(_ id: NodeID) -> Bool {
    nodes.node(id)?.unit.map { $0.installed == nil && $0.tail == .zero } ?? false
  }

  /// Looks after the cluster until it is cancelled.
  func run(from layout: Layout) async {
    await withDiscardingTaskGroup { group in
      let isOperated = [.takeover, .removal].contains { configuration.weights[$0] != nil }
      if isOperated { group.addTask { await self.grantWishes() } }
      for (rank, host) in hosts.enumerated() {
        group.addTask { await self.live(rank, on: host, from: layout) }
      }
    }
  }

  /// The lives of monitors of one rank.
  private func live(_ rank: Int, on host: NodeID, from layout: Layout) async {
    while !Task.isCancelled {
      if let node = nodes.node(host) {
        let monitor = monitor(rank, on: node, from: layout)
        state.withLock { $0.running[rank] = monitor }
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await monitor.run() }
          group.addTask { await self.waitForDoom(of: rank, on: node) }
          await group.next()
          group.cancelAll()
        }
        state.withLock { _ = $0.running.removeValue(forKey: rank) }
        node.monitorView = nil
      }
      if !Task.isCancelled { await world.sleep(for: .milliseconds(5)) }
    }
  }

  private func monitor(
    _ rank: Int,
    on node: ClusterNodes.SimulatedNode,
    from layout: Layout
  ) -> SimulatedMonitor {
    var random = state.withLock { $0.random.split() }
    return SimulatedMonitor(
      host: node.id,
      rank: rank,
      // It may know nothing newer than the first.
      layout: random.chance(0.5) ? layout : nodes.newestLayout ?? layout,
      network: nodes.network.endpoint(of: node.id),
      clock: world.clock,
      limits: configuration.monitorLimits,
      clientLimits: configuration.clientLimits,
      using: &random,
      wishes: { self.wishes },
      onView: { node.monitorView = $0 },
      onEvent: { event in
        self.world.note("m\(rank): \(event)")
        self.onEvent(event)
      }
    )
  }

  private func waitForDoom(of rank: Int, on node: ClusterNodes.SimulatedNode) async {
    while !Task.isCancelled {
      await world.sleep(for: .milliseconds(4))
      if nodes.node(node.id) !== node { return }
      if state.withLock({ $0.doomed.remove(rank) }) != nil { return }
    }
  }

  /// Ends a monitor where it is.
  func kill(_ rank: Int) {
    state.withLock { _ = $0.doomed.insert(rank) }
  }

  /// The newest layout that any of them knows.
  var newestLayout: Layout? {
    state.withLock { $0.running.values.map(\.status.layout) }.max { $0.epoch < $1.epoch }
  }

  /// Begins a new epoch for no reason, as an operator may.
  ///
  /// - Parameters:
  ///   - layout: What is in force, as far as is known.
  ///   - shunned: Who is to be taken for dead.
  ///   - stall: For how long the operator stands still once the next layout is decided.
  /// - Returns: Whether it has begun.
  func reconfigure(
    from layout: Layout,
    without shunned: Set<NodeID> = [],
    stalling stall: Duration = .zero
  ) async -> Bool {
    let (number, reconfigurer) = newOperator(stalling: stall)
    let wishes = wishes
    do throws(ReconfigurationError) {
      let next = try await reconfigurer.run(
        .init(
          base: layout,
          goal: wishes.goal,
          peers: wishes.peers,
          shunned: shunned,
          isForced: true
        )
      )
      world.note("operator \(number): epoch \(next.epoch) begins at \(next.firstTail)")
      return true
    } catch {
      world.note("operator \(number) from epoch \(layout.epoch): \(error)")
      return false
    }
  }

  private func newOperator(stalling stall: Duration = .zero) -> (Int, SimulatedReconfigurer) {
    let (number, random) = state.withLock { state in
      state.orders += 1
      return (state.orders, state.random.split())
    }
    var drawn = random
    let reconfigurer = SimulatedReconfigurer(
      network: StallingWay(
        way: nodes.network.endpoint("operator \(number)"),
        world: world,
        stall: stall
      ),
      clock: world.clock,
      patience: configuration.monitorLimits.patience,
      using: &drawn
    )
    return (number, reconfigurer)
  }

  /// Appoints acceptors without a vote, as an operator may who knows that most are lost for good.
  ///
  /// - Parameter layout: The newest that the operator knows of, which may be an older one.
  /// - Returns: What is in force now; `nil` if it did not come to that.
  func appointAcceptors(after layout: Layout) async -> Layout? {
    let (number, reconfigurer) = newOperator()
    let wishes = wishes
    do throws(ReconfigurationError) {
      let next = try await reconfigurer.appointAcceptors(
        .init(base: layout, goal: wishes.goal, peers: wishes.peers, isForced: true)
      )
      let names = next.acceptors.map(\.node.description).joined(separator: ", ")
      world.note(
        "operator \(number) appoints \(names): epoch \(next.epoch), generation "
          + "\(next.generation), begins at \(next.firstTail)"
      )
      return next
    } catch {
      world.note("operator \(number) appoints nobody after epoch \(layout.epoch): \(error)")
      return nil
    }
  }

  /// What there is still to do; `nil` once the cluster is as it should be.
  func unfinished() -> String? {
    guard let layout = nodes.newestLayout else { return "nobody knows a layout" }
    return unfinished(layout).map { reason in
      let spans = layout.spans.map { "\($0.begin): \($0.stripes)" }.joined(separator: "; ")
      return "\(reason), in \(spans), acceptors \(layout.acceptors), spares \(layout.spares)"
    }
  }

  private func unfinished(_ layout: Layout) -> String? {
    for unit in layout.units + layout.spares + layout.acceptors {
      guard let node = nodes.node(unit.node), node.unitName == unit else {
        return "epoch \(layout.epoch) names a disk of \(unit) that is gone"
      }
      guard node.unit?.installed == layout.id else { return "\(unit) is not in \(layout.id)" }
    }
    guard let sequencer = nodes.node(layout.sequencer.node)?.sequencer,
      sequencer.boot == layout.sequencer.boot
    else { return "epoch \(layout.epoch) names a sequencer that is gone" }
    if let id = state.withLock({ $0.leaving.first }) { return "\(id) is still to be emptied" }
    let named = Set(layout.nodes)
    if let other = nodes.units.first(where: { !named.contains($0) }) {
      return "\(other) is up, and epoch \(layout.epoch) has no place for it"
    }
    for span in layout.spans {
      for chain in span.stripes where chain.replicas.count < configuration.replicas {
        return "a chain from \(span.begin) on is \(chain)"
      }
    }
    return nil
  }
}

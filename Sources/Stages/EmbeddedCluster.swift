public import CorfuClient
public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuNode
public import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror
public import CorfuWriteOnce
internal import Synchronization

/// A cluster whose nodes are all in this process: storage units, each with its folder, and a
/// sequencer.
///
/// What stages 5 to 7 run. Nodes are started, killed and restarted one by one; nothing but the
/// transport knows that they are neighbours. `EmbeddedCluster+Members.swift` says who they are.
public final class EmbeddedCluster<Storage: Device, Network: LocalTransport, Kit: Parts>: Sendable {
  /// Units that keep entries, and how they are arranged.
  public struct Shape: Hashable, Sendable {
    /// How many chains positions rotate over.
    public var stripes: Int
    /// How many units each chain has.
    public var replicas: Int
    /// How many units stand by.
    public var spares: Int

    /// A shape.
    public init(stripes: Int, replicas: Int, spares: Int = 0) {
      self.stripes = stripes
      self.replicas = replicas
      self.spares = spares
    }

    /// How many units there are.
    public var unitCount: Int { stripes * replicas + spares }
  }

  /// The way between clients and nodes.
  public let network: Network
  /// How the units are arranged.
  public let shape: Shape
  let patience: Duration
  private let limits: StoreLimits
  private let upkeep: UpkeepSettings?
  let makeDevice: @Sendable (NodeID) -> Storage
  private let onEvent: @Sendable (NodeID, UnitEvent) -> Void
  let state: Mutex<State>

  struct State: Sendable {
    /// Who there is, whether up or not.
    var members: ClusterMembers
    var nodes: [NodeID: Running] = [:]
    var layout: Layout?
    /// Nodes that were started, and that ``run()`` does not carry yet.
    var starting: [Running] = []
    var runner: UnsafeContinuation<Void, Never>?
    var isClosed = false
  }

  struct Running: Sendable {
    let node: Node<Storage, Kit>
    let device: Storage?
    let ended = Latch()

    /// Does the node's work until it is killed or closed.
    func work(on thread: ThreadExecutor?) async {
      await node.run(on: thread)
      device?.unlock()
      ended.open()
    }
  }

  /// A cluster that is not open yet.
  ///
  /// - Parameters:
  ///   - shape: How many units, and how they are arranged.
  ///   - members: Who there is; `nil` for as many units as the shape has, and a sequencer.
  ///   - network: The way between clients and nodes.
  ///   - limits: Sizes that units work with.
  ///   - upkeep: How units compact and are scrubbed; `nil` for not at all.
  ///   - patience: How long to wait for one reply.
  ///   - makeDevice: A process's view of a node's folder; asked for at each start.
  ///   - onEvent: Hears what happens in the units.
  public init(
    shape: Shape,
    members: ClusterMembers? = nil,
    network: Network,
    limits: StoreLimits = StoreLimits(),
    upkeep: UpkeepSettings? = nil,
    patience: Duration = .seconds(1),
    makeDevice: @escaping @Sendable (NodeID) -> Storage,
    onEvent: @escaping @Sendable (NodeID, UnitEvent) -> Void = { _, _ in }
  ) {
    self.shape = shape
    self.network = network
    self.limits = limits
    self.upkeep = upkeep
    self.patience = patience
    self.makeDevice = makeDevice
    self.onEvent = onEvent
    let count = UInt32(shape.unitCount)
    let members =
      members
      ?? ClusterMembers(units: (1...count).map { NodeID($0) }, sequencers: [NodeID(count + 1)])
    state = Mutex(State(members: members))
  }

  /// The layout in force, as far as this cluster has been told.
  public var layout: Layout? { state.withLock { $0.layout } }

  /// A node that is up.
  public func node(_ id: NodeID) -> Node<Storage, Kit>? {
    state.withLock { $0.nodes[id]?.node }
  }

  /// Does the nodes' work until the cluster is closed.
  ///
  /// - Parameter makeThread: A thread for each node, where syncs block; `nil` to stay on the
  ///   caller's executor, as in the simulator.
  public func run(on makeThread: @escaping @Sendable () -> ThreadExecutor? = { nil }) async {
    await withDiscardingTaskGroup { group in
      while let running = await nextStart() {
        group.addTask {
          let thread = makeThread()
          await running.work(on: thread)
          thread?.stop()
        }
      }
    }
  }

  private func nextStart() async -> Running? {
    while true {
      let (next, isClosed) = state.withLock { state in
        (state.starting.isEmpty ? nil : state.starting.removeFirst(), state.isClosed)
      }
      if let next { return next }
      if isClosed { return nil }
      await withUnsafeContinuation { continuation in
        let mustWait = state.withLock { state in
          let mustWait = state.starting.isEmpty && !state.isClosed
          if mustWait { state.runner = continuation }
          return mustWait
        }
        if !mustWait { continuation.resume() }
      }
    }
  }

  // MARK: - Nodes

  /// Starts a node: opens its folder, or appoints nobody yet.
  public func start(
    _ id: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(ClusterError) {
    // Nobody would do its work.
    if state.withLock({ $0.isClosed }) { throw .notOpen }
    if node(id) != nil { throw .alreadyUp(id) }
    let members = members
    let running: Running
    if members.sequencers.contains(id) {
      let role = SequencerRole<Kit>(boot: BootID(using: &random))
      running = Running(node: Node(id, sequencer: role), device: nil)
    } else {
      guard members.units.contains(id) else { throw .noSuchNode(id) }
      // Nobody's choice, and better than nobody.
      let role =
        members.unitsCanReserve ? SequencerRole<Kit>(boot: BootID(using: &random)) : nil
      let device = makeDevice(id)
      do {
        let onEvent = onEvent
        let node = try await Node<Storage, Kit>.open(
          id,
          in: device,
          limits: limits,
          upkeep: upkeep,
          sequencer: role,
          using: &random
        ) { event in onEvent(id, event) }
        running = Running(node: node, device: device)
      } catch {
        throw .notOpened(id, error)
      }
    }
    network.connect(running.node, as: id)
    let (isClosed, runner) = state.withLock { state in
      if state.isClosed { return (true, nil as UnsafeContinuation<Void, Never>?) }
      state.nodes[id] = running
      if running.device != nil { state.starting.append(running) }
      return (false, state.runner.take())
    }
    if isClosed {
      // It was closed meanwhile, and nobody would do the node's work.
      network.disconnect(id)
      running.device?.unlock()
      throw .notOpen
    }
    runner?.resume()
  }

  /// Ends a node at once, as `kill -9` does.
  ///
  /// - Returns: The device that it used, if it had one.
  @discardableResult
  public func kill(_ id: NodeID) async throws(ClusterError) -> Storage? {
    guard let running = state.withLock({ $0.nodes.removeValue(forKey: id) }) else {
      throw .notUp(id)
    }
    network.disconnect(id)
    running.node.stop()
    if running.device != nil { await running.ended.wait() }
    return running.device
  }

  // MARK: - Layouts

  /// Opens all nodes, and brings a layout into force: the first, or the one after the last.
  ///
  /// The sequencer is a new process, so it is nobody until a newer layout names it (R9).
  public func open(using random: inout some RandomNumberGenerator) async throws(ClusterError) {
    for id in nodeIDs { try await start(id, using: &random) }
    guard let known = newestLayout() else { return try await begin() }
    guard known.units.count + known.spares.count == shape.unitCount,
      known.spans.last?.stripes.count == shape.stripes
    else { throw .otherShape(known) }
    state.withLock { $0.layout = known }
    try await seal()
  }

  /// Brings the first layout into force; every node must be up.
  ///
  /// - Parameter namesOpenings: Whether it says which opening of each disk serves, so that older
  ///   images are noticed: where monitors let disks in that were started again (D12).
  /// - Throws: ``ClusterError``, if somebody is not up or does not take it.
  func begin(namesOpenings: Bool = false) async throws(ClusterError) {
    let names = unitIDs.compactMap { node($0)?.unitName }
    guard names.count == shape.unitCount, let sequencer = sequencerName else {
      throw .notUp(sequencerID)
    }
    var layout = Layout.first(
      of: names,
      stripes: shape.stripes,
      replicas: shape.replicas,
      acceptors: names.count < 3 ? 1 : 3,
      sequencer: sequencer
    )
    if namesOpenings {
      for name in names { layout.openings[name] = node(name.node)?.opening }
    }
    do {
      try await Handover<Network, Kit>(network: network, patience: patience).begin(layout)
    } catch {
      throw .notHandedOver(error)
    }
    state.withLock { $0.layout = layout }
  }

  /// The newest layout that anyone here has heard of: another hand may have been at work.
  func newestLayout() -> Layout? {
    let heard = nodeIDs.compactMap { node($0)?.newestLayout }
    return (heard + [layout].compactMap(\.self)).max { $0.epoch < $1.epoch }
  }

  private var sequencerName: SequencerName? {
    node(sequencerID)?.sequencer.map { SequencerName(node: sequencerID, boot: $0.boot) }
  }

  /// Closes the epoch everywhere, and begins the next with the same units and the sequencer that is
  /// up now.
  ///
  /// - Returns: The layout in force.
  @discardableResult
  public func seal() async throws(ClusterError) -> Layout {
    guard let layout = newestLayout() else { throw .notOpen }
    guard let sequencer = sequencerName else { throw .notUp(sequencerID) }
    do {
      let hand = Handover<Network, Kit>(network: network, patience: patience)
      let next = try await hand.run(from: layout, to: sequencer)
      state.withLock { $0.layout = next }
      return next
    } catch {
      throw .notHandedOver(error)
    }
  }

  /// A new client.
  ///
  /// - Parameters:
  ///   - way: Its own way to the nodes; `nil` for the cluster's.
  ///   - clock: What its waits are measured by.
  ///   - limits: How long it waits, and how much it does at once.
  ///   - random: Draws who it is.
  /// - Returns: The client.
  /// - Throws: ``ClusterError/notOpen``.
  public func client<Time: Clock>(
    via way: Network? = nil,
    clock: Time,
    limits: ClientLimits = ClientLimits(),
    using random: inout some RandomNumberGenerator
  ) throws(ClusterError) -> Client<Network, Time, Kit> where Time.Duration == Duration {
    guard let layout else { throw .notOpen }
    return Client(
      id: ClientID(using: &random),
      layout: layout,
      network: way ?? network,
      clock: clock,
      limits: limits
    )
  }

  /// Closes every unit properly, and ends ``run(on:)``; no node has its folder any more on return.
  public func close() async throws(ClusterError) {
    let nodes = state.withLock { state in
      defer { state.nodes = [:] }
      return state.nodes
    }
    var failure: ClusterError?
    for (id, running) in nodes.sorted(by: { $0.key < $1.key }) {
      network.disconnect(id)
      do throws(LogError) {
        try await running.node.close()
      } catch {
        failure = failure ?? .notClosed(id, error)
      }
    }
    let runner = state.withLock { state in
      state.isClosed = true
      return state.runner.take()
    }
    runner?.resume()
    for running in nodes.values where running.device != nil { await running.ended.wait() }
    if let failure { throw failure }
  }
}

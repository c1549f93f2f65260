internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// A cluster of chapter 6 on real files, all of it in this process: its nodes die, and come back
/// with empty disks.
final class VotedCluster: Sendable {
  typealias BenchNode = Node<CountedDevice, ReferenceParts>
  typealias BenchClient = Client<CountedTransport, ContinuousClock, ReferenceParts>
  typealias BenchReconfigurer = Reconfigurer<CountedTransport, ContinuousClock, ReferenceParts>

  /// How its nodes are arranged.
  struct Shape: Hashable, Sendable {
    var stripes: Int
    var replicas: Int
    var spares = 0
    var acceptors = 3
    /// Whether the acceptors are spares, or else those that keep the log.
    var votesApart = false

    var unitCount: Int { stripes * replicas + spares }
  }

  let shape: Shape
  let network = CountedTransport()
  /// Syncs of all disks.
  let syncs = SharedCounter()
  private let folder: BenchFolder
  private let starts = AsyncStream<BenchNode>.makeStream()
  private let state = Mutex(State())

  private struct State: Sendable {
    var random = SystemRandomNumberGenerator()
    var nodes: [NodeID: BenchNode] = [:]
    /// How often each disk was replaced: each life has a folder of its own.
    var lives: [NodeID: Int] = [:]
    var layout: Layout?
  }

  private init(_ shape: Shape, in folder: BenchFolder) {
    self.shape = shape
    self.folder = folder
  }

  /// Opens a fresh cluster, hands it to `body`, ends it and removes its files.
  static func with<Result: Sendable>(
    _ shape: Shape,
    in folder: BenchFolder,
    _ body: (VotedCluster) async throws -> Result
  ) async throws -> Result {
    try folder.make()
    let cluster = VotedCluster(shape, in: folder)
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await cluster.run() }
      defer { cluster.close() }
      try await cluster.open()
      return try await body(cluster)
    }
    try folder.remove()
    return result
  }

  // MARK: - Nodes

  /// The storage units, in order; those behind the chains are spares.
  var units: [NodeID] { (1...UInt32(shape.unitCount)).map { NodeID($0) } }

  /// Those who can hand out positions, the first one before the other.
  var sequencers: [NodeID] { [1, 2].map { NodeID(UInt32(shape.unitCount) + $0) } }

  /// The first layout.
  var firstLayout: Layout? { state.withLock { $0.layout } }

  /// What people want of it.
  var wishes: ClusterWishes {
    ClusterWishes(
      goal: ClusterGoal(replicas: shape.replicas, acceptors: shape.acceptors),
      peers: Set(units + sequencers)
    )
  }

  /// Carries each node on a thread of its own, as if it were a process.
  private func run() async {
    await withDiscardingTaskGroup { group in
      for await node in starts.stream {
        // Without a thread of its own a node shares the others', and is slower.
        guard let thread = try? ThreadExecutor() else {
          group.addTask { await self.carry(node) }
          continue
        }
        group.addTask(executorPreference: thread) {
          await self.carry(node)
          thread.stop()
        }
      }
    }
  }

  private func carry(_ node: BenchNode) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await node.run() }
      group.addTask { await self.network.serve(node.id) }
    }
  }

  private func open() async throws {
    for id in units + sequencers { try await start(id) }
    let names = state.withLock { state in units.compactMap { state.nodes[$0]?.unitName } }
    let boot = state.withLock { $0.nodes[sequencers[0]]?.sequencer?.boot }
    guard names.count == shape.unitCount, let boot else {
      throw BenchError.failed("a node of the cluster is not up")
    }
    let used = shape.stripes * shape.replicas
    let voters = shape.votesApart ? names.suffix(shape.acceptors) : names.prefix(shape.acceptors)
    let layout = Layout(
      epoch: Epoch(1),
      spans: [
        Span(
          begin: .zero,
          stripes: (0..<shape.stripes).map { stripe in
            Chain(Array(names[stripe * shape.replicas..<(stripe + 1) * shape.replicas]))
          }
        )
      ],
      sequencer: SequencerName(node: sequencers[0], boot: boot),
      acceptors: Array(voters),
      spares: Array(names.dropFirst(used))
    )
    let hand = Handover<CountedTransport, ReferenceParts>(network: network, patience: .seconds(1))
    try await hand.begin(layout)
    state.withLock { $0.layout = layout }
  }

  /// Starts a node that is not up: a unit with an empty disk, or a sequencer that nobody appointed.
  func start(_ id: NodeID) async throws {
    let node: BenchNode
    if sequencers.contains(id) {
      let boot = state.withLock { BootID(using: &$0.random) }
      node = BenchNode(id, sequencer: SequencerRole(boot: boot))
    } else {
      let life = state.withLock { state in
        state.lives[id, default: 0] += 1
        return state.lives[id, default: 0]
      }
      let path = folder.path(of: "\(id)-\(life)")
      var random = SystemRandomNumberGenerator()
      node = try await BenchNode.open(
        id,
        in: CountedDevice(path: path, counting: syncs),
        limits: Self.limits,
        upkeep: nil,
        using: &random
      )
    }
    state.withLock { $0.nodes[id] = node }
    network.connect(node, as: id)
    starts.continuation.yield(node)
  }

  /// Ends a node at once, as `kill -9` does: whoever calls it finds no way.
  func kill(_ id: NodeID) {
    let node = state.withLock { $0.nodes.removeValue(forKey: id) }
    network.disconnect(id)
    node?.stop()
  }

  private func close() {
    for id in units + sequencers { kill(id) }
    starts.continuation.finish()
  }

  /// Small segments: dozens of units on one disk reserve them all.
  private static var limits: StoreLimits {
    var limits = StoreLimits()
    limits.payloadBytesMax = 64 << 10
    limits.segmentBytes = 8 << 20
    limits.reserveBytes = 256 << 10
    return limits
  }

  // MARK: - Who uses it

  /// A new client that begins with a layout.
  func client(of layout: Layout, limits: ClientLimits = ClientLimits()) -> BenchClient {
    BenchClient(
      id: state.withLock { ClientID(using: &$0.random) },
      layout: layout,
      network: network,
      clock: ContinuousClock(),
      limits: limits
    )
  }

  /// Somebody who changes the layout.
  func reconfigurer() -> BenchReconfigurer {
    state.withLock { state in
      BenchReconfigurer(
        network: network,
        clock: ContinuousClock(),
        patience: MonitorLimits().patience,
        using: &state.random
      )
    }
  }

  /// An order for a layout without somebody, or one that says the same.
  func order(
    after layout: Layout,
    without dead: Set<NodeID> = [],
    isForced: Bool = false
  ) -> BenchReconfigurer.Order {
    let wishes = wishes
    return BenchReconfigurer.Order(
      base: layout,
      goal: wishes.goal,
      peers: wishes.peers,
      shunned: dead,
      isForced: isForced
    )
  }
}

@testable import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization

/// One party's way to the nodes, on which somebody may stand in between.
struct Wire: Transport {
  /// What becomes of a request.
  enum Fate {
    case passes
    case isLost
    /// It arrives, and nobody hears of it.
    case isUnheard
    case isLate(Duration)
  }

  let world: World
  let inner: LoopbackTransport
  let fate: @Sendable (Request, NodeID) -> Fate

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    switch fate(request, node) {
    case .isLost: throw .timedOut
    case .passes: return try await inner.call(request, to: node, patience: patience)
    case .isUnheard:
      _ = try await inner.call(request, to: node, patience: patience)
      throw .timedOut
    case .isLate(let delay):
      await world.sleep(for: delay)
      return try await inner.call(request, to: node, patience: patience)
    }
  }
}

typealias WiredClient = Client<Wire, SimulatedClock, ReferenceParts>
typealias WiredReconfigurer = Reconfigurer<Wire, SimulatedClock, ReferenceParts>

/// Nodes in a world: units 1, 2, … with folders in memory, and sequencers 101, 102, … with none.
final class NodeCluster: Sendable {
  typealias MemoryNode = Node<MemoryDevice, ReferenceParts>

  let world: World
  let network = LoopbackTransport()
  let nodes: [NodeID: MemoryNode]
  /// The first layout.
  let layout: Layout

  init(
    _ world: World,
    units: UInt32,
    replicas: Int,
    stripes: Int = 1,
    acceptors: [UInt32]
  ) async throws {
    self.world = world
    var nodes: [NodeID: MemoryNode] = [:]
    var names: [UnitName] = []
    for number in 1...units {
      var random = SeededGenerator(seed: UInt64(number))
      let device = MemoryDevice(name: "n\(number)")
      let node = try await MemoryNode.open(
        NodeID(number),
        in: device,
        limits: .small(segmentBytes: 64 << 10),
        upkeep: nil,
        using: &random
      )
      nodes[node.id] = node
      if let name = node.unitName { names.append(name) }
    }
    for number in 101...102 as ClosedRange<UInt32> {
      let role = SequencerRole<ReferenceParts>(boot: BootID(high: 1, low: UInt64(number)))
      nodes[NodeID(number)] = MemoryNode(NodeID(number), sequencer: role)
    }
    let chains = (0..<stripes).map { stripe in
      Chain(Array(names[stripe * replicas..<(stripe + 1) * replicas]))
    }
    layout = Layout(
      epoch: Epoch(1),
      spans: [Span(begin: .zero, stripes: chains)],
      sequencer: SequencerName(node: NodeID(101), boot: BootID(high: 1, low: 101)),
      acceptors: acceptors.map { names[Int($0) - 1] },
      spares: Array(names.dropFirst(stripes * replicas))
    )
    self.nodes = nodes
    for (id, node) in nodes { network.connect(node, as: id) }
  }

  /// Does the units' work until they are stopped.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for (_, node) in nodes.sorted(by: { $0.key < $1.key }) { group.addTask { await node.run() } }
    }
  }

  func stop() { for node in nodes.values { node.stop() } }

  func node(_ number: UInt32) -> MemoryNode? { nodes[NodeID(number)] }

  /// Cuts a node off from everybody.
  func kill(_ number: UInt32) { network.disconnect(NodeID(number)) }

  /// And brings it back.
  func revive(_ number: UInt32) {
    if let node = node(number) { network.connect(node, as: node.id) }
  }

  var goal: ClusterGoal {
    ClusterGoal(
      replicas: layout.spans[0].stripes[0].replicas.count,
      acceptors: layout.acceptors.count
    )
  }

  var peers: Set<NodeID> { Set(nodes.keys) }

  /// The highest epoch that any unit has closed.
  var sealed: Epoch { nodes.values.compactMap { $0.unit?.sealed }.max() ?? .zero }

  func wire(
    _ fate: @escaping @Sendable (Request, NodeID) -> Wire.Fate = { _, _ in .passes }
  ) -> Wire {
    Wire(world: world, inner: network, fate: fate)
  }

  func client(
    _ number: UInt64 = 1,
    layout: Layout? = nil,
    via wire: Wire? = nil,
    limits: ClientLimits = ClientLimits()
  ) -> WiredClient {
    WiredClient(
      id: ClientID(high: number, low: number),
      layout: layout ?? self.layout,
      network: wire ?? self.wire(),
      clock: world.clock,
      limits: limits
    )
  }

  func reconfigurer(_ number: UInt64 = 1, via wire: Wire? = nil) -> WiredReconfigurer {
    var random = SeededGenerator(seed: number)
    return WiredReconfigurer(
      network: wire ?? self.wire(),
      clock: world.clock,
      patience: .milliseconds(100),
      using: &random
    )
  }

  /// An order that names everybody.
  func order(
    from base: Layout? = nil,
    shunning numbers: Set<UInt32> = [],
    isForced: Bool = false
  ) -> WiredReconfigurer.Order {
    WiredReconfigurer.Order(
      base: base ?? layout,
      goal: goal,
      peers: peers,
      shunned: Set(numbers.map { NodeID($0) }),
      isForced: isForced
    )
  }
}

/// Runs a body beside a cluster whose first layout is in force.
func withNodes(
  seed: UInt64 = 1,
  units: UInt32,
  replicas: Int,
  stripes: Int = 1,
  acceptors: [UInt32] = [1, 2, 3],
  _ body: @escaping @Sendable (NodeCluster) async throws -> Void
) throws {
  let world = World(seed: seed)
  try world.run {
    let cluster = try await NodeCluster(
      world,
      units: units,
      replicas: replicas,
      stripes: stripes,
      acceptors: acceptors
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await cluster.run() }
      do {
        await cluster.reconfigurer().install(cluster.layout)
        try await body(cluster)
      } catch {
        cluster.stop()
        throw error
      }
      cluster.stop()
    }
  }
}

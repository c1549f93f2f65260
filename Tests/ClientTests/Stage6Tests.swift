import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization
import Testing

// Goal: whoever dies, the log goes on within the detection time, and loses nothing. Method: in
// simulated time a client appends while every kind of node is killed in turn; then all that was
// acknowledged is read again.

/// The disks of a simulated cluster: each process has its own view.
final class SimulatedDisks: Sendable {
  private let world: World
  private let disks = Mutex<[NodeID: SimulatedDevice]>([:])
  /// How long syncs take from the next start of a node on.
  let timing = Mutex(DiskTiming())

  init(_ world: World) {
    self.world = world
  }

  /// The disk that a node has, or had.
  func current(_ node: NodeID) -> SimulatedDevice? { disks.withLock { $0[node] } }

  /// Lets each sync of a node's disk take so long.
  func slow(_ node: NodeID, to duration: Duration) {
    disks.withLock { $0[node] }?.timing = DiskTiming(sync: .fixed(duration))
  }

  /// Puts an image in the place of the disk of a node that is down.
  func put(_ image: DiskImage, in node: NodeID) {
    let device = SimulatedDevice(world: world, name: "\(node)", image: image)
    disks.withLock { $0[node] = device }
  }

  func disk(_ node: NodeID) -> SimulatedDevice {
    disks.withLock { disks in
      let last = disks[node]
      if let last, last.isAlive { last.kill() }
      let next = last?.restart() ?? SimulatedDevice(world: world, name: "\(node)")
      next.timing = timing.withLock { $0 }
      disks[node] = next
      return next
    }
  }
}

/// A cluster of stage 6 in a world.
struct HealingScene: Sendable {
  typealias Way = SimulatedNetwork<SimulatedClock>.Endpoint
  typealias Healing = Stage6<SimulatedDevice, Way, SimulatedClock, ReferenceParts>
  typealias Appender = Client<Way, SimulatedClock, ReferenceParts>

  let world: World
  let network: SimulatedNetwork<SimulatedClock>
  let healing: Healing
  let disks: SimulatedDisks

  /// Runs something on a cluster.
  static func run(
    seed: UInt64,
    stripes: Int = 2,
    replicas: Int = 2,
    spares: Int = 2,
    monitoring: MonitorLimits = MonitorLimits(),
    onRoster: @escaping @Sendable (ClusterRoster) -> Void = { _ in },
    onEvent: @escaping @Sendable (ClusterEvent) -> Void = { _ in },
    _ body: @escaping @Sendable (HealingScene) async throws -> Void
  ) throws {
    let world = World(seed: seed)
    try world.run(stepsMax: 50_000_000) {
      let roster = ClusterRoster(stripes: stripes, replicas: replicas, spares: spares)
      let scene = HealingScene(world, roster, monitoring, onRoster, onEvent)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await scene.network.run() }
        group.addTask { await scene.healing.run() }
        var random = world.random.split()
        do {
          try await scene.healing.open(using: &random)
          try await body(scene)
        } catch {
          try await scene.close()
          throw error
        }
        try await scene.close()
      }
    }
  }

  private init(
    _ world: World,
    _ roster: ClusterRoster,
    _ monitoring: MonitorLimits,
    _ onRoster: @escaping @Sendable (ClusterRoster) -> Void,
    _ onEvent: @escaping @Sendable (ClusterEvent) -> Void
  ) {
    self.world = world
    let network = SimulatedNetwork(clock: world.clock, random: world.random.split())
    network.faults.delay = .microseconds(100)...(.microseconds(300))
    self.network = network
    let disks = SimulatedDisks(world)
    self.disks = disks
    var random = world.random.split()
    healing = Healing(
      roster: roster,
      clock: world.clock,
      limits: .small(segmentBytes: 64 << 10),
      monitoring: monitoring,
      using: &random,
      makeWay: { network.endpoint($0) },
      makeDevice: { disks.disk($0) },
      onRoster: { (roster) throws(DeviceError) in onRoster(roster) },
      onEvent: onEvent
    )
  }

  private func close() async throws {
    try await healing.close()
    network.close()
  }

  /// A new client.
  func client(_ name: String) throws -> Appender {
    var random = world.random.split()
    return try healing.cluster.client(
      via: network.endpoint(name),
      clock: world.clock,
      using: &random
    )
  }

  /// Waits until nothing is left to do.
  func settle() async throws {
    #expect(await healing.settle(within: .seconds(30)), "\(healing.monitors.map(\.status.trouble))")
  }

  /// Proves that all that was acknowledged can be read.
  func proveThere(_ appender: SteadyAppender) async throws {
    let reader = try client("reader")
    for (position, number) in appender.acknowledged {
      guard case .data(let entry) = try await reader.read(position) else {
        Issue.record("\(position) is gone")
        continue
      }
      #expect(entry.payload == SteadyAppender.payload(number))
    }
  }

  func start(_ node: NodeID) async throws {
    var random = world.random.split()
    try await healing.start(node, using: &random)
  }
}

/// Appends numbers until it is told to stop, and remembers what was acknowledged.
final class SteadyAppender: Sendable {
  private struct State: Sendable {
    var isOver = false
    var acknowledged: [(position: Position, number: UInt64)] = []
    var last: Duration?
    var gapMax = Duration.zero
  }

  private let state = Mutex(State())

  var acknowledged: [(position: Position, number: UInt64)] { state.withLock { $0.acknowledged } }
  /// The longest time between two acknowledgements.
  var gapMax: Duration { state.withLock { $0.gapMax } }

  func stop() { state.withLock { $0.isOver = true } }

  func run(_ client: HealingScene.Appender, in world: World) async throws {
    var number: UInt64 = 0
    while !state.withLock({ $0.isOver }) {
      number += 1
      // What is unclear may be in the log, and nobody said that it is.
      if let position = try await append(number, by: client) {
        let now = world.now
        state.withLock { [number] state in
          state.acknowledged.append((position, number))
          if let last = state.last { state.gapMax = max(state.gapMax, now - last) }
          state.last = now
        }
      }
      await world.sleep(for: .milliseconds(5))
    }
  }

  private func append(
    _ number: UInt64,
    by client: HealingScene.Appender
  ) async throws(LogError) -> Position? {
    do {
      return try await client.append(Self.payload(number))
    } catch {
      guard case .indefinite = error else { throw error }
      return nil
    }
  }

  static func payload(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

@Test(arguments: [1, 2, 3] as [UInt64])
func everyKindOfNodeMayDieWhileOthersAppend(seed: UInt64) throws {
  try HealingScene.run(seed: seed) { scene in
    let healing = scene.healing
    let appender = SteadyAppender()
    let writer = try scene.client("writer")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await appender.run(writer, in: scene.world) }
      await scene.world.sleep(for: .milliseconds(200))
      let victims: [@Sendable (Layout) -> NodeID?] = [
        { $0.spans.last?.stripes.first?.head?.node },
        { $0.spans.last?.stripes.last?.tail?.node },
        { $0.sequencer.node },
        { $0.acceptors.last?.node },
        { _ in healing.monitors.first?.host },
      ]
      for victim in victims {
        let layout = try #require(healing.cluster.layout)
        let node = try #require(victim(layout))
        try await healing.kill(node)
        try await scene.settle()
        let next = try #require(healing.cluster.layout)
        #expect(!next.units.contains { $0.node == node } && next.sequencer.node != node)
        #expect(next.spans.count == 1 && next.chains.allSatisfy { $0.replicas.count == 2 })
        try await scene.start(node)
        try await scene.settle()
      }
      appender.stop()
      try await group.waitForAll()
    }
    #expect(appender.gapMax < .seconds(1), "\(appender.gapMax)")
    let acknowledged = appender.acknowledged
    #expect(acknowledged.count > 500)
    #expect(zip(acknowledged, acknowledged.dropFirst()).allSatisfy { $0.position < $1.position })
    try await scene.proveThere(appender)
  }
}

@Test("the cluster is closed at any moment while a disk is emptied")
func closesWhileADiskIsEmptied() throws {
  // Method: the first run tells when the disk is empty; the others end at moments before and after.
  let moment = Mutex(Duration.zero)
  for step in -1...80 {
    try HealingScene.run(seed: 4) { scene in
      _ = try await scene.client("writer").append([1])
      try await scene.healing.kill(NodeID(1))
      try await scene.settle()
      scene.disks.timing.withLock { $0 = DiskTiming(sync: .fixed(.milliseconds(3))) }
      try await scene.start(NodeID(1))
      let node = try #require(scene.healing.cluster.node(NodeID(1)))
      let (begin, old) = (scene.world.now, node.unitName)
      if step < 0 {
        while node.unitName == old { await scene.world.sleep(for: .milliseconds(1)) }
        moment.withLock { $0 = scene.world.now - begin }
      } else {
        let wait = moment.withLock { $0 } + .milliseconds(step - 60)
        await scene.world.sleep(for: max(.zero, wait))
      }
    }
  }
}

@Test("D12: an older image of a disk is noticed, emptied, and given what the others have")
func anOlderImageIsNoticed() throws {
  try HealingScene.run(seed: 6, stripes: 1, replicas: 3, spares: 0) { scene in
    let id = NodeID(1)
    let writer = try scene.client("writer")
    let first = try await writer.append([1])
    try await scene.healing.kill(id)
    let image = try #require(scene.disks.current(id)).snapshot()
    // Each time it is away for a moment only: nobody takes it out of its chain for that.
    try await scene.start(id)
    try await scene.settle()
    let second = try await writer.append([2])
    let epoch = try #require(scene.healing.cluster.layout).epoch
    try await scene.healing.kill(id)
    scene.disks.put(image, in: id)
    try await scene.start(id)
    let old = try #require(scene.healing.cluster.node(id)?.unitName)
    #expect(scene.healing.cluster.layout?.epoch == epoch)
    #expect(scene.healing.cluster.layout?.units.contains(old) == true)
    // The head of the chain has forgotten the second entry, and nobody sees that.
    let reader = try scene.client("reader")
    #expect(try await reader.tail() == second.advanced(by: 1))
    for (position, byte) in [(first, 1), (second, 2)] as [(Position, UInt8)] {
      guard case .data(let entry) = try await reader.read(position) else {
        Issue.record("\(position) is gone")
        continue
      }
      #expect(entry.payload == [byte])
    }
    try await scene.settle()
    let unit = try #require(scene.healing.cluster.node(id)?.unit)
    #expect(unit.incarnation != old.incarnation)
    let layout = try #require(scene.healing.cluster.layout)
    #expect(layout.chains.map(\.replicas.count) == [3] && layout.spans.count == 1)
    for position in [first, second] { #expect(try unit.store.reader.read(position).isTaken) }
    #expect(layout.openings.count == 3)
  }
}

@Test("D12: a node that is started again serves, though the monitors leave what breaks as it is")
func aRestartedNodeServesWithMonitorsOff() throws {
  try HealingScene.run(seed: 7, stripes: 1, replicas: 2, spares: 1) { scene in
    let writer = try scene.client("writer")
    let first = try await writer.append([1])
    scene.healing.isAutomatic = false
    let epoch = try #require(scene.healing.cluster.layout).epoch
    for number in 1...2 as ClosedRange<UInt32> {
      try await scene.healing.kill(NodeID(number))
      try await scene.start(NodeID(number))
      await scene.world.sleep(for: .milliseconds(500))
      _ = try await writer.append([UInt8(number)])
      #expect(try await writer.read(first).isTaken)
    }
    #expect(scene.healing.cluster.layout?.epoch == epoch)
    scene.healing.isAutomatic = true
  }
}

@Test("R24: acceptors are appointed by those who are left, though nobody can stand in for the gone")
func appointsWithoutSubstitutes() throws {
  try HealingScene.run(seed: 8, stripes: 1, replicas: 2, spares: 1) { scene in
    let writer = try scene.client("writer")
    let first = try await writer.append([1])
    scene.healing.isAutomatic = false
    try await scene.healing.kill(NodeID(1))
    try await scene.healing.kill(NodeID(3))
    let layout = try await scene.healing.appointAcceptors()
    #expect(layout.acceptors.map(\.node) == [NodeID(2)])
    #expect(layout.openings.keys.map(\.node) == [NodeID(2)])
    #expect(try await writer.read(first).isTaken)
    _ = try await writer.append([2])
    scene.healing.isAutomatic = true
  }
}

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

// Goal: a cluster in one process does what the contract says. Method: memory for disks, direct
// calls for a network.

typealias MemoryCluster = Stage5<MemoryDevice, LoopbackTransport, ReferenceParts>
typealias MemoryClient = Client<LoopbackTransport, ContinuousClock, ReferenceParts>

/// The disks of a cluster, which outlive its processes.
final class MemoryDisks: Sendable {
  private let disks = Mutex<[NodeID: MemoryDevice]>([:])

  func disk(_ node: NodeID) -> MemoryDevice {
    disks.withLock { disks in
      if let disk = disks[node] { return disk }
      let disk = MemoryDevice(name: "\(node)")
      disks[node] = disk
      return disk
    }
  }
}

func withCluster(
  _ stripes: Int,
  _ replicas: Int,
  spares: Int = 0,
  disks: MemoryDisks = MemoryDisks(),
  _ body: (MemoryCluster, inout SeededGenerator) async throws -> Void
) async throws {
  var random = SeededGenerator(seed: 11)
  let cluster = MemoryCluster(
    shape: MemoryCluster.Shape(stripes: stripes, replicas: replicas, spares: spares),
    network: LoopbackTransport(),
    limits: .small(segmentBytes: 64 << 10)
  ) { disks.disk($0) }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await cluster.run() }
    do {
      try await cluster.open(using: &random)
      try await body(cluster, &random)
    } catch {
      try await cluster.close()
      throw error
    }
    try await cluster.close()
  }
}

@Test(arguments: [(1, 1), (1, 3), (2, 2), (4, 1)])
func entriesGoInAndComeOut(stripes: Int, replicas: Int) async throws {
  try await withCluster(stripes, replicas) { cluster, random in
    let client = try cluster.client(clock: ContinuousClock(), using: &random)
    for number in 0..<20 {
      #expect(try await client.append([UInt8(number)]) == Position(UInt64(number)))
    }
    let positions = try await client.append(batch: (20..<60).map { [UInt8($0)] })
    #expect(positions == (20..<60).map { Position($0) })
    #expect(try await client.tail() == Position(60))
    let slots = try await client.read(Position(0)..<Position(62))
    for (number, slot) in slots.enumerated() {
      guard case .data(let entry) = slot else {
        #expect(number >= 60 && slot == .empty)
        continue
      }
      #expect(entry.payload == [UInt8(number)])
    }
    try await client.trimPrefix(before: Position(10))
    try await client.trim(Position(12))
    #expect(try await client.read(Position(9)) == .trimmed)
    #expect(try await client.read(Position(12)) == .trimmed)
    #expect(try await client.read(Position(11)).isTaken)
  }
}

@Test func appendsOfManyGoOutTogether() async throws {
  try await withCluster(2, 2) { cluster, random in
    let client = try cluster.client(clock: ContinuousClock(), using: &random)
    let positions = try await withThrowingTaskGroup(of: Position?.self) { group in
      group.addTask {
        await client.run()
        return nil
      }
      for number in 0..<1000 { group.addTask { try await client.append([UInt8(number % 256)]) } }
      var positions: Set<Position> = []
      while positions.count < 1000, let position = try await group.next() {
        if let position { positions.insert(position) }
      }
      group.cancelAll()
      return positions
    }
    #expect(positions == Set((0..<1000).map { Position($0) }))
    let syncs = cluster.unitIDs.compactMap { cluster.node($0)?.unit?.store.counters.syncs }
    #expect(syncs.reduce(0, +) < 1000, "\(syncs)")
  }
}

@Test func aSlowNetworkChangesNothing() async throws {
  let world = World(seed: 3)
  let positions = try world.run {
    let network = SimulatedNetwork(
      clock: world.clock,
      random: world.random.split(),
      faults: NetworkFaults(
        lossRate: 0.1,
        repeatRate: 0.2,
        delay: .microseconds(10) ... .milliseconds(5)
      )
    )
    let way = network.endpoint("operator")
    var random = world.random.split()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      let disks = MemoryDisks()
      let cluster = Stage5<MemoryDevice, SimulatedNetwork<SimulatedClock>.Endpoint, ReferenceParts>(
        shape: .init(stripes: 2, replicas: 2),
        network: way,
        limits: .small(segmentBytes: 64 << 10)
      ) { disks.disk($0) }
      group.addTask { await network.run() }
      group.addTask { await cluster.run() }
      let faults = network.faults
      network.faults = .none
      try await cluster.open(using: &random)
      network.faults = faults
      let client = try cluster.client(clock: world.clock, using: &random)
      let positions: Result<[Position], any Error>
      do {
        var found: [Position] = []
        for number in 0..<30 { found.append(try await client.append([UInt8(number)])) }
        positions = .success(found)
      } catch {
        positions = .failure(error)
      }
      network.faults = .none
      try await cluster.close()
      network.close()
      return try positions.get()
    }
  }
  #expect(positions == positions.sorted())
  #expect(Set(positions).count == 30)
}

@Test func aSubscriberReadsOnAcrossAHoleAndASeal() async throws {
  try await withCluster(2, 2) { cluster, random in
    let writer = try cluster.client(clock: ContinuousClock(), using: &random)
    let reader = try cluster.client(clock: ContinuousClock(), using: &random)
    _ = try await writer.append([1])
    // A client takes a token and is never seen again.
    let layout = try #require(cluster.layout)
    let request = Request.reserve(TokenRequest(layout: layout.id, count: 1))
    let reply = try await cluster.network.call(
      request,
      to: cluster.sequencerID,
      patience: .seconds(1)
    )
    guard case .token = reply else { throw LogError.closed }
    _ = try await writer.append([2])
    try await cluster.seal()
    _ = try await writer.append([3])
    var seen: [[UInt8]] = []
    for try await item in reader.entries(from: .zero) {
      seen.append(item.entry.payload)
      if seen.count == 3 { break }
    }
    #expect(seen == [[1], [2], [3]])
    #expect(try await reader.read(Position(1)) == .junk)
    #expect(reader.counters.holesFilled == 1)
    #expect(writer.layout.epoch == Epoch(2))
  }
}

@Test func aClusterIsThereAgainAfterAllNodesWereKilled() async throws {
  let disks = MemoryDisks()
  try await withCluster(2, 2, disks: disks) { cluster, random in
    let client = try cluster.client(clock: ContinuousClock(), using: &random)
    _ = try await client.append(batch: (0..<50).map { [UInt8($0)] })
    for id in cluster.unitIDs { try await cluster.kill(id) }
    for id in cluster.unitIDs { try await cluster.start(id, using: &random) }
    #expect(try await client.read(Position(17)).isTaken)
  }
  try await withCluster(2, 2, disks: disks) { cluster, random in
    let client = try cluster.client(clock: ContinuousClock(), using: &random)
    #expect(try await client.tail() == Position(50))
    #expect(try await client.append([7]) == Position(50))
    #expect(cluster.layout?.epoch == Epoch(2))
  }
}

@Test func aDeadSpareKeepsNobodyFromTheNextEpoch() async throws {
  try await withCluster(1, 2, spares: 1) { cluster, random in
    let client = try cluster.client(clock: ContinuousClock(), using: &random)
    _ = try await client.append([1])
    try await cluster.kill(NodeID(3))
    try await cluster.seal()
    #expect(try await client.append([2]) == Position(1))
    try await cluster.start(NodeID(3), using: &random)
    #expect(try await cluster.seal().epoch == Epoch(3))
    #expect(try await client.append([3]) == Position(2))
  }
}

@Test func aClosedClusterStartsNobody() async throws {
  try await withCluster(1, 1) { cluster, random in
    try await cluster.close()
    await #expect(throws: ClusterError.notOpen) {
      try await cluster.start(NodeID(1), using: &random)
    }
  }
}

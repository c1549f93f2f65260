// Goal: whoever has an open store looks after it: nodes compact and scrub in the background (D13),
// and so do the stages that have no nodes; what rot took comes back when it is read or filled (D6).
// Method: a cluster, and a log over many disks, in a world; bits that flip.
import CorfuClient
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization
import Testing

/// Disks by the number of their unit.
private final class Disks: Sendable {
  private let world: World
  private let devices = Mutex<[NodeID: SimulatedDevice]>([:])

  init(_ world: World) {
    self.world = world
  }

  subscript(node: NodeID) -> SimulatedDevice {
    devices.withLock { devices in
      if let device = devices[node] { return device }
      let device = SimulatedDevice(world: world, name: "\(node)")
      devices[node] = device
      return device
    }
  }

  /// Flips a bit of the payload of the first record.
  func rot(_ node: UInt32) throws {
    let offset = SegmentHeader.recordsBegin + RecordHeader.byteCount + 3
    try self[NodeID(node)].flipBit(file: "00000000.seg", offset: offset, bit: 2)
  }
}

/// What was heard of stores.
private final class Heard: Sendable {
  private let events = Mutex<[NodeID: [StoreEvent]]>([:])

  func note(_ node: NodeID, _ event: StoreEvent) {
    events.withLock { $0[node, default: []].append(event) }
  }

  func of(_ node: UInt32) -> [StoreEvent] { events.withLock { $0[NodeID(node)] ?? [] } }
}

private let payload = [UInt8](repeating: 7, count: 400)

extension [StoreEvent] {
  fileprivate func contains(kind: String) -> Bool { contains { "\($0)".hasPrefix(kind) } }
}

struct UpkeepTests {
  private typealias Cluster = Stage5<SimulatedDevice, LoopbackTransport, ReferenceParts>
  private typealias Member = Client<LoopbackTransport, SimulatedClock, ReferenceParts>

  /// Runs a body with a cluster of one chain of two, and a client.
  private static func withCluster(
    _ body:
      @escaping @Sendable (World, Cluster, Disks, Heard, Member) async throws -> Void
  ) throws {
    let world = World(seed: 4)
    try world.run {
      var random = world.random.split()
      let disks = Disks(world)
      let heard = Heard()
      var upkeep = UpkeepSettings(clock: world.clock)
      upkeep.compaction.pause = .seconds(1)
      upkeep.scrub.pause = .seconds(1)
      let cluster = Cluster(
        shape: .init(stripes: 1, replicas: 2),
        network: LoopbackTransport(),
        limits: .small(segmentBytes: 16 << 10),
        upkeep: upkeep,
        makeDevice: { disks[$0] },
        onEvent: { node, event in
          if case .store(let event) = event { heard.note(node, event) }
        }
      )
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await cluster.run() }
        try await cluster.open(using: &random)
        let client = try cluster.client(clock: world.clock, using: &random)
        do {
          for _ in 0..<100 { _ = try await client.append(payload) }
          try await body(world, cluster, disks, heard, client)
        } catch {
          try? await cluster.close()  // The first error counts.
          throw error
        }
        try await cluster.close()
      }
    }
  }

  @Test("A node gives back the room of what was trimmed, unasked")
  func nodesCompact() throws {
    try Self.withCluster { world, cluster, _, heard, client in
      for number in 1..<80 where number % 10 != 0 {
        try await client.trim(Position(UInt64(number)))
      }
      await world.sleep(for: .seconds(20))
      #expect(heard.of(1).contains(kind: "retired") && heard.of(2).contains(kind: "retired"))
      let counters = cluster.node(NodeID(1))?.upkeep?.counters
      #expect(counters?.segments ?? 0 > 0)
    }
  }

  @Test("D6, D13: a node finds rot that nobody asked for, and a reader puts it right")
  func nodesScrub() throws {
    try Self.withCluster { world, cluster, disks, heard, client in
      try disks.rot(2)
      await world.sleep(for: .seconds(5))
      #expect(heard.of(2).contains(.rotFound(segment: 0, .zero)))
      #expect(!heard.of(1).contains(kind: "rotFound"))
      let slot = try await client.read(.zero)
      guard case .data(let entry) = slot else {
        Issue.record("\(slot)")
        return
      }
      #expect(entry.payload == payload)
      #expect(heard.of(2).contains(.repaired(.zero)))
      #expect(try cluster.node(NodeID(2))?.unit?.store.reader.read(.zero) == slot)
    }
  }

  @Test("D6: a fill that meets rot on the head puts it right")
  func fillsRepair() throws {
    try Self.withCluster { _, cluster, disks, heard, client in
      try disks.rot(1)
      let slot = try await client.fill(.zero)
      #expect(slot.isTaken && slot != .junk)
      #expect(heard.of(1).contains(.repaired(.zero)))
      #expect(try cluster.node(NodeID(1))?.unit?.store.reader.read(.zero) == slot)
    }
  }

  @Test("D13: stage 3 scrubs its units")
  func mirrorsScrub() throws {
    let world = World(seed: 5)
    try world.run {
      var random = world.random.split()
      let disks = Disks(world)
      let heard = Heard()
      let stage = try await Stage3<SimulatedDevice, ReferenceMirrorParts>.open(
        MirrorShape(stripes: 1, replicas: 2),
        in: disks[NodeID(0)],
        limits: .small(segmentBytes: 16 << 10),
        using: &random,
        makeDevice: { disks[$0] },
        onEvent: { if case .store(let node, let event) = $0 { heard.note(node, event) } }
      )
      let log = stage.client(using: &random)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await stage.run(scrubbing: ScrubLimits(), clock: world.clock) }
        for _ in 0..<100 { _ = try await log.append(payload) }
        try disks.rot(2)
        await world.sleep(for: .seconds(700))
        #expect(heard.of(2).contains(.rotFound(segment: 0, .zero)))
        #expect(try await log.read(.zero).isTaken)
        #expect(heard.of(2).contains(.repaired(.zero)))
        try await stage.close()
      }
    }
  }
}

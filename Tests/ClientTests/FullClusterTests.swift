import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

// Goal: full disks keep no layout from changing, and no layout keeps anybody from reading what is
// there and trimming it: that is the way back to room (decisions 18 and 23). Method: all disks of a
// cluster are filled, and more is tried; then something happens to it.

/// What happens to a cluster whose disks are full.
enum FullClusterEvent: String, CaseIterable, Sendable {
  case reconfigured, headDies, tailDies, sequencerDies, headBlinks, allRestart

  fileprivate func happen(to scene: HealingScene) async throws {
    switch self {
    case .reconfigured:
      for _ in 0..<5 { try await scene.healing.reconfigure() }
    case .headDies: try await scene.healing.kill(NodeID(1))
    case .tailDies: try await scene.healing.kill(NodeID(2))
    case .sequencerDies:
      let node = try #require(scene.healing.cluster.layout?.sequencer.node)
      try await scene.healing.kill(node)
    case .headBlinks:
      try await scene.healing.kill(NodeID(1))
      await scene.world.sleep(for: .seconds(3))
      try await scene.start(NodeID(1))
    case .allRestart:
      let nodes = scene.healing.cluster.nodeIDs
      for id in nodes { try await scene.healing.kill(id) }
      for id in nodes { try await scene.start(id) }
    }
    await scene.world.sleep(for: .seconds(12))
  }
}

/// A client that has filled all disks.
private struct Filler {
  let client: HealingScene.Appender
  private(set) var acknowledged: [Position] = []

  init(_ client: HealingScene.Appender) {
    self.client = client
  }

  private static func payload(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 4000)
  }

  /// Appends, over and over.
  ///
  /// - Returns: How often there was no room.
  mutating func append(_ count: Int) async throws -> Int {
    var refused = 0
    for number in 0..<count {
      do {
        acknowledged.append(try await client.append(Self.payload(number)))
      } catch LogError.outOfSpace {
        refused += 1
      } catch LogError.indefinite {
        // Nor is there room to find out.
        refused += 1
      }
    }
    return refused
  }
}

struct FullClusterTests {
  @Test(
    "R22: layouts change on full disks, and reads and trims go on",
    arguments: FullClusterEvent.allCases,
    // Until there is no room for data, and until there is none for anything else that can wait.
    [100, 400]
  )
  func full(event: FullClusterEvent, appends: Int) throws {
    for spares in [0, 1] { try fill(appends, event, spares) }
  }

  private func fill(_ appends: Int, _ event: FullClusterEvent, _ spares: Int) throws {
    try HealingScene.run(seed: 8, stripes: 1, replicas: 3 - spares, spares: spares) { scene in
      for id in scene.healing.cluster.unitIDs {
        scene.disks.current(id)?.capacityBytes = 7 * (64 << 10)
      }
      var filler = Filler(try scene.client("filler"))
      #expect(try await filler.append(appends) > appends / 4)
      #expect(filler.acknowledged.count > 20)
      let epoch = try #require(scene.healing.cluster.layout?.epoch)
      try await event.happen(to: scene)
      let next = try #require(scene.healing.cluster.layout)
      #expect(next.epoch > epoch, "\(scene.healing.monitors.map(\.status.trouble))")
      // Whoever comes now reads, and asks for the end.
      let client = try scene.client("another")
      for position in filler.acknowledged {
        guard case .data = try await client.read(position) else {
          Issue.record("\(position) is gone")
          continue
        }
      }
      let tail = try await client.tail()
      #expect(tail > filler.acknowledged.last ?? .zero)
      let first = try #require(filler.acknowledged.first)
      if appends == 100 {
        try await client.trim(first)
        #expect(try await client.read(first) == .trimmed)
      }
      try await client.trimPrefix(before: tail)
      #expect(try await client.read(tail.advanced(by: -1)) == .trimmed)
      // There is room again.
      let position = try await client.append([1, 2, 3])
      #expect(try await client.read(position).isTaken)
      await scene.world.sleep(for: .seconds(30))
      let chains = scene.healing.cluster.layout?.chains ?? []
      if spares > 0 || event == .reconfigured || event == .sequencerDies {
        #expect(chains.allSatisfy { $0.replicas.count == 3 - spares }, "\(chains)")
      }
    }
  }
}

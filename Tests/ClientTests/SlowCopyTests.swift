// Goal: a copy that takes longer than monitors wait for each other is made once, and people see how
// far it is; whoever makes it may die, and another goes on (R28). Method: a cluster in simulated
// time where each position takes 50 ms to copy.
import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Synchronization
import Testing

/// What the monitors of a cluster said of their copies.
private final class CopyEvents: Sendable {
  private let events = Mutex<[MonitorEvent]>([])

  var begun: Int { count { if case .rebuilding = $0 { true } else { false } } }
  var failed: Int { count { if case .notRebuilt = $0 { true } else { false } } }
  var joined: Int { count { if case .joined = $0 { true } else { false } } }

  func hear(_ event: ClusterEvent) {
    if case .monitor(_, let event) = event { events.withLock { $0.append(event) } }
  }

  private func count(_ isSuch: (MonitorEvent) -> Bool) -> Int {
    events.withLock { $0.count(where: isSuch) }
  }
}

struct SlowCopyTests {
  private static var limits: MonitorLimits {
    var limits = MonitorLimits()
    limits.rebuild.slotsPerStep = 1
    limits.rebuild.pause = .milliseconds(50)
    return limits
  }

  private static let entries: UInt64 = 200

  private func run(
    seed: UInt64,
    spares: Int,
    _ body: @escaping @Sendable (HealingScene, CopyEvents) async throws -> Void
  ) throws {
    let events = CopyEvents()
    try HealingScene.run(
      seed: seed,
      stripes: 1,
      spares: spares,
      monitoring: Self.limits,
      onEvent: { events.hear($0) }
    ) { try await body($0, events) }
  }

  /// Writes, lets a unit die, and waits until somebody is given a copy.
  private func begin(_ scene: HealingScene) async throws {
    let writer = try scene.client("writer")
    for number in 0..<Self.entries { _ = try await writer.append([UInt8(number)]) }
    try await scene.settle()
    #expect(scene.healing.monitors.count == 3)
    try await scene.healing.kill(NodeID(1))
    for _ in 0..<500 where copies(of: scene).isEmpty {
      await scene.world.sleep(for: .milliseconds(10))
    }
    #expect(copies(of: scene).count == 1)
  }

  private func copies(of scene: HealingScene) -> [RebuildProgress] {
    scene.healing.monitors.compactMap(\.status.rebuild)
  }

  @Test("R28: a copy that takes long is made once, and what is seen of it never goes back")
  func once() throws {
    try run(seed: 9, spares: 2) { scene, events in
      try await begin(scene)
      let start = scene.world.now
      var last = Position.zero
      while let copy = copies(of: scene).first {
        #expect(copies(of: scene).count == 1)
        #expect(copy.next >= last)
        last = copy.next
        await scene.world.sleep(for: .milliseconds(10))
      }
      // Long enough for every other monitor to have lost patience.
      #expect(scene.world.now - start > Self.limits.silenceMax * 4 + .seconds(1))
      #expect(last == Position(Self.entries))
      try await scene.settle()
      #expect(events.begun == 1 && events.failed == 0 && events.joined == 1)
      let layout = try #require(scene.healing.cluster.layout)
      #expect(layout.spans.count == 1 && layout.chains.allSatisfy { $0.replicas.count == 2 })
    }
  }

  @Test("R28: if the monitor dies that makes a copy, another goes on")
  func another() throws {
    try run(seed: 10, spares: 4) { scene, events in
      try await begin(scene)
      await scene.world.sleep(for: .seconds(5))
      let newcomer = try #require(copies(of: scene).first).task.newcomer.node
      let maker = try #require(scene.healing.monitors.first { $0.status.rebuild != nil }).host
      #expect(maker != newcomer)
      try await scene.healing.kill(maker)
      #expect(copies(of: scene).isEmpty)
      try await scene.settle()
      #expect(events.begun == 2 && events.joined == 1)
      let layout = try #require(scene.healing.cluster.layout)
      #expect(layout.spans.count == 1 && layout.chains.allSatisfy { $0.replicas.count == 2 })
    }
  }
}

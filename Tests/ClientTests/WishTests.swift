import CorfuClient
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

// Goal: a wish that cannot be granted keeps nobody from mending what breaks. Method: a cluster of
// stage 6 in simulated time, of which more chains are wanted than it has spares for.

struct WishTests {
  @Test("who dies is replaced, copied and taken back, though more chains are wanted than can be")
  func healsBesideAShortage() throws {
    try HealingScene.run(seed: 11, spares: 1) { scene in
      let writer = try scene.client("writer")
      for number in 0..<8 as Range<UInt8> { _ = try await writer.append([number]) }
      try await scene.settle()
      // Two spares would be needed.
      try await scene.healing.setStripes(3)
      try await scene.healing.kill(NodeID(1))
      #expect(await scene.comes(within: .seconds(60)) { $0.isMended(without: NodeID(1)) })
      try await scene.start(NodeID(1))
      #expect(
        await scene.comes(within: .seconds(60)) { scene in
          scene.healing.cluster.layout?.spares.contains { $0.node == NodeID(1) } == true
        }
      )
      #expect(
        scene.healing.monitors.contains { monitor in
          monitor.status.trouble.map { "\($0)" }?.contains("spares") == true
        }
      )
    }
  }
}

extension HealingScene {
  /// Whether there is one span, with two units in each chain, and one node is in none.
  fileprivate func isMended(without node: NodeID) -> Bool {
    guard let layout = healing.cluster.layout else { return false }
    return layout.spans.count == 1 && layout.chains.allSatisfy { $0.replicas.count == 2 }
      && !layout.units.contains { $0.node == node }
  }

  /// Lets time pass until something is so.
  ///
  /// - Returns: Whether it came to be.
  fileprivate func comes(
    within bound: Duration,
    _ isSo: (HealingScene) -> Bool
  ) async -> Bool {
    let end = world.now + bound
    while !isSo(self) {
      if world.now > end { return false }
      await world.sleep(for: .milliseconds(50))
    }
    return true
  }
}

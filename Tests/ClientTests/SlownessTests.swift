import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

// Goal: slow is not dead, and a cut between two nodes is the death of neither: no layout changes
// for it, and no disk is emptied. Method: clusters of stage 6 in simulated time, in which time
// passes and epochs are counted.

/// Who has what to do with whom in the network.
private func party(_ node: NodeID) -> [SimulatedNetwork<SimulatedClock>.Party] {
  [.node(node), .client("m\(node.number)")]
}

extension HealingScene {
  /// The newest epoch.
  fileprivate var epoch: UInt64 { healing.cluster.layout?.epoch.number ?? 0 }

  /// Whether all chains have two units, all of them alive.
  fileprivate var isWhole: Bool {
    healing.cluster.layout?.chains.allSatisfy { chain in
      chain.replicas.count { healing.cluster.node($0.node)?.unitName == $0 } == 2
    } ?? false
  }

  fileprivate func append(_ count: Int, by client: Appender) async throws {
    for number in 0..<count { _ = try await client.append([UInt8(truncatingIfNeeded: number)]) }
  }
}

struct SlownessTests {
  @Test("a cut between two units changes nothing that the others need", arguments: [3, 4, 5])
  func cutBetweenTwo(seed: UInt64) throws {
    try HealingScene.run(seed: seed, spares: 1) { scene in
      let writer = try scene.client("writer")
      try await scene.append(4, by: writer)
      try await scene.settle()
      let before = scene.epoch
      scene.network.partition(party(NodeID(1)), from: party(NodeID(2)))
      await scene.world.sleep(for: .seconds(120))
      #expect(scene.epoch == before && scene.isWhole)
      try await scene.append(4, by: writer)
      scene.network.heal()
      try await scene.settle()
      #expect(scene.isWhole && scene.epoch == before)
    }
  }

  @Test("a node that most monitors miss is taken out once, and not again and again")
  func cutFromMost() throws {
    try HealingScene.run(seed: 6, spares: 1) { scene in
      let writer = try scene.client("writer")
      try await scene.append(4, by: writer)
      try await scene.settle()
      let before = scene.epoch
      // Of the three monitors only the one on node 7 hears node 3.
      for node in [1, 2] as [UInt32] {
        scene.network.partition(party(NodeID(node)), from: party(NodeID(3)))
      }
      await scene.world.sleep(for: .seconds(120))
      #expect(scene.epoch - before < 8, "\(scene.epoch - before)")
      try await scene.append(4, by: writer)
      scene.network.heal()
      try await scene.settle()
      #expect(scene.isWhole)
    }
  }

  @Test(
    "a monitor that cannot reach a unit leaves what is to be done to those that can",
    arguments: [0, 1, 2],
    [2, 3] as [UInt64]
  )
  func cutBesideADeath(place: Int, seed: UInt64) throws {
    try HealingScene.run(seed: seed, spares: 1) { scene in
      let writer = try scene.client("writer")
      try await scene.append(400, by: writer)
      try await scene.settle()
      let before = scene.epoch
      let host = scene.healing.monitors[place].host
      let layout = try #require(scene.healing.cluster.layout)
      // Units of different chains, beside the monitor.
      let chains = layout.chains.map { chain in
        chain.replicas.map(\.node).filter { $0 != host }
      }
      let (cut, dead) = (try #require(chains[1].last), try #require(chains[0].last))
      scene.network.partition([.client("m\(host.number)")], from: [.node(cut)])
      try await scene.healing.kill(dead)
      await scene.world.sleep(for: .seconds(60))
      #expect(scene.epoch - before < 6, "\(scene.epoch - before)")
      let next = try #require(scene.healing.cluster.layout)
      #expect(next.units.contains { $0.node == cut } && !next.units.contains { $0.node == dead })
      #expect(next.chains.allSatisfy { $0.replicas.count == 2 }, "\(next.spans)")
    }
  }

  @Test("a monitor that hears nobody does not take its own node for dead")
  func monitorApart() throws {
    try HealingScene.run(seed: 6, spares: 1) { scene in
      try await scene.append(4, by: try scene.client("writer"))
      try await scene.settle()
      let before = scene.epoch
      let host = try #require(scene.healing.monitors.first?.host)
      let nodes = scene.healing.cluster.nodeIDs
      // Not even its own: its process stands still, say, and its node with it.
      scene.network.partition([.client("m\(host.number)")], from: nodes.map { .node($0) })
      await scene.world.sleep(for: .seconds(60))
      for (other, status) in scene.healing.monitors {
        let suspects = other == host ? Set(nodes).subtracting([host]) : []
        #expect(status.suspects == suspects, "\(other)")
      }
      #expect(scene.epoch == before && scene.isWhole)
    }
  }

  @Test("whoever goes again and again comes back after longer and longer")
  func flapping() throws {
    try HealingScene.run(seed: 7, spares: 1) { scene in
      try await scene.append(4, by: try scene.client("writer"))
      let before = scene.epoch
      for _ in 0..<30 {
        try await scene.healing.kill(NodeID(1))
        await scene.world.sleep(for: .seconds(2))
        try await scene.start(NodeID(1))
        await scene.world.sleep(for: .seconds(2))
      }
      // Two minutes, and what would be three epochs for each of thirty returns.
      #expect(scene.epoch - before < 30, "\(scene.epoch - before)")
      #expect(await scene.healing.settle(within: .seconds(120)))
    }
  }

  @Test(
    "a slow network is waited for, and whoever dies in it is noticed",
    arguments: [100, 250, 400, 700]
  )
  func slowNetwork(milliseconds: Int) throws {
    try HealingScene.run(seed: 3, spares: 1) { scene in
      let writer = try scene.client("writer")
      try await scene.append(4, by: writer)
      try await scene.settle()
      let before = scene.epoch
      scene.network.faults.delay = .milliseconds(milliseconds)...(.milliseconds(milliseconds + 20))
      await scene.world.sleep(for: .seconds(60))
      #expect(scene.epoch == before && scene.isWhole)
      let monitors = scene.healing.monitors
      #expect(monitors.allSatisfy { !$0.status.suspects.contains($0.host) })
      #expect(monitors.allSatisfy { $0.status.suspects.isEmpty })
      try await scene.healing.kill(NodeID(1))
      await scene.world.sleep(for: .seconds(90))
      #expect(scene.healing.cluster.layout?.units.contains { $0.node == NodeID(1) } == false)
    }
  }

  @Test("a disk that takes seconds is waited for where it is the last of its chain")
  func slowDisk() throws {
    try HealingScene.run(seed: 3, spares: 1) { scene in
      try await scene.append(4, by: try scene.client("writer"))
      try await scene.settle()
      scene.disks.slow(NodeID(1), to: .seconds(3))
      try await scene.healing.kill(NodeID(2))
      for _ in 0..<30 {
        await scene.world.sleep(for: .seconds(3))
      }
      let layout = try #require(scene.healing.cluster.layout)
      #expect(!layout.units.contains { $0.node == NodeID(2) })
      #expect(layout.spans[0].stripes[0].replicas.contains { $0.node == NodeID(1) })
      scene.disks.slow(NodeID(1), to: .zero)
      try await scene.settle()
      #expect(scene.isWhole)
    }
  }
}

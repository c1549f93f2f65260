import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuSimulation
@testable import CorfuStages
import CorfuStripeMirror
import Synchronization
import Testing

// Goal: what is alive is moved to spares, at once where there are enough, and nothing is lost; a
// unit of which little is alive is moved unasked, if people want that. Method: a cluster of stage 6
// in simulated time, read again from its beginning to its end.

struct RemapTests {
  @Test("two sets of units take over from each other, all at once, while clients append")
  func twoSetsAlternate() throws {
    try HealingScene.run(seed: 21, spares: 4) { scene in
      let appender = SteadyAppender()
      let writer = try scene.client("writer")
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await appender.run(writer, in: scene.world) }
        await scene.world.sleep(for: .milliseconds(500))
        for numbers in [1...4, 5...8, 1...4] as [ClosedRange<UInt32>] {
          let set = numbers.map { NodeID($0) }
          let before = try #require(scene.healing.cluster.layout)
          #expect(Set(before.units.map(\.node)) == Set(set))
          try await scene.healing.remap(set)
          try await scene.settle()
          let after = try #require(scene.healing.cluster.layout)
          #expect(Set(after.units.map(\.node)).isDisjoint(with: set))
          #expect(Set(after.spares.map(\.node)) == Set(set))
          #expect(after.spans.count == 1 && after.chains.allSatisfy { $0.replicas.count == 2 })
          // One after the other, each would take three layouts.
          #expect(after.epoch.number - before.epoch.number < 12)
        }
        appender.stop()
        try await group.waitForAll()
      }
      #expect(appender.acknowledged.count > 100)
      try await scene.proveThere(appender)
    }
  }

  @Test("with fewer spares than units the others wait for their turn")
  func theOthersWait() throws {
    try HealingScene.run(seed: 22, spares: 1) { scene in
      let position = try await scene.client("writer").append([1])
      let before = try #require(scene.healing.cluster.layout)
      try await scene.healing.remap([NodeID(1), NodeID(2), NodeID(3)])
      try await scene.settle()
      let after = try #require(scene.healing.cluster.layout)
      for id in [1, 2, 3].map({ NodeID($0) }) {
        let old = try #require(before.units.first { $0.node == id })
        #expect(scene.healing.cluster.node(id)?.unitName != old, "\(id) was never emptied")
      }
      #expect(after.spares.map(\.node) == [NodeID(3)])
      #expect(try await scene.client("reader").read(position).isTaken)
    }
  }

  @Test("a unit of which little is alive is moved unasked, and only if that is wanted")
  func below() throws {
    try HealingScene.run(seed: 23, stripes: 1, replicas: 2, spares: 1) { scene in
      let writer = try scene.client("writer")
      let payload = [UInt8](repeating: 7, count: 2048)
      var last = Position.zero
      while last.number < 1280 {
        last = try await writer.append(batch: (0..<16).map { _ in payload }).last ?? last
      }
      let kept = (0..<1280 as Range<UInt64>).filter { $0 % 8 == 0 }
      for number in 0..<1280 as Range<UInt64> where number % 8 != 0 {
        try await writer.trim(Position(number))
      }
      let disks = { Set(scene.healing.cluster.layout?.units ?? []) }
      let before = disks()
      await scene.world.sleep(for: .seconds(5))
      #expect(disks() == before)
      try await scene.healing.setRemapShare(0.5)
      await scene.world.sleep(for: .seconds(30))
      try await scene.settle()
      #expect(disks().isDisjoint(with: before), "\(before) are in use still")
      for number in kept {
        guard case .data = try await writer.read(Position(number)) else {
          Issue.record("\(number) is gone")
          continue
        }
      }
      #expect(try await writer.read(Position(599)) == .trimmed)
    }
  }

  @Test("who is to be remapped is kept; older files name nobody")
  func isKept() throws {
    var roster = ClusterRoster(stripes: 2, replicas: 2, spares: 1)
    roster.returning = [NodeID(3)]
    var bytes = roster.encoded()
    // Version 1 had neither the last list, which is empty here, nor the share.
    bytes.removeLast(4 + 8 + 4)
    bytes[8] = 1
    bytes.append(number: Checksum.of(bytes.span.bytes))
    #expect(ClusterRoster(bytes) == roster)

    roster.remaps = [NodeID(2), NodeID(1)]
    roster.remapShare = 0.5
    #expect(ClusterRoster(roster.encoded()) == roster)
    roster.remapShare = 1.5
    #expect(ClusterRoster(roster.encoded()) == nil)
  }

  @Test("what is to be remapped is told to whoever keeps it, and forgotten once it is under way")
  func isTold() throws {
    let kept = Mutex<[ClusterRoster]>([])
    try HealingScene.run(seed: 24, spares: 1, onRoster: { new in kept.withLock { $0.append(new) } })
    {
      scene in
      _ = try await scene.client("writer").append([1])
      try await scene.healing.setRemapShare(0.25)
      try await scene.healing.remap([NodeID(2), NodeID(1)])
      let told = kept.withLock { $0 }
      #expect(told.last?.remaps == [NodeID(2), NodeID(1)])
      #expect(told.last?.remapShare == 0.25)
      try await scene.settle()
      #expect(kept.withLock { $0.last }?.remaps == [])
      try await scene.healing.remap([NodeID(3)])
      try await scene.healing.setRemapShare(nil)
      #expect(kept.withLock { $0.last }?.remaps == [])
      #expect(kept.withLock { $0.last }?.remapShare == nil)
    }
  }
}

import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

// Goal: what a disk has lost is brought back by those who look after the cluster, before anybody
// asks for it (D6, D13); and what all have lost keeps nobody from copying the rest (R28). Method: a
// node dies, a bit of a record flips, and the node comes back before it is missed.

extension HealingScene {
  /// Ends nodes, lets the record of a position rot on their disks, and starts them again.
  fileprivate func rot(_ position: Position, on nodes: [NodeID]) async throws {
    for id in nodes {
      let unit = try #require(healing.cluster.node(id)?.unit)
      let number = unit.store.reader.identity.unit
      try await healing.kill(id)
      let disk = try #require(disks.current(id))
      var isHit = false
      for file in disk.snapshot().names where file.hasSuffix(".seg") {
        let bytes = try disk.durableBytes(of: file)
        let segment = try #require(UInt32(file.dropLast(4)))
        let scan = SegmentScan(
          bytes.span.bytes,
          unit: number,
          segment: segment,
          durable: SegmentHeader.recordsBegin
        )
        for found in scan.found where found.header.position == position {
          let offset = found.offset + RecordHeader.byteCount
          try disk.flipBit(file: file, offset: offset, bit: 3)
          isHit = true
        }
      }
      #expect(isHit)
    }
    for id in nodes { try await start(id) }
  }

  fileprivate func slot(_ position: Position, on id: NodeID) -> Slot? {
    // Damage is no slot.
    try? healing.cluster.node(id)?.unit?.store.reader.read(position)
  }
}

struct DamageRepairTests {
  @Test("D6: what opening finds damaged is brought back from a peer")
  func repair() throws {
    try HealingScene.run(seed: 5, stripes: 1, spares: 1) { scene in
      let writer = try scene.client("writer")
      for number in 0..<30 as Range<UInt8> { _ = try await writer.append([number, 7, 7, 7]) }
      try await scene.settle()
      let epoch = scene.healing.cluster.layout?.epoch
      for id in [NodeID(1), NodeID(2)] {
        try await scene.rot(Position(11), on: [id])
        #expect(scene.slot(Position(11), on: id) == nil)
        try await scene.settle()
        #expect(scene.slot(Position(11), on: id)?.isTaken == true)
        #expect(scene.slot(Position(11), on: NodeID(1)) == scene.slot(Position(11), on: NodeID(2)))
      }
      #expect(scene.healing.cluster.layout?.epoch == epoch)
    }
  }

  @Test("R28: a position that nobody can read keeps nobody from copying the rest")
  func lostEverywhere() throws {
    try HealingScene.run(seed: 6, stripes: 1, spares: 1) { scene in
      let writer = try scene.client("writer")
      for number in 0..<30 as Range<UInt8> { _ = try await writer.append([number, 7, 7, 7]) }
      try await scene.settle()
      try await scene.rot(Position(11), on: [NodeID(1), NodeID(2)])
      await scene.world.sleep(for: .seconds(2))
      try await scene.healing.kill(NodeID(2))
      await scene.world.sleep(for: .seconds(10))
      let troubles = scene.healing.monitors.compactMap(\.status.rebuildTrouble)
      #expect(troubles.contains { $0.contains("position 11") && $0.contains("trim 11") })
      for number in 0..<30 as Range<UInt64> where number != 11 {
        #expect(scene.slot(Position(number), on: NodeID(3))?.isTaken == true, "\(number)")
      }
      try await writer.trim(Position(11))
      try await scene.settle()
      let chains = scene.healing.cluster.layout?.chains ?? []
      #expect(!chains.isEmpty && chains.allSatisfy { $0.replicas.count == 2 })
      let left = scene.healing.monitors.map(\.status.rebuildTrouble)
      #expect(left.allSatisfy { $0 == nil }, "\(left)")
    }
  }
}

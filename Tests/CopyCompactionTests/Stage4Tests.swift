// Goal: in stage 4 room comes back, whatever happens meanwhile, and a unit that missed something
// ends like its mirror. Method: the stage over simulated disks; the power goes at every call to one
// of them.
import CorfuChecks
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

struct Stage4Tests {
  private static let checks = SharedLogChecks<TestStage.Mirrors.Log>(exercise: "4.0") {
    clients,
    world,
    body in
    let rig = Stage4World(world, shape: MirrorShape(stripes: 2, replicas: 2))
    try await rig.withStage { stage, _ in
      var random = world.random.split()
      try await body((0..<clients).map { _ in stage.client(using: &random) })
    }
  }.checks

  @Test(arguments: checks.indices)
  func itKeepsTheContract(index: Int) throws {
    try Self.checks[index].run(seeds: 1..<21)
  }

  @Test("Trimmed room comes back, and what is left can be read after it was opened again")
  func roomComesBack() throws {
    try inWorld { world in
      let rig = Stage4World(world)
      try await rig.withStage { stage, log in
        try await append(0..<392, to: log)
        let full = await stage.space()
        for start in stride(from: 0, to: 392, by: 7) {
          try await log.trim(position(start)..<position(start + 6))
        }
        let trimmed = await stage.space()
        #expect(trimmed.live < full.live / 6 && trimmed.disk >= full.disk)
        var segments = 0
        for unit in stage.mirrors.units {
          let done = try await stage.compact(unit.name.node)
          #expect(done.segments > 1 && done.copiedBytes > 0 && done.removedBytes > 8000)
          segments += done.segments
        }
        let compacted = await stage.space()
        #expect(compacted.live == trimmed.live)
        // Beside what is live each unit keeps the segment being written, and one in reserve.
        #expect(compacted.disk - 4 * (2 * 8 << 10) < 2 * compacted.live)
        #expect(stage.counters(of: NodeID(1))?.segments ?? 0 > 0 && segments > 8)
        try await Self.expectThinned(log, 392)
      }
      try await rig.withStage { stage, log in
        try await Self.expectThinned(log, 392)
        #expect(try stage.isEqual(1, 2))
        #expect(try stage.isEqual(3, 4))
        #expect(try await log.append([1]) == position(392))
      }
    }
  }

  /// Every seventh entry stands, and the others are trimmed.
  private static func expectThinned(_ log: some SharedLog, _ count: Int) async throws {
    for number in 0..<count {
      let slot = try await log.read(position(number))
      if number % 7 == 6 {
        #expect(slot.bytes == payload(number))
      } else {
        #expect(slot == .trimmed)
      }
    }
  }

  @Test("It compacts by itself, after a while")
  func background() throws {
    try inWorld { world in
      try await Stage4World(world).withStage { stage, log in
        try await append(0..<200, to: log)
        try await log.trim(.zero..<position(190))
        let before = await stage.space()
        await world.sleep(for: .seconds(30))
        #expect(await stage.space().disk < before.disk / 2)
        #expect(stage.counters(of: NodeID(3))?.segments ?? 0 > 1)
      }
    }
  }

  @Test("The power goes at every call that a compaction makes to the disk")
  func crashAtEveryStep() throws {
    var calls = 0
    while try !isThroughWithPowerCut(atCall: calls + 1) { calls += 1 }
    #expect(calls > 10)
  }

  /// Whether a compaction was over before a disk's so manieth call.
  private func isThroughWithPowerCut(atCall call: Int) throws -> Bool {
    let isThrough = Flag()
    try inWorld { world in
      let rig = Stage4World(world, shape: MirrorShape(stripes: 1, replicas: 2))
      try await rig.withStage { _, log in
        try await append(0..<63, to: log)
        for start in stride(from: 0, to: 63, by: 7) {
          try await log.trim(position(start)..<position(start + 6))
        }
      }
      do {
        try await rig.withStage { stage, log in
          let disk = try #require(rig.current(NodeID(1)))
          disk.inject(.powerCut, atCall: call)
          do {
            let done = try await stage.compact(NodeID(1))
            #expect(done.segments > 1)
            isThrough.raise()
          } catch {
            // The mirror goes on.
            #expect(try await stage.kill(NodeID(1)))
          }
          try await Self.expectThinned(log, 63)
        }
      } catch let error as MirrorError {
        // Its disk has no power, so it cannot be closed.
        #expect("\(error)".contains("n1"))
      }
      try await rig.withStage { stage, log in
        var random = world.random.split()
        if stage.mirrors.units[0].condition != .up {
          #expect(try await stage.restart(NodeID(1), using: &random) != .serves)
        }
        #expect(try stage.isEqual(1, 2))
        // The other is killed: the one whose power went has it all.
        try await stage.kill(NodeID(2))
        try await Self.expectThinned(log, 63)
        _ = try await stage.compact(NodeID(1))
        try await Self.expectThinned(log, 63)
      }
    }
    return isThrough.isRaised
  }
}

// Goal: a unit that missed something joins its chain again, equal to its mirror to the last trim,
// while others work; one that has what its chain lacks begins anew. Method: stage 4 over simulated
// disks that are lost, emptied and led astray.
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Synchronization
import Testing

struct JoiningTests {
  @Test("It gets entries, junk and trims that it missed")
  func missed() throws {
    try inWorld { world in
      try await Stage4World(world).withStage { stage, log in
        var random = world.random.split()
        try await append(0..<40, to: log)
        try await stage.kill(NodeID(1))
        try await append(40..<80, to: log)
        try await log.trim(position(3)..<position(30))
        try await log.trimPrefix(before: position(2))
        let hole = try await log.reserve(2).first
        _ = try await log.fill(hole)
        #expect(stage.mirrors.units[0].condition == .gone)
        // From the trim mark on, every second position; one of the two taken was nobody's.
        #expect(
          try await stage.restart(NodeID(1), using: &random) == .joined(values: 40, isReset: false)
        )
        #expect(stage.mirrors.units[0].condition == .up)
        #expect(stage.mirrors.layout.chains.map(\.description) == ["n1→n2", "n3→n4"])
        #expect(try stage.isEqual(1, 2))
        try await stage.kill(NodeID(2))
        for number in 30..<80 {
          #expect(try await log.read(position(number)).bytes == payload(number))
        }
        #expect(try await log.read(position(5)) == .trimmed)
        #expect(try await log.read(hole) == .junk)
      }
    }
  }

  @Test("A lost disk is filled again, and its new name outlives the process", arguments: [1, 2])
  func lostDisk(number: UInt32) throws {
    try inWorld { world in
      let rig = Stage4World(world)
      let node = NodeID(number)
      try await rig.withStage { _, log in
        try await append(0..<40, to: log)
        try await log.trim(position(10)..<position(20))
      }
      rig.lose(node)
      try await rig.withStage { stage, _ async throws in
        var random = world.random.split()
        let before = stage.mirrors.units[Int(number) - 1].name
        #expect(
          try await stage.restart(node, using: &random) == .joined(values: 20, isReset: false)
        )
        #expect(stage.mirrors.units[Int(number) - 1].name != before)
        #expect(try stage.isEqual(1, 2))
      }
      try await rig.withStage { stage, log in
        #expect(stage.mirrors.units.allSatisfy { $0.condition == .up })
        try await stage.kill(NodeID(3 - number))
        for number in 0..<10 {
          #expect(try await log.read(position(number)).bytes == payload(number))
        }
      }
    }
  }

  @Test("One that has what its chain never had begins anew")
  func astray() throws {
    try inWorld { world in
      try await Stage4World(world).withStage { stage, log in
        var random = world.random.split()
        try await append(0..<8, to: log)
        // Half an append: its client died between head and tail, and then the head did.
        let token = try await log.reserve(2)
        let lost = PlacedValue(.data(entry(99)), at: token.first)
        _ = try await stage.mirrors.unit(NodeID(1))?.write([lost])
        try await stage.kill(NodeID(1))
        #expect(try await log.read(token.first) == .empty)
        #expect(
          try await stage.restart(NodeID(1), using: &random) == .joined(values: 5, isReset: true)
        )
        #expect(try stage.isEqual(1, 2))
        #expect(try await log.read(token.first) == .junk)
        // A trim that came no further than the head.
        try await stage.mirrors.unit(NodeID(1))?.trim([.zero])
        try await stage.kill(NodeID(1))
        #expect(
          try await stage.restart(NodeID(1), using: &random) == .joined(values: 5, isReset: true)
        )
        #expect(try await log.read(.zero).bytes == payload(0))
      }
    }
  }

  @Test("Who sleeps with a token while a unit joins comes too late, and appends go on")
  func sleeper() throws {
    try inWorld { world in
      try await Stage4World(world).withStage { stage, log in
        var random = world.random.split()
        let token = try await log.reserve(1)
        try await stage.kill(NodeID(1))
        let client = stage.client(using: &random)
        let stop = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
          group.addTask {
            var count = 0
            while !stop.isRaised {
              _ = try await client.append(payload(count))
              count += 1
            }
            return count
          }
          await world.sleep(for: .milliseconds(20))
          _ = try await stage.restart(NodeID(1), using: &random)
          await world.sleep(for: .milliseconds(20))
          stop.raise()
          let count = try await group.next() ?? 0
          let slots = try await log.read(.zero..<stage.mirrors.tail)
          #expect(slots.count { $0.bytes != nil } == count && count > 20)
        }
        #expect(client.counters.layoutChanges + client.counters.lostPositions > 0)
        #expect(try stage.isEqual(1, 2))
        #expect(try await log.write([1], at: token.first) == false)
      }
    }
  }

  @Test("Without a mirror to copy from it stays out, and says why")
  func noSource() throws {
    try inWorld { world in
      try await Stage4World(world).withStage { stage, log in
        var random = world.random.split()
        try await append(0..<8, to: log)
        try await stage.kill(NodeID(1))
        try await stage.kill(NodeID(2))
        await #expect(throws: MirrorError.self) {
          try await stage.restart(NodeID(1), using: &random)
        }
        #expect(stage.mirrors.units.map(\.condition) == [.out, .down, .up, .up])
        #expect(try await stage.restart(NodeID(2), using: &random) == .serves)
        // It is up already, and is brought up to date now.
        #expect(
          try await stage.restart(NodeID(1), using: &random) == .joined(values: 4, isReset: false)
        )
        await #expect(throws: MirrorError.alreadyUp(NodeID(1))) {
          try await stage.restart(NodeID(1), using: &random)
        }
      }
    }
  }

  @Test("Damage on the mirror is not copied")
  func damage() throws {
    try inWorld { world in
      let rig = Stage4World(world)
      try await rig.withStage { stage, log in
        var random = world.random.split()
        try await append(0..<8, to: log)
        try await stage.kill(NodeID(1))
        let disk = try #require(rig.current(NodeID(2)))
        try disk.flipBit(file: "00000000.seg", offset: 1024 + 96 + 7, bit: 3)
        await #expect(throws: LogError.corrupt(.zero)) { try await log.read(.zero) }
        await #expect(
          throws: MirrorError.notCopied(NodeID(1), .unreadable(.zero, .corrupt(.zero)))
        ) {
          try await stage.restart(NodeID(1), using: &random)
        }
        // Appends go on, and once the position is given up, so does the copy.
        _ = try await log.append([1])
        try await log.trim(.zero)
        let back = try await stage.restart(NodeID(1), using: &random)
        #expect(back == .joined(values: 5, isReset: false))
      }
    }
  }
}

/// Something that happened, or that is to happen.
final class Flag: Sendable {
  private let state = Mutex(false)
  var isRaised: Bool { state.withLock { $0 } }
  func raise() { state.withLock { $0 = true } }
}

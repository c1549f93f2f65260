// Goal: a file of slots tells the newest state that was durable, or says that it does not know (D8,
// R2, R27). Method: every byte wrong, every length, every tear of the next change; then a simulated
// disk that dies at every call.
import CorfuGlobalLog
import CorfuSimulation
import Synchronization
import Testing

@testable import CorfuWriteOnce

private let format = SlotFormat(name: "state", magic: 0x1234_5678_9abc_def0, parts: 2)

/// Contents that tell their turn.
private func contents(_ part: Int, _ turn: UInt64, count: Int = 24) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: 31 * $0 + 7 * part) &+ UInt8(turn) }
}

/// A file whose parts are at these turns, with the turns before in the other slots.
private func file(_ turns: [UInt64], room: Int = 4096) -> [UInt8] {
  let newest = turns.enumerated().map { part, turn in
    SlotFormat.Part(turn: turn, contents: contents(part, turn))
  }
  var bytes = format.file(newest, room: room)
  for (part, turn) in turns.enumerated() where turn > 1 {
    for (offset, slot) in change(part, to: turn - 1, room: room) { put(slot, at: offset, &bytes) }
  }
  return bytes
}

/// What is written, and where, when a part changes.
private func change(_ part: Int, to turn: UInt64, room: Int = 4096) -> [(Int, [UInt8])] {
  let slot = format.slot(part, turn: turn, contents(part, turn), room: room)
  return [0, 1].map { (format.offset(of: part, turn: turn, copy: $0, room: room), slot) }
}

private func put(_ some: [UInt8], at offset: Int, _ bytes: inout [UInt8]) {
  bytes.replaceSubrange(offset..<offset + some.count, with: some)
}

/// What each part says; `nil` if the file is not read.
private func read(_ bytes: [UInt8]) -> [[UInt8]?]? {
  guard case .parts(let parts, _) = format.read(bytes) else { return nil }
  return parts.map(\.contents)
}

struct SlotFormatTests {
  @Test("D8: a file with any byte wrong says what it said")
  func rot() {
    for turns in [[5, 8], [8, 5], [1, 1]] as [[UInt64]] {
      let good = file(turns)
      let all = turns.enumerated().map { contents($0.offset, $0.element) as [UInt8]? }
      #expect(read(good) == all)
      for index in good.indices {
        var bytes = good
        bytes[index] ^= UInt8(1 << (index % 8))
        #expect(read(bytes) == all, "byte \(index)")
      }
    }
  }

  @Test("D8: a file of any other length says nothing")
  func truncation() {
    for room in [4096, 8192] {
      let good = file([5, 8], room: room)
      for count in 0..<good.count {
        #expect(read(Array(good[..<count])) == [nil, nil], "\(count) bytes")
      }
      #expect(read(good + [0]) == [nil, nil])
      #expect(read(good + [UInt8](repeating: 0, count: 4 * 4096)) == [nil, nil])
    }
  }

  @Test("D8: a crash in the middle of a change leaves the state before it, or the one after")
  func tears() {
    for part in [0, 1] {
      for garbage in [false, true] {
        let before = file([5, 8])
        let old = read(before)?[part]
        let writes = change(part, to: [6, 9][part])
        let new = contents(part, [6, 9][part])
        let count = writes[0].1.count
        for (first, second) in pairs(to: count) {
          var bytes = before
          for ((offset, slot), written) in zip(writes, [first, second]) {
            let rest = [UInt8](repeating: 0xee, count: garbage ? count - written : 0)
            put(Array(slot[..<written]) + rest, at: offset, &bytes)
          }
          let isWhole = first == count || second == count
          let found = read(bytes)
          #expect(found?[part] == (isWhole ? new : old), "\(first) and \(second) bytes")
          #expect(found?[1 - part] == read(before)?[1 - part])
          // And what rots besides, in the state before, has a twin.
          guard !isWhole, first % 8 == 0 else { continue }
          bytes[format.offset(of: part, turn: [5, 8][part], copy: second % 2, room: 4096) + 40] ^= 1
          #expect(read(bytes)?[part] == old)
        }
      }
    }
  }

  /// How much of the slot and of its twin a crash lets through.
  private func pairs(to count: Int) -> [(Int, Int)] {
    (0...count).flatMap { some in [(some, 0), (some, count), (count, some), (0, some)] }
      + (0...count).map { ($0, count - $0) }
  }

  @Test("D8: whoever lost a slot and its twin does not pass off the state before as the truth")
  func bothGone() {
    for part in [0, 1] {
      let turn = [5, 8][part] as UInt64
      let count = change(part, to: turn)[0].1.count
      for index in 0..<count {
        var bytes = file([5, 8])
        for (copy, other) in [(0, index), (1, (index * 7) % count)] {
          bytes[format.offset(of: part, turn: turn, copy: copy, room: 4096) + other] ^= 4
        }
        let found = read(bytes)
        #expect(found?[part] == .some(nil), "byte \(index)")
        #expect(found?[1 - part] == contents(1 - part, [5, 8][1 - part]))
      }
    }
  }

  @Test("A file of another version is named, and not read")
  func otherVersion() {
    var old = [UInt8](repeating: 0, count: 1024)
    old.put(format.magic, at: 0)
    old.put(UInt32(1), at: 8)
    #expect(format.read(old) == .otherVersion(1))
    // A later one: each slot is whole, and says so.
    var later = file([5, 8])
    for begin in stride(from: 0, to: later.count, by: 4096) {
      later.put(UInt32(9), at: begin + 8)
      let length = later.span.bytes.number(at: begin + 28, as: UInt32.self)
      let end = begin == 0 ? 32 : 32 + Int(length)
      let sum = Checksum.of(later.span.bytes.extracting(begin..<begin + end))
      later.put(sum, at: begin + end)
    }
    #expect(format.read(later) == .otherVersion(9))
  }
}

/// What was made durable last, in each part.
private final class Told: Sendable {
  private let turns = Mutex([0, 0])
  var list: [Int] { turns.withLock { $0 } }
  func note(_ part: Int, _ turn: Int) { turns.withLock { $0[part] = turn } }
}

/// Contents of a part's n-th change, larger and larger in the second part.
private func numbered(_ part: Int, _ number: Int) -> [UInt8] {
  [UInt8(number)] + [UInt8](repeating: UInt8(part), count: part == 0 ? 30 : 1500 * number)
}

private func open(_ device: SimulatedDevice) async throws -> SlotFile<SimulatedDevice> {
  if try !device.list().contains("state") {
    let first = [numbered(0, 0), numbered(1, 0)]
    try await SlotFile.create("state", magic: format.magic, first, in: device)
  }
  var slots = try SlotFile("state", magic: format.magic, parts: 2, in: device)
  try await slots.settle()
  return slots
}

private func numbers(_ slots: SlotFile<SimulatedDevice>) -> [Int] {
  [0, 1].map { slots.contents(of: $0)?.first.map(Int.init) ?? -1 }
}

struct SlotFileTests {
  @Test("R2, D8: a crash at any call, growth included, and a crash of the next process")
  func crashes() throws {
    let crashes = Mutex(0)
    for effect in [SimulatedDevice.Effect.powerCut, .kill] {
      for call in 1...70 {
        for seed in 1...4 as ClosedRange<UInt64> {
          let world = World(seed: seed)
          try world.run {
            let device = SimulatedDevice(world: world)
            let told = Told()
            var slots = try await open(device)
            device.inject(effect, atCall: call)
            do throws(DeviceError) {
              for number in 1...6 {
                try await slots.put([(part: 0, contents: numbered(0, number))])
                try await slots.commit()
                told.note(0, number)
                let both = [0, 1].map { (part: $0, contents: numbered($0, number + $0)) }
                try await slots.put(both)
                try await slots.commit()
                told.note(1, number + 1)
              }
            } catch {
              crashes.withLock { $0 += 1 }
            }
            device.removeInjections()
            if device.isAlive { device.kill() }
            let second = device.restart()
            second.inject(.powerCut, atCall: Int(seed) * 2)
            // It dies in the middle, mostly; what it told must be there for the third one.
            let seen = (try? await open(second)).map(numbers) ?? told.list
            second.removeInjections()
            if second.isAlive { second.powerCut() }
            let found = numbers(try await open(second.restart()))
            for part in [0, 1] {
              #expect(found[part] >= max(told.list[part], seen[part]), "\(effect) at \(call)")
              #expect(found[part] <= told.list[part] + 2)
            }
          }
        }
      }
    }
    #expect(crashes.withLock { $0 } > 400)
  }

  @Test("One change is one sync, and needs no room on the disk")
  func costs() throws {
    let world = World(seed: 1)
    try world.run {
      let device = SimulatedDevice(world: world)
      var slots = try await open(device)
      device.capacityBytes = device.usedBytes
      let before = device.counts
      for number in 1...5 {
        try await slots.put([0, 1].map { (part: $0, contents: numbered($0, min(number, 2))) })
        try await slots.commit()
      }
      #expect(device.counts[.sync] - before[.sync] == 5)
      #expect(device.counts[.syncFolder] == before[.syncFolder])
      // What outgrows its room is refused as a whole, and all is as it was.
      await #expect(throws: DeviceError.outOfSpace) {
        try await slots.put([0, 1].map { (part: $0, contents: numbered($0, 9)) })
      }
      #expect(numbers(slots) == [2, 2])
      device.capacityBytes = nil
      try await slots.put([0, 1].map { (part: $0, contents: numbered($0, 9)) })
      device.powerCut(.lost)
      #expect(numbers(try await open(device.restart())) == [9, 9])
    }
  }
}

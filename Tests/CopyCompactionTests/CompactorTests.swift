// Goal: compaction keeps to its rate, can be cancelled, passes over damage without hiding it, and
// makes room on a full disk. Method: real stores in a world.
import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct CompactorTests {
  private static let limits = StoreLimits.small(segmentBytes: 16 << 10)

  /// Keeps every tenth of some entries.
  private static func thin(
    _ store: GroupCommit<SimulatedDevice>,
    _ numbers: Range<Int>
  ) async throws {
    for number in numbers where number % 10 != 0 { try await store.trim(position(number)) }
  }

  @Test func keepsToItsRate() throws {
    try inWorld { world in
      try await withStore(SimulatedDevice(world: world), limits: Self.limits) {
        store async throws in
        try await store.write(0..<300)
        try await Self.thin(store, 0..<300)
        var limits = CompactionLimits()
        limits.bytesPerSecond = 1000
        limits.stepBytesMax = 1000
        let begin = world.now
        let compactor = Compactor(of: store, limits: limits, clock: world.clock)
        try await compactor.run()
        let counters = compactor.counters
        #expect(counters.segments > 3 && counters.copiedBytes > 5000 && counters.skipped == 0)
        #expect(counters.removedBytes > 8 * counters.copiedBytes)
        #expect(world.now - begin >= .seconds(counters.copiedBytes) / 1000)
      }
    }
  }

  @Test("Cancelled between two steps, it leaves everything readable, and can be done again")
  func cancellation() throws {
    try inWorld { world in
      try await withStore(SimulatedDevice(world: world), limits: Self.limits) {
        store async throws in
        try await store.write(0..<300)
        try await Self.thin(store, 0..<300)
        var limits = CompactionLimits()
        limits.bytesPerSecond = 1000
        limits.stepBytesMax = 500
        let compactor = Compactor(of: store, limits: limits, clock: world.clock)
        let error = await withTaskGroup(of: CompactionError?.self) { group in
          group.addTask {
            do throws(CompactionError) {
              try await compactor.runForever()
              return nil
            } catch {
              return error
            }
          }
          await world.sleep(for: .seconds(2))
          group.cancelAll()
          return await group.next() ?? nil
        }
        #expect(error == .cancelled)
        #expect(compactor.counters.copiedBytes > 0)
        for number in 0..<300 {
          let slot = try store.reader.read(position(number))
          #expect(slot == (number % 10 == 0 ? data(number) : .trimmed))
        }
        try await Compactor(of: store, clock: world.clock).run()
        let room = try await store.room()
        #expect(room.files <= 6 * room.live)
      }
    }
  }

  @Test("A record that rotted stays corrupt, and its segment is kept aside")
  func rot() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device, limits: Self.limits) { store async throws in
        try await store.write(0..<100)
        try await Self.thin(store, 0..<100)
        try device.flipBit(file: "00000000.seg", offset: 1024 + 96 + 7, bit: 3)
        #expect(throws: LogError.corrupt(.zero)) { try store.reader.read(.zero) }
        try await Compactor(of: store, clock: world.clock).run()
        #expect(throws: LogError.corrupt(.zero)) { try store.reader.read(.zero) }
        #expect(try store.reader.read(position(10)) == data(10))
        await #expect(throws: LogError.corrupt(.zero)) { try await store.fill(.zero) }
      }
      #expect(try device.list().contains("00000000.seg.damaged"))
      try await withStore(device, limits: Self.limits) { store async throws in
        #expect(throws: LogError.corrupt(.zero)) { try store.reader.read(.zero) }
        #expect(try store.reader.read(position(20)) == data(20))
      }
    }
  }

  @Test("Where the disk does not read, the segment is left as it is")
  func unreadable() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device, limits: Self.limits) { store async throws in
        try await store.write(0..<40)
        try await Self.thin(store, 0..<40)
        let before = try await store.usage()
        device.faults[.readError] = 1
        let compactor = Compactor(of: store, clock: world.clock)
        try await compactor.run()
        device.faults = .none
        #expect(compactor.counters.segments == 0)
        #expect(try await store.usage().map(\.number) == before.map(\.number))
        for number in 0..<40 {
          let slot = try store.reader.read(position(number))
          #expect(slot == (number % 10 == 0 ? data(number) : .trimmed))
        }
      }
    }
  }

  /// Writes until the disk is full.
  private static func fill(_ store: GroupCommit<SimulatedDevice>) async throws -> Int {
    var number = 0
    while true {
      do {
        try await store.write(number..<number + 1)
      } catch LogError.outOfSpace {
        return number
      }
      number += 1
    }
  }

  @Test("D11: compaction makes room on a full disk, though it has none to work in")
  func fullDisk() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world, capacityBytes: 100 << 10)
      try await withStore(device, limits: Self.limits) { store async throws in
        let count = try await Self.fill(store)
        #expect(count > 150)
        // The reserve holds just so many trims of one position.
        var trims = PositionSet()
        for number in 0..<count where number % 10 != 0 { trims.insert(position(number)) }
        try await store.trim(trims.ranges)
        await #expect(throws: LogError.outOfSpace) {
          try await store.write(count..<count + 1)
        }
        let compactor = Compactor(of: store, clock: world.clock)
        try await compactor.run()
        #expect(compactor.counters.rewritten > 0)
        try await store.write(count..<count + 100)
        for number in 0..<count + 100 {
          let slot = try store.reader.read(position(number))
          #expect(slot == (number % 10 == 0 || number >= count ? data(number) : .trimmed))
        }
      }
    }
  }

  @Test("D11: where nothing can be won, it says so and changes nothing")
  func nothingToWin() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world, capacityBytes: 100 << 10)
      try await withStore(device, limits: Self.limits) { store async throws in
        _ = try await Self.fill(store)
        let names = try device.list()
        let segment = try #require(store.reader.segments.first?.segment)
        await #expect(throws: LogError.outOfSpace) { try await store.rewrite(segment) }
        await #expect(throws: LogError.outOfSpace) {
          try await store.copy(segment, bytesMax: .max)
        }
        #expect(try device.list() == names)
        #expect(try store.reader.read(.zero) == data(0))
      }
    }
  }

  @Test("A copy that rotted does no harm as long as the original is there, and keeps it there")
  func rottenCopy() throws {
    try inWorld { world in
      let first = SimulatedDevice(world: world)
      var random = SeededGenerator(seed: 1)
      let store = try await GroupCommit.open(first, limits: Self.limits, using: &random)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        try await store.write(0..<60)
        let step = try await store.copy(0, bytesMax: .max)
        #expect(step.next == nil && step.records > 20)
        first.kill()
        group.cancelAll()
      }
      let second = first.restart()
      var copy: FoundRecord?
      try FolderReport.dump(second) { record in
        if record.header.position == position(3) && record.header.segment > 0 { copy = record }
      }
      let found = try #require(copy)
      try second.flipBit(file: found.file, offset: found.header.offset + 100, bit: 1)
      try await withStore(second, limits: Self.limits) { store async throws in
        #expect(try store.reader.read(position(3)) == data(3))
        #expect(try await store.retire(0) == false)
        var next: Position? = .zero
        while let position = next {
          next = try await store.copy(0, from: position, bytesMax: .max).next
        }
        try await store.restate(0)
        #expect(try await store.retire(0))
        for number in 0..<60 { #expect(try store.reader.read(position(number)) == data(number)) }
      }
    }
  }

  @Test func aSegmentThatIsNeededStays() throws {
    try inWorld { world in
      try await withStore(SimulatedDevice(world: world), limits: Self.limits) {
        store async throws in
        try await store.write(0..<60)
        #expect(try await store.retire(0) == false)
        // A trim that only this segment tells of keeps it, too.
        try await store.trim(position(59))
        try await store.write(60..<200)
        for number in 0..<120 where number != 59 { try await store.trim(position(number)) }
        let named = store.reader.segments.filter { $0.trimCount > 0 }
        let first = try #require(named.first?.segment)
        var next: Position? = .zero
        while let position = next {
          next = try await store.copy(first, from: position, bytesMax: .max).next
        }
        #expect(try await store.retire(first) == false)
        try await store.restate(first)
        #expect(try await store.retire(first))
        #expect(try store.reader.read(position(59)) == .trimmed)
      }
    }
  }

  /// A policy that never has enough.
  private struct Insatiable: CompactionPolicy {
    func next(of usage: [SegmentUsage]) -> SegmentUsage? { usage.first }
  }

  @Test func endsWhateverThePolicySays() throws {
    try inWorld { world in
      try await withStore(SimulatedDevice(world: world), limits: Self.limits) {
        store async throws in
        try await store.write(0..<200)
        let compactor = Compactor(of: store, policy: Insatiable(), clock: world.clock)
        try await compactor.run()
        #expect(compactor.counters.segments > 0)
        for number in 0..<200 { #expect(try store.reader.read(position(number)) == data(number)) }
      }
    }
  }
}

// Goal: no step of compaction reads more than it may, whatever became of what it reads, and each is
// followed by its rest. Method: a store that notes its steps and the reads of the disk in them.
import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuSimulation
import Synchronization
import Testing

/// A store that notes what its steps come to.
private final class SteppedStore: CompactableStore {
  struct Step {
    /// What the step says that it read.
    var bytes: Int
    /// How often it read the disk.
    var reads: Int
  }

  private let store: GroupCommit<SimulatedDevice>
  private let device: SimulatedDevice
  private let noted = Mutex<[Step]>([])

  init(_ store: GroupCommit<SimulatedDevice>, on device: SimulatedDevice) {
    self.store = store
    self.device = device
  }

  var steps: [Step] { noted.withLock { $0 } }

  private func note(_ bytes: Int, since reads: Int) {
    let step = Step(bytes: bytes, reads: device.counts[.read] - reads)
    noted.withLock { $0.append(step) }
  }

  func usage() async throws(LogError) -> [SegmentUsage] { try await store.usage() }

  func copy(
    _ segment: UInt32,
    from position: Position,
    bytesMax: Int
  ) async throws(LogError) -> RelocationStep {
    let before = device.counts[.read]
    let step = try await store.copy(segment, from: position, bytesMax: bytesMax)
    note(step.bytes, since: before)
    return step
  }

  func restate(_ segment: UInt32) async throws(LogError) { try await store.restate(segment) }

  func retire(_ segment: UInt32) async throws(LogError) -> Bool {
    try await store.retire(segment)
  }

  func rewrite(
    _ segment: UInt32,
    bytesMax: Int,
    pace: (Int) async -> Bool
  ) async throws(LogError) -> Bool {
    var before = device.counts[.read]
    return try await store.rewrite(segment, bytesMax: bytesMax) { bytes in
      note(bytes, since: before)
      let goesOn = await pace(bytes)
      before = device.counts[.read]
      return goesOn
    }
  }
}

/// One segment, and no other.
private struct Only: CompactionPolicy {
  var number: UInt32 = 0

  func next(of usage: [SegmentUsage]) -> SegmentUsage? { usage.first { $0.number == number } }
}

struct StepTests {
  private static let limits = StoreLimits.small(segmentBytes: 16 << 10)
  private static let stepBytesMax = 1000
  /// What a record of the tests takes, or a little more.
  private static let recordBytes = 448

  private static var pace: CompactionLimits {
    var limits = CompactionLimits()
    limits.stepBytesMax = stepBytesMax
    limits.bytesPerSecond = 10_000
    return limits
  }

  /// Empties a segment, and holds every step to its bounds.
  private static func empty(
    _ number: UInt32,
    of store: GroupCommit<SimulatedDevice>,
    on device: SimulatedDevice,
    in world: World
  ) async throws -> (bytes: Int, counters: CompactionCounters) {
    let stepped = SteppedStore(store, on: device)
    let begin = world.now
    let compactor = Compactor(
      of: stepped,
      policy: Only(number: number),
      limits: pace,
      clock: world.clock
    )
    try await compactor.run()
    let bytes = stepped.steps.reduce(0) { $0 + $1.bytes }
    for step in stepped.steps {
      // At one position a copy and the original, at most.
      #expect(step.bytes <= stepBytesMax + 2 * recordBytes, "\(step)")
      // And a page of an index for each of the segments that may have it.
      #expect(step.reads <= stepBytesMax / 300 + 2 + 4, "\(step)")
    }
    #expect(world.now - begin >= .seconds(bytes) / pace.bytesPerSecond)
    return (bytes, compactor.counters)
  }

  @Test("A step reads so much and a record more, also where all was copied before a cancel")
  func secondPass() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device, limits: Self.limits) { store async throws in
        try await store.write(0..<100)
        // Who was cancelled when all was copied; the copies are in closed segments by now.
        var next: Position? = .zero
        while let position = next {
          next = try await store.copy(0, from: position, bytesMax: 1000).next
        }
        try await store.write(100..<200)
        let count = try #require(try store.reader.live(in: 0)).count
        let done = try await Self.empty(0, of: store, on: device, in: world)
        #expect(done.counters.segments == 1 && done.counters.copiedBytes == 0)
        #expect(done.bytes >= 300 * count && count > 30)
        for number in 0..<200 { #expect(try store.reader.read(position(number)) == data(number)) }
      }
    }
  }

  @Test("A step counts what is damaged, too")
  func damage() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device, limits: Self.limits) { store async throws in
        try await store.write(0..<100)
        let trailer = try #require(store.reader.segments.first { $0.segment == 1 })
        for offset in stride(from: 1300, to: trailer.begin, by: 200) {
          try device.flipBit(file: "00000001.seg", offset: offset, bit: 3)
        }
        let done = try await Self.empty(1, of: store, on: device, in: world)
        #expect(done.counters.segments == 1 && done.bytes > 10_000, "\(done)")
        #expect(done.counters.copiedBytes < done.bytes / 2)
        #expect(throws: LogError.corrupt(position(50))) { try store.reader.read(position(50)) }
      }
    }
  }

  @Test("D11: on a full disk a segment is read in steps, too, and who is cancelled changes nothing")
  func rewriting() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device, limits: Self.limits) { store async throws in
        try await store.write(0..<100)
        for number in 0..<30 where number % 3 == 0 { try await store.trim(position(number)) }
        let names = try device.list()
        var calls = 0
        let isGone = try await store.rewrite(0, bytesMax: Self.stepBytesMax) { bytes in
          calls += 1
          return calls < 3
        }
        #expect(!isGone && calls == 3)
        #expect(try device.list() == names)
        let stepped = SteppedStore(store, on: device)
        let isDone = try await stepped.rewrite(0, bytesMax: Self.stepBytesMax) { _ in true }
        #expect(isDone && stepped.steps.count > 5)
        for step in stepped.steps {
          #expect(step.bytes <= Self.stepBytesMax + Self.recordBytes, "\(step)")
          #expect(step.reads <= Self.stepBytesMax / 300 + 3, "\(step)")
        }
        for number in 0..<100 {
          let slot = try store.reader.read(position(number))
          #expect(slot == (number < 30 && number % 3 == 0 ? .trimmed : data(number)))
        }
      }
    }
  }
}

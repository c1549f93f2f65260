// Goal: the store keeps its rules one by one. Method: a store on a device in memory, driven by
// hand.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct StoreTests {
  @Test(
    "R1: a second write is refused with what is there; R2: it has to wait until that is durable"
  )
  func writeOnce() async throws {
    let store = try await openStore(MemoryDevice())
    #expect(try store.stageWrite(RecordDraft(0)) == .staged)
    #expect(try store.stageWrite(RecordDraft(0)) == .busy)
    #expect(try store.reader.read(.zero) == .empty)
    try await store.commit()
    #expect(try store.reader.read(.zero) == data(0))
    #expect(try store.stageWrite(RecordDraft(0, bytes: 9)) == .refused(data(0)))
    #expect(try store.stageFill(.zero) == .refused(data(0)))
  }

  @Test("R2: between write and sync nothing is visible, and more can be staged")
  func betweenWriteAndSync() async throws {
    let store = try await openStore(MemoryDevice())
    #expect(try store.stageWrite(RecordDraft(0)) == .staged)
    let commit = try #require(try store.begin())
    #expect(try store.reader.read(.zero) == .empty)
    #expect(store.reader.tail == .zero)
    #expect(try store.stageWrite(RecordDraft(0)) == .busy)
    #expect(try store.stageWrite(RecordDraft(1)) == .staged)
    await commit.file.sync()
    try store.finish(commit)
    #expect(try store.reader.read(.zero) == data(0))
    #expect(try store.reader.read(Position(1)) == .empty)
    try await store.commit()
    #expect(try store.reader.read(Position(1)) == data(1))
  }

  @Test("One sync serves a whole batch")
  func oneSyncPerBatch() async throws {
    let world = World(seed: 3)
    let syncs = try world.run {
      let device = SimulatedDevice(world: world)
      let store = try await openStore(device)
      // The first commit of an opening counts the segment, too.
      #expect(try store.stageWrite(RecordDraft(50)) == .staged)
      try await store.commit()
      let before = device.counts[.sync]
      for number in 0..<50 { #expect(try store.stageWrite(RecordDraft(number)) == .staged) }
      try await store.commit()
      return device.counts[.sync] - before
    }
    #expect(syncs == 1)
  }

  @Test("R7, D9: trims are final, survive reopening, and free whole segments")
  func trims() async throws {
    let device = MemoryDevice()
    try await withStore(device) { store async throws in
      for number in 0..<300 {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
      }
      let files = device.list().count
      try await store.trim(Position(250))
      try await store.trimPrefix(before: Position(240))
      #expect(device.list().count < files)
      #expect(try store.reader.read(Position(250)) == .trimmed)
      #expect(try store.reader.read(Position(239)) == .trimmed)
      #expect(try store.reader.read(Position(240)) == data(240))
      #expect(try await store.write([entry(1)], at: Position(1)).obstacle == .trimmed)
      #expect(try await store.fill(Position(250)) == .trimmed)
    }
    for _ in 0..<3 {
      try await withStore(device) { store async throws in
        #expect(store.tail() == Position(300))
        #expect(try store.reader.read(Position(250)) == .trimmed)
        #expect(try store.reader.read(Position(0)) == .trimmed)
        #expect(try store.reader.read(Position(299)) == data(299))
      }
    }
  }

  @Test("Trimming everything keeps the tail")
  func trimAll() async throws {
    let device = MemoryDevice()
    try await withStore(device) { store async throws in
      for number in 0..<100 {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
      }
      try await store.trimPrefix(before: Position(100))
    }
    try await withStore(device) { store async throws in
      #expect(store.tail() == Position(100))
      #expect(store.reader.trimMark == Position(100))
    }
  }

  @Test("R5: what a killed process left is served after reopening, whatever was staged is not")
  func killed() async throws {
    let device = MemoryDevice()
    let store = try await openStore(device)
    for number in 0..<30 { #expect(try store.stageWrite(RecordDraft(number)) == .staged) }
    try await store.commit()
    #expect(try store.stageWrite(RecordDraft(30)) == .staged)
    let after = try await openStore(try device.copy())
    for number in 0..<30 {
      #expect(try after.reader.read(Position(UInt64(number))) == data(number))
    }
    #expect(after.reader.tail == Position(30))
  }

  @Test("R5: what a kill left unsynced is served only once it is durable, in a fresh segment")
  func foundIsMadeDurable() throws {
    let world = World(seed: 4)
    try world.run {
      let first = SimulatedDevice(world: world)
      try await withStore(first, closes: false) { store async throws in
        for number in 0..<30 {
          _ = try await store.write([entry(number)], at: Position(UInt64(number)))
        }
        first.inject(.kill, atCall: 1, of: .sync)
        await #expect(throws: LogError.self) {
          try await store.write([entry(30)], at: Position(30))
        }
      }
      let second = first.restart()
      let served = try await openStore(second).reader
      // Nobody was promised the last one, and it is there.
      #expect(served.tail == Position(31))
      #expect(try served.read(Position(30)) == data(30))
      second.powerCut(.lost)
      let after = try await openStore(second.restart()).reader
      #expect(after.tail == Position(31))
      for number in 0...30 { #expect(try after.read(Position(UInt64(number))) == data(number)) }
    }
  }

  @Test("R6, D1: after a failed sync nothing is acknowledged, and no sync is tried again")
  func failedSync() throws {
    let world = World(seed: 4)
    try world.run {
      let device = SimulatedDevice(world: world)
      try await withStore(device, closes: false) { store async throws in
        _ = try await store.write([entry(0)], at: .zero)
        device.inject(.error(.failed("injected")), atCall: 1, of: .sync)
        await #expect(throws: LogError.failed(.failed("injected"))) {
          try await store.write([entry(1)], at: Position(1))
        }
        let syncs = device.counts[.sync]
        await #expect(throws: LogError.failed(.failed("injected"))) {
          try await store.write([entry(1)], at: Position(1))
        }
        await #expect(throws: LogError.failed(.failed("injected"))) {
          try await store.trim(.zero)
        }
        #expect(device.counts[.sync] == syncs)
        #expect(store.tail() == Position(1))
      }
    }
  }

  @Test("An entry over the limit is refused, with the whole run it is in")
  func tooLarge() async throws {
    var limits = StoreLimits.small(segmentBytes: 16 << 10)
    limits.payloadBytesMax = 100
    try await withStore(MemoryDevice(), limits: limits) { store async throws in
      await #expect(throws: LogError.entryTooLarge(bytes: 101, bytesMax: 100)) {
        try await store.write([entry(0), entry(1, bytes: 101)], at: .zero)
      }
      #expect(store.tail() == .zero)
      #expect(try await store.write([entry(0, bytes: 100)], at: .zero).written == 1)
    }
  }

  @Test(
    "The largest payload fits into an empty segment, and limits that do not allow it are refused"
  )
  func limits() async throws {
    for segmentBytes in [4096, 8192, 16 << 10, 64 << 10] {
      let limits = StoreLimits.small(segmentBytes: segmentBytes)
      #expect(limits.isConsistent)
      try await withStore(MemoryDevice(), limits: limits) { store async throws in
        for number in 0..<20 {
          let outcome = try await store.write(
            [entry(number, bytes: limits.payloadBytesMax)],
            at: Position(UInt64(number))
          )
          #expect(outcome.written == 1)
        }
      }
    }
    var limits = StoreLimits()
    #expect(limits.isConsistent)
    limits.segmentBytes = limits.payloadBytesMax
    #expect(!limits.isConsistent)
  }

  @Test("Many short sessions leave few files")
  func sessions() async throws {
    let device = MemoryDevice()
    for number in 0..<40 {
      try await withStore(device) { store async throws in
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
      }
    }
    #expect(device.list().count <= 3)
    try await withStore(device) { store async throws in
      #expect(try store.reader.read(.zero..<Position(40)) == (0..<40).map { data($0) })
    }
  }

  @Test("Cancelled, the store stops, and whoever asks hears it")
  func cancellation() async throws {
    let device = MemoryDevice()
    var random = SeededGenerator(seed: 1)
    let store = try await GroupCommit.open(device, using: &random)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      group.cancelAll()
    }
    await #expect(throws: LogError.failed(.stopped)) {
      try await store.write([entry(0)], at: .zero)
    }
  }
}

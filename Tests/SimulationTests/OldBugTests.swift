// Goal: bugs that seeds once found stay mended. Method: what happened in the seed, told as a script
// that tries every moment at which it could happen, because a seed draws something else as soon as
// anything before it changes.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct OldBugTests {
  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)

  private static func entry(_ number: UInt64, bytes: Int = 300) -> Entry {
    Entry(
      mark: EntryMark(client: ClientID(high: 1, low: 1), sequence: number),
      payload: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes)
    )
  }

  /// Writes entries until something ends it, and tells the history.
  private static func fill(
    _ device: SimulatedDevice,
    _ history: StoreHistory,
    entries: UInt64,
    thenJunk: Bool = false,
    closes: Bool = false
  ) async throws(StoreOpenError) {
    var random = SeededGenerator(seed: 1)
    let store = try await GroupCommit.open(device, limits: limits, using: &random)
    history.inspect(store.reader)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      do throws(LogError) {
        for position in store.tail()..<Position(entries) {
          let slot = Slot.data(entry(position.number))
          history.began(slot, at: position)
          _ = try await store.write([entry(position.number)], at: position)
          history.acknowledged(slot, at: position)
        }
        if closes { try await store.close() }
      } catch {
        // The fault that the script strikes, or a full disk.
        #expect(error == .outOfSpace || error.isFatal)
      }
      if thenJunk { await fillWithJunk(store, history) }
      group.cancelAll()
    }
  }

  /// Fills positions, for which a full disk has its reserve, until that is used up too.
  private static func fillWithJunk(
    _ store: GroupCommit<SimulatedDevice>,
    _ history: StoreHistory
  ) async {
    do {
      for position in store.tail().advanced(by: 1)... {
        history.began(.junk, at: position)
        _ = try await store.fill(position)
        history.acknowledged(.junk, at: position)
      }
    } catch {
      #expect(error == .outOfSpace)
    }
  }

  private static func inspect(
    _ device: SimulatedDevice,
    _ history: StoreHistory
  ) async throws -> GroupCommit<SimulatedDevice> {
    var random = SeededGenerator(seed: 1)
    let store = try await GroupCommit.open(device, limits: limits, using: &random)
    history.inspect(store.reader)
    return store
  }

  @Test("Seed 100: a run that was half done when the store closed is told how much of it is done")
  func halfDoneRun() throws {
    let world = World(seed: 1)
    let outcome = try world.run {
      var random = SeededGenerator(seed: 1)
      let device = SimulatedDevice(world: world)
      let store = try await GroupCommit.open(device, limits: Self.limits, using: &random)
      return try await withThrowingTaskGroup(of: RunOutcome?.self) { group in
        // All are in the mailbox, in this order, before the store begins: the run gets its first
        // position, waits for the second, which is under way, and then the store closes.
        group.addTask {
          _ = try await store.write([Self.entry(7)], at: Position(1)); return nil
        }
        await world.sleep(for: .milliseconds(1))
        group.addTask { try await store.write([Self.entry(0), Self.entry(1)], at: .zero) }
        await world.sleep(for: .milliseconds(1))
        group.addTask {
          try await store.close(); return nil
        }
        await world.sleep(for: .milliseconds(1))
        await store.run()
        var outcome: RunOutcome?
        for try await next in group { outcome = next ?? outcome }
        return outcome
      }
    }
    #expect(outcome?.written == 1)
  }

  @Test("Seed 1329: of the identity's copies the only good one is not the first to be written")
  func onlyGoodIdentity() throws {
    for copy in [0, 512] {
      for seed in 1...40 as ClosedRange<UInt64> {
        let world = World(seed: seed)
        try world.run {
          let history = StoreHistory()
          var device = SimulatedDevice(world: world)
          try await Self.fill(device, history, entries: 3, closes: true)
          device.exit()
          try device.flipBit(file: "identity", offset: copy + 60, bit: 3)
          device = device.restart()
          // The write fails, and a part of it, drawn from the seed, stands in the file.
          device.inject(.error(.failed("injected")), atCall: 1, of: .write)
          await #expect(throws: StoreOpenError.device(.failed("injected"))) {
            try await Self.fill(device, history, entries: 4)
          }
          device.exit()
          _ = try await Self.inspect(device.restart(), history)
          #expect(history.violation == nil)
        }
      }
    }
  }

  @Test("Seed 2078: room that was given back before a power cut is given back again after it")
  func roomIsGivenBackAgain() throws {
    let world = World(seed: 1)
    try world.run {
      let history = StoreHistory()
      let first = SimulatedDevice(world: world)
      try await Self.fill(first, history, entries: 600)
      first.kill()
      // The disk is full, and the power cut undoes the cutting of every closed file.
      var image = first.snapshot(.visible)
      let used = image.names.reduce(0) { $0 + (image.size(of: $1) ?? 0) }
      let sizes = image.names.map { image.size(of: $0) }
      for name in image.names where name.hasSuffix(".seg") {
        image.resize(name, to: Self.limits.segmentBytes)
      }
      #expect(image.names.map { image.size(of: $0) } != sizes)
      let device = SimulatedDevice(world: world, capacityBytes: used, image: image)
      _ = try await Self.inspect(device, history)
      #expect(history.violation == nil)
      #expect(device.usedBytes <= used)
    }
  }

  @Test(
    "Seeds 4804, 5630, 7223: a footer that stands in the page cache only is not taken for durable",
    arguments: [SimulatedDevice.Effect.error(.failed("injected")), .kill]
  )
  func footerInPageCache(effect: SimulatedDevice.Effect) throws {
    var struck = 0
    for seed in 1...3 as ClosedRange<UInt64> {
      // A sync of the first life is struck, whichever, so that of each footer too. What it should
      // have made durable is seen by the second life, which a power cut ends.
      for number in 1...70 {
        let world = World(seed: seed)
        struck += try world.run {
          let history = StoreHistory()
          let first = SimulatedDevice(world: world)
          first.inject(effect, atCall: number, of: .sync)
          do {
            try await Self.fill(first, history, entries: 60)
          } catch {
            world.note("struck while the store was made: \(error)")
          }
          let isStruck = first.removeInjections() == 0
          if first.isAlive { first.exit() }
          let second = first.restart()
          _ = try await Self.inspect(second, history)
          second.powerCut()
          _ = try await Self.inspect(second.restart(), history)
          #expect(history.violation == nil, "seed \(seed), sync \(number)")
          return isStruck ? 1 : 0
        }
      }
    }
    #expect(struck > 150)
  }

  @Test("Seed 747: the segment that alone says the trim mark is not dropped for being forgotten")
  func markIsSaidAgain() throws {
    let world = World(seed: 1)
    try world.run {
      var random = SeededGenerator(seed: 1)
      let device = SimulatedDevice(world: world)
      let store = try await SegmentStore.open(device, limits: Self.limits, using: &random)
      let unit = store.reader.identity.unit
      try await store.close()
      // What compaction wrote on a full disk has a higher number than the segment that was open,
      // which said the mark, so that it is the one that is taken up again.
      let mark = RecordDraft(.prefixTrim, Position(5))
      let junk = RecordDraft(.junk, Position(7))
      for (number, draft) in [(1, mark), (2, junk)] as [(UInt32, RecordDraft)] {
        let segment = CarriedSegment(
          [draft],
          unit: unit,
          number: number,
          replacing: 0,
          capacity: Self.limits.segmentBytes,
          streamsMax: 10,
          mayStayOpen: false
        )
        _ = try await device.makeSegment(segment.header, records: segment.bytes) { _ in }
      }
      device.exit()
      let second = device.restart()
      _ = try await SegmentStore.open(second, limits: Self.limits, using: &random)
      second.powerCut()
      let third = second.restart()
      let last = try await SegmentStore.open(third, limits: Self.limits, using: &random)
      #expect(last.reader.trimMark == Position(5))
      #expect(try last.reader.read(Position(7)) == .junk)
    }
  }

  @Test("Seed 3745: on a disk however full, recovery has room to write into")
  func recoveryHasRoom() throws {
    let segment = Self.limits.segmentBytes
    for capacity in stride(from: 3 * segment + 1024, to: 5 * segment, by: 64) {
      let world = World(seed: 1)
      try world.run {
        let history = StoreHistory()
        let device = SimulatedDevice(world: world, capacityBytes: capacity)
        try await Self.fill(device, history, entries: 1000, thenJunk: true)
        #expect(device.counts[.outOfSpace] > 0)
        device.kill()
        _ = try await Self.inspect(device.restart(), history)
        #expect(history.violation == nil, "capacity \(capacity)")
      }
    }
  }
}

extension LogError {
  /// Whether the disk ended the store.
  fileprivate var isFatal: Bool {
    if case .failed = self { true } else { false }
  }
}

// Goal: what compaction leaves takes at most 1.2 times what is live, and nothing that is live is
// gone. Method: logs of which nine tenths were trimmed, here and there.
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSimulation
import Testing

struct SpaceTests {
  /// Fills a log, trims nine tenths of it at random, compacts.
  ///
  /// - Returns: The files' room per live byte, before and after.
  private static func ratios(
    entries: Int,
    bytes: Int,
    segmentBytes: Int,
    trimsTogether: Bool
  ) throws -> (before: Double, after: Double) {
    let world = World(seed: 1)
    let figures = try world.run {
      var figures = (before: 0.0, after: 0.0)
      var limits = StoreLimits.small(segmentBytes: segmentBytes)
      limits.reserveBytes = 4096
      try await withStore(MemoryDevice(), limits: limits) { store async throws in
        try await store.write(0..<entries, bytes: bytes)
        var random = world.random.split()
        var kept: Set<Int> = []
        var trimmed = PositionSet()
        for number in 0..<entries {
          if random.chance(0.1) {
            kept.insert(number)
          } else if trimsTogether {
            trimmed.insert(position(number))
          } else {
            try await store.trim(position(number))
          }
        }
        try await store.trim(trimmed.ranges)
        let before = try await store.room()
        try await Compactor(of: store, clock: world.clock).run()
        let after = try await store.room()
        for number in 0..<entries {
          let slot = try store.reader.read(position(number))
          #expect(slot == (kept.contains(number) ? data(number, bytes: bytes) : .trimmed))
        }
        figures.before = Double(before.files) / Double(before.live)
        figures.after = Double(after.files) / Double(after.live)
      }
      return figures
    }
    return figures
  }

  @Test(arguments: [true, false])
  func fourKibibytes(trimsTogether: Bool) throws {
    let ratios = try Self.ratios(
      entries: 3000,
      bytes: 4096,
      segmentBytes: 1 << 20,
      trimsTogether: trimsTogether
    )
    #expect(ratios.before > 8)
    #expect(ratios.after <= 1.2, "\(ratios)")
  }

  @Test(
    "A stream for every entry: what footers say of them is no room to be won, and compaction ends",
    arguments: [0, 3]
  )
  func manyStreams(trimsOneIn: Int) throws {
    try inWorld { world in
      let limits = StoreLimits.small(segmentBytes: 1 << 16)
      try await withStore(MemoryDevice(), limits: limits) { store async throws in
        for number in 0..<3000 {
          let link = StreamLink(stream: StreamID(UInt64(number)), previous: nil)
          let plain = entry(number, bytes: 16)
          let member = Entry(mark: plain.mark, streams: [link], payload: plain.payload)
          _ = try await store.write([member], at: position(number))
        }
        if trimsOneIn > 0 {
          for number in stride(from: 0, to: 3000, by: trimsOneIn) {
            try await store.trim(position(number))
          }
        }
        let compactor = Compactor(of: store, clock: world.clock)
        try await compactor.run()
        let moved = compactor.counters.segments
        #expect((moved == 0) == (trimsOneIn == 0), "\(moved)")
        for _ in 0..<3 { try await compactor.run() }
        #expect(compactor.counters.segments <= moved * 3 / 2, "no segment is moved for ever")
      }
    }
  }

  @Test("Small entries: the trims between them take room too, and are no longer worth moving")
  func smallEntries() throws {
    let ratios = try Self.ratios(
      entries: 8000,
      bytes: 128,
      segmentBytes: 1 << 16,
      trimsTogether: true
    )
    #expect(ratios.before > 8)
    #expect(ratios.after <= 1.4, "\(ratios)")
  }
}

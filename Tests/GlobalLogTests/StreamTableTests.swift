// Goal: where streams end is known, or said to be unknown, and never wrong (R4, R12); too little
// room costs knowledge only. Method: random notes in any order on tiny limits, against a model that
// remembers all; footers as bytes; a store that is trimmed and opened again.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

/// All entries of all streams, and what is trimmed.
private struct Truth {
  var entries: [StreamID: Set<Position>] = [:]
  var trimmed: Set<Position> = []
  var mark = Position.zero

  func isTrimmed(_ position: Position) -> Bool { position < mark || trimmed.contains(position) }

  func last(of stream: StreamID) -> [Position] {
    let live = (entries[stream] ?? []).filter { !isTrimmed($0) }
    return Array(live.sorted(by: >).prefix(StreamLink.backpointersMax))
  }
}

extension StreamTable {
  fileprivate func last(of stream: StreamID, _ truth: Truth) -> [Position]? {
    var end: StreamEnd?
    forEach { known, places in
      guard known == stream else { return }
      end = self.end(of: stream, places, trimmedBefore: truth.mark) { truth.isTrimmed($0) }
    }
    if let end { return end.positions }
    return isComplete(trimmedBefore: truth.mark) ? [] : nil
  }
}

struct StreamTableTests {
  private static let streams = (1...6).map { StreamID($0) }

  /// Notes and trims at random; asks after each.
  private func play(
    seed: UInt64,
    streamsMax: Int,
    isExact: Bool,
    _ table: inout StreamTable,
    _ truth: inout Truth
  ) -> Int {
    var random = SeededGenerator(seed: seed)
    var known = 0
    for step in 0..<120 {
      let stream = Self.streams[random.number(below: Self.streams.count)]
      // Copies come late, and old.
      let position = Position(UInt64(random.chance(0.7) ? step : random.number(below: step + 1)))
      if !truth.isTrimmed(position) {
        table.note(position, of: stream)
        truth.entries[stream, default: []].insert(position)
      }
      if random.chance(0.1) { truth.trimmed.insert(position) }
      if random.chance(0.03) { truth.mark = max(truth.mark, position) }
      for stream in Self.streams {
        let said = table.last(of: stream, truth)
        if said != nil { known += 1 }
        let context = "seed \(seed), step \(step), stream \(stream), \(streamsMax) at most"
        #expect(said == nil || said == truth.last(of: stream), "\(context)")
        let all = truth.entries[stream] ?? []
        let isSparse = all.contains { truth.isTrimmed($0) && $0 >= truth.mark }
        if isExact, !isSparse, all.count <= StreamLink.backpointersMax {
          #expect(said == truth.last(of: stream), "\(context)")
        }
      }
      #expect(table.count <= streamsMax)
    }
    return known
  }

  @Test("Never wrong, at any limit down to none", arguments: [0, 1, 2, 3, 4, 100])
  func bounded(streamsMax: Int) {
    var known = 0
    for seed in 1...200 as ClosedRange<UInt64> {
      var table = StreamTable(streamsMax: streamsMax)
      var truth = Truth()
      let isExact = streamsMax > 12
      known += play(seed: seed, streamsMax: streamsMax, isExact: isExact, &table, &truth)
    }
    #expect(streamsMax == 0 || known > streamsMax * 100)
  }

  @Test("With room for one stream, the newest is known from where the others are forgotten")
  func one() {
    var table = StreamTable(streamsMax: 1)
    let (first, second) = (StreamID(1), StreamID(2))
    var truth = Truth()
    table.note(Position(3), of: first)
    #expect(table.last(of: first, truth) == [Position(3)])
    #expect(table.last(of: second, truth) == [])
    table.note(Position(5), of: second)
    #expect(table.last(of: first, truth) == nil)
    #expect(table.last(of: second, truth) == [Position(5)])
    // One that comes back may have had entries that were forgotten, until it has four.
    for position in 6...9 as ClosedRange<UInt64> {
      #expect(table.last(of: first, truth) == nil)
      table.note(Position(position), of: first)
    }
    #expect(table.last(of: first, truth) == [9, 8, 7, 6].map { Position($0) })
    #expect(table.last(of: second, truth) == nil)
    // Once all that was forgotten is trimmed, nothing is.
    truth.mark = Position(6)
    #expect(table.isComplete(trimmedBefore: truth.mark) && table.last(of: second, truth) == [])
  }

  @Test("What was lost may have been of any stream; what is trimmed was of none")
  func loss() {
    var table = StreamTable(streamsMax: 10)
    let stream = StreamID(1)
    var truth = Truth()
    for position in 1...3 as ClosedRange<UInt64> { table.note(Position(position), of: stream) }
    table.doubt(before: Position(3))
    #expect(table.last(of: stream, truth) == nil && table.last(of: StreamID(2), truth) == nil)
    truth.mark = Position(3)
    #expect(table.last(of: stream, truth) == [Position(3)])
    #expect(table.last(of: StreamID(2), truth) == [])
  }

  @Test("R12, R31: nobody vouches for the end of a stream of which an entry was trimmed by itself")
  func trimmedByItself() {
    var table = StreamTable(streamsMax: 10)
    let stream = StreamID(1)
    var truth = Truth()
    for position in [10, 20, 30] as [UInt64] { table.note(Position(position), of: stream) }
    table.note(Position(25), of: StreamID(2))
    for position in [10, 20, 30] as [UInt64] {
      truth.trimmed = [Position(position)]
      #expect(table.last(of: stream, truth) == nil)
      #expect(table.last(of: StreamID(2), truth) == [Position(25)])
      // Once all before is trimmed as well, that is told in another way.
      truth.mark = Position(position + 1)
      #expect(
        table.last(of: stream, truth) == [30, 20].map { Position($0) }.filter { $0 >= truth.mark }
      )
      truth.mark = .zero
    }
    // Four that stand lead to the one that does not.
    for position in [40, 50, 60, 70] as [UInt64] { table.note(Position(position), of: stream) }
    #expect(table.last(of: stream, truth) == [70, 60, 50, 40].map { Position($0) })
  }

  @Test("Segments, put together in any order, say what one table would")
  func segments() {
    for seed in 1...200 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      let segmentMax = random.number(in: 1...8)
      var parts = (0..<4).map { _ in StreamTable(streamsMax: segmentMax) }
      var truth = Truth()
      for step in 0..<100 {
        let stream = Self.streams[random.number(below: Self.streams.count)]
        let position = Position(UInt64(step))
        // Compaction leaves some in two segments.
        for _ in 0..<(random.chance(0.2) ? 2 : 1) {
          parts[random.number(below: 4)].note(position, of: stream)
        }
        truth.entries[stream, default: []].insert(position)
      }
      var whole = StreamTable(streamsMax: random.number(in: 1...12))
      while let part = parts.popLast() {
        var bytes: [UInt8] = []
        part.segment.encode(into: &bytes)
        #expect(bytes.count == SegmentStreams.byteCount(part.count))
        let read = SegmentStreams(bytes.span.bytes, count: part.count)
        #expect(read == part.segment)
        if let read { whole.merge(read) }
      }
      for stream in Self.streams {
        let said = whole.last(of: stream, truth)
        #expect(said == nil || said == truth.last(of: stream), "seed \(seed), \(stream)")
      }
    }
  }
}

struct StreamListingTests {
  private static func member(_ number: Int, of streams: [Int]) -> Entry {
    let plain = entry(number)
    let links = streams.map { StreamLink(stream: StreamID(UInt64($0)), previous: nil) }
    return Entry(mark: plain.mark, streams: links, payload: plain.payload)
  }

  private static func prove(
    _ store: GroupCommit<some Device>,
    _ truth: Truth,
    isExact: Bool
  ) -> Bool {
    let page = store.reader.allStreams()
    let named = Set(page.ends.map(\.stream))
    for end in page.ends {
      if let said = end.positions, said != truth.last(of: end.stream) { return false }
      if isExact, end.positions == nil, truth.entries[end.stream]?.count ?? 0 <= 4 { return false }
    }
    if isExact && !page.isComplete { return false }
    return !page.isComplete
      || truth.entries.keys.allSatisfy { named.contains($0) || truth.last(of: $0).isEmpty }
  }

  @Test(
    "A store that is opened again knows what it knew: closed or killed, and trimmed",
    arguments: [true, false],
    [1 << 18, 2]
  )
  func reopening(closes: Bool, segmentStreamsMax: Int) async throws {
    var limits = StoreLimits.small(segmentBytes: 8 << 10)
    limits.segmentStreamsMax = segmentStreamsMax
    var device = MemoryDevice()
    var truth = Truth()
    let isExact = segmentStreamsMax > 100
    for round in 0..<4 {
      let (before, begin) = (truth, round * 100)
      var after = truth
      for number in begin..<begin + 100 {
        for stream in [number % 7, number % 3 + 10] {
          after.entries[StreamID(UInt64(stream)), default: []].insert(Position(UInt64(number)))
        }
      }
      after.mark = Position(UInt64(round * 30))
      for number in begin + 90..<begin + 100 where number % 2 == 0 {
        after.trimmed.insert(Position(UInt64(number)))
      }
      truth = after
      try await withStore(device, limits: limits, closes: closes) { [after] store in
        #expect(Self.prove(store, before, isExact: isExact), "round \(round)")
        for number in begin..<begin + 100 {
          let entry = Self.member(number, of: [number % 7, number % 3 + 10])
          _ = try await store.write([entry], at: Position(UInt64(number)))
        }
        for position in after.trimmed.sorted() { try await store.trim(position) }
        try await store.trimPrefix(before: after.mark)
        #expect(Self.prove(store, after, isExact: isExact), "round \(round)")
      }
      device = try device.copy()
    }
  }
}

struct StreamOrderTests {
  @Test("A listing is in the order of the numbers, whatever they are", arguments: 1...4)
  func order(_ kind: Int) async throws {
    var random = SeededGenerator(seed: UInt64(kind))
    var numbers: Set<UInt64> = [0, .max, 1 << 63, 255, 256]
    while numbers.count < 300 {
      let number = random.next()
      numbers.insert(kind == 1 ? number % 1000 : kind == 2 ? number & 0xff00_ff00 : number)
    }
    let sorted = kind == 4 ? [7] : numbers.sorted()
    let shuffled = sorted.shuffled(using: &random)
    let device = MemoryDevice()
    try await withStore(device) { store async throws in
      for (index, number) in shuffled.enumerated() {
        let link = StreamLink(stream: StreamID(number), previous: nil)
        let plain = entry(index)
        let member = Entry(mark: plain.mark, streams: [link], payload: plain.payload)
        _ = try await store.write([member], at: Position(UInt64(index)))
      }
      #expect(store.reader.allStreams().ends.map(\.stream.number) == sorted)
      let listing = store.reader.streamListing()
      for (index, number) in sorted.enumerated() {
        #expect(listing.index(behind: StreamID(number)) == index + 1)
      }
    }
  }
}

// Goal: an entry of a stream that was trimmed by itself is not forgotten when its record goes: of a
// stream that ended in it nobody says that what stands before is all there was (R12). Method: one
// script; and random streams, trims, compaction and restarts against a model that remembers all.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct StreamRemainsTests {
  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)

  private static func place(_ number: Int) -> Position { Position(UInt64(number)) }

  private static func member(_ number: Int, of streams: [Int]) -> Entry {
    let plain = entry(number)
    let links = streams.map { StreamLink(stream: StreamID(UInt64($0)), previous: nil) }
    return Entry(mark: plain.mark, streams: links, payload: plain.payload)
  }

  private enum Way: CaseIterable {
    case moved
    case rewritten
  }

  /// Empties all segments that were closed so far.
  private static func compact(_ store: GroupCommit<some Device>, _ way: Way) async throws {
    for segment in store.reader.segments.map(\.segment) {
      switch way {
      case .moved:
        var next: Position? = .zero
        while let position = next {
          next = try await store.copy(segment, from: position, bytesMax: 500).next
        }
        try await store.restate(segment)
        #expect(try await store.retire(segment))
      case .rewritten:
        do throws(LogError) {
          _ = try await store.rewrite(segment)
        } catch {
          #expect(error == .outOfSpace, "or nothing to be won")
        }
      }
    }
  }

  private static func end(of stream: Int, _ store: GroupCommit<some Device>) -> StreamEnd? {
    let page = store.reader.allStreams()
    let end = page.ends.first { $0.stream == StreamID(UInt64(stream)) }
    if let end { return end }
    return page.isComplete ? StreamEnd(StreamID(UInt64(stream)), []) : nil
  }

  @Test(
    "The newest entry of a stream is trimmed alone, compacted away, and not taken for never there",
    arguments: [true, false]
  )
  func newest(rewrites: Bool) async throws {
    let way = rewrites ? Way.rewritten : .moved
    var device = MemoryDevice()
    try await withStore(device, limits: Self.limits) { store in
      for number in 0..<60 {
        // Stream 1 at 0 and 20, stream 2 at 5 only, stream 3 everywhere else.
        let stream = number == 0 || number == 20 ? 1 : number == 5 ? 2 : 3
        _ = try await store.write([Self.member(number, of: [stream])], at: Self.place(number))
      }
      for number in [20, 5] { try await store.trim(Self.place(number)) }
    }
    for round in 0..<3 {
      device = try device.copy()
      try await withStore(device, limits: Self.limits, closes: round % 2 == 0) { store in
        #expect(Self.end(of: 1, store)?.positions == nil, "round \(round)")
        #expect(Self.end(of: 2, store)?.positions == nil, "round \(round)")
        #expect(Self.end(of: 3, store)?.positions == [59, 58, 57, 56].map(Self.place))
        try await Self.compact(store, way)
        #expect(store.reader.segments.count < 6)
      }
    }
    device = try device.copy()
    try await withStore(device, limits: Self.limits) { store in
      // Once all before is trimmed, that is told in another way.
      try await store.trimPrefix(before: Self.place(21))
      #expect(Self.end(of: 1, store)?.positions == [])
      #expect(Self.end(of: 2, store)?.positions == [])
    }
  }

  /// All entries of some streams, and what is trimmed.
  private struct Truth {
    var entries: [Int: [Int]] = [:]
    var trimmed: Set<Int> = []
    var mark = 0

    /// What may be said of a stream's end: `nil` if only that nobody knows.
    func last(of stream: Int) -> [Position]? {
      let last = (entries[stream] ?? []).filter { $0 >= mark }.suffix(4)
      return last.contains(where: trimmed.contains) ? nil : last.reversed().map(place)
    }
  }

  @Test(
    "Whatever is trimmed, compacted and opened again: what is said of a stream is so",
    arguments: 1...12 as ClosedRange<UInt64>,
    [1 << 18, 3]
  )
  func likeAModel(seed: UInt64, segmentStreamsMax: Int) async throws {
    var limits = Self.limits
    limits.segmentStreamsMax = segmentStreamsMax
    var random = SeededGenerator(seed: seed)
    var truth = Truth()
    var device = MemoryDevice()
    var number = 0
    for round in 0..<8 {
      var drawn = truth
      let begin = number
      for _ in 0..<random.number(in: 20...80) {
        let count = random.number(in: 0...2)
        for stream in Set((0..<count).map { _ in random.number(below: 30) }).sorted() {
          drawn.entries[stream, default: []].append(number)
        }
        number += 1
      }
      for place in drawn.mark..<number where random.chance(0.08) { drawn.trimmed.insert(place) }
      if random.chance(0.2) { drawn.mark = random.number(in: drawn.mark...number) }
      let way = Way.allCases[random.number(below: 2)]
      let closes = random.chance(0.5)
      let (now, end) = (drawn, number)
      try await withStore(device, limits: limits, closes: closes) { [truth] store in
        Self.judge(store, truth, "seed \(seed), round \(round), opened")
        for number in begin..<end {
          let streams = now.entries.keys.filter { now.entries[$0]?.contains(number) ?? false }
          _ = try await store.write([Self.member(number, of: streams)], at: Self.place(number))
        }
        for number in now.trimmed.sorted() { try await store.trim(Self.place(number)) }
        try await store.trimPrefix(before: Self.place(now.mark))
        Self.judge(store, now, "seed \(seed), round \(round), written")
        try await Self.compact(store, way)
        Self.judge(store, now, "seed \(seed), round \(round), compacted")
      }
      truth = now
      device = try device.copy()
    }
  }

  private static func judge(_ store: GroupCommit<some Device>, _ truth: Truth, _ when: String) {
    for stream in 0..<30 {
      guard let said = end(of: stream, store)?.positions else { continue }
      #expect(said == truth.last(of: stream), "\(when), stream \(stream)")
    }
  }
}

// Goal: however many trims a segment's file says, and however they lie among those of others,
// saying them again keeps no writer waiting for long: each turn of the store does a bounded part of
// it. Method: segments with tens of thousands of ranges that interlock; the writes to the disk are
// listened to, the steps of the proof are counted.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct RestatingTests {
  private static let rangesPerSegment = 20_000
  private static let limits: StoreLimits = {
    var limits = StoreLimits.small(segmentBytes: 1 << 20)
    limits.reserveBytes = 4096
    return limits
  }()

  private static func place(_ number: Int) -> Position { Position(UInt64(number)) }

  /// Every third position is trimmed by the first segment, its neighbour by the second.
  private static func trims(_ segment: Int) -> [Range<Position>] {
    (0..<rangesPerSegment).map { place($0 * 3 + segment)..<place($0 * 3 + segment + 1) }
  }

  /// Closes the open segment, by filling it.
  private static func roll(_ store: GroupCommit<some Device>, from number: inout Int) async throws {
    let before = store.reader.segments.count
    while store.reader.segments.count == before {
      let outcome = try await store.write([entry(number, bytes: 50_000)], at: place(number))
      #expect(outcome.written == 1)
      number += 1
    }
  }

  private static func bytes(_ call: String) -> Int? {
    guard call.hasPrefix("write"), call.contains(".seg"), let plus = call.lastIndex(of: "+") else {
      return nil
    }
    return Int(call[call.index(after: plus)...])
  }

  @Test("Tens of thousands of ranges are said again in small writes, with others' between them")
  func manyRanges() async throws {
    let device = ListeningDevice(MemoryDevice())
    try await withStore(device, limits: Self.limits) { store in
      var number = 1_000_000
      for segment in 0..<2 {
        try await store.trim(Self.trims(segment))
        try await Self.roll(store, from: &number)
      }
      let first = try #require(store.reader.segments.first)
      #expect(first.trimCount >= Self.rangesPerSegment)
      _ = device.calls.take()
      try await store.restate(first.segment)
      let writes = device.calls.take().compactMap(Self.bytes)
      let whole = Self.rangesPerSegment * 16
      #expect(writes.reduce(0, +) > whole, "they were said again")
      let most = RestatementRun.piecesMax * (RecordHeader.byteCount + 255 * 16)
      #expect(writes.max() ?? 0 <= most + 4 * RecordHeader.byteCount)
      // What another segment says by now is not said once more.
      let records = store.counters.records
      try await store.restate(first.segment)
      #expect(store.counters.records == records)
      let last = try await store.copy(first.segment, bytesMax: .max)
      #expect(last.next == nil)
      #expect(try await store.retire(first.segment))
    }
    try await withStore(device, limits: Self.limits) { store in
      for segment in 0..<2 {
        #expect(Self.trims(segment).allSatisfy { store.reader.isTrimmed($0) })
      }
      #expect(!store.reader.isTrimmed(Self.place(2)..<Self.place(3)))
    }
  }

  @Test("The proof looks at so many ranges a turn, and begins anew when another segment goes")
  func proof() async throws {
    let store = try await openStore(MemoryDevice(), limits: Self.limits)
    for segment in 0..<2 {
      let all = Self.trims(segment)
      for start in stride(from: 0, to: all.count, by: 255) {
        let part = Array(all[start..<min(start + 255, all.count)])
        #expect(try store.stageTrim(part) == .staged)
      }
      try await store.commit()
      try await store.roll()
    }
    let remains = try #require(try store.reader.remains(of: 0))
    #expect(remains.trims == Self.trims(0))
    #expect(try store.proveRestated(remains, from: 0) == .needed)
    let pieces = remains.pieces(countMax: 255)
    var (start, turns) = (0, 0)
    while start < pieces.count {
      let end = min(start + RestatementRun.piecesMax, pieces.count)
      let part = Array(pieces[start..<end])
      let run = RestatementRun(segment: 0, pieces: part, ahead: RestatementRun.Room(of: part))
      var done = 0
      #expect(try store.stageRestatement(run, &done) == .staged)
      #expect(done == part.count)
      try await store.commit()
      (start, turns) = (end, turns + 1)
    }
    #expect(turns > 4)
    var (reached, steps) = (0, 0)
    // One turn from the end.
    while case .provenUpTo(let next) = try store.proveRestated(remains, from: reached) {
      #expect(next - reached <= SegmentStore<MemoryDevice>.remainsPerTurn)
      (reached, steps) = (next, steps + 1)
      if reached + SegmentStore<MemoryDevice>.remainsPerTurn >= remains.trims.count { break }
    }
    #expect(steps >= 4)
    // What was proven may have stood on what goes now.
    store.reader.update { $0.remove(1) }
    #expect(try store.proveRestated(remains, from: reached) == .stale)
  }

  @Test("A segment that was closed since the proof's beginning is looked at too")
  func roll() async throws {
    let store = try await openStore(MemoryDevice(), limits: Self.limits)
    #expect(try store.stageTrim([Self.place(3)..<Self.place(9)]) == .staged)
    try await store.commit()
    try await store.roll()
    let remains = try #require(try store.reader.remains(of: 0))
    let pieces = remains.pieces(countMax: 255)
    let run = RestatementRun(segment: 0, pieces: pieces, ahead: RestatementRun.Room(of: pieces))
    var done = 0
    #expect(try store.stageRestatement(run, &done) == .staged)
    try await store.commit()
    try await store.roll()
    #expect(try store.proveRestated(remains, from: 0) == .stale)
    let again = try #require(try store.reader.remains(of: 0))
    #expect(again.trims.isEmpty)
    #expect(try store.proveRestated(again, from: 0) == .proven)
    #expect(store.reader.isTrimmed(Self.place(3)..<Self.place(9)))
  }
}

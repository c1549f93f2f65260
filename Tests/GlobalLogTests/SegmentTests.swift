// Goal: what a segment's bytes hold is told exactly: whole records, named losses, torn tails.
// Method: segments built in memory, damaged in every place.
@testable import CorfuGlobalLog
import Testing

struct SegmentTests {
  /// A segment of records of which the first `durable` were synced, and claimed to be.
  private static func segment(
    _ count: Int,
    durable: Int? = nil
  ) -> (bytes: [UInt8], builder: SegmentBuilder, ends: [Int]) {
    var builder = SegmentBuilder(unit: 5, number: 1, capacity: 64 << 10, streamsMax: 10)
    var bytes = SegmentHeader(number: 1, unit: 5, capacity: 64 << 10).encoded()
    var ends: [Int] = []
    var claims: [UInt8] = []
    for number in 0..<count {
      builder.append(RecordDraft(number, bytes: 40 + number), into: &bytes)
      ends.append(builder.offset)
      if number + 1 == durable ?? count {
        builder.durable = builder.offset
        claims = []
        builder.claim(into: &claims)
      }
    }
    if durable == nil || durable == count { bytes += claims }
    return (bytes, builder, ends)
  }

  private static func scan(_ bytes: [UInt8]) -> SegmentScan {
    SegmentScan(bytes.span.bytes, unit: 5, segment: 1, durable: SegmentHeader.recordsBegin)
  }

  @Test func wholeRecordsAreFound() {
    let (bytes, builder, ends) = Self.segment(20)
    let scan = Self.scan(bytes)
    #expect(scan.found.map(\.header.position) == (0..<20).map { Position($0) })
    #expect(scan.losses.isEmpty && scan.tornBytes == 0)
    #expect(scan.durable == builder.offset && scan.end == ends.last)
  }

  @Test("A flipped bit in any byte of a durable record names the record that is lost")
  func flips() {
    let (bytes, _, ends) = Self.segment(4)
    var begin = SegmentHeader.recordsBegin
    for (number, end) in ends.enumerated() {
      for offset in begin..<end {
        var bytes = bytes
        bytes[offset] ^= 0x10
        let scan = Self.scan(bytes)
        let isPadding = offset >= begin + 96 + 40 + number
        #expect(scan.found.count == (isPadding ? 4 : 3))
        #expect(scan.losses.count == (isPadding ? 0 : 1))
        guard let loss = scan.losses.first else { continue }
        #expect(loss.record?.kind == .data && loss.record?.position == Position(UInt64(number)))
      }
      begin = end
    }
  }

  @Test("A flipped bit behind what is durable is a torn tail, and no loss")
  func tornTail() {
    let (bytes, _, ends) = Self.segment(4, durable: 2)
    for offset in ends[1]..<ends[3] {
      var bytes = bytes
      bytes[offset] ^= 0x10
      let scan = Self.scan(bytes)
      #expect(scan.losses.isEmpty)
      // What stands behind the torn record goes with it: there is no hole.
      let isPadding = [2, 3].contains { offset >= ends[$0 - 1] + 136 + $0 && offset < ends[$0] }
      #expect(scan.found.count == (isPadding ? 4 : offset < ends[2] ? 2 : 3))
    }
  }

  @Test("Whatever a cut takes of durable records does not go unnoticed")
  func cuts() {
    let (bytes, _, ends) = Self.segment(6, durable: 5)
    for count in SegmentHeader.recordsBegin..<ends[5] {
      let scan = Self.scan(Array(bytes[..<count]))
      // The padding behind a body is no part of what it says.
      let begins = [SegmentHeader.recordsBegin] + ends
      let whole = (0..<6).count { begins[$0] + 96 + 40 + $0 <= count }
      #expect(scan.found.count == whole)
      // The last record claims the five before it; without it each claims what was synced then:
      // nothing.
      #expect(scan.losses.isEmpty)
    }
    let cut = Array(bytes[..<ends[3]]) + [UInt8](repeating: 0, count: ends[4] - ends[3])
    let rest = Array(bytes[ends[4]...])
    let scan = Self.scan(cut + rest)
    #expect(scan.losses.map { $0.record?.position } == [Position(4)])
  }

  @Test func severalLostRecordsAreCountedAndTheLastIsNamed() {
    var (bytes, _, ends) = Self.segment(6)
    for offset in ends[0]..<ends[3] { bytes[offset] = 0 }
    let scan = Self.scan(bytes)
    #expect(scan.losses.count == 3)
    #expect(scan.losses.count { $0.record == nil } == 2)
    #expect(scan.losses.last?.record?.position == Position(3))
  }

  @Test func recordsOfAnotherStoreSegmentOrPlaceAreDamage() {
    let (bytes, _, ends) = Self.segment(3)
    let foreign = SegmentScan(bytes.span.bytes, unit: 6, segment: 1, durable: 1024)
    #expect(foreign.found.isEmpty)
    let other = SegmentScan(bytes.span.bytes, unit: 5, segment: 2, durable: 1024)
    #expect(other.found.isEmpty)
    var moved = bytes
    let first = Array(bytes[1024..<ends[0]])
    moved.replaceSubrange(ends[0]..<ends[0] + first.count, with: first)
    #expect(Self.scan(moved).losses.map { $0.record?.position } == [Position(1)])
  }

  @Test(arguments: [0, 1, 2, 254, 255, 256, 600])
  func aFooterLeadsToEveryRecord(count: Int) throws {
    var builder = SegmentBuilder(unit: 5, number: 1, capacity: 1 << 20, streamsMax: 10)
    var bytes = SegmentHeader(number: 1, unit: 5, capacity: 1 << 20).encoded()
    // From the highest position down, to see that the index is sorted.
    for number in (0..<count).reversed() {
      builder.append(RecordDraft(number * 3), into: &bytes)
    }
    builder.append(RecordDraft(.trim, Position(7)), into: &bytes)
    let footer = builder.footer()
    bytes += footer.bytes
    #expect(bytes.count == footer.trailer.end)
    #expect(footer.bytes.count == SegmentTrailer.footerBytes(entries: count, trims: 1, streams: 0))

    let found = SegmentTrailer(bytes.span.bytes, at: bytes.count - SegmentTrailer.byteCount)
    let trailer = try #require(found)
    #expect(trailer == footer.trailer)
    let tableBytes = bytes.span.bytes.extracting(trailer.tablesBegin..<trailer.tablesEnd)
    let foundTables = SegmentTables(tableBytes, trailer: trailer)
    let tables = try #require(foundTables)
    #expect(tables == footer.tables)
    let segment = ClosedSegment(trailer: trailer, tables: tables)
    for number in 0..<count * 3 {
      let position = Position(UInt64(number))
      guard let page = segment.page(of: position) else {
        #expect(number > (count - 1) * 3)
        continue
      }
      let (offset, length) = segment.pageRange(page)
      let span = bytes.span.bytes.extracting(offset..<offset + length)
      let foundPage = IndexPage(span, segment: 1, page: page)
      let index = try #require(foundPage)
      let entry = index.entry(at: position)
      #expect((entry != nil) == (number % 3 == 0))
      guard let entry else { continue }
      let foundHeader = RecordHeader(bytes.span.bytes, at: entry.offset)
      let header = try #require(foundHeader)
      #expect(header.position == position && header.recordBytes == entry.byteCount)
    }
  }

  @Test func aHeaderSurvivesOneBadSector() {
    let header = SegmentHeader(
      number: 3,
      unit: 4,
      capacity: 4096,
      durable: 2000,
      replaces: 1...2
    )
    let bytes = header.encoded()
    #expect(SegmentHeader.read(bytes.span.bytes) == .header(header, isWhole: true))
    for sector in 0..<2 {
      var bytes = bytes
      for offset in sector * 512..<(sector + 1) * 512 { bytes[offset] = 0xff }
      #expect(SegmentHeader.read(bytes.span.bytes) == .header(header, isWhole: false))
    }
  }
}

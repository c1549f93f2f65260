@testable import CorfuGlobalLog

// Segments: their headers and footers, and what is found in a whole one.

extension FuzzTargets {
  private static let unit: UInt64 = 7
  private static let number: UInt32 = 3

  static let segments: [FuzzTarget] = [
    FuzzTarget(
      "segment header",
      files: ["GlobalLog/SegmentHeader.swift"],
      samples: [segmentHeader],
      seal: { bytes in
        for copy in [0, 512] { seal(&bytes, copy..<copy + 60, at: copy + 60) }
      },
      check: { bytes in
        guard case .header(let header, _) = SegmentHeader.read(bytes.span.bytes) else {
          return .refused
        }
        let again = SegmentHeader.read(header.encoded().span.bytes)
        return .comesBack(SegmentHeader.Reading.header(header, isWhole: true), as: again)
      }
    ),
    FuzzTarget(
      "segment trailer",
      files: ["GlobalLog/SegmentTrailer.swift"],
      samples: [Array(footer.prefix(SegmentTrailer.byteCount))],
      seal: { seal(&$0, 0..<124, at: 124) },
      check: { bytes in
        guard let trailer = SegmentTrailer(bytes.span.bytes, at: 0) else { return .refused }
        // What older versions wrote is written as they did by nobody.
        if !trailer.saysStreams { return .taken }
        var again: [UInt8] = []
        trailer.encode(into: &again)
        return .comesBack(trailer, as: SegmentTrailer(again.span.bytes, at: 0))
      }
    ),
    FuzzTarget(
      "index page",
      files: ["GlobalLog/SegmentFooter.swift"],
      samples: [indexPage(of: 2), indexPage(of: 0)],
      seal: { sealPage(&$0) },
      check: { bytes in
        guard let page = IndexPage(bytes.span.bytes, segment: number, page: 1) else {
          return .refused
        }
        var again: [UInt8] = []
        page.encode(segment: number, page: 1, into: &again)
        return .spelledOnce(again, as: bytes.prefix(again.count))
      }
    ),
    FuzzTarget(
      "tables of a footer",
      files: ["GlobalLog/SegmentFooter.swift"],
      samples: [[2] + TrimRanges.encode(ranges), [0]],
      check: { bytes in
        guard let first = bytes.first else { return .refused }
        let rest = Array(bytes.dropFirst())
        let trailer = promise(of: rest, trims: Int(first % 8))
        guard let tables = SegmentTables(rest.span.bytes, trailer: trailer) else {
          return .refused
        }
        var again: [UInt8] = []
        tables.encode(into: &again)
        return .spelledOnce(again, as: rest)
      }
    ),
    FuzzTarget(
      "streams of a footer",
      files: ["GlobalLog/StreamTable.swift", "GlobalLog/LastFour.swift"],
      samples: [streams],
      check: { bytes in
        let count = (bytes.count - 8) / (SegmentStreams.byteCount(1) - 8)
        guard let streams = SegmentStreams(bytes.span.bytes, count: max(0, count)) else {
          return .refused
        }
        var again: [UInt8] = []
        streams.encode(into: &again)
        return .spelledOnce(again, as: bytes)
      }
    ),
    FuzzTarget(
      "segment",
      files: ["GlobalLog/SegmentScan.swift", "GlobalLog/Record.swift"],
      samples: [segmentHeader + segmentRecords, segmentHeader + segmentRecords + footer],
      seal: { sealSegment(&$0) },
      check: { checkSegment($0) }
    ),
  ]

  // MARK: - Samples

  private static var segmentHeader: [UInt8] {
    var header = SegmentHeader(number: number, unit: unit, capacity: 64 << 10)
    header.replaces = 1...2
    return header.encoded()
  }

  private static var drafts: [RecordDraft] {
    let data = RecordDraft(
      entry,
      at: Position(5),
      epoch: Epoch(2),
      bodySum: RecordDraft.bodySum(of: entry)
    )
    let place = StreamPlace(stream: StreamID(4), position: .zero)
    return [
      data, RecordDraft(.junk, Position(6)), RecordDraft(.trim, Position(2)),
      RecordDraft(trims: [Position(8)..<Position(12)]), RecordDraft(.prefixTrim, Position(1)),
      RecordDraft(trimmed: [place], unknownBefore: .zero),
    ]
  }

  private static var built: (builder: SegmentBuilder, records: [UInt8]) {
    var builder = SegmentBuilder(unit: unit, number: number, capacity: 64 << 10, streamsMax: 8)
    var records: [UInt8] = []
    for draft in drafts { builder.append(draft, into: &records) }
    return (builder, records)
  }

  private static var segmentRecords: [UInt8] { built.records }

  private static var footer: [UInt8] { built.builder.footer().bytes }

  private static var streams: [UInt8] {
    var bytes: [UInt8] = []
    built.builder.saidOfStreams.encode(into: &bytes)
    return bytes
  }

  private static func indexPage(of count: Int) -> [UInt8] {
    let entries = (0..<count).map { index in
      IndexEntry(
        position: Position(UInt64(3 * index)),
        offset: 1024 + 96 * index,
        byteCount: 96,
        kind: index == 0 ? .data : .junk
      )
    }
    var bytes: [UInt8] = []
    IndexPage(entries).encode(segment: number, page: 1, into: &bytes)
    return bytes
  }

  /// A trailer that promises tables of some bytes, as far as that can be.
  private static func promise(of bytes: [UInt8], trims: Int) -> SegmentTrailer {
    var trailer = SegmentTrailer(unit: unit, segment: number, begin: 1 << 20, records: 2000)
    let pages = max(0, bytes.count - 16 * trims) / 8
    trailer.trimCount = trims
    trailer.dataCount = pages == 0 ? 0 : (pages - 1) * IndexPage.entriesMax + 1
    trailer.saysStreams = false
    trailer.tableSum = Checksum.of(bytes.span.bytes)
    return trailer
  }

  // MARK: - Checksums

  private static func sealPage(_ bytes: inout [UInt8]) {
    guard bytes.count >= IndexPage.headerBytes else { return }
    let count = Int(bytes.span.bytes.number(at: 12, as: UInt32.self))
    let end = IndexPage.headerBytes + min(count, IndexPage.entriesMax) * IndexEntry.byteCount
    if end <= bytes.count { seal(&bytes, 4..<end, at: 0) }
  }

  /// Puts right what begins like a record or a trailer, wherever one may stand.
  private static func sealSegment(_ bytes: inout [UInt8]) {
    for place in stride(from: SegmentHeader.recordsBegin, to: bytes.count - 95, by: 8) {
      let magic: UInt32 = bytes.span.bytes.number(at: place)
      if magic == SegmentTrailer.magic { seal(&bytes, place..<place + 124, at: place + 124) }
      guard magic == RecordHeader.magic else { continue }
      let links: UInt32 = bytes.span.bytes.number(at: place + 80)
      let payload: UInt32 = bytes.span.bytes.number(at: place + 84)
      let begin = place + RecordHeader.byteCount
      let end = begin + Int(links) + Int(payload)
      if end <= bytes.count { seal(&bytes, begin..<end, at: place + 88) }
      seal(&bytes, place..<place + 92, at: place + 92)
    }
  }

  // MARK: - What must hold

  /// Whatever stands in a segment, what is found is whole, in order, and can be read.
  private static func checkSegment(_ bytes: [UInt8]) -> FuzzVerdict {
    let span = bytes.span.bytes
    let scan = SegmentScan(
      span,
      unit: unit,
      segment: number,
      durable: SegmentHeader.recordsBegin
    )
    var end = SegmentHeader.recordsBegin
    for found in scan.found {
      guard found.offset >= end, found.offset + RecordHeader.byteCount <= bytes.count else {
        return .broken("a record is found at \(found.offset), and \(end) is behind the last")
      }
      guard found.header.bodyIsIntact(in: span, at: found.offset) else {
        return .broken("the record at \(found.offset) is not whole")
      }
      _ = found.header.slot(in: span, at: found.offset)
      end = found.offset + found.header.recordBytes
    }
    return scan.found.isEmpty ? .refused : .taken
  }
}

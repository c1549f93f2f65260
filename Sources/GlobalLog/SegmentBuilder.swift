/// Lays out the records of one segment: gives each its offset, its place in the chain of neighbours
/// and its index entry, and in the end the footer.
///
/// Pure; the store writes what it lays out.
struct SegmentBuilder: Equatable, Sendable {
  let unit: UInt64
  let number: UInt32
  let capacity: Int

  /// Where the next record goes.
  private(set) var offset = SegmentHeader.recordsBegin
  /// Up to where records are durable.
  ///
  /// The store moves it after each sync.
  var durable = SegmentHeader.recordsBegin
  private(set) var records = 0
  private(set) var before: RecordKind?
  private(set) var previous = Position.zero
  /// What the records say, which the footer repeats.
  private var contents = StoreBatch()
  /// Where the streams' last entries in this segment stand.
  private var streams: StreamTable

  init(unit: UInt64, number: UInt32, capacity: Int, streamsMax: Int) {
    streams = StreamTable(streamsMax: streamsMax)
    self.unit = unit
    self.number = number
    self.capacity = capacity
  }

  /// What the records say that were laid out so far.
  var said: StoreBatch { contents }

  /// Whether a record still fits, with the footer that it makes longer.
  ///
  /// - Parameters:
  ///   - body: The size of the record's links and payload, in bytes.
  ///   - trims: How many ranges of trims it names.
  ///   - streams: To how many streams it belongs.
  ///   - reserve: What must stay free behind it, in bytes.
  /// - Returns: `false` if the segment has to be closed first.
  func fits(body: Int, trims: Int = 1, streams: Int = 0, reserve: Int = 0) -> Bool {
    let bytes = RecordHeader.recordBytes(body: body)
    return fits(recordBytes: bytes, trims: trims, streams: streams, reserve: reserve)
  }

  /// Whether records that take so much, together, still fit.
  func fits(recordBytes: Int, trims: Int, streams: Int = 0, reserve: Int = 0) -> Bool {
    // A record is an entry or a trim, and room is asked for both: some is left behind the footer.
    let footer = SegmentTrailer.footerBytes(
      entries: contents.entries.count + 1,
      trims: contents.trims.ranges.count + trims,
      streams: self.streams.count + streams
    )
    return offset + recordBytes + footer + reserve <= capacity
  }

  /// Whether the footer of what was laid out so far has room.
  var footerFits: Bool {
    let footer = SegmentTrailer.footerBytes(
      entries: contents.entries.count,
      trims: contents.trims.ranges.count,
      streams: streams.count
    )
    return offset + footer <= capacity
  }

  /// Appends a record's bytes.
  mutating func append(_ draft: RecordDraft, into bytes: inout [UInt8]) {
    let header = header(of: draft)
    header.encode(into: &bytes)
    bytes.append(contentsOf: draft.links)
    bytes.append(contentsOf: draft.payload)
    bytes.append(contentsOf: repeatElement(0, count: header.recordBytes - 96 - header.bodyBytes))
    pass(draft, recordBytes: header.recordBytes)
  }

  /// Takes notice of a record that stands where the next one would go.
  mutating func pass(_ draft: RecordDraft, recordBytes: Int) {
    contents.note(draft, offset: offset, byteCount: recordBytes)
    // How the trims were said is of no interest to a footer.
    contents.trimmedAlone.removeAll(keepingCapacity: true)
    contents.trimmedTogether = PositionSet()
    for place in contents.streams { streams.note(place.position, of: place.stream) }
    contents.streams.removeAll(keepingCapacity: true)
    streams.doubt(before: contents.lostEnd)
    offset += recordBytes
    records += 1
    before = draft.kind
    previous = draft.position
  }

  /// Appends the bytes to put behind the records, claiming that all of them are durable.
  ///
  /// They take no room, the next record overwrites them. There are two, in different sectors: one
  /// that goes bad with the end of the last record leaves the other to tell of it.
  func claim(into bytes: inout [UInt8]) {
    claim(at: offset).encode(into: &bytes)
    // Counted from where the first claim ends: it may reach into the next sector.
    let end = offset + RecordHeader.byteCount
    let copy = (end + Self.sectorBytes - 1) / Self.sectorBytes * Self.sectorBytes
    let gap = copy - end
    guard copy + RecordHeader.byteCount <= capacity else { return }
    bytes.append(contentsOf: repeatElement(0, count: gap))
    claim(at: copy).encode(into: &bytes)
  }

  private static let sectorBytes = 512

  private func claim(at place: Int) -> RecordHeader {
    var header = header(of: RecordDraft(.claim, .zero))
    header.offset = place
    header.durable = offset
    return header
  }

  /// Has records that were laid out, and not written yet, claim what is durable by now.
  func restamp(_ bytes: inout [UInt8]) {
    var index = 0
    while index < bytes.count {
      bytes.put(UInt32(durable), at: index + 76)
      bytes.put(Checksum.of(bytes.span.bytes.extracting(index..<index + 92)), at: index + 92)
      let links: UInt32 = bytes.span.bytes.number(at: index + 80)
      let payload: UInt32 = bytes.span.bytes.number(at: index + 84)
      index += RecordHeader.recordBytes(body: Int(links) + Int(payload))
    }
  }

  private func header(of draft: RecordDraft) -> RecordHeader {
    var header = RecordHeader(
      kind: draft.kind,
      unit: unit,
      segment: number,
      offset: offset,
      position: draft.position
    )
    header.epoch = draft.epoch
    header.mark = draft.mark
    header.before = before
    header.previous = previous
    header.ordinal = records
    header.durable = durable
    header.linkBytes = draft.links.count
    header.payloadBytes = draft.payload.count
    header.bodySum = draft.bodySum
    return header
  }

  /// Whether the footer will say that an entry of a stream stands, or stood, at a position.
  func says(_ place: StreamPlace) -> Bool { streams.has(place) }

  /// What the footer will say of streams.
  var saidOfStreams: SegmentStreams { streams.segment }

  /// The footer, and the summary that it ends with.
  func footer() -> (bytes: [UInt8], trailer: SegmentTrailer, tables: SegmentTables) {
    let sorted = sortedEntries()
    var trailer = SegmentTrailer(unit: unit, segment: number, begin: offset, records: records)
    trailer.dataCount = sorted.count { $0.kind == .data }
    trailer.junkCount = sorted.count { $0.kind == .junk }
    trailer.lostCount = sorted.count { $0.kind == .lost }
    trailer.trimCount = contents.trims.ranges.count
    trailer.streamCount = streams.count
    trailer.lowest = sorted.first?.position ?? .max
    trailer.highestIndexed = sorted.last?.position ?? .zero
    trailer.tail = contents.tail
    trailer.trimMark = contents.trimMark
    trailer.last = previous
    trailer.lastKind = before
    trailer.liveBytes = sorted.reduce(0) { $0 + $1.byteCount }
    trailer.doubt = contents.doubt

    let pages = stride(from: 0, to: sorted.count, by: IndexPage.entriesMax).map { start in
      IndexPage(Array(sorted[start..<min(start + IndexPage.entriesMax, sorted.count)]))
    }
    let tables = SegmentTables(
      trims: contents.trims.ranges,
      fences: pages.compactMap { $0.entries.first?.position }
    )
    var tableBytes: [UInt8] = []
    tables.encode(into: &tableBytes)
    streams.segment.encode(into: &tableBytes)
    trailer.tableSum = Checksum.of(tableBytes.span.bytes)
    trailer.end = trailer.tablesEnd + SegmentTrailer.byteCount

    var bytes: [UInt8] = []
    bytes.reserveCapacity(trailer.end - offset)
    trailer.encode(into: &bytes)
    for (index, page) in pages.enumerated() {
      page.encode(segment: number, page: index, into: &bytes)
    }
    bytes.append(contentsOf: tableBytes)
    trailer.encode(into: &bytes)
    return (bytes, trailer, tables)
  }

  /// The index in order of position.
  ///
  /// A record that was lost and came again counts as what came.
  private func sortedEntries() -> [IndexEntry] {
    var sorted: [IndexEntry] = []
    sorted.reserveCapacity(contents.entries.count)
    for entry in contents.entries.sorted(by: { $0.position < $1.position }) {
      if let last = sorted.last, last.position == entry.position {
        if last.kind == .lost { sorted[sorted.count - 1] = entry }
      } else {
        sorted.append(entry)
      }
    }
    return sorted
  }
}

/// A record to be: everything but its place in a segment.
struct RecordDraft: Equatable, Sendable {
  var kind: RecordKind
  var position: Position
  var epoch = Epoch.zero
  var mark = EntryMark(client: ClientID(high: 0, low: 0), sequence: 0)
  var links: [UInt8] = []
  var payload: [UInt8] = []
  var bodySum: UInt32 = 0

  /// A record without a body.
  init(_ kind: RecordKind, _ position: Position, epoch: Epoch = .zero) {
    self.kind = kind
    self.position = position
    self.epoch = epoch
  }

  /// An entry's record, whose body has been summed.
  init(_ entry: Entry, at position: Position, epoch: Epoch, bodySum: UInt32) {
    self.init(.data, position, epoch: epoch)
    mark = entry.mark
    links = Self.links(of: entry)
    payload = entry.payload
    self.bodySum = bodySum
  }

  /// The sum of an entry's body: the costly part of a record, so whoever writes does it himself.
  static func bodySum(of entry: Entry) -> UInt32 {
    var sum = Checksum()
    let links = links(of: entry)
    if !links.isEmpty { sum.update(links.span.bytes) }
    sum.update(entry.payload.span.bytes)
    return sum.value
  }

  private static func links(of entry: Entry) -> [UInt8] {
    entry.streams.isEmpty ? [] : StreamLink.encode(entry.streams)
  }

  var bodyBytes: Int { links.count + payload.count }
}

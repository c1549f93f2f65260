/// Reads the indexes of closed segments: keeps the page of each that it used last, because the next
/// position is most often on it.
struct IndexReading<Storage: Device> {
  private let reader: StoreReader<Storage>
  private var pages: [UInt32: (number: Int, page: IndexPage)] = [:]
  /// The index of a segment whose own index is damaged, made by reading its records.
  private var rebuilt: Rebuilt?
  /// Whether a file was gone when it was asked for.
  var wasGone = false

  private static var pagesMax: Int { 16 }

  private struct Rebuilt {
    var segment: UInt32
    var entries: [Position: IndexEntry]
    var isWhole: Bool
  }

  init(reader: StoreReader<Storage>) {
    self.reader = reader
  }

  /// The entry of a position in a segment; `nil` if it has none, or if the segment is gone.
  mutating func entry(
    _ position: Position,
    in segment: ClosedSegment
  ) throws(LogError) -> IndexEntry? {
    if let rebuilt, rebuilt.segment == segment.number {
      return try entry(position, in: rebuilt)
    }
    guard let number = segment.page(of: position) else { return nil }
    if let known = pages[segment.number], known.number == number {
      return known.page.entry(at: position)
    }
    if let page = try readPage(number, of: segment, position) { return page.entry(at: position) }
    guard let rebuilt, rebuilt.segment == segment.number else { return nil }
    return try entry(position, in: rebuilt)
  }

  /// A page of a segment's index; `nil` if the segment is gone.
  ///
  /// Throws ``LogError/unknown(_:)`` where damage took a part of it for good.
  mutating func page(_ number: Int, of segment: ClosedSegment) throws(LogError) -> IndexPage? {
    let fences = segment.tables.fences
    if let page = try readPage(number, of: segment, fences[number]) { return page }
    guard let rebuilt, rebuilt.segment == segment.number else { return nil }
    guard rebuilt.isWhole else { throw .unknown(fences[number]) }
    let entries = rebuilt.entries.values.filter { segment.page(of: $0.position) == number }
    return IndexPage(entries.sorted { $0.position < $1.position })
  }

  /// Reads a page, or, if it is damaged, the records.
  private mutating func readPage(
    _ number: Int,
    of segment: ClosedSegment,
    _ position: Position
  ) throws(LogError) -> IndexPage? {
    if let known = pages[segment.number], known.number == number { return known.page }
    let (offset, count) = segment.pageRange(number)
    guard let bytes = try read(segment.number, offset, count, position) else { return nil }
    guard let page = IndexPage(bytes.span.bytes, segment: segment.number, page: number),
      page.entries.allSatisfy({ segment.hasRoom(for: $0) })
    else {
      if !planted(.trustsIndex) { try rebuild(segment, position) }
      return nil
    }
    if pages.count >= Self.pagesMax { pages.removeAll(keepingCapacity: true) }
    pages[segment.number] = (number, page)
    return page
  }

  /// Reads a part of a segment's file; `nil` if the file is gone.
  mutating func read(
    _ segment: UInt32,
    _ offset: Int,
    _ count: Int,
    _ position: Position
  ) throws(LogError) -> [UInt8]? {
    do {
      return try reader.files.file(segment).read(at: offset, count: count)
    } catch {
      switch error {
      case .notFound:
        wasGone = true
        return nil
      case .failed: throw .corrupt(position)
      default: throw .failed(error)
      }
    }
  }

  private func entry(_ position: Position, in rebuilt: Rebuilt) throws(LogError) -> IndexEntry? {
    if let entry = rebuilt.entries[position] { return entry }
    if !rebuilt.isWhole { throw .unknown(position) }
    return nil
  }

  private mutating func rebuild(
    _ segment: ClosedSegment,
    _ position: Position
  ) throws(LogError) {
    guard let bytes = try read(segment.number, 0, segment.trailer.end, position) else { return }
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: reader.identity.unit,
      segment: segment.number,
      durable: segment.trailer.begin
    )
    var entries: [Position: IndexEntry] = [:]
    for found in scan.found {
      guard let entry = IndexEntry(found) else { continue }
      entries[entry.position] = entry
    }
    for case (let kind, let position)? in scan.losses.map(\.record)
    where kind == .data || kind == .junk {
      entries[position] = IndexEntry(position: position, offset: 0, byteCount: 0, kind: .lost)
    }
    rebuilt = Rebuilt(
      segment: segment.number,
      entries: entries,
      isWhole: !scan.losses.contains { $0.record == nil }
    )
  }
}

extension IndexEntry {
  /// The entry for a record that was found by reading, if its kind is indexed.
  init?(_ found: SegmentScan.Found) {
    switch found.header.kind {
    case .data, .junk, .lost:
      self.init(
        position: found.header.position,
        offset: found.offset,
        byteCount: found.header.recordBytes,
        kind: found.header.kind
      )
    case .trim, .trims, .prefixTrim, .doubt, .settled, .claim: return nil
    }
  }
}

/// One pass of reading upwards: keeps the stretch of file and the index page it used last, because
/// the next position is most often in them.
struct RangeReading<Storage: Device> {
  /// How much is read of a file at once, at most.
  static var stretchBytesMax: Int { 1 << 20 }

  private let reader: StoreReader<Storage>
  private let last: Position
  private var stretch: Stretch?
  private var page: (segment: UInt32, number: Int, page: IndexPage)?
  /// The index of a segment whose own index is damaged, made by reading its records.
  private var rebuilt: (segment: UInt32, entries: [Position: IndexEntry], isWhole: Bool)?
  /// Whether a file was gone when it was asked for.
  private var wasGone = false

  private struct Stretch {
    var segment: UInt32
    var offset: Int
    var bytes: [UInt8]
  }

  /// Begins a pass that goes up to `last`.
  init(reader: StoreReader<Storage>, last: Position) {
    self.reader = reader
    self.last = last
  }

  /// What stands at a position.
  mutating func slot(at position: Position) throws(LogError) -> Slot {
    // A segment can be trimmed away between looking up and reading: then the next look-up says so.
    for _ in 0..<3 {
      switch reader.find(position) {
      case .empty: return .empty
      case .trimmed: return .trimmed
      case .lost: throw .corrupt(position)
      case .doubtful: throw .unknown(position)
      case .open(let open):
        if let slot = try load(open.entry, open.segment, position) { return slot }
      case .closed(let candidates):
        if let slot = try search(candidates, position) { return slot }
      }
    }
    throw .failed(.notFound("the segment of position \(position)"))
  }

  private mutating func search(
    _ candidates: [ClosedSegment],
    _ position: Position
  ) throws(LogError) -> Slot? {
    var isLost = false
    wasGone = false
    for segment in candidates {
      guard let entry = try entry(position, in: segment) else { continue }
      guard entry.kind == .lost else { return try load(entry, segment.number, position) }
      isLost = true
    }
    if wasGone { return nil }
    if isLost { throw .corrupt(position) }
    switch reader.update({ $0.absent }) {
    case .doubtful: throw .unknown(position)
    default: return .empty
    }
  }

  /// Reads a record and holds it against everything known of it (D5).
  ///
  /// `nil` if its file is gone.
  private mutating func load(
    _ entry: IndexEntry,
    _ segment: UInt32,
    _ position: Position
  ) throws(LogError) -> Slot? {
    guard let at = try fetch(segment, entry.offset, entry.byteCount, position) else { return nil }
    guard let stretch else { return nil }
    let bytes = stretch.bytes.span.bytes
    guard let header = RecordHeader(bytes, at: at), header.unit == reader.identity.unit,
      header.segment == segment, header.offset == entry.offset, header.position == position,
      header.bodyIsIntact(in: bytes, at: at) || planted(.trustsPayload),
      let slot = header.slot(in: bytes, at: at)
    else { throw .corrupt(position) }
    return slot
  }

  /// Sees to it that the stretch holds the bytes asked for, and says where in it they begin.
  private mutating func fetch(
    _ segment: UInt32,
    _ offset: Int,
    _ count: Int,
    _ position: Position
  ) throws(LogError) -> Int? {
    if let stretch, stretch.segment == segment, offset >= stretch.offset,
      offset + count <= stretch.offset + stretch.bytes.count
    {
      return offset - stretch.offset
    }
    let rest = last.number - position.number
    let wanted = rest > 4096 ? Self.stretchBytesMax : Int(rest + 1) * count
    let size = max(count, min(wanted, Self.stretchBytesMax))
    guard let bytes = try read(segment, offset, size, position) else { return nil }
    guard bytes.count >= count else { throw .corrupt(position) }
    stretch = Stretch(segment: segment, offset: offset, bytes: bytes)
    return 0
  }

  private mutating func read(
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

  private mutating func entry(
    _ position: Position,
    in segment: ClosedSegment
  ) throws(LogError) -> IndexEntry? {
    if rebuilt?.segment == segment.number { return try rebuiltEntry(position) }
    guard let number = segment.page(of: position) else { return nil }
    if let page, page.segment == segment.number, page.number == number {
      return page.page.entry(at: position)
    }
    let (offset, count) = segment.pageRange(number)
    guard let bytes = try read(segment.number, offset, count, position) else { return nil }
    guard let page = IndexPage(bytes.span.bytes, segment: segment.number, page: number),
      page.entries.allSatisfy({ segment.hasRoom(for: $0) })
    else {
      if planted(.trustsIndex) { return nil }
      try rebuild(segment, position)
      return try rebuiltEntry(position)
    }
    self.page = (segment.number, number, page)
    return page.entry(at: position)
  }

  private func rebuiltEntry(_ position: Position) throws(LogError) -> IndexEntry? {
    guard let rebuilt else { return nil }
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
    rebuilt = (segment.number, entries, !scan.losses.contains { $0.record == nil })
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
    case .trim, .prefixTrim, .doubt, .settled, .claim: return nil
    }
  }
}

/// One pass of reading upwards: keeps the stretch of file that it used last, because the next
/// position is most often in it.
struct RangeReading<Storage: Device> {
  private let reader: StoreReader<Storage>
  /// How many positions are to come.
  private var left: Int
  /// How many records are read at once.
  private var window: ReadWindow
  private var stretch: Stretch?
  private var index: IndexReading<Storage>

  private struct Stretch {
    var segment: UInt32
    var offset: Int
    var bytes: [UInt8]

    var piece: FilePiece {
      FilePiece(segment: segment, offset: offset, byteCount: bytes.count)
    }
  }

  /// Begins a pass over so many positions, which stand side by side or anywhere.
  init(reader: StoreReader<Storage>, count: Int, sideBySide: Bool) {
    self.reader = reader
    left = count
    window = ReadWindow(sideBySide: sideBySide)
    index = IndexReading(reader: reader)
  }

  /// What stands at a position.
  mutating func slot(at position: Position) throws(LogError) -> Slot {
    defer { left -= 1 }
    // A segment can be trimmed or moved away between looking up and reading: then the next look-up
    // says so.
    for _ in 0..<3 {
      switch reader.find(position) {
      case .empty: return .empty
      case .trimmed: return .trimmed
      case .lost: throw .corrupt(position)
      case .doubtful: throw .unknown(position)
      case .open(let open):
        if let slot = try load(open.entry, open.segment, position) { return slot }
      case .closed(let candidates, let isLost):
        if let slot = try search(candidates, position, isLost) { return slot }
      }
    }
    throw .failed(.notFound("the segment of position \(position)"))
  }

  /// Compaction may have left a position in two segments: one whole copy is enough.
  private mutating func search(
    _ candidates: [ClosedSegment],
    _ position: Position,
    _ isLost: Bool
  ) throws(LogError) -> Slot? {
    var isLost = isLost
    var damage: LogError?
    index.wasGone = false
    for segment in candidates {
      do throws(LogError) {
        guard let entry = try index.entry(position, in: segment) else { continue }
        if entry.kind == .lost {
          isLost = true
        } else if let slot = try load(entry, segment.number, position) {
          return slot
        }
      } catch {
        guard error == .corrupt(position) || error == .unknown(position) else { throw error }
        damage = damage ?? error
      }
    }
    if index.wasGone { return nil }
    if let damage { throw damage }
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
    let record = FilePiece(segment: segment, offset: offset, byteCount: count)
    let last = stretch?.piece
    if let last, last.holds(record) { return offset - last.offset }
    let records = window.records(from: record, after: last, left: left)
    guard let bytes = try index.read(segment, offset, records * count, position) else {
      return nil
    }
    guard bytes.count >= count else { throw .corrupt(position) }
    stretch = Stretch(segment: segment, offset: offset, bytes: bytes)
    return 0
  }
}

/// Reads what must outlive a closed segment: a portion at a time, in the order of positions.
///
/// It runs on the task of whoever compacts, beside the store's: reading and checksums cost the
/// writers nothing.
struct LiveReading<Storage: Device> {
  /// Some of what must be copied.
  struct Portion: Sendable {
    var drafts: [RecordDraft] = []
    /// The size of the records that were read for it, in bytes, and of the notes of losses: what
    /// stands elsewhere already is read to see that it can be.
    var bytes = 0
    /// Of which the record cannot be read any more: they are copied as lost (D7).
    var lost: [Position] = []
    /// Where the next portion begins; `nil` behind the last.
    var next: Position?
  }

  /// How many index pages one portion looks at, at most.
  private static var pagesMax: Int { 64 }

  private let reader: StoreReader<Storage>
  private let segment: ClosedSegment
  private var index: IndexReading<Storage>

  init(_ segment: ClosedSegment, of reader: StoreReader<Storage>) {
    self.segment = segment
    self.reader = reader
    index = IndexReading(reader: reader)
  }

  /// The next portion.
  ///
  /// - Parameters:
  ///   - position: Where to begin.
  ///   - bytesMax: How much to read; what stands at one position more, at most.
  /// - Returns: The portion; `nil` if the segment is gone.
  /// - Throws: ``LogError/unknown(_:)`` if damage keeps the index from being read, and
  ///   ``LogError/corrupt(_:)`` if the disk gives no answer for a record: then the segment stays as
  ///   it is.
  mutating func portion(from position: Position, bytesMax: Int) throws(LogError) -> Portion? {
    var portion = Portion()
    let trailer = segment.trailer
    guard let first = segment.page(of: max(position, trailer.lowest)) else { return portion }
    for number in first..<trailer.pageCount {
      guard let page = try index.page(number, of: segment) else { return nil }
      for entry in page.entries where entry.position >= position {
        if portion.bytes >= bytesMax {
          portion.next = entry.position
          return portion
        }
        guard try add(entry, to: &portion) else { return nil }
      }
      if number - first >= Self.pagesMax, number + 1 < trailer.pageCount {
        portion.next = segment.tables.fences[number + 1]
        return portion
      }
    }
    return portion
  }

  /// - Returns: Whether the segment was still there.
  private mutating func add(
    _ entry: IndexEntry,
    to portion: inout Portion
  ) throws(LogError) -> Bool {
    switch reader.find(entry.position) {
    case .trimmed, .open: return true
    case .empty, .lost, .doubtful: return false
    case .closed(let candidates, let isLost):
      for other in candidates where other.number != segment.number {
        guard let copy = try index.entry(entry.position, in: other), copy.kind != .lost else {
          continue
        }
        let record = try reader.record(copy, of: other.number, at: entry.position)
        portion.bytes += copy.byteCount
        if case .whole = record { return true }
      }
      return try add(entry, isKnownLost: isLost, to: &portion)
    }
  }

  private func add(
    _ entry: IndexEntry,
    isKnownLost: Bool,
    to portion: inout Portion
  ) throws(LogError) -> Bool {
    if entry.kind != .lost {
      let record = try reader.record(entry, of: segment.number, at: entry.position)
      portion.bytes += entry.byteCount
      switch record {
      case .gone: return false
      case .damaged: portion.lost.append(entry.position)
      case .whole(let draft):
        portion.drafts.append(draft)
        return true
      }
    }
    if !isKnownLost {
      portion.drafts.append(RecordDraft(.lost, entry.position))
      portion.bytes += RecordHeader.byteCount
    }
    return true
  }
}

extension StoreReader {
  /// What came of reading a record.
  enum RecordReading {
    case whole(RecordDraft)
    case damaged
    /// Its segment is gone.
    case gone
  }

  /// Reads a data or junk record as it stands, and holds it against everything known of it (D5).
  ///
  /// Throws ``LogError/corrupt(_:)`` if the disk gives no answer.
  func record(
    _ entry: IndexEntry,
    of segment: UInt32,
    at position: Position
  ) throws(LogError) -> RecordReading {
    let bytes: [UInt8]
    do {
      bytes = try files.file(segment).read(at: entry.offset, count: entry.byteCount)
    } catch {
      switch error {
      case .notFound: return .gone
      // Nobody knows whether the next attempt can read it: it is not given up.
      case .failed: throw .corrupt(position)
      default: throw .failed(error)
      }
    }
    guard let header = RecordHeader(bytes.span.bytes, at: 0), header.unit == identity.unit,
      header.segment == segment, header.offset == entry.offset, header.position == position,
      header.kind == .data || header.kind == .junk, header.recordBytes == bytes.count,
      header.bodyIsIntact(in: bytes.span.bytes, at: 0)
    else { return .damaged }
    return .whole(RecordDraft(SegmentScan.Found(offset: 0, header: header), from: bytes))
  }
}

/// A segment whose records stay in the file where a crash left them.
///
/// Pure: what was found in, what to write out.
struct KeptSegment {
  /// What the file is to hold behind its header: the records, as they are, and zeros where anything
  /// else stood, or the footer.
  private(set) var bytes: [UInt8]
  /// Laid out up to the last record; the next one follows it.
  private(set) var builder: SegmentBuilder
  /// What the records say.
  private(set) var batch = StoreBatch()

  /// Takes a segment over; `nil` if anything in it is damaged.
  ///
  /// - Parameters:
  ///   - file: The segment's file.
  ///   - scan: What was found in it.
  ///   - found: The file's bytes.
  ///   - unit: Whose segment it is.
  ///   - streamsMax: Of how many streams its footer speaks.
  init?(
    _ file: SegmentFile,
    _ scan: SegmentScan,
    _ found: [UInt8],
    unit: UInt64,
    streamsMax: Int
  ) {
    guard !file.hasLosses, let header = file.header else { return nil }
    let capacity = min(header.capacity, file.size)
    builder = SegmentBuilder(
      unit: unit,
      number: file.number,
      capacity: capacity,
      streamsMax: streamsMax
    )
    for record in scan.found {
      guard record.offset == builder.offset else { return nil }
      let draft = RecordDraft(record, from: found)
      builder.pass(draft, recordBytes: record.header.recordBytes)
      batch.note(draft, offset: record.offset, byteCount: record.header.recordBytes)
    }
    guard builder.offset == scan.end, builder.footerFits else { return nil }
    builder.durable = builder.offset
    bytes = Array(found[SegmentHeader.recordsBegin..<builder.offset])
    // A later record could end where something whole begins, and bring it back.
    let end = found.lastIndex { $0 != 0 } ?? 0
    bytes += [UInt8](repeating: 0, count: max(0, min(end + 1, capacity) - builder.offset))
  }

  /// Puts the footer behind the records.
  mutating func close() -> ClosedSegment {
    let footer = builder.footer()
    bytes.removeLast(bytes.count - (builder.offset - SegmentHeader.recordsBegin))
    bytes += footer.bytes
    return ClosedSegment(trailer: footer.trailer, tables: footer.tables)
  }

  /// What to write behind the records once they are durable.
  func claims() -> [UInt8] {
    var claims: [UInt8] = []
    builder.claim(into: &claims)
    return claims
  }
}

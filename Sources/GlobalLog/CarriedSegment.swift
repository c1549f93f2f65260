/// A fresh segment made of records from another one.
///
/// Pure: drafts in, bytes out.
struct CarriedSegment {
  let header: SegmentHeader
  /// Everything behind the header: the records, and a footer or a claim.
  let bytes: [UInt8]
  let builder: SegmentBuilder
  let batch: StoreBatch
  /// The summary, if the segment is closed.
  let closed: ClosedSegment?

  /// Lays a segment out.
  ///
  /// - Parameters:
  ///   - drafts: The records, in order.
  ///   - unit: Whose segment it is.
  ///   - number: The segment's number.
  ///   - old: The segment whose records these are.
  ///   - capacity: The size of the segment, in bytes.
  ///   - streamsMax: Of how many streams its footer speaks.
  ///   - mayStayOpen: Whether the store may go on writing in it. If it is too small for what it
  ///     holds, it is closed all the same.
  init(
    _ drafts: [RecordDraft],
    unit: UInt64,
    number: UInt32,
    replacing old: UInt32,
    capacity: Int,
    streamsMax: Int,
    mayStayOpen: Bool
  ) {
    var builder = SegmentBuilder(
      unit: unit,
      number: number,
      capacity: capacity,
      streamsMax: streamsMax
    )
    var batch = StoreBatch()
    var bytes: [UInt8] = []
    for draft in drafts {
      let offset = builder.offset
      builder.append(draft, into: &bytes)
      batch.note(draft, offset: offset, byteCount: builder.offset - offset)
    }
    builder.durable = builder.offset
    var capacity = capacity
    // Not even a full one is closed: on a full disk each opening would take room for another.
    if mayStayOpen && builder.footerFits {
      builder.claim(into: &bytes)
      closed = nil
    } else {
      let footer = builder.footer()
      bytes += footer.bytes
      capacity = footer.trailer.end
      closed = ClosedSegment(trailer: footer.trailer, tables: footer.tables)
    }
    header = SegmentHeader(
      number: number,
      unit: unit,
      capacity: capacity,
      durable: builder.offset,
      replaces: old...old
    )
    self.bytes = bytes
    self.builder = builder
    self.batch = batch
  }
}

extension RecordDraft {
  /// A record as it was found in a segment's bytes.
  init(_ found: SegmentScan.Found, from bytes: [UInt8]) {
    let header = found.header
    self.init(header.kind, header.position, epoch: header.epoch)
    mark = header.mark
    let begin = found.offset + RecordHeader.byteCount
    links = Array(bytes[begin..<begin + header.linkBytes])
    payload = Array(bytes[begin + header.linkBytes..<begin + header.bodyBytes])
    bodySum = header.bodySum
  }
}

import CorfuGlobalLog

/// The bytes of a segment, as writers, disks and power cuts leave them.
struct SegmentImage {
  /// Where damage strikes a record.
  enum Part {
    case header, body
  }

  private static let unit: UInt64 = 5
  private static let number: UInt32 = 1
  private static let sectorBytes = 512

  private var bytes = [UInt8](repeating: 0, count: SegmentHeader.recordsBegin)
  private var headers: [RecordHeader] = []
  /// Where claims were written.
  private var claimed: [Int] = []
  /// Where the next record goes.
  private(set) var end = SegmentHeader.recordsBegin
  /// Up to where it was synced.
  private(set) var durable = SegmentHeader.recordsBegin
  /// Up to where the segment's own header says that it was durable.
  private(set) var known = SegmentHeader.recordsBegin
  /// What happened, a line each.
  private(set) var events: [String] = []

  /// How many records were written.
  var count: Int { headers.count }

  /// Writes an entry's record.
  mutating func write(_ position: Position, bytes payloadBytes: Int) {
    var header = header(.data, position)
    header.payloadBytes = payloadBytes
    let body = [UInt8](
      repeating: UInt8(truncatingIfNeeded: position.number | 1),
      count: payloadBytes
    )
    header.bodySum = Checksum.of(body.span.bytes)
    var record: [UInt8] = []
    RecordCodec.encode(header, into: &record)
    record += body
    record += repeatElement(0, count: header.recordBytes - record.count)
    put(record, at: end)
    headers.append(header)
    events.append("\(end)  position \(position) is written, \(header.recordBytes) bytes")
    end += header.recordBytes
  }

  /// Makes all of it durable, and claims so behind the last record.
  mutating func sync(claims: Bool = true) {
    durable = end
    events.append("---- synced: all before \(end) is durable, and was promised ----")
    guard claims else { return }
    let second = (end + RecordHeader.byteCount + Self.sectorBytes - 1) / Self.sectorBytes
    for place in [end, second * Self.sectorBytes] {
      var claim = header(.claim, .zero)
      claim.offset = place
      var record: [UInt8] = []
      RecordCodec.encode(claim, into: &record)
      put(record, at: place)
      claimed.removeAll { $0 == place }
      claimed.append(place)
    }
  }

  /// The claims that can still be read, in a line; `nil` if there are none.
  var claims: String? {
    var standing: [RecordHeader] = []
    for place in claimed {
      guard let header = RecordCodec.decode(bytes.span.bytes, at: place), header.kind == .claim
      else { continue }
      standing.append(header)
    }
    guard let last = standing.last else { return nil }
    let places = standing.map { String($0.offset) }.joined(separator: " and ")
    let subject =
      standing.count == 1
      ? "a claim stands at \(places), and says" : "claims stand at \(places), and say"
    return "\(subject): \(last.ordinal.of("record", "records")), durable up to \(last.durable)"
  }

  /// Has the segment's own header say what is durable by now.
  mutating func note() {
    known = durable
    events.append("the segment's header notes: durable up to \(known)")
  }

  /// Spoils a record.
  mutating func spoil(_ index: Int, _ part: Part) {
    let header = headers[index]
    let offset = header.offset + (part == .header ? 30 : RecordHeader.byteCount)
    bytes[offset] ^= 0x10
    let name = part == .header ? "header" : "payload"
    events.append("\(header.offset)  the \(name) of position \(header.position) cannot be read")
  }

  /// Loses everything from a record on.
  mutating func lose(from index: Int) {
    let offset = headers[index].offset
    for place in offset..<bytes.count { bytes[place] = 0 }
    events.append("\(offset)  nothing can be read from here on")
  }

  /// Loses everything from a record on, and with it the end of the file.
  mutating func cut(before index: Int) {
    let offset = headers[index].offset
    bytes.removeSubrange(offset...)
    events.append("\(offset)  the file ends here")
  }

  /// What a scan with somebody's judge finds.
  func scan<Judge: TailJudging>(_: Judge.Type) -> SegmentScan {
    SegmentScan(
      bytes.span.bytes,
      unit: Self.unit,
      segment: Self.number,
      durable: known,
      RecordCodec.self,
      Judge.self
    )
  }

  private func header(_ kind: RecordKind, _ position: Position) -> RecordHeader {
    var header = RecordHeader(
      kind: kind,
      unit: Self.unit,
      segment: Self.number,
      offset: end,
      position: position
    )
    header.before = headers.last?.kind
    header.previous = headers.last?.position ?? .zero
    header.ordinal = headers.count
    header.durable = durable
    return header
  }

  private mutating func put(_ record: [UInt8], at offset: Int) {
    let missing = offset + record.count - bytes.count
    if missing > 0 { bytes += repeatElement(0, count: missing) }
    bytes.replaceSubrange(offset..<offset + record.count, with: record)
  }
}

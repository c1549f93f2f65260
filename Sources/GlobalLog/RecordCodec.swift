/// How a header becomes bytes, and bytes a header: the part that exercise 1.1 builds.
public protocol RecordCoding: Sendable {
  /// Appends a header's 96 bytes.
  static func encode(_ header: RecordHeader, into bytes: inout [UInt8])

  /// Reads the header at an offset of a segment's bytes.
  ///
  /// - Parameters:
  ///   - bytes: Bytes of the segment, or a part of it; nobody promises that they are a record's.
  ///   - index: Where in `bytes` to look; it may lie outside.
  /// - Returns: The header, or `nil` where none stands that can be trusted.
  static func decode(_ bytes: RawSpan, at index: Int) -> RecordHeader?
}

/// The header of a record, as Record.swift draws it: each number at its place, the checksum of all
/// others last.
public enum RecordCodec: RecordCoding {
  // exercise 1.1: write a header as its 96 bytes, and read it back where one stands
  public static func encode(_ header: RecordHeader, into bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: RecordHeader.byteCount))
    bytes.put(RecordHeader.magic, at: start)
    bytes.put(header.kind.rawValue, at: start + 4)
    bytes.put(header.before?.rawValue ?? 0, at: start + 5)
    bytes.put(header.unit, at: start + 8)
    bytes.put(header.segment, at: start + 16)
    bytes.put(UInt32(header.offset), at: start + 20)
    bytes.put(header.position.number, at: start + 24)
    bytes.put(header.epoch.number, at: start + 32)
    bytes.put(header.mark.client.high, at: start + 40)
    bytes.put(header.mark.client.low, at: start + 48)
    bytes.put(header.mark.sequence, at: start + 56)
    bytes.put(header.previous.number, at: start + 64)
    bytes.put(UInt32(header.ordinal), at: start + 72)
    bytes.put(UInt32(header.durable), at: start + 76)
    bytes.put(UInt32(header.linkBytes), at: start + 80)
    bytes.put(UInt32(header.payloadBytes), at: start + 84)
    bytes.put(header.bodySum, at: start + 88)
    bytes.put(Checksum.of(bytes.span.bytes.extracting(start..<start + 92)), at: start + 92)
  }

  public static func decode(_ bytes: RawSpan, at index: Int) -> RecordHeader? {
    guard index >= 0, bytes.byteCount - index >= RecordHeader.byteCount else { return nil }
    guard bytes.number(at: index, as: UInt32.self) == RecordHeader.magic else { return nil }
    let sum = Checksum.of(bytes.extracting(index..<index + 92))
    guard bytes.number(at: index + 92) == sum else { return nil }
    guard let kind = RecordKind(rawValue: bytes.number(at: index + 4)) else { return nil }
    let position = Position(bytes.number(at: index + 24))
    let previous = Position(bytes.number(at: index + 64))
    // The tail behind a position must be one too.
    guard position < .max || kind == .prefixTrim && position == .max else { return nil }
    guard previous <= .max else { return nil }
    var header = RecordHeader(
      kind: kind,
      unit: bytes.number(at: index + 8),
      segment: bytes.number(at: index + 16),
      offset: Int(bytes.number(at: index + 20, as: UInt32.self)),
      position: position
    )
    header.before = RecordKind(rawValue: bytes.number(at: index + 5))
    header.previous = previous
    header.epoch = Epoch(bytes.number(at: index + 32))
    header.mark = EntryMark(
      client: ClientID(high: bytes.number(at: index + 40), low: bytes.number(at: index + 48)),
      sequence: bytes.number(at: index + 56)
    )
    header.ordinal = Int(bytes.number(at: index + 72, as: UInt32.self))
    header.durable = Int(bytes.number(at: index + 76, as: UInt32.self))
    header.linkBytes = Int(bytes.number(at: index + 80, as: UInt32.self))
    header.payloadBytes = Int(bytes.number(at: index + 84, as: UInt32.self))
    header.bodySum = bytes.number(at: index + 88)
    return header
  }
  // end 1.1
}

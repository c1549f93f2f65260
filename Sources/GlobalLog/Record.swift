// A record, as it stands in a segment (all numbers little-endian):
//
//    0  magic     "CFR1"        a record begins here
//    4  kind      1 byte        data, junk, trim, … (RecordKind)
//    5  before    1 byte        the kind of the record before this one, 0 for none
//    6            2 bytes       zero
//    8  unit      8 bytes       the store that wrote it: a record of another disk is refused
//   16  segment   4 bytes       the segment it belongs to
//   20  offset    4 bytes       where it stands there: a misdirected write is noticed
//   24  position  8 bytes
//   32  epoch     8 bytes
//   40  client   16 bytes       ┐ the entry's mark; of the client first `high`, then `low`
//   56  sequence  8 bytes       ┘
//   64  previous  8 bytes       the position of the record before this one in the segment
//   72  ordinal   4 bytes       how many records of the segment stand before this one
//   76  durable   4 bytes       bytes of the segment that were durable when this was written
//   80  links     4 bytes       the size of the stream links
//   84  payload   4 bytes       the size of the payload
//   88  body sum  4 bytes       CRC-32C of links and payload
//   92  head sum  4 bytes       CRC-32C of the 92 bytes before
//   96  links, payload, zeros up to a multiple of 8
//
// `before`, `previous` and `ordinal` let a damaged record be named by its neighbour. `durable`
// tells a torn tail from rot: what was claimed durable and cannot be read was lost, what nobody
// claimed was never acknowledged.
//
// The payload of a record of trims is a list of ranges, 16 bytes each (TrimRanges.swift); its
// position is where the first of them begins.

/// What a record says of its position.
public enum RecordKind: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// An entry stands here.
  case data = 1
  /// Nothing will ever stand here.
  case junk = 2
  /// The position may be forgotten.
  case trim = 3
  /// Every position before this one may be forgotten.
  case prefixTrim = 4
  /// Something stood here, and was damaged.
  case lost = 5
  /// Damage took records whose positions nobody knows: absence proves nothing any more (D7).
  case doubt = 6
  /// An operator accepted the loss: absence is absence again.
  case settled = 7
  /// Nothing but `durable`: written after a sync, overwritten by the next record.
  case claim = 8
  /// The positions of the ranges in the body may be forgotten.
  case trims = 9
}

/// A record without its payload.
public struct RecordHeader: Equatable, Sendable {
  /// The size of a header, in bytes.
  public static let byteCount = 96
  /// Records begin at multiples of this.
  public static let alignment = 8

  /// What every record begins with: "CFR1".
  public static let magic: UInt32 = 0x3152_4643

  /// What the record says.
  public var kind: RecordKind
  /// The store that wrote it.
  public var unit: UInt64
  /// The segment it stands in.
  public var segment: UInt32
  /// Where it stands there.
  public var offset: Int
  /// The position it speaks of.
  public var position: Position
  /// The epoch it was written in.
  public var epoch = Epoch.zero
  /// The entry's mark; zeros where there is no entry.
  public var mark = EntryMark(client: ClientID(high: 0, low: 0), sequence: 0)
  /// The kind of the record before this one in the segment.
  public var before: RecordKind?
  /// The position of the record before this one in the segment.
  public var previous = Position.zero
  /// How many records of the segment stand before this one.
  public var ordinal = 0
  /// Bytes of the segment known to be durable when this was written.
  public var durable = 0
  /// The size of the stream links, in bytes.
  public var linkBytes = 0
  /// The size of the payload, in bytes.
  public var payloadBytes = 0
  /// CRC-32C of links and payload.
  public var bodySum: UInt32 = 0

  /// A header with nothing in it but what every record has.
  public init(kind: RecordKind, unit: UInt64, segment: UInt32, offset: Int, position: Position) {
    self.kind = kind
    self.unit = unit
    self.segment = segment
    self.offset = offset
    self.position = position
  }

  /// Links and payload, in bytes.
  public var bodyBytes: Int { linkBytes + payloadBytes }

  /// The size of the whole record, in bytes.
  public var recordBytes: Int { Self.recordBytes(body: bodyBytes) }

  /// The size of a record with so large a body, in bytes.
  public static func recordBytes(body: Int) -> Int {
    (byteCount + body + alignment - 1) / alignment * alignment
  }
}

extension RecordHeader {
  /// Appends the header's bytes.
  public func encode(into bytes: inout [UInt8]) { RecordCodec.encode(self, into: &bytes) }

  /// Reads the header at an offset of a segment's bytes, or `nil` where none stands.
  ///
  /// - Parameters:
  ///   - bytes: Bytes of the segment, or a part of it.
  ///   - index: Where in `bytes` to look.
  public init?(_ bytes: RawSpan, at index: Int) {
    guard let header = RecordCodec.decode(bytes, at: index) else { return nil }
    self = header
  }

  /// Whether the body that follows the header in `bytes` is all there and unharmed.
  func bodyIsIntact(in bytes: RawSpan, at index: Int) -> Bool {
    let begin = index + Self.byteCount
    guard bytes.byteCount - begin >= bodyBytes else { return false }
    return Checksum.of(bytes.extracting(begin..<begin + bodyBytes)) == bodySum
  }

  /// The slot that a data or junk record stands for; `nil` if its links do not decode.
  func slot(in bytes: RawSpan, at index: Int) -> Slot? {
    guard kind == .data else { return kind == .junk ? .junk : nil }
    let begin = index + Self.byteCount
    let links = StreamLink.decode(bytes.extracting(begin..<begin + linkBytes))
    guard let links else { return nil }
    let body = bytes.extracting(begin + linkBytes..<begin + bodyBytes)
    return .data(
      Entry(mark: mark, streams: links, payload: body.withUnsafeBytes { [UInt8]($0) })
    )
  }
}

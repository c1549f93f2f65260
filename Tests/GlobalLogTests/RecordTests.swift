// Goal: a record is read back as it was written, or not at all. Method: every cut and every flipped
// bit of one record; random bytes for the decoders.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct RecordTests {
  private static var header: RecordHeader {
    var header = RecordHeader(
      kind: .data,
      unit: 1,
      segment: 2,
      offset: 1024,
      position: Position(3)
    )
    header.epoch = Epoch(4)
    header.mark = EntryMark(client: ClientID(high: 5, low: 6), sequence: 7)
    header.before = .junk
    header.previous = Position(8)
    header.ordinal = 9
    header.durable = 1024
    header.linkBytes = 11
    header.payloadBytes = 12
    header.bodySum = 13
    return header
  }

  private static var encoded: [UInt8] {
    var bytes: [UInt8] = []
    header.encode(into: &bytes)
    return bytes
  }

  @Test func aHeaderComesBack() {
    #expect(Self.encoded.count == RecordHeader.byteCount)
    #expect(RecordHeader(Self.encoded.span.bytes, at: 0) == Self.header)
    let shifted = [UInt8](repeating: 0, count: 8) + Self.encoded
    #expect(RecordHeader(shifted.span.bytes, at: 8) == Self.header)
  }

  @Test func aCutHeaderIsNone() {
    for count in 0..<RecordHeader.byteCount {
      #expect(RecordHeader(Array(Self.encoded[..<count]).span.bytes, at: 0) == nil)
    }
  }

  @Test func aHeaderWithAFlippedBitIsNone() {
    for bit in 0..<RecordHeader.byteCount * 8 {
      var bytes = Self.encoded
      bytes[bit / 8] ^= 1 << (bit % 8)
      #expect(RecordHeader(bytes.span.bytes, at: 0) == nil, "bit \(bit)")
    }
  }

  @Test func theChecksumIsTheStandardOne() {
    #expect(Checksum.of(Array("123456789".utf8).span.bytes) == 0xe306_9283)
    #expect(Checksum.of([UInt8]().span.bytes) == 0)
    var sum = Checksum()
    sum.update(Array("1234".utf8).span.bytes)
    sum.update(Array("56789".utf8).span.bytes)
    #expect(sum.value == 0xe306_9283)
  }

  @Test func linksComeBack() {
    let links = [
      StreamLink(stream: StreamID(1), previous: []),
      StreamLink(stream: StreamID(2), previous: nil),
      StreamLink(stream: StreamID(3), previous: (1...9).map { Position($0) }),
    ]
    #expect(links[2].previous?.count == StreamLink.backpointersMax)
    let bytes = StreamLink.encode(links)
    #expect(StreamLink.decode(bytes.span.bytes) == links)
    for count in bytes.indices where StreamLink.decode(Array(bytes[..<count]).span.bytes) != nil {
      // Only whole links decode: what is cut between two of them is a shorter list.
      #expect([0, 9, 18].contains(count))
    }
  }

  @Test func rangesOfTrimsComeBack() {
    let ranges = [Position(3)..<Position(4), Position(9)..<Position(40)]
    let draft = RecordDraft(trims: ranges)
    #expect(draft.position == Position(3) && draft.trimRanges == ranges)
    #expect(draft.bodyBytes == TrimRanges.byteCount(2))
    #expect(TrimRanges.decode(Array(draft.payload.dropLast())) == [ranges[0]])
    // What is no range says nothing.
    let backwards = Array(draft.payload[8..<16]) + Array(draft.payload[0..<8])
    #expect(TrimRanges.decode(backwards).isEmpty)
    #expect(TrimRanges.decode([UInt8](repeating: 0xff, count: 32)).isEmpty)
  }

  @Test func randomBytesNeverTrapADecoder() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let bytes = (0..<random.number(below: 200)).map { _ in UInt8(random.number(below: 256)) }
      let span = bytes.span.bytes
      _ = StreamLink.decode(span)
      _ = RecordHeader(span, at: 0)
      _ = SegmentHeader.read(span)
      _ = SegmentTrailer(span, at: 0)
      _ = IndexPage(span, segment: 0, page: 0)
      _ = StoreIdentity.read(span)
    }
  }
}

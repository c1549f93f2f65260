@testable import CorfuGlobalLog

// Records, as they stand in segments, and what is in them.

extension FuzzTargets {
  static let entry = Entry(
    mark: EntryMark(client: ClientID(high: 3, low: 4), sequence: 5),
    streams: links,
    payload: Array("payload".utf8)
  )

  static let links = [
    StreamLink(stream: StreamID(1), previous: nil), StreamLink(stream: StreamID(2), previous: []),
    StreamLink(stream: StreamID(3), previous: [Position(9), Position(4), Position(2), .zero]),
  ]

  static let ranges = [Position.zero..<Position(3), Position(9)..<Position.max]

  static let records: [FuzzTarget] = [
    FuzzTarget(
      "record header",
      files: ["GlobalLog/RecordCodec.swift"],
      samples: [recordHeader],
      seal: { seal(&$0, 0..<92, at: 92) },
      check: { bytes in
        guard let header = RecordCodec.decode(bytes.span.bytes, at: 0) else { return .refused }
        var again: [UInt8] = []
        RecordCodec.encode(header, into: &again)
        return .comesBack(header, as: RecordHeader(again.span.bytes, at: 0))
      }
    ),
    FuzzTarget(
      "stream links",
      files: ["GlobalLog/StreamLink.swift"],
      samples: [StreamLink.encode(links), []],
      check: { bytes in
        guard let links = StreamLink.decode(bytes.span.bytes) else { return .refused }
        guard StreamLink.streamCount(in: bytes) == links.count else {
          return .broken("\(links) are not so many streams")
        }
        return .spelledOnce(StreamLink.encode(links), as: bytes)
      }
    ),
    FuzzTarget(
      "ranges of trims",
      files: ["GlobalLog/TrimRanges.swift"],
      samples: [TrimRanges.encode(ranges), []],
      check: { bytes in
        let ranges = TrimRanges.decode(bytes)
        return .comesBack(ranges, as: TrimRanges.decode(TrimRanges.encode(ranges)))
      }
    ),
    FuzzTarget(
      "identity",
      files: ["GlobalLog/StoreIdentity.swift"],
      samples: [identity],
      seal: { bytes in
        for copy in [0, 512] { seal(&bytes, copy..<copy + 92, at: copy + 92) }
      },
      check: { bytes in
        let readings = StoreIdentity.read(bytes.span.bytes)
        var verdict = FuzzVerdict.refused
        for case .identity(let identity) in readings {
          let again = StoreIdentity.read(identity.encoded().span.bytes)
          let whole = StoreIdentity.Reading.identity(identity)
          verdict = .comesBack([whole, whole], as: again)
          if verdict != .taken { break }
        }
        return verdict
      }
    ),
  ]

  private static var recordHeader: [UInt8] {
    var header = RecordHeader(
      kind: .data,
      unit: 7,
      segment: 3,
      offset: 2048,
      position: Position(11)
    )
    (header.before, header.previous) = (.junk, Position(10))
    (header.ordinal, header.durable, header.epoch) = (4, 1024, Epoch(2))
    (header.linkBytes, header.payloadBytes) = (0, 5)
    var bytes: [UInt8] = []
    RecordCodec.encode(header, into: &bytes)
    return bytes
  }

  private static var identity: [UInt8] {
    var random = FixedNumbers()
    var identity = StoreIdentity(using: &random)
    identity.boots = 3
    identity.segments = SegmentClaim(count: 2, highest: 5)
    return identity.encoded()
  }
}

/// Draws the same numbers each time.
private struct FixedNumbers: RandomNumberGenerator {
  private var last: UInt64 = 0

  mutating func next() -> UInt64 {
    last &+= 0x9e37_79b9_7f4a_7c15
    return last
  }
}

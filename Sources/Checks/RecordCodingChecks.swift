public import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 1.1: any ``RecordCoding``, on headers and on what disks make of them.
public struct RecordCodingChecks<Codec: RecordCoding>: Sendable {
  /// Checks for a codec.
  public init() {}

  private typealias Promise = Invariant.Chapter1

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "1.1.1",
        Promise.readBack,
        often:
          "Each number has its place and its size: see the drawing at the top of Record.swift. "
          + "A number of four bytes is put as a UInt32, and the sum comes last, of the 92 bytes "
          + "before it."
      ) { seed throws(CheckFailure) in
        var story = HeaderStory<Codec>(seed)
        return try story.judgeBytes(behind: 0)
      },
      Check(
        "1.1.2",
        Promise.readBack,
        often: "A header is appended to what is in 'bytes' already: its places are counted from "
          + "where it begins."
      ) { seed throws(CheckFailure) in
        var story = HeaderStory<Codec>(seed)
        return try story.judgeBytes(behind: story.someBytes)
      },
      Check(
        "1.1.3",
        Promise.readBack,
        often: "What was put at a place is read from the same place, counted from 'index', and in "
          + "the same size. A kind of 0 in 'before' is none."
      ) { seed throws(CheckFailure) in
        var story = HeaderStory<Codec>(seed)
        return try story.judgeReading()
      },
      Check(
        "1.1.4",
        Promise.noticed,
        often:
          "Trust nothing before the sum agrees, and read nothing before you know that 96 bytes "
          + "are there."
      ) { seed throws(CheckFailure) in
        var story = HeaderStory<Codec>(seed)
        return try story.judgeDamage()
      },
      Check(
        "1.1.5",
        Promise.noticed,
        often:
          "A sum says that the bytes are as they were written, not that they make sense. A kind "
          + "that nobody knows is none, and a position is below 'Position.max'; only the mark of a "
          + "prefix trim may be at it, and so may 'previous'."
      ) { seed throws(CheckFailure) in
        var story = HeaderStory<Codec>(seed)
        return try story.judgeNonsense()
      },
    ]
  }
}

/// A header, its bytes, and what is read from them.
private struct HeaderStory<Codec: RecordCoding> {
  private var random: SeededGenerator
  private var events: [String] = []
  private let header: RecordHeader
  /// How many bytes stand before the header.
  let someBytes: Int

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    header = Self.header(&random)
    someBytes = random.number(in: 1...12) * 8
    events.append("the header is of \(Self.told(header))")
  }

  private static func header(_ random: inout SeededGenerator) -> RecordHeader {
    var header = RecordHeader(
      kind: random.element(of: RecordKind.allCases) ?? .data,
      unit: random.next(),
      segment: UInt32(truncatingIfNeeded: random.next()),
      offset: 1024 + random.number(below: 1 << 24) * 8,
      position: Position(random.next() >> UInt64(random.number(in: 2...60)))
    )
    header.epoch = Epoch(random.next() >> 40)
    header.mark = EntryMark(
      client: ClientID(high: random.next(), low: random.next()),
      sequence: random.next()
    )
    header.before = random.chance(0.3) ? nil : random.element(of: RecordKind.allCases)
    header.previous = Position(random.next() >> UInt64(random.number(in: 2...60)))
    header.ordinal = random.number(below: 1 << 30)
    header.durable = 1024 + random.number(below: 1 << 24) * 8
    header.linkBytes = random.number(below: 1 << 20)
    header.payloadBytes = random.number(below: 1 << 24)
    header.bodySum = UInt32(truncatingIfNeeded: random.next())
    return header
  }

  private static func told(_ header: RecordHeader) -> String {
    "\(header.kind) at position \(header.position), record \(header.ordinal) of its segment"
  }

  private var trace: CheckTrace { CheckTrace(events: events) }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// What stands where: the format, as Record.swift draws it.
  private static var places: [(offset: Int, size: Int, name: String)] {
    [
      (0, 4, "magic"), (4, 1, "kind"), (5, 1, "before"), (6, 2, "two zeros"), (8, 8, "unit"),
      (16, 4, "segment"), (20, 4, "offset"), (24, 8, "position"), (32, 8, "epoch"),
      (40, 8, "client, high"), (48, 8, "client, low"), (56, 8, "sequence"), (64, 8, "previous"),
      (72, 4, "ordinal"), (76, 4, "durable"), (80, 4, "links"), (84, 4, "payload"),
      (88, 4, "body sum"), (92, 4, "head sum"),
    ]
  }

  private static func digits(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }

  mutating func judgeBytes(behind count: Int) throws(CheckFailure) -> CheckTrace {
    let before = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var bytes = before
    Codec.encode(header, into: &bytes)
    events.append("encode, behind \(count) bytes  <- \(bytes.count) bytes in all")
    var expected = before
    RecordCodec.encode(header, into: &expected)
    if bytes.count != expected.count {
      throw failure("\(bytes.count - count) bytes were appended; a header has 96")
    }
    if !bytes.starts(with: before) { throw failure("what was in 'bytes' before was overwritten") }
    for place in Self.places {
      let range = (count + place.offset)..<(count + place.offset + place.size)
      if bytes[range] == expected[range] { continue }
      throw failure(
        "at \(place.offset), \(place.name), stands \(Self.digits(bytes[range])); "
          + "it should be \(Self.digits(expected[range]))"
      )
    }
    return trace
  }

  mutating func judgeReading() throws(CheckFailure) -> CheckTrace {
    for count in [0, someBytes] {
      var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      RecordCodec.encode(header, into: &bytes)
      bytes += (0..<random.number(below: 20)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let read = Codec.decode(bytes.span.bytes, at: count)
      events.append(
        "decode at \(count) of \(bytes.count) bytes  <- \(read.map(Self.told) ?? "nil")"
      )
      guard let read else { throw failure("a header stands there, and was not recognised") }
      if read != header {
        throw failure("another header was read: \(Self.difference(read, header))")
      }
    }
    return trace
  }

  /// The first number in which two headers differ.
  private static func difference(_ read: RecordHeader, _ written: RecordHeader) -> String {
    var (left, right): ([UInt8], [UInt8]) = ([], [])
    RecordCodec.encode(read, into: &left)
    RecordCodec.encode(written, into: &right)
    let place = places.first { place in
      let range = place.offset..<(place.offset + place.size)
      return left[range] != right[range]
    }
    return "'\(place?.name ?? "nothing")' is not what was written"
  }

  mutating func judgeDamage() throws(CheckFailure) -> CheckTrace {
    var whole: [UInt8] = []
    RecordCodec.encode(header, into: &whole)
    for _ in 0..<20 {
      var bytes = whole
      let bit = random.number(below: bytes.count * 8)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      try refuse(bytes, at: 0, "bit \(bit % 8) of byte \(bit / 8) is flipped")
    }
    for index in [-8, 8, 96, 4096] { try refuse(whole, at: index, "it begins at 0") }
    for count in [0, 4, random.number(in: 5...95), 95] {
      try refuse(Array(whole.prefix(count)), at: 0, "the rest is not there")
    }
    let zeros = [UInt8](repeating: 0, count: 96)
    try refuse(zeros, at: 0, "nobody wrote there")
    return trace
  }

  /// What has a sum that agrees, and still is no header.
  mutating func judgeNonsense() throws(CheckFailure) -> CheckTrace {
    var whole: [UInt8] = []
    var header = header
    header.kind = .prefixTrim
    header.position = .max
    header.previous = .max
    RecordCodec.encode(header, into: &whole)
    let read = Codec.decode(whole.span.bytes, at: 0)
    events.append("a prefix trim with its mark at the largest position  <- \(Self.answer(read))")
    guard let read else { throw failure("it makes sense: what lies before that may be forgotten") }
    if read != header {
      throw failure("another header was read: \(Self.difference(read, header))")
    }
    let changes: [(String, (inout [UInt8]) -> Void)] = [
      ("the magic is \"CFR2\"", { $0[3] = 0x32 }),
      ("the kind is 0", { $0[4] = 0 }),
      ("the kind is 200", { $0[4] = 200 }),
      ("an entry stands at the largest position", { $0[4] = RecordKind.data.rawValue }),
      ("the position is 1 beyond the largest", { $0.put(UInt64(1) << 63, at: 24) }),
      ("'previous' is 1 beyond the largest", { $0.put(UInt64(1) << 63, at: 64) }),
    ]
    for (what, change) in changes {
      var bytes = whole
      change(&bytes)
      bytes.put(Checksum.of(bytes.span.bytes.extracting(0..<92)), at: 92)
      try refuse(bytes, at: 0, what)
    }
    return trace
  }

  private static func answer(_ header: RecordHeader?) -> String {
    header == nil ? "nil" : "a header"
  }

  private mutating func refuse(
    _ bytes: [UInt8],
    at index: Int,
    _ why: String
  ) throws(CheckFailure) {
    let read = Codec.decode(bytes.span.bytes, at: index)
    events.append("decode at \(index) of \(bytes.count) bytes: \(why)  <- \(Self.answer(read))")
    if read != nil { throw failure("no header stands there that can be trusted: \(why)") }
  }
}

import CorfuGlobalLog
public import CorfuProtocol
import CorfuSimulation

/// The checks of exercise 8.1: any ``FrameFrontReading``, on bytes that come in pieces.
public struct FrameFrontChecks<Front: FrameFrontReading>: Sendable {
  /// Checks for a reader.
  public init() {}

  private typealias Promise = Invariant.Chapter8

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "8.1.1",
        Promise.cuts,
        often: "Numbers are little-endian and stand at fixed offsets: kind at 5, length at 8, sum "
          + "at 12, id at 16. With fewer than 24 good bytes the answer is 'nil', with more it is "
          + "the header, whatever stands behind it."
      ) { seed throws(CheckFailure) in
        var story = FrontStory<Front>(seed)
        return try story.judgeCuts()
      },
      Check(
        "8.1.2",
        Promise.early,
        often: "Do not wait for all 24 bytes: each byte of the magic is looked at as soon as it is "
          + "there, then the version; the two zeros, which are one field, once both are there."
      ) { seed throws(CheckFailure) in
        var story = FrontStory<Front>(seed)
        return try story.judgeStrangers()
      },
      Check(
        "8.1.3",
        Promise.length,
        often: "With 12 bytes the length is known, and header and body together may be 'bytesMax' "
          + "at most: exactly that many are still taken. The length comes from somebody else, and "
          + "4 bytes can say four thousand million."
      ) { seed throws(CheckFailure) in
        var story = FrontStory<Front>(seed)
        return try story.judgeLengths()
      },
      Check(
        "8.1.4",
        Promise.early,
        often: "A field is looked at once all of it is there, neither sooner nor later: the zeros "
          + "with 8 bytes, the length with 12. Only of the magic each byte counts for itself."
      ) { seed throws(CheckFailure) in
        var story = FrontStory<Front>(seed)
        return try story.judgeNoise()
      },
    ]
  }
}

/// What comes on a connection, and what should be made of it.
private struct FrontStory<Front: FrameFrontReading> {
  private enum Answer: Equatable {
    case wait
    case header(FrameHeader)
    case refused(FrameError)
  }

  private var random: SeededGenerator
  private var events: [String] = []
  private let front = Front()

  init(_ seed: UInt64) { random = SeededGenerator(seed: seed) }

  private var trace: CheckTrace { CheckTrace(events: events) }

  /// A header that is well, and its bytes.
  private mutating func header(bodyBytes: Int? = nil) -> (header: FrameHeader, bytes: [UInt8]) {
    let header = FrameHeader(
      kind: UInt8(random.number(in: 1...5)),
      bodyBytes: bodyBytes ?? random.number(below: 70_000),
      sum: UInt32(truncatingIfNeeded: random.next()),
      id: random.next()
    )
    var bytes: [UInt8] = []
    bytes.append(number: FrameHeader.magic)
    bytes.append(FrameHeader.version)
    bytes.append(header.kind)
    bytes.append(number: UInt16(0))
    bytes.append(number: UInt32(truncatingIfNeeded: header.bodyBytes))
    bytes.append(number: header.sum)
    bytes.append(number: header.id)
    return (header, bytes)
  }

  private static var bytesMax: Int { 100_000 }

  /// Shows the reader some bytes.
  private mutating func ask(_ bytes: [UInt8], bytesMax: Int = bytesMax) -> Answer {
    let answer: Answer
    do throws(FrameError) {
      answer =
        try front.header(of: bytes.span.bytes, bytesMax: bytesMax).map { .header($0) } ?? .wait
    } catch {
      answer = .refused(error)
    }
    events.append("\(Self.told(bytes))  <- \(Self.told(answer))")
    return answer
  }

  private static func told(_ bytes: [UInt8]) -> String {
    let digits = bytes.prefix(24).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    let rest = bytes.count > 24 ? " …" : ""
    let count = bytes.count == 1 ? "1 byte" : "\(bytes.count) bytes"
    return count + (bytes.isEmpty ? "" : ": " + digits.joined(separator: " ") + rest)
  }

  private static func told(_ answer: Answer) -> String {
    switch answer {
    case .wait: "wait for more"
    case .header(let header):
      "kind \(header.kind), \(header.bodyBytes) bytes follow, sum \(header.sum), id \(header.id)"
    case .refused(let error): "refused: \(error)"
    }
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// Shows a reader bytes, and wants an answer.
  private mutating func expect(
    _ expected: Answer,
    of bytes: [UInt8],
    bytesMax: Int = bytesMax
  ) throws(CheckFailure) {
    let answer = ask(bytes, bytesMax: bytesMax)
    if answer != expected { throw failure("the answer should be: \(Self.told(expected))") }
  }

  mutating func judgeCuts() throws(CheckFailure) -> CheckTrace {
    let (header, bytes) = header()
    for count in 0..<FrameHeader.byteCount { try expect(.wait, of: Array(bytes.prefix(count))) }
    try expect(.header(header), of: bytes)
    let rest = (0..<random.number(in: 1...40)).map { _ in UInt8(random.number(below: 256)) }
    try expect(.header(header), of: bytes + rest)
    return trace
  }

  mutating func judgeStrangers() throws(CheckFailure) -> CheckTrace {
    var bytes = header().bytes
    let index = random.element(of: [0, 1, 2, 3, 4, 6, 7]) ?? 0
    bytes[index] ^= UInt8(random.number(in: 1...255))
    let error: FrameError =
      switch index {
      case 0..<4: .notCorfu
      case 4: .otherVersion(bytes[4])
      default: .malformed
      }
    // The two zeros are one number: it is looked at when both are there.
    let shownAt = index < 5 ? index + 1 : 8
    for count in 0...bytes.count {
      let expected = count < shownAt ? Answer.wait : .refused(error)
      try expect(expected, of: Array(bytes.prefix(count)))
    }
    return trace
  }

  mutating func judgeLengths() throws(CheckFailure) -> CheckTrace {
    let bytesMax = random.number(in: 24...5000)
    let room = bytesMax - FrameHeader.byteCount
    let fitting = header(bodyBytes: random.chance(0.5) ? room : random.number(in: 0...room))
    try expect(.header(fitting.header), of: fitting.bytes, bytesMax: bytesMax)
    let wrong = random.element(of: [room + 1, Int(UInt32.max), 1 << 31, room + 24]) ?? room + 1
    let (_, bytes) = header(bodyBytes: wrong)
    let size = wrong + FrameHeader.byteCount
    for count in 0...bytes.count {
      let expected = count < 12 ? Answer.wait : .refused(.tooLarge(bytes: size, bytesMax: bytesMax))
      try expect(expected, of: Array(bytes.prefix(count)), bytesMax: bytesMax)
    }
    return trace
  }

  /// What anybody may send who knows nothing, or nearly all.
  mutating func judgeNoise() throws(CheckFailure) -> CheckTrace {
    for _ in 0..<30 {
      var bytes = header().bytes
      for _ in 0..<random.number(below: 4) {
        bytes[random.number(below: bytes.count)] = UInt8(random.number(below: 256))
      }
      bytes = Array(bytes.prefix(random.number(in: 0...bytes.count)))
      try expect(Self.answer(to: bytes), of: bytes)
    }
    return trace
  }

  /// The right answer, by the letter of the format.
  private static func answer(to bytes: [UInt8]) -> Answer {
    let magic: [UInt8] = [0x43, 0x52, 0x46, 0x55]
    if !bytes.starts(with: magic.prefix(bytes.count)) { return .refused(.notCorfu) }
    if bytes.count < 5 { return .wait }
    if bytes[4] != 1 { return .refused(.otherVersion(bytes[4])) }
    if bytes.count < 8 { return .wait }
    if bytes[6] != 0 || bytes[7] != 0 { return .refused(.malformed) }
    if bytes.count < 12 { return .wait }
    let body = number(bytes[8..<12])
    let size = Int(body) + 24
    if size > bytesMax { return .refused(.tooLarge(bytes: size, bytesMax: bytesMax)) }
    if bytes.count < 24 { return .wait }
    let header = FrameHeader(
      kind: bytes[5],
      bodyBytes: Int(body),
      sum: UInt32(number(bytes[12..<16])),
      id: number(bytes[16..<24])
    )
    return .header(header)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

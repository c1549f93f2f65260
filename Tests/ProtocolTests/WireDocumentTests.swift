// Goal: docs/wire.md says how every message is spelled, to the byte. Method: its tables are read,
// and spell samples of every kind; the encoders, which know nothing of the tables, must agree.
import CorfuGlobalLog
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

@testable import CorfuProtocol

@Suite struct WireDocumentTests {
  private let document: WireDocument

  init() throws {
    document = try WireDocument()
  }

  private func bytes(of frame: Frame) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try FrameCodec().encode(frame, into: &bytes)
    return bytes
  }

  private func spelled(_ message: Message) throws -> WireSpelling {
    var spelling = WireSpelling(by: document)
    try spelling.spell(message)
    return spelling
  }

  @Test func theTablesSpellEveryMessage() throws {
    for frame in Samples.frames {
      let body = try bytes(of: frame).dropFirst(FrameHeader.byteCount)
      #expect(try spelled(frame.message).bytes == Array(body), "\(frame)")
    }
  }

  @Test func everyKindIsInATable() {
    let requests = document.choices["request", default: []].map(\.number)
    #expect(requests == RequestKind.allCases.map(\.rawValue))
    let replies = document.choices["reply", default: []].map(\.number)
    #expect(replies == ReplyKind.allCases.map(\.rawValue))
    #expect(document.choices["greeting", default: []].map(\.number) == [1, 2, 3])
  }

  @Test func everyTypeIsThere() {
    for (name, record) in document.records {
      let size = document.size(of: record.fields)
      #expect(size.map { "\($0)" } == record.bytes, "the bytes of '\(name)'")
    }
    for (name, choices) in document.choices {
      for choice in choices {
        let size = document.size(of: choice)
        #expect(size.map { "\($0)" } == choice.bytes, "the bytes of '\(choice.name)', \(name)")
      }
    }
  }

  @Test func everyRowWasSpelled() throws {
    // A row that no sample needs could say anything.
    var seen: Set<String> = []
    for frame in Samples.frames { seen.formUnion(try spelled(frame.message).seen) }
    let records = document.records.keys.map { $0 }
    let choices = document.choices.flatMap { type, all in all.map { "\(type): \($0.name)" } }
    #expect(Set(records + choices).subtracting(seen).sorted() == [])
  }

  @Test func requestsGetRepliesThatThereAre() {
    let replies = document.choices["reply", default: []].map(\.name)
    let refusals = Set(document.choices["refusal", default: []].map(\.name))
    var got: Set<String> = ["refused"]
    for kind in RequestKind.allCases {
      let answers = document.answers["\(kind)"]
      #expect(answers?.replies.isEmpty == false, "what is the reply to \(kind)?")
      #expect(refusals.isSuperset(of: answers?.refusals ?? []), "\(kind)")
      got.formUnion(answers?.replies ?? [])
    }
    #expect(got == Set(replies))
  }

  @Test func aTableThatIsWrongIsNoticed() throws {
    let seal = UnitSeal(sealed: Epoch(1), tail: Position(2), trimMark: Position(3))
    let body = try bytes(of: Frame(.reply(.unitSealed(seal)))).dropFirst(FrameHeader.byteCount)
    let right = "`sealed` epoch · `tail` position · `trimMark` position"
    #expect(document.text.contains(right))
    for wrong in [
      "`sealed` epoch · `trimMark` position · `tail` position",
      "`sealed` epoch · `tail` position",
      "`sealed` epoch · `end` position · `trimMark` position",
      "`sealed` epoch · `tail` stream · `trimMark` position",
      "`sealed` u64 · `tail` position · `trimMark` position",
    ] {
      let changed = try WireDocument(text: document.text.replacing(right, with: wrong))
      var spelling = WireSpelling(by: changed)
      // It says what does not go together, or spells something else.
      let isSpelled = (try? spelling.spell(.reply(.unitSealed(seal)))) != nil
      #expect(!isSpelled || spelling.bytes != Array(body), "\(wrong)")
    }
  }

  // MARK: - Examples

  private static let examples: [Frame] = {
    let mark = EntryMark(client: ClientID(high: 1, low: 2), sequence: 3)
    let link = StreamLink(stream: StreamID(7), previous: [Position(250)])
    let entry = Entry(mark: mark, streams: [link], payload: Array("hello".utf8))
    let value = PlacedValue(.data(entry), at: Position(258))
    let read = ReadRequest(layout: Samples.id, positions: [Position(258), Position(259)])
    return [
      Frame(.hello(Hello(cluster: ClusterName("orders"), role: .client))),
      Frame(
        id: 1,
        .request(.write(WriteRequest(layout: Samples.id, values: [value])))
      ),
      Frame(id: 1, .reply(.written([.written]))),
      Frame(id: 2, .request(.read(read))),
      Frame(id: 2, .reply(.slots([.success(.junk), .failure(.corrupt(Position(259)))]))),
      Frame(id: 3, .reply(.refused(.epoch(.sealed(Epoch(9), newest: nil))))),
    ]
  }()

  @Test(arguments: Array(examples.enumerated()).map(\.offset))
  func examplesAreWhatIsSent(index: Int) throws {
    try #require(document.examples.count == Self.examples.count)
    let frame = Self.examples[index]
    let example = document.examples[index]
    let expected = try lines(of: frame)
    #expect(example == expected, "it should be:\n\(expected.joined(separator: "\n"))")
    // Whoever copies the numbers has the frame.
    let digits = example.flatMap { line in
      line.prefix(Self.digitColumns).split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }
    #expect(try FrameCodec().decode(digits.span.bytes)?.frame == frame)
  }

  private static let digitColumns = 23

  /// A frame as the document shows it: up to eight bytes in a line, and what they are.
  private func lines(of frame: Frame) throws -> [String] {
    let header = try bytes(of: frame).prefix(FrameHeader.byteCount)
    let kinds = ["hello", "welcome", "rejected", "request", "reply"]
    let kind = kinds[Int(header[5]) - 1]
    let length = try bytes(of: frame).count - FrameHeader.byteCount
    let labels = [
      (0..<4, "CRFU"), (4..<5, "version 1"), (5..<6, kind), (6..<8, "zeros"),
      (8..<12, "length: \(length)"), (12..<16, "sum"), (16..<24, "id: \(frame.id)"),
    ]
    let pieces =
      labels.map { WireSpelling.Piece(bytes: Array(header[$0.0]), label: $0.1) }
      + (try spelled(frame.message).pieces)
    return pieces.flatMap { piece in
      stride(from: 0, to: piece.bytes.count, by: 8).map { begin in
        let row = piece.bytes[begin..<min(begin + 8, piece.bytes.count)]
        let digits = row.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
          .joined(separator: " ")
        if begin > 0 { return digits }
        let room = String(repeating: " ", count: Self.digitColumns - digits.count + 2)
        return digits + room + piece.label
      }
    }
  }
}

// Goal: what is shown fits, lines up and cannot be mistaken. Method: tables of cases; random
// payloads for the bounds.
import CorfuSimulation
import Testing

@testable import CorfuRepl

@Suite struct RenderingTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("🙂", 2), ("👩‍👩‍👧", 2), ("❤️", 2),
    ("🇫🇷", 2), ("ﾊﾝ", 2), ("a\u{200d}b", 2),
  ])
  func widths(text: String, expected: Int) {
    #expect(DisplayWidth.of(text) == expected)
  }

  @Test(arguments: [
    ("hello", "hello"), ("", "\"\""), (" a", "\" a\""), ("a ", "\"a \""), ("a b", "a b"),
    ("a\tb", #""a\tb""#), ("a\r\n", #""a\r\n""#), ("\"q\"", #""\"q\"""#), ("a\"b", "a\"b"),
    ("back\\", "back\\"), ("a\\\n", #""a\\\n""#), ("0xff", "\"0xff\""), ("(junk)", "\"(junk)\""),
    ("\u{1b}[31m", #""\x1b[31m""#), ("a\u{202e}b", #""a\xe2\x80\xaeb""#), ("漢字", "漢字"),
    ("👩‍👧", "👩‍👧"),
  ])
  func payloads(text: String, expected: String) {
    #expect(PayloadText.shown(Array(text.utf8), width: nil) == expected)
  }

  @Test func bytesThatAreNoTextAreShownAsDigits() {
    #expect(PayloadText.shown([0xff, 0x00], width: nil) == "0xff00")
    let shown = PayloadText.shown([UInt8](repeating: 0xff, count: 100), width: 40)
    #expect(shown == "0xffffffffffffffffffffffff… (100 bytes)")
  }

  @Test func longTextsAreCutAndSayHowLongTheyAre() {
    let text = String(repeating: "abcdefgh ", count: 10)
    #expect(PayloadText.shown(Array(text.utf8), width: 30) == "\"abcdefgh abcdefg\"… (90 bytes)")
    #expect(PayloadText.shown(Array("exactly ten".utf8), width: 11) == "exactly ten")
  }

  @Test func whatIsShownFitsAndIsOneLine() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<5000 {
      let count = Int.random(in: 0..<120, using: &generator)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if Bool.random(using: &generator) {
        bytes = Array(String(decoding: bytes.map { $0 & 0x7f }, as: UTF8.self).utf8)
      }
      let width = Int.random(in: 24...80, using: &generator)
      let shown = PayloadText.shown(bytes, width: width)
      #expect(DisplayWidth.of(shown) <= width)
      #expect(shown.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
    }
  }

  /// What is shown in quotes can be typed back.
  @Test func quotedPayloadsParseBack() throws {
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<2000 {
      let count = Int.random(in: 0..<12, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...0x7f, using: &generator) }
      let shown = PayloadText.shown(bytes + [0x0a], width: nil)
      #expect(try Parser(stage: 1).parse("append " + shown) == [.append(bytes + [0x0a])])
    }
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func groups(number: Int, expected: String) {
    #expect(Numbers.grouped(number) == expected)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 20, "1.0 MiB"),
    ((1 << 20) - 1, "1.0 MiB"),
    (5 << 40, "5.0 TiB"),
  ])
  func sizes(bytes: Int, expected: String) {
    #expect(Numbers.size(bytes) == expected)
  }

  @Test(arguments: [
    (Duration.microseconds(213), "0.213 ms"), (.milliseconds(41), "41.0 ms"),
    (.milliseconds(3200), "3.20 s"), (.zero, "0.000 ms"),
  ])
  func times(duration: Duration, expected: String) {
    #expect(Numbers.time(duration) == expected)
  }

  @Test func columnsLineUp() {
    var table = Table(columns: [.init("name"), .init("n", isNumeric: true), .init("note")])
    table.rows = [["漢字", "1", ""], ["abc", "1,000", "x"]]
    #expect(table.lines() == ["name      n  note", "漢字      1", "abc   1,000  x"])
  }

  @Test(arguments: [
    (0, 10, "[..........]   0%"), (5, 10, "[#####.....]  50%"), (10, 10, "[##########] 100%"),
    (11, 10, "[##########] 100%"), (0, 0, "[##########] 100%"),
  ])
  func bars(part: Int, whole: Int, expected: String) {
    #expect(Progress.bar(part: part, whole: whole, width: 10) == expected)
  }

  @Test func whatHappenedWhileACommandWasTypedHasNoTimeInIt() {
    let news = [
      News(time: .milliseconds(-1780), text: "n1 was silent"),
      News(time: .milliseconds(60), text: "epoch 2"),
    ]
    let report = Report.news(news, on: .captured())
    #expect(report.lines == ["  before  n1 was silent", "  0.06 s  epoch 2"])
  }

  @Test func inAPipeNobodyIsToldThatItTakesLong() async throws {
    let errors = Output.captured()
    let answer = try await Silence.broken(
      by: "opening",
      "stops it",
      on: errors,
      clock: ContinuousClock()
    ) { () throws(ReplError) in 7 }
    #expect(answer == 7 && errors.take().isEmpty)
  }
}

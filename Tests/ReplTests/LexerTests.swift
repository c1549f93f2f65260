// Goal: lines become words, or one error that points at the place. Method: tables of cases.
import Testing

@testable import CorfuRepl

@Suite struct LexerTests {
  private func words(_ line: String) throws -> [[String]] {
    try Lexer.statements(Array(line.utf8)).map { $0.map(\.text) }
  }

  @Test(arguments: [
    ("", []), ("   \t ", []), (" # only a comment", []), (";;", []),
    ("append a b", [["append", "a", "b"]]),
    ("tail;stats ; ;scan", [["tail"], ["stats"], ["scan"]]),
    ("tail # at the end; stats", [["tail"]]),
    ("append a#b #c", [["append", "a#b"]]),
    ("tail\r\nstats # x\nscan", [["tail"], ["stats"], ["scan"]]),
    ("append 'two  blanks; # and \"more\" \\n'", [["append", "two  blanks; # and \"more\" \\n"]]),
    (#"append "a\tb\n\\\"\x41\r""#, [["append", "a\tb\n\\\"A\r"]]),
    ("append ''", [["append", ""]]),
    ("append a'b c'd\"e f\"", [["append", "a'b", "c'd\"e", "f\""]]),
    (#"append {"a":1,"b":'x'}"#, [["append", #"{"a":1,"b":'x'}"#]]),
    ("append it's; tail", [["append", "it's"], ["tail"]]),
    ("append 'a';tail", [["append", "a"], ["tail"]]),
    (#"append back\slash"#, [["append", #"back\slash"#]]),
  ])
  func words(line: String, expected: [[String]]) throws {
    #expect(try words(line) == expected)
  }

  @Test(arguments: [
    ("append 'x", SyntaxError.unclosedQuote(column: 8)),
    ("append \"x", .unclosedQuote(column: 8)),
    ("append \"x\\", .unclosedQuote(column: 8)),
    ("append é 'x", .unclosedQuote(column: 10)),
    ("tail\n append 'x\n'", .unclosedQuote(column: 9)),
    ("append 'it's so'", .textAfterQuote(column: 12)),
    (#"append {"a": "x"}"#, .textAfterQuote(column: 17)),
    ("append 'é'\"x\"", .textAfterQuote(column: 11)),
    (#"append "a\q""#, .badEscape("\\q", column: 10)),
    (#"append "\x4""#, .badEscape("\\x", column: 9)),
    (#"append "\xzz""#, .badEscape("\\x", column: 9)),
  ])
  func errors(line: String, expected: SyntaxError) {
    #expect(throws: expected) { try words(line) }
  }

  @Test func bytesThatAreNoTextPassThrough() throws {
    let line = Array("append ".utf8) + [0xff, 0x00, 0xfe]
    #expect(try Lexer.statements(line)[0][1].bytes == [0xff, 0x00, 0xfe])
    let escaped = try Lexer.statements(Array(#"append "\xff\x00""#.utf8))
    #expect(escaped[0][1].bytes == [0xff, 0x00])
  }
}

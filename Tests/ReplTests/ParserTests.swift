// Goal: every command parses to what it means, and every mistake is named. Method: tables of cases.
import CorfuGlobalLog
import CorfuRepl
import Testing

@Suite struct ParserTests {
  private let parser = Parser(stage: 5)

  private static let rangeMeant =
    "a position; for a range say 5..<9 (without 9), 5...9 (with 9) or 5... (to the end)"

  private static func number(_ number: UInt64) -> PositionTerm { .number(Position(number)) }

  @Test(arguments: [
    ("append hello  world", Command.append(Array("hello world".utf8))),
    ("append 'a  b' c", .append(Array("a  b c".utf8))),
    ("append 0xCAfe", .append([0xca, 0xfe])),
    ("append 0x", .append([])),
    ("append '0xca'", .append(Array("0xca".utf8))),
    ("append 0xca and more", .append(Array("0xca and more".utf8))),
    ("append '-f'", .append(Array("-f".utf8))),
    ("append -f 'my file'", .appendLines(of: .file("my file"), reports: .summary)),
    (#"append {"a":1}"#, .append(Array(#"{"a":1}"#.utf8))),
    ("append -f -", .appendLines(of: .input, reports: .summary)),
    ("append -f '-'", .appendLines(of: .file("-"), reports: .summary)),
    ("read 5", .read(number(5))),
    ("read 9223372036854775807", .read(.number(.max))),
    ("read tail", .read(.tail(back: 0))),
    ("read tail-3", .read(.tail(back: 3))),
    ("read 5..<9", .scan(RangeTerm(lower: number(5), upper: number(9)), count: nil, order: .log)),
    ("scan", .scan(.all, count: nil)),
    ("scan 7", .scan(RangeTerm(lower: number(7), upper: nil), count: nil)),
    ("scan count 3", .scan(.all, count: 3)),
    (
      "scan 5...9 count 2",
      .scan(RangeTerm(lower: number(5), upper: number(9), includesUpper: true), count: 2)
    ),
    ("scan ...9", .scan(RangeTerm(lower: nil, upper: number(9), includesUpper: true), count: nil)),
    ("scan ..<tail", .scan(RangeTerm(lower: nil, upper: .tail(back: 0)), count: nil)),
    ("scan tail-3...", .scan(RangeTerm(lower: .tail(back: 3), upper: nil), count: nil)),
    ("scan ...", .scan(.all, count: nil)),
    ("follow", .follow(.init())),
    (
      "follow count 2 from tail-1 for 0.5",
      .follow(.init(from: .tail(back: 1), count: 2, duration: .milliseconds(500)))
    ),
    ("tail", .tail), ("stats", .stats), ("verify", .verify), ("crash", .crash),
    ("reopen", .reopen), ("race", .race(clients: 4, appends: 25)),
    ("race 2", .race(clients: 2, appends: 25)), ("race 2 9", .race(clients: 2, appends: 9)),
    ("fill 3", .fill(number(3))), ("trim tail-1", .trim(.tail(back: 1))),
    ("trim before 4", .trimPrefix(before: number(4))),
    ("help", .help(nil)), ("help append", .help("append")), ("help layout", .help("layout")),
    (".help .mode", .help(".mode")),
    (".mode json", .mode(.json)), (".mode", .mode(nil)),
    (".timing on", .timing(true)), (".bail off", .bail(false)),
    (".read x.corfu", .script("x.corfu")), (".output x", .output("x")),
    (".output stdout", .output(nil)), (".output ./stdout", .output("./stdout")),
    (".output 'stdout'", .output("stdout")),
    (".watch 2 stats", .watch(every: .seconds(2), times: nil, .stats)),
    (".watch 0.01 times 3 read 1", .watch(every: .milliseconds(10), times: 3, .read(number(1)))),
    ("quit", .quit), ("exit", .quit), (".quit", .quit), (".exit", .quit),
  ])
  func commands(line: String, expected: Command) throws {
    #expect(try parser.parse(line) == [expected])
  }

  @Test(arguments: [
    ("read", "'read' needs a position or a range: read POSITION | read RANGE"),
    ("read abc", "'abc' at column 6 is not a position: use a number, 'tail' or 'tail-3'"),
    ("read -1", "'-1' at column 6 is not a position: use a number, 'tail' or 'tail-3'"),
    ("read 1.5", "'1.5' at column 6 is not a position: use a number, 'tail' or 'tail-3'"),
    ("read '5'", "'5' at column 6 is not a position: use a number, 'tail' or 'tail-3'"),
    ("read tail-", "'tail-' at column 6 is not a position: use a number, 'tail' or 'tail-3'"),
    ("read tail+1", "'tail+1' at column 6 is not a position: use a number, 'tail' or 'tail-3'"),
    ("read 1..3", "'1..3' at column 6 is not \(rangeMeant)"),
    ("read 1-3", "'1-3' at column 6 is not \(rangeMeant)"),
    ("scan 10:30", "'10:30' at column 6 is not \(rangeMeant)"),
    ("scan 5..", "'5..' at column 6 is not \(rangeMeant)"),
    ("scan 5..tail", "'5..tail' at column 6 is not \(rangeMeant)"),
    (
      "read 1..x", "'1..x' at column 6 is not a position: use a number, 'tail' or 'tail-3'"
    ),
    (
      "read 9223372036854775808",
      "'9223372036854775808' at column 6 is not a position: the largest is 9223372036854775807"
    ),
    ("read 1 2", "'2' at column 8 is one word too many: read POSITION | read RANGE"),
    ("scan 9..<5", "'9..<5' at column 6 is not a range: it ends before it begins"),
    ("scan tail...tail-1", "'tail...tail-1' at column 6 is not a range: it ends before it begins"),
    ("scan 5..<", "'5..<' at column 6 is not a range: use 5..<9, 5...9, 5... or tail-3..."),
    ("scan 5...x", "'5...x' at column 6 is not a range: use 5..<9, 5...9, 5... or tail-3..."),
    ("tail 1", "'1' at column 6 is one word too many: tail"),
    (
      "append",
      "'append' needs a text, or -f and a file: append TEXT... | append 0xHEX | append -f FILE"
    ),
    (
      "append 0xabc",
      "'0xabc' at column 8 is not an even number of hexadecimal digits; put it in quotes to append "
        + "it as text"
    ),
    (
      "append -f",
      "'append' needs a file after -f: append TEXT... | append 0xHEX | append -f FILE"
    ),
    ("append -f ''", "'' at column 11 is not the name of a file"),
    ("append 'x", "unclosed quote at column 8"),
    (
      "follow to 3",
      "'to' at column 8 is not 'from', 'count' or 'for', each given once"
    ),
    (
      "follow from 1 from 2",
      "'from' at column 15 is not 'from', 'count' or 'for', each given once"
    ),
    ("follow count 0", "'0' at column 14 is not a number of entries from 1"),
    ("race 65", "'65' at column 6 is not a number of clients from 1 to 64"),
    ("race 0", "'0' at column 6 is not a number of clients from 1 to 64"),
    (".mode xml", "'xml' at column 7 is not a mode: use table, json or raw"),
    (".timing maybe", "'maybe' at column 9 is not 'on' or 'off'"),
    (".timing", "'.timing' needs 'on' or 'off': .timing on | .timing off"),
    (".watch 0 stats", "'0' at column 8 is not a time in seconds from 0.01 to 86400"),
    (".watch nan stats", "'nan' at column 8 is not a time in seconds from 0.01 to 86400"),
    (".watch 1", "'.watch' needs a command to repeat: .watch SECONDS [times N] COMMAND"),
    (".watch 1 .watch 1 tail", "'.watch' at column 10 is not a command that can be repeated"),
    ("apend x", "unknown command 'apend': did you mean 'append'?"),
    ("xyzzy", "unknown command 'xyzzy': 'help' lists the commands"),
    ("help apend", "unknown command 'apend': did you mean 'append'?"),
    ("layot", "unknown command 'layot': did you mean 'layout'?"),
    ("'a\u{1b}[31m'", #"unknown command 'a\x1b[31m': 'help' lists the commands"#),
    ("paxos", "'paxos' arrives in chapter 6: 'corfu repl --stage 6' has it"),
    ("map m put k v", "'map' arrives in chapter 7: 'corfu repl --stage 7' has it"),
  ])
  func mistakes(line: String, expected: String) {
    let error = #expect(throws: SyntaxError.self) { try parser.parse(line) }
    #expect(error?.description == expected)
  }

  @Test func aMistakeAnywhereRefusesTheLine() {
    #expect(throws: SyntaxError.self) { try parser.parse("append a; append b; read x") }
  }

  @Test func laterStagesBringCommands() throws {
    #expect(throws: SyntaxError.later("fill", chapter: 5)) { try Parser(stage: 4).parse("fill 1") }
    #expect(throws: SyntaxError.later("trim", chapter: 4)) { try Parser(stage: 1).parse("trim 1") }
    #expect(throws: SyntaxError.later("crash client", chapter: 5)) {
      try Parser(stage: 1).parse("crash client after head")
    }
    #expect(try Parser(stage: 4).parse("trim 1") == [.trim(.number(Position(1)))])
  }

  @Test func wordsOfTheShellAreNotCutAgain() throws {
    #expect(try parser.parse(words: ["append", "a; b"]) == .append(Array("a; b".utf8)))
    let error = #expect(throws: SyntaxError.self) { try parser.parse(words: ["read", "x y"]) }
    #expect(error?.description == "'x y' is not a position: use a number, 'tail' or 'tail-3'")
  }

  @Test func aLongWordMakesAShortMessage() {
    let line = String(repeating: "x", count: 100_000)
    let error = #expect(throws: SyntaxError.self) { try parser.parse(line) }
    #expect((error?.description.count ?? 0) < 120)
  }
}

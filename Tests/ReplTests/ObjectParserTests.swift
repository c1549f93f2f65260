// Goal: keys and commands about objects mean what one types, and are shown as one types them.
// Method: tables of lines with their commands, and of keys with their words; every key that chance
// makes is read back from the words in which it is shown.
import CorfuGlobalLog
import CorfuSimulation
import CorfuTransactions
import Testing

@testable import CorfuRepl

@Suite struct ObjectParserTests {
  private func command(_ line: String) throws(SyntaxError) -> ObjectCommand? {
    guard case .cluster(.objects(let command))? = try Parser(stage: 7).parse(line).first else {
      return nil
    }
    return command
  }

  private static let typedKeys: [(String, LogKey)] = [
    ("7", .integer(7)), ("-7", .integer(-7)), ("0", .integer(0)), ("a", .string("a")),
    ("\"7\"", .string("7")), ("'a b'", .string("a b")), ("0x", .bytes([])),
    ("0x01ff", .bytes([1, 255])), ("'0x01'", .string("0x01")), ("()", .tuple([])),
    ("(a)", .tuple(["a"])), ("(a,)", .tuple(["a"])), ("(a, 7)", .tuple(["a", 7])),
    ("( a ,7 , )", .tuple(["a", 7])),
    ("(a,(b,'c  d;#'),0x00)", ["a", ["b", "c  d;#"], .bytes([0])]),
    ("(\"a \\\" b\", -1)", ["a \" b", -1]), ("a,b", .string("a,b")), ("-", .string("-")),
    ("it's", .string("it's")), ("9223372036854775807", .integer(.max)), ("é", .string("é")),
    ("'('", .string("(")), ("\"\\xff\"", .bytes([255])), ("(a'b)", .tuple(["a'b"])),
  ]

  @Test(arguments: typedKeys)
  func keys(typed: String, key: LogKey) throws {
    #expect(try command("map m get \(typed)") == .read(.map, "m", .value(of: key)))
    #expect(try command("map m put \(typed) \(typed)") == .update(.map, "m", .put(key, key)))
  }

  @Test(arguments: [
    "007", "0x1", "0xzz", "(", "(a", "(a b)", "(a,,b)", "(a))", "(a)b", "('a'b)", "-0",
    "9223372036854775808", String(repeating: "(", count: 17) + String(repeating: ")", count: 17),
  ])
  func whatIsNoKey(typed: String) {
    #expect(throws: SyntaxError.self) { try command("map m get \(typed)") }
  }

  @Test func everyKeyIsReadBackFromItsWords() throws {
    var random = SeededGenerator(seed: 7)
    let texts = [
      "a", "7", "-7", "0x01", "nothing", "", " ", "a b", "(", "a,b", "\"", "é\u{202e}", "#",
    ]
    func key(_ depth: Int) -> LogKey {
      switch random.number(in: 0...(depth > 2 ? 2 : 3)) {
      case 0: .integer(Int64(random.number(in: -3...300)))
      case 1: .string(texts[random.number(in: 0...(texts.count - 1))])
      case 2: .bytes((0..<random.number(in: 0...3)).map { _ in UInt8(random.number(in: 0...255)) })
      default: .tuple((0..<random.number(in: 0...3)).map { _ in key(depth + 1) })
      }
    }
    for _ in 0..<5000 {
      let key = key(0)
      let word = KeyParser.word(for: key)
      #expect(try command("map m get \(word)") == .read(.map, "m", .value(of: key)), "\(word)")
    }
  }

  private static let lines: [(String, ObjectCommand)] = [
    ("stream a append x  y", .stream(["a"], .append(Array("x y".utf8)))),
    ("stream a,b append (x", .stream(["a", "b"], .append(Array("(x".utf8)))),
    ("stream a read", .stream(["a"], .read(from: nil))),
    ("stream a read tail-2", .stream(["a"], .read(from: .tail(back: 2)))),
    ("stream a tail", .stream(["a"], .tail)),
    ("stream a trim before 5", .stream(["a"], .trim(before: .number(Position(5))))),
    ("counter c", .read(.counter, "c", .all)), ("counter c add", .update(.counter, "c", .count(1))),
    ("counter c add -5", .update(.counter, "c", .count(-5))),
    ("set s add (a, 1)", .update(.set, "s", .insert(["a", 1]))),
    ("set s has 1", .read(.set, "s", .has(1))),
    ("list l insert 2 x", .update(.list, "l", .insertValue("x", at: 2))),
    ("list l remove 2", .update(.list, "l", .removeValue(at: 2))),
    ("list l list", .read(.list, "l", .all)), ("list l", .read(.list, "l", .glance)),
    ("map m", .read(.map, "m", .glance)), ("set s", .read(.set, "s", .glance)),
    ("queue q", .read(.queue, "q", .glance)), ("queue q pop", .update(.queue, "q", .pop)),
    ("register r", .read(.register, "r", .all)),
    ("register r cas nothing 5", .update(.register, "r", .compareAndSet(nil, 5))),
    ("register r cas 'nothing' nothing", .update(.register, "r", .compareAndSet("nothing", nil))),
    ("register r write nothing", .update(.register, "r", .write(nil))),
    ("map m range (a) (b)", .read(.map, "m", .range(["a"], ["b"]))),
    ("at 5 map m get (a, 1)", .readThen(.number(Position(5)), .map, "m", .value(of: ["a", 1]))),
    ("at 5 map m", .readThen(.number(Position(5)), .map, "m", .glance)),
    ("at tail-1 counter c", .readThen(.tail(back: 1), .counter, "c", .all)),
    ("history m (a, 1)", .changes("m", ["a", 1])), ("history m", .changes("m", nil)),
    ("begin", .begin(nil)), ("begin bob", .begin("bob")), ("session", .session(nil)),
    ("session bob", .session("bob")), ("checkpoint", .checkpoint(nil)),
    ("checkpoint all", .checkpoint(nil)), ("checkpoint m", .checkpoint("m")), ("trim", .trim),
    ("checkpoint every 1", .checkpointEvery(1)), ("checkpoint off", .checkpointEvery(nil)),
    ("checkpoint 'off'", .checkpoint("off")),
    ("objects", .list), ("commit", .commit), ("rollback", .rollback),
  ]

  @Test(arguments: lines)
  func commands(line: String, expected: ObjectCommand) throws {
    #expect(try command(line) == expected)
  }

  @Test(arguments: [
    "map", "map m get", "map m put a", "map m get a b", "map 'a b' list", "map m pop",
    "map m \"get\" a", "stream a,b read", "stream a,a append x", "stream a", "stream ,a append x",
    "at 5", "at 5 map m put a 1", "at 5 stream s read", "at x map m list", "begin Bob", "queue",
    "list l insert x 1", "list l remove -1", "counter c add x", "stream a trim 5", "history",
    "session abcdefghi", "register r cas 1", "checkpoint every", "checkpoint every 0",
    "checkpoint every m", "checkpoint off m",
  ])
  func whatIsNoCommand(line: String) {
    #expect(throws: SyntaxError.self) { try command(line) }
  }

  @Test func earlierStagesDoNotKnowThem() throws {
    #expect(throws: SyntaxError.later("map", chapter: 7)) {
      try Parser(stage: 6).parse("map m list")
    }
    // Nor do tuples change what other statements say.
    #expect(try Parser(stage: 7).parse("append (a; tail").count == 2)
  }

  private static let typedSoFar: [(String, Completion)] = [
    ("map m ", .words(["put", "get", "remove", "list", "range"])), ("map ", .nothing),
    ("at ", .words(["tail"])), ("at 5 ", .words(ObjectKind.allCases.map(\.rawValue))),
    ("checkpoint ", .words(["all", "every", "off"])), ("counter c ", .words(["add"])),
    ("commit ", .nothing),
    (".watch 1 queue q ", .words(["push", "pop", "list"])),
  ]

  @Test(arguments: typedSoFar)
  func completion(before: String, expected: Completion) {
    #expect(Completion.after(before, stage: 7) == expected)
  }
}

// Goal: the table is complete and true. Method: look at every row, and parse every example in it.
import Testing

@testable import CorfuRepl

@Suite struct CommandTableTests {
  @Test(arguments: CommandName.allCases)
  func everyCommandIsExplained(name: CommandName) throws {
    let spec = try #require(CommandTable.spec(name))
    #expect(spec.usage.hasPrefix(name.rawValue))
    #expect(spec.summary.hasSuffix(".") && spec.summary.count <= 44)
    #expect(!spec.explanation.isEmpty && !spec.examples.isEmpty)
    for example in spec.examples {
      #expect(try Parser(stage: 8).parse(example).isEmpty == false, "\(example)")
    }
  }

  @Test func namesAreUnique() {
    let names = CommandTable.all.flatMap { [$0.name.rawValue] + $0.aliases }
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: [
    ("token", 2), ("layout", 3), ("node", 3), ("disk", 3), ("compact", 4), ("trim", 4),
    ("fill", 5), ("seal", 5), ("net", 5), ("trace", 5), ("reconfigure", 6), ("paxos", 6),
    ("rebuild", 6), ("status", 6), ("stream", 7), ("map", 7), ("counter", 7), ("set", 7),
    ("list", 7), ("queue", 7), ("begin", 7), ("commit", 7), ("rollback", 7), ("at", 7),
    ("history", 7), ("checkpoint", 7), ("objects", 7), ("register", 7), ("session", 7),
  ])
  func laterCommandsTellTheirChapter(name: String, chapter: Int) {
    #expect(throws: SyntaxError.later(name, chapter: chapter)) {
      try Parser(stage: 1).parse(name + " x")
    }
  }

  @Test(arguments: [
    ("apend", "append"), ("appned", "append"), ("sacn", "scan"), ("Tail", "tail"),
    ("reed", "read"), ("stat", "stats"), (".moed", ".mode"), ("mode", ".mode"), ("qit", "quit"),
    ("compct", "compact"), ("verfy", "verify"),
  ])
  func slipsAreUnderstood(word: String, expected: String) {
    #expect(CommandTable.suggestion(for: word) == expected)
  }

  @Test(arguments: ["", "x", "hello", "zzzzzzzz", "🙂"])
  func whatIsNoSlipIsNoCommand(word: String) {
    #expect(CommandTable.suggestion(for: word) == nil)
  }

  @Test(arguments: [
    ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "abcd", 1),
    ("abc", "axc", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
  ])
  func distances(left: String, right: String, expected: Int) {
    #expect(Suggestion.distance(Array(left.utf8), Array(right.utf8)) == expected)
    #expect(Suggestion.distance(Array(right.utf8), Array(left.utf8)) == expected)
  }

  @Test func theReferenceNamesEverything() {
    let page = CommandReference.markdown
    for name in CommandTable.all.map(\.name.rawValue) {
      #expect(page.contains("`\(name)`"))
    }
  }

  @Test func theListFitsANarrowTerminal() {
    for stage in 1...8 {
      #expect(Help.overview(stage: stage).lines.allSatisfy { $0.count <= 80 })
    }
  }
}

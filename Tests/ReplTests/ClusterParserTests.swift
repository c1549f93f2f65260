// Goal: the commands about servers are understood, or refused with a clear line. Method: tables.
import CorfuRepl
import Testing

@Suite struct ClusterParserTests {
  @Test(arguments: [
    ("token", ClusterCommand.token(count: 1)), ("token 3", .token(count: 3)),
    ("token use a b", .useToken(Array("a b".utf8))), ("layout", .layout), ("seal", .seal),
    ("node", .nodes), ("node kill n1", .node(.kill, "n1")),
    ("node resume seq", .node(.resume, "seq")),
    ("net", .net(.show)), ("net heal", .net(.heal)),
    ("net partition c1,b n1", .net(.partition(["c1", "b"], ["n1"]))),
    ("net delay 0", .net(.delay(.zero))), ("net delay 0.0005", .net(.delay(.microseconds(500)))),
    ("disk fail n1", .disk(.fail, "n1")), ("disk slow n2", .disk(.slow(.milliseconds(250)), "n2")),
    ("disk slow n2 2", .disk(.slow(.seconds(2)), "n2")), ("disk mend n1", .disk(.mend, "n1")),
    ("client", .client(.list)), ("client new b2", .client(.new("b2"))),
    ("client use c1", .client(.use("c1"))), ("crash client", .crashClient(.now)),
    ("crash client after head", .crashClient(.afterHead)),
    ("crash client after token", .crashClient(.afterToken)), ("trace on", .trace(true)),
  ])
  func understood(line: String, expected: ClusterCommand) throws {
    #expect(try Parser(stage: 5).parse(line) == [.cluster(expected)])
  }

  @Test(arguments: [
    "token 0", "token many", "token use", "node dance n1", "node kill", "net partition n1",
    "net partition n1, n2", "net cut", "net delay", "disk n1", "disk slow n1 x", "client new",
    "client new N1", "client new abcdefghi", "client drop b", "crash client after tea", "trace",
    "trace maybe", "layout now", "seal 3",
  ])
  func refused(line: String) {
    #expect(throws: SyntaxError.self) { try Parser(stage: 5).parse(line) }
  }

  @Test func eachBelongsToItsChapter() {
    for (line, chapter) in [("token", 2), ("layout", 3), ("node", 3), ("disk", 3), ("net", 5)] {
      #expect(throws: SyntaxError.later(line, chapter: chapter)) {
        try Parser(stage: chapter - 1).parse(line)
      }
    }
    #expect(throws: SyntaxError.later("crash client", chapter: 5)) {
      try Parser(stage: 4).parse("crash client after head")
    }
    #expect(throws: SyntaxError.later("paxos", chapter: 6)) { try Parser(stage: 5).parse("paxos") }
  }

  @Test func tabOffersWords() {
    #expect(Completion.after("node ", stage: 5) == .words(["kill", "restart", "pause", "resume"]))
    #expect(Completion.after("net ", stage: 5) == .words(["partition", "heal", "delay"]))
    #expect(Completion.after("node kill ", stage: 5) == .nothing)
  }
}

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
    ("status", HealingCommand.status), ("layout history", .history), ("paxos", .paxos),
    ("reconfigure", .reconfigure), ("reconfigure stripes 3", .stripes(3)),
    ("reconfigure lost n1 n2", .lost(["n1", "n2"], isSure: false)),
    ("reconfigure lost n1 --yes", .lost(["n1"], isSure: true)),
    ("reconfigure appoint", .appoint(isSure: false)),
    ("reconfigure appoint --yes", .appoint(isSure: true)), ("rebuild", .rebuild),
    ("rebuild status", .rebuild), ("monitor", .monitor(nil)), ("monitor off", .monitor(false)),
    ("wait", .wait(nil)), ("wait 2", .wait(.seconds(2))), ("trace all", .traceAll),
    ("node wipe n1", .wipe("n1", isSure: false)),
    ("node wipe n1 --yes", .wipe("n1", isSure: true)), ("node add", .add),
    ("node remove n7", .remove("n7")), ("node replace n1", .replace("n1")),
    ("remap n1 n2", .remap(["n1", "n2"])),
    ("remap below 30", .remapPolicy(0.3)), ("remap off", .remapPolicy(nil)),
    ("paxos duel", .duel(.begin)), ("paxos prepare a", .duel(.prepare("a", at: []))),
    ("paxos accept b n1,n2 n3", .duel(.accept("b", at: ["n1", "n2", "n3"]))),
  ])
  func understoodFromChapter6On(line: String, expected: HealingCommand) throws {
    #expect(try Parser(stage: 6).parse(line) == [.cluster(.healing(expected))])
    #expect(throws: SyntaxError.self) { try Parser(stage: 5).parse(line) }
  }

  @Test(arguments: [
    "status now", "layout future", "paxos fight", "paxos prepare", "paxos prepare c",
    "reconfigure now", "reconfigure stripes", "reconfigure stripes 65", "reconfigure lost",
    "reconfigure appoint n1", "rebuild n1", "monitor maybe", "wait x", "node wipe", "node add n9",
    "node dance n1", "reconfigure lost --yes", "trace foo", "remap", "remap below", "remap below 0",
    "remap below 100",
  ])
  func refusedInChapter6(line: String) {
    #expect(throws: SyntaxError.self) { try Parser(stage: 6).parse(line) }
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
    let words = ["kill", "restart", "pause", "resume", "wipe", "add", "remove", "replace"]
    #expect(Completion.after("node ", stage: 6) == .words(words))
    #expect(Completion.after("layout ", stage: 6) == .words(["history"]))
    #expect(Completion.after("layout ", stage: 5) == .nothing)
    #expect(Completion.after("trace ", stage: 6) == .words(["on", "off", "all"]))
    #expect(Completion.after("net ", stage: 5) == .words(["partition", "heal", "delay"]))
    #expect(Completion.after("node kill ", stage: 5) == .nothing)
  }
}

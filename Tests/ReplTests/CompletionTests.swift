// Goal: Tab offers what the grammar takes there. Method: a table of lines typed so far.
import Testing

@testable import CorfuRepl

@Suite struct CompletionTests {
  @Test(arguments: [
    ("append ", Completion.words(["-f"])), ("append -f ", .files), ("append x ", .nothing),
    ("read ", .words(["tail"])), ("read 1 ", .nothing), (".read ", .files), (".output ", .files),
    (".output x ", .nothing), (".mode ", .words(["table", "json", "raw"])),
    ("tail; .timing ", .words(["on", "off"])), ("follow ", .words(["from", "count", "for"])),
    ("follow from ", .words(["tail"])), ("follow from 3 ", .words(["count", "for"])),
    ("follow count ", .nothing), (".watch ", .nothing), (".watch 1 append ", .words(["-f"])),
    (".watch 1 times ", .nothing), (".watch 1 .watch ", .nothing), ("fill ", .nothing),
    ("layout ", .nothing), ("nonsense ", .nothing), ("tail ", .nothing),
  ])
  func arguments(before: String, expected: Completion) {
    #expect(Completion.after(before, stage: 1) == expected)
  }

  @Test func commands() {
    let names = CommandTable.names(stage: 1)
    #expect(Completion.after("", stage: 1) == .words(names))
    #expect(Completion.after("append x; ", stage: 1) == .words(names))
    #expect(Completion.after(".watch 1 times 3 ", stage: 1) == .words(names))
    #expect(!names.contains("fill") && CommandTable.names(stage: 5).contains("fill"))
  }
}

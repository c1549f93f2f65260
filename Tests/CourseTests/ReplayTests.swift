// Goal: what happened before a failure is kept, and can be read, stepped through and drawn.
// Method: small traces; a learner whose answers are a list.
import Foundation
import Testing

@testable import CourseCommand

private let text = """
  corfu trace 1
  check: 9.1.2
  promise: I9.1 all is well & good
  seed: 7
  so: it is <not>
  often: Something was forgotten.

  before: c1 is asleep
  c1 -> seq B  next(2)  <- 6..<8
  ---- kill seq B, start it again ----
  c1 is told: lost
  take()  <- 5

  """

@Suite struct TraceTests {
  @Test func aTraceIsRead() throws {
    let trace = try Trace(text, name: "t")
    #expect(trace.check == "9.1.2" && trace.exercise == "9.1" && trace.seed == 7)
    #expect(trace.headline == "9.1.2  FAIL   I9.1 all is well & good     seed 7, 5 events")
    #expect(trace.verdict == ["so: it is <not>", "Often: Something was forgotten."])
    #expect(trace.events.first == "before: c1 is asleep" && trace.events.last == "take()  <- 5")
  }

  @Test(arguments: ["", "x", "corfu trace 1\nno name\n", "corfu trace 1\ncheck: 9.1.2\n\nevent\n"])
  func whatIsNoneIsRefused(text: String) {
    #expect(throws: CourseError.self) { try Trace(text, name: "t") }
  }

  @Test func tracesAreTakenOutOfAReport() throws {
    let mark = "\u{1}trace\n"
    let report = try TracedReport("9.1.2  FAIL\n     so: it is\n\(mark)\(text)\(mark)1 failing\n")
    let path = ".course/fail/9.1.2-7.trace"
    #expect(
      report.text == """
        9.1.2  FAIL
             so: it is
             replay: swift run course replay \(path) --step
        1 failing

        """
    )
    #expect(report.traces.map(\.path) == [path])
    #expect(try Trace(report.traces[0].text, name: "t") == Trace(text, name: "t"))
    #expect(try TracedReport("all passed\n").text == "all passed\n")
  }

  @Test func onlyTheLastRunsTracesAreKept() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    for name in ["9.1.2-3", "9.1.3-1", "9.10.1-1", "9.2.1-1"] {
      try project.write(text, to: ".course/fail/\(name).trace")
    }
    let mark = "\u{1}trace\n"
    try project.keep(TracedReport("\(mark)\(text)\(mark)"), of: "9.1")
    let left = ["9.1.2-7", "9.10.1-1", "9.2.1-1"].map { ".course/fail/\($0).trace" }
    #expect(try project.traces() == left)
    #expect(try project.traces(of: "9.1.2") == [left[0]])
  }
}

@Suite struct StepperTests {
  private func told(_ answers: [String]) throws -> (lines: [String], questions: Int) {
    var answers = answers[...]
    var lines: [String] = []
    var questions = 0
    let stepper = Stepper(try Trace(text, name: "t"))
    stepper.run { _ in
      questions += 1
      return answers.popFirst()
    } tell: {
      lines.append($0)
    }
    return (lines, questions)
  }

  @Test func enterGoesOn() throws {
    let (lines, questions) = try told(["", "", "", ""])
    #expect(questions == 4)
    #expect(lines[2] == "  1  before: c1 is asleep" && lines[6] == "  5  take()  <- 5")
    #expect(lines[7] == "     so: it is <not>")
  }

  @Test func oneCanGoBackLeapAndStop() throws {
    let (lines, _) = try told(["", "b", "4", "q"])
    #expect(lines.dropFirst(2).map { $0.prefix(3).suffix(1) } == ["1", "2", "1", "4"])
  }

  @Test func whereNobodyAnswersAllIsTold() throws {
    let (lines, questions) = try told([])
    #expect(questions == 1)
    #expect(lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.count == 5)
    let whole = Stepper(try Trace(text, name: "t")).whole
    #expect(whole.contains("  3  ---- kill seq B") && whole.contains("--seed 7 --runs 1"))
  }
}

@Suite struct SpaceTimeTests {
  @Test func linesAreUnderstood() {
    let call = StoryEvent.Call(from: "c1", to: "seq B", what: "next(2)", answer: "6..<8")
    #expect(StoryEvent("c1 -> seq B  next(2)  <- 6..<8") == .call(call))
    #expect(StoryEvent("n1 -> n2 and n3 keep it") == .remark("n1 -> n2 and n3 keep it"))
    #expect(
      StoryEvent("---- n1 is killed ----")
        == .strike("n1 is killed", crashes: true, restarts: false)
    )
    #expect(
      StoryEvent("---- kill seq, start it again ----")
        == .strike("kill seq, start it again", crashes: true, restarts: true)
    )
    #expect(
      StoryEvent("---- epoch 1 is sealed ----")
        == .strike("epoch 1 is sealed", crashes: false, restarts: false)
    )
  }

  @Test func everybodyHasALine() throws {
    let diagram = SpaceTime(try Trace(text, name: "t").events)
    #expect(diagram.names == ["c1", "the check", "seq B", "your part"])
    #expect(diagram.events[0] == .remark("before: c1 is asleep"))
    #expect(diagram.events[3] == .note(who: "c1", what: "is told: lost"))
    #expect(diagram.columns(namedIn: "kill seq B, start it again") == [2])
    #expect(diagram.columns(namedIn: "kill seq") == [])
    #expect(SpaceTime(["all is quiet"]).names == ["your part"])
  }

  @Test func thePageNeedsNothingElse() throws {
    let html = TracePage(try Trace(text, name: "t"), path: "9.1.2-7").html
    let count = { (words: String) in html.ranges(of: words).count }
    #expect(count("class=\"life\"") == 4)
    #expect(count("marker-end=\"url(#ask-head)\"") == 2)
    #expect(count("marker-end=\"url(#answer-head)\"") == 2)
    #expect(count("class=\"cross\"") == 1 && count("class=\"restart\"") == 1)
    #expect(html.contains("✗ I9.1 all is well &amp; good") && html.contains("it is &lt;not&gt;"))
    #expect(html.contains("prefers-color-scheme: dark"))
    #expect(!html.contains("<script") && !html.contains("src=") && !html.contains("href="))
  }
}

// Goal: a drawing that can be read anywhere. Method: one trace, its lines.
import Testing

@testable import CorfuRepl

@Suite struct TraceDiagramTests {
  private static let trace = Trace(
    steps: [
      step(0, "c1", "seq", "give me a position"), step(0.25, "seq", "c1", "4"),
      step(0.5, "c1", "n12", "write 4"), step(0.75, "n12", "c1", "written"),
      step(1000, "c1", "n2", "no answer: write 4", .end), step(1001, "b", "n2", "read 4"),
    ],
    left: 3
  )

  private static func step(
    _ milliseconds: Double,
    _ from: String,
    _ to: String,
    _ text: String,
    _ kind: Trace.Step.Kind = .message
  ) -> Trace.Step {
    let time = Duration.microseconds(Int(milliseconds * 1000))
    return Trace.Step(time: time, from: from, to: to, kind: kind, text: text)
  }

  @Test func plainStrokesAreEnough() {
    let lines = TraceDiagram.lines(of: Self.trace, strokes: .plain, width: nil)
    #expect(
      lines == [
        "     ms   c1    b    seq    n2   n12",
        "   0.00   |---------->|     |     |   give me a position",
        "   0.25   |<----------|     |     |   4",
        "   0.50   |---------------------->|   write 4",
        "   0.75   |<----------------------|   written",
        "1000.00   |     |     |    x|     |   no answer: write 4",
        "1001.00   |     |---------->|     |   read 4",
        "       and 3 steps more",
      ]
    )
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
  }

  @Test func longTextsAreCut() {
    let lines = TraceDiagram.lines(of: Self.trace, strokes: .fine, width: 48)
    #expect(lines.allSatisfy { $0.count <= 48 })
    #expect(lines[1].hasSuffix("…") && lines[2].hasSuffix("4"))
  }

  @Test("What is asked over and over is drawn once")
  func repetitions() {
    let poll = { (time: Double) in
      [Self.step(time, "c1", "seq", "the tail?"), Self.step(time + 1, "seq", "c1", "4")]
    }
    let last = [Self.step(90, "c1", "seq", "the tail?"), Self.step(91, "seq", "c1", "5")]
    func lines(_ count: Int) -> [String] {
      let steps = (0..<count).flatMap { poll(Double($0) * 10) } + last
      return TraceDiagram.lines(of: Trace(steps: steps), strokes: .plain, width: nil)
    }
    #expect(lines(2).count == 1 + 4 + 2)
    #expect(
      lines(5).dropFirst() == [
        "   0.00   |---->|   the tail?", "   1.00   |<----|   4", "       the same 4 times more",
        "  90.00   |---->|   the tail?", "  91.00   |<----|   5",
      ]
    )
  }

  @Test func nothingIsDrawnOfNothing() {
    #expect(TraceDiagram.lines(of: Trace(), strokes: .fine, width: 80).isEmpty)
  }
}

// Goal: starters, chapters, hints and mutants are read and cut as the course promises.
// Method: small texts for each case; and the project's own chapters, but never the learner's files.
import Foundation
import Testing

@testable import CourseCommand

private let exercise = Exercise(
  id: "9.1",
  title: "Greeting",
  minutes: 5,
  source: "Greeter.swift",
  declaration: "Greeter",
  starter: "Exercises/09-greeting/Sources/Greeter.swift",
  imports: ["import CorfuChecks"]
)

private let source = """
  import Nothing

  struct Before {}

  /// Greets.
  struct Greeter {
    // exercise 9.1: greet by name
    /// Greets somebody.
    func greet(
      _ name: String
    ) -> String {
      if name == "}" { return "{" }  // } is no name
      return "hello \\(name)"
    }
    // end 9.1

    func other() {}
  }

  struct After {}
  """

@Suite struct StarterTests {
  @Test func signatureAndDocumentationStay() throws {
    let starter = try Starter(exercise, from: source)
    #expect(
      starter.text == """
        // Exercise 9.1: greet by name
        // Write the body below, then: swift run course check 9.1
        import CorfuChecks

        /// Greets.
        struct Greeter {
          /// Greets somebody.
          func greet(
            _ name: String
          ) -> String {
            TODO("9.1 greet by name")
          }

          func other() {}
        }

        """
    )
    #expect(starter.solution.contains("return \"hello \\(name)\""))
    #expect(!starter.solution.contains("// end"))
  }

  @Test func missingMarkersAreNamed() {
    for broken in [
      source.replacingOccurrences(of: "// end 9.1", with: ""),
      source.replacingOccurrences(of: "exercise 9.1", with: "exercise 9.2"),
      source.replacingOccurrences(of: "struct Greeter", with: "struct Other"),
    ] {
      #expect(throws: CourseError.self) { try Starter(exercise, from: broken) }
    }
  }
}

@Suite struct SourceTextTests {
  private let text = SourceText(
    """
    // A drawing,
    // at the top.

    /// One line.
    struct Point: Equatable {
      let x: Int
      /// The other.
      var other: Point { Point(x: -x) }
    }

    protocol Shape {
      /// How large.
      func area(of: Int) -> Double
      func edge() -> Double
    }
    """
  )

  @Test(arguments: [
    ("Point", 3..<9), ("Point.x", 5..<6), ("Point.other", 6..<8), ("Shape", 10..<14),
    ("Shape.area", 11..<13), ("Shape.edge", 13..<14),
  ])
  func declarationsAreFound(name: String, lines: Range<Int>) {
    // The protocol's closing brace is the last line.
    let expected = name == "Shape" ? lines.lowerBound..<lines.upperBound + 1 : lines
    #expect(text.declaration(name) == expected)
  }

  @Test func declarationsWithConditionsAreFound() {
    let text = SourceText(
      """
      final class Box<Value>: Sendable
      where Value: Equatable {
        private func open() async -> Value
        where Value: Sendable {
          value
        }
        func close(
          then: () -> Void = {}
        ) {
          then()
        }
      }
      """
    )
    #expect(text.declaration("Box") == 0..<12)
    #expect(text.declaration("Box.open") == 2..<6)
    #expect(text.declaration("Box.close") == 6..<11)
  }

  @Test func whatIsNotThereIsNotFound() {
    #expect(text.declaration("Circle") == nil)
    #expect(text.declaration("Point.area") == nil)
    #expect(text.region(of: "1.1") == nil)
    #expect(text.top == 0..<2)
  }

  @Test func stepsOfASessionAreFound() {
    let session = SourceText("# head\n\ncorfu> tail\n0\ncorfu> read 0\n(empty)\n\ncorfu> tail\n0\n")
    #expect(session.steps("1-2") == 2..<6)
    #expect(session.steps("3-3") == 7..<9)
    #expect(session.steps("3-4") == nil)
  }
}

@Suite struct ChapterTextTests {
  private func weave(_ text: String) -> ChapterText {
    ChapterText(text) { name throws(CourseError) in
      guard name == "a.swift" else { throw CourseError("\(name) is not there") }
      return "enum A {\n  case b\n}\n"
    }
  }

  @Test func blocksAreRefreshed() {
    let text = "x\n<!-- source: a.swift#A -->\n```swift\nold\n```\ny\n"
    let woven = weave(text)
    #expect(woven.findings == ["line 2: the block differs from a.swift#A"])
    #expect(
      woven.woven == "x\n<!-- source: a.swift#A -->\n```swift\nenum A {\n  case b\n}\n```\ny\n"
    )
    #expect(weave(woven.woven).findings.isEmpty)
    #expect(weave(woven.woven).woven == woven.woven)
  }

  @Test func whatIsMissingIsTold() {
    #expect(weave("<!-- source: a.swift#B -->\n```swift\n```\n").findings.count == 1)
    #expect(weave("<!-- source: b.swift#A -->\n```swift\n```\n").findings.count == 1)
    #expect(weave("<!-- source: a.swift#A -->\nno block\n").findings.count == 1)
  }

  @Test func linksAreFound() {
    let links = Links("[a](b.md) [c](https://d) [e](f/g.md#h) [i](#j)")
    #expect(links.relative == ["b.md", "f/g.md"])
  }
}

@Suite struct HintTests {
  @Test func hintsAreCounted() {
    let hints = Hints(
      "# Hints\n\n## 1.3 The race\n\n### 1\n\none\n\n### 2\n\ntwo\nlines\n\n## 1.4\n"
    )
    #expect(hints.hints(for: "1.3") == ["one", "two\nlines"])
    #expect(hints.hints(for: "1.4").isEmpty)
  }
}

@Suite struct SolutionTests {
  @Test func onlyCodeIsCompared() {
    let text = "// Exercise\nimport A\n\n/// Says.\nfunc f() {\n  // why\n  g()  // h\n}\n"
    #expect(CodeLines.of(text) == "import A\nfunc f() {\n  g()  // h\n}\n")
  }

  @Test func differencesAreReadable() {
    let diff = "--- a 2026\n+++ b 2026\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n@@ -9 +9 @@\n-u\n"
    #expect(CodeLines.readable(diff: diff) == " x\n-y\n+z\n  …\n-u\n")
  }
}

@Suite struct CheckRunTests {
  @Test func whoseFileDoesNotCompileIsTold() {
    let other = Exercise(
      id: "9.2",
      title: "Parting",
      minutes: 5,
      source: "Parting.swift",
      declaration: "Parting",
      starter: "Exercises/09-greeting/Sources/Parting.swift",
      imports: []
    )
    let error = "corfu/\(other.starter):3:5: error: no such name"
    let build = ShellResult(status: 1, output: "Building …\n\(error)\n")
    let told = CheckRun.complaint(build, about: exercise, among: [exercise, other])
    #expect(told.hasPrefix("9.1  does not compile\n     \(error)\n"))
    #expect(told.contains("Parting.swift is the file of 9.2, not of 9.1"))
    #expect(told.contains("'swift run course reset 9.2'"))
    // Where it is one's own, there is nothing to add.
    let own = CheckRun.complaint(build, about: other, among: [exercise, other])
    #expect(own == "9.2  does not compile\n     \(error)")
  }
}

@Suite struct MutantTests {
  private let report = """
    1.3.1  pass   I1.2 an entry stands where its append said, 50 seeds
    1.3.2  FAIL   I1.3 no entry stands in the log twice     seed 35, 6 events
         so: c1#1 stands at 0 and again at 2
    1.3.3  FAIL   I1.4 a batch stands in the order it was given     seed 1, 1 event
         so: something else
    """

  @Test func onlyTheNamedStoryCounts() throws {
    let mutant = { (expected: String) in try Mutant(name: "m", patch: "", expected: expected) }
    #expect(try mutant("1.3.2 I1.3\nand again at\n").isCaught(by: report))
    #expect(try !mutant("1.3.2 I1.3\nsomething else\n").isCaught(by: report))
    #expect(try !mutant("1.3.1 I1.2\nand again at\n").isCaught(by: report))
    #expect(throws: CourseError.self) { try mutant("1.3.2\n") }
  }

  @Test("Each turn tries three others, and all have had theirs after a few turns")
  func turnsGoRound() throws {
    let mutants = try (0..<8).map { number in
      try Mutant(name: "\(number)", patch: "", expected: "1.3.\(number) I1.3\nx\n")
    }
    let tried = (0..<3).map { turn in
      MutantTurn(turn).part(of: mutants, atLeast: 3) { _ in false }.map(\.name)
    }
    #expect(tried == [["0", "1", "2"], ["3", "4", "5"], ["0", "6", "7"]])
    let shown = MutantTurn(1).part(of: mutants, atLeast: 3) { $0.check == "1.3.7" }
    #expect(shown.map(\.name) == ["2", "3", "7"])
    let many = MutantTurn(5).part(of: mutants, atLeast: 3) { $0.name != "4" }
    #expect(many.count == 8)
    let few = Array(mutants.prefix(2))
    #expect(MutantTurn(9).part(of: few, atLeast: 3) { _ in false } == few)
  }

  @Test("Every exercise's wrong answers have all been tried after as many turns as there are")
  func turnsReachAll() throws {
    for count in 1...16 {
      let mutants = try (0..<count).map { number in
        try Mutant(name: "\(number)", patch: "", expected: "1.3.1 I1.3\nx\n")
      }
      let tried = Set(
        (100..<100 + count).flatMap { turn in
          MutantTurn(turn).part(of: mutants, atLeast: 3) { $0.name == "0" }.map(\.name)
        }
      )
      #expect(tried.count == count)
      // Where chapters show many, the others have their turn all the same.
      let rest = Set(
        (100..<100 + count).flatMap { turn in
          MutantTurn(turn).part(of: mutants, atLeast: 3) { $0.name < "5" }.map(\.name)
        }
      )
      #expect(rest.count == count)
    }
  }
}

@Suite struct StoryTests {
  private let report = """
    1.3.1  pass   I1.2 an entry stands where its append said, 50 seeds
    1.3.2  FAIL   I1.3 no entry stands in the log twice     seed 35, 6 events
         c1 appends c1#1 c1#2
         so: c1#1 stands at 0 and again at 2
    2.3.3  FAIL   I1.4 a batch stands in the order it was given     seed 1, 1 event
         so: something else
    1 passed, 2 failing
    """

  @Test func storiesAreFoundInAReport() {
    let stories = Stories(report)
    #expect(stories.all.map(\.count) == [3, 2])
    #expect(stories.of("1.3") == [stories.all[0]])
    #expect(stories.of("1").count == 1 && stories.of("1.4").isEmpty)
  }

  @Test func aChapterMayLeaveOutTheEnd() throws {
    let fence = "```"
    let head = "1.3.2  FAIL   I1.3 no entry stands in the log twice     seed 35, 6 events"
    let chapter = "\(fence)text\n\(head)\n     c1 appends c1#1 c1#2\n\(fence)\n\n indented\n"
    let shown = try #require(Stories(chapter).all.first)
    #expect(shown.count == 2)
    #expect(Stories(report).all.contains { $0.starts(with: shown) })
  }
}

@Suite struct ShownRunTests {
  @Test func runsAreFound() throws {
    let command = "$ swift run --package-path Exercises mycorfu --stage 2"
    let fence = "```"
    let text = "\(fence)text\n\(command)\nyours: 2.1\nclient 1  25 appends\n\(fence)\nx\n"
    let run = try #require(ShownRun.all(in: text).first)
    #expect(run == ShownRun(words: ["--stage", "2"], lines: ["client …  … appends"]))
    let printed = "yours: 2.1 2.2\nours:  2.3 (to do)\nclient 4  7 appends\n".split(separator: "\n")
    #expect(ShownRun.inCommon(printed) == run.lines)
  }
}

/// The project's own course.
///
/// What the learner writes is not looked at.
@Suite struct OwnCourseTests {
  private let project = Project(
    root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  )

  @Test func startersCanBeCut() throws {
    let exercises = try project.exercises(named: nil)
    #expect(!exercises.isEmpty)
    for exercise in exercises {
      let starter = try project.starter(of: exercise)
      #expect(starter.text.contains("TODO(\"\(exercise.id) "))
      #expect(!starter.solution.contains("TODO("))
      #expect(try project.mutants(of: exercise).count >= Verification.mutantsMin)
    }
  }

  @Test func chaptersAndDocumentationShowTheSourcesAsTheyAre() throws {
    let paths = try project.wovenTexts()
    #expect(paths.contains("Sources/Client/CorfuClient.docc/GettingStarted.md"))
    for path in paths {
      let text = try project.read(path)
      let chapter = ChapterText(text) { name throws(CourseError) in try project.read(name) }
      #expect(chapter.findings.isEmpty, "\(path): 'course weave' refreshes it")
    }
  }

  @Test("Each source file is walked in its chapter, or marked as later or under the hood")
  func chaptersNameTheirSources() throws {
    for chapter in try project.chapters() {
      let unnamed = try project.unnamedFiles(of: chapter)
      #expect(unnamed == [], "chapter \(chapter.number) names each file of its module")
    }
    #expect(try project.unnamedSharedFiles() == [])
  }

  @Test("A long chapter is read in parts of an hour at most")
  func chaptersComeInParts() throws {
    for chapter in try project.chapters() {
      #expect(try project.problem(withPartsOf: chapter) == nil, "chapter \(chapter.number)")
    }
  }

  @Test func firstScreenTellsWhatIsNext() throws {
    let text = try StatusScreen(project, Progress()).text
    #expect(text.contains("1.3  The race for the tail"))
    #expect(text.contains("failing"))
  }
}

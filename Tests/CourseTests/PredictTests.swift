// Goal: a chapter's guesses are asked as the chapter has them, and each answer comes after its
// guess. Method: small texts; the project's own chapters; a learner whose answers are a list.
import Foundation
import Testing

@testable import CourseCommand

private let text = """
  # A chapter

  1. Not this.

  ## Predict

  Take a guess.

  1. How many
     are there?
  2. And *then*?

  <details>
  <summary>Answers</summary>

  1. **Six**, for once.
  2. Nothing.

     Really nothing.

  </details>

  ## Later

  1. Nor this.
  """

@Suite struct PredictionTests {
  private let project = Project(
    root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  )

  @Test func questionsMeetTheirAnswers() throws {
    let items = try Predictions(text, name: "t").items
    #expect(items.map(\.question) == ["How many are there?", "And *then*?"])
    #expect(items.map(\.answer) == ["**Six**, for once.", "Nothing. Really nothing."])
    #expect(try Predictions("# None\n", name: "t").items.isEmpty)
  }

  @Test(arguments: ["  2. Nothing.\n", "2. And *then*?\n", "</details>"])
  func whatDoesNotMatchIsTold(lost: String) {
    let line = lost.trimmingCharacters(in: .whitespacesAndNewlines)
    let broken = text.replacingOccurrences(of: line, with: lost == "</details>" ? "3. More." : "")
    #expect(throws: CourseError.self) { try Predictions(broken, name: "t") }
  }

  @Test func markdownIsTakenOff() {
    #expect("**Six** *or* 2 * 3".prose() == "Six or 2 * 3")
    #expect("one two three".prose(width: 8, indentation: 2) == "  one\n  two\n  three")
  }

  @Test func everyChapterAsks() throws {
    for chapter in try project.chapters() {
      let texts = try project.predictions(of: chapter.number)
      #expect(!texts.isEmpty, "chapter \(chapter.number) asks for predictions")
      #expect(texts.allSatisfy { $0.items.count >= 3 })
    }
    #expect(throws: CourseError.self) { try project.predictions(of: 99) }
  }

  @Test(arguments: [
    (1, 1, "README.md"), (1, 2, "2-disk.md"), (4, 1, "README.md"), (6, 0, "README.md"),
    (6, 3, "3-rebuild.md"), (7, 1, "1-streams.md"),
  ])
  func aPartIsAskedAlone(number: Int, part: Int, name: String) throws {
    let texts = try project.predictions(of: number, part: part)
    #expect(texts.map { $0.text.split(separator: "/").last } == [name[...]])
  }

  @Test func aPartThatIsNotThereIsTold() throws {
    #expect(throws: CourseError.self) { try project.predictions(of: 6, part: 4) }
    #expect(throws: CourseError.self) { try project.predictions(of: 7, part: 0) }
  }

  @Test func theAnswerComesAfterTheGuess() throws {
    let quiz = Quiz([("t.md", try Predictions(text, name: "t").items)])
    var told: [String] = []
    quiz.run { words in
      told.append(words)
      return told.contains { $0.contains("then") } ? "q" : "five"
    } tell: {
      told.append($0)
    }
    let all = told.joined(separator: "\n")
    #expect(told[3] == "you: " && told[4].contains("Six"))
    #expect(all.contains("And then?") && !all.contains("Nothing."))
  }

  @Test("Of a chapter in parts it is said where those begin that one has not read")
  func laterPartsAreAnnounced() throws {
    let items = try Predictions(text, name: "t").items
    var told: [String] = []
    Quiz([("t.md", items), ("2-t.md", items)]).run { _ in
      nil
    } tell: {
      told.append($0)
    }
    let later = told.indices.filter { told[$0].contains("q ends here") }
    #expect(later.map { told[$0 - 1] } == ["\n2-t.md"])
  }

  @Test func whereNobodyAnswersAllIsTold() throws {
    var told: [String] = []
    Quiz([("t.md", try Predictions(text, name: "t").items)]).run { _ in
      nil
    } tell: {
      told.append($0)
    }
    #expect(told.joined().contains("Six") && told.joined().contains("Really nothing."))
  }
}

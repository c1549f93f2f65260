// Goal: a new starter is told from the learner's file, and what was written survives it.
// Method: a starter in two versions, and files that learners could have.
import Foundation
import Testing

@testable import CourseCommand

private let old = """
  // Exercise 9.1: greet
  import A

  struct Greeter {
    /// Greets.
    func greet(_ name: String) -> String {
      TODO("9.1 greet")
    }

    func other() {}
  }

  """

private let new = old.replacingOccurrences(of: "func other() {}", with: "func other(_: Int) {}")

private let exercise = Exercise(
  id: "9.1",
  title: "Greeting",
  minutes: 5,
  source: "Greeter.swift",
  declaration: "Greeter",
  starter: "Exercises/09/Greeter.swift",
  imports: ["import A"]
)

private func written(_ text: String) -> String {
  text.replacingOccurrences(of: "TODO(\"9.1 greet\")", with: "help()\n    return name")
}

@Suite struct UpdateTests {
  @Test func whatWasAddedIsNoDifference() {
    let mine =
      "// mine\n" + written(old).replacingOccurrences(of: "  ", with: "    ")
      + "\nfunc help() {}\n"
    #expect(StarterUpdate(yours: mine, starter: old, base: nil).isCurrent)
    #expect(!StarterUpdate(yours: mine, starter: new, base: nil).isCurrent)
    #expect(StarterUpdate(yours: old, starter: old, base: nil).isCurrent)
  }

  @Test func whatWasWrittenIsCarriedOver() {
    #expect(StarterUpdate(yours: written(old), starter: new, base: old).carried == written(new))
    #expect(StarterUpdate(yours: old, starter: new, base: old).carried == new)
    // The line next to the body changes, comments are gone, and there are helpers.
    let signature = { (text: String) in
      text.replacingOccurrences(of: "_ name: String", with: "to name: String")
    }
    let helped = { (text: String) in
      written(text).replacingOccurrences(
        of: "  func other() {}\n",
        with: "  func other() {}\n  // mine\n  func help() {}\n"
      )
        + "let mine = 1\n"
    }
    let mine = helped(old).replacingOccurrences(of: "    /// Greets.\n", with: "")
    let carried = StarterUpdate(yours: mine, starter: signature(old), base: old).carried
    #expect(carried == signature(helped(old)))
  }

  @Test func whereItTakesAPersonNothingIsGuessed() {
    let mine = written(old).replacingOccurrences(of: "func other() {}", with: "func mine() {}")
    #expect(StarterUpdate(yours: mine, starter: new, base: old).carried == nil)
    #expect(StarterUpdate(yours: written(old), starter: new, base: nil).carried == nil)
    let behind = written(old).replacingOccurrences(
      of: "other() {}\n",
      with: "other() {}\n  // and\n"
    )
    #expect(StarterUpdate(yours: behind, starter: new, base: old).carried == nil)
    let twice = new.replacingOccurrences(
      of: "other(_: Int) {}",
      with: "other() {\n    TODO(\"9.1\")\n  }"
    )
    #expect(StarterUpdate(yours: written(old), starter: twice, base: old).carried == nil)
  }

  @Test func theDifferenceIsThatOfTheStarters() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    let update = StarterUpdate(yours: written(old), starter: new, base: old)
    let lines = try project.difference(update, of: exercise).split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("-") } == ["-  func other() {}"])
    #expect(lines.filter { $0.hasPrefix("+") } == ["+  func other(_: Int) {}"])
  }

  @Test func noBackupTakesThePlaceOfAnother() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    #expect(try project.backUp("one", of: exercise) == ".course/backup/9.1-1.swift")
    #expect(try project.backUp("two", of: exercise) == ".course/backup/9.1-2.swift")
    #expect(try project.read(".course/backup/9.1-1.swift") == "one")
  }
}

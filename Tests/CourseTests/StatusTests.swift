// Goal: the first screen says what to do next, and no more.
// Method: a course of two exercises in a folder of its own.
import Foundation
import Testing

@testable import CourseCommand

private let json = """
  {
    "number": 9, "title": "Greeting", "minutes": 5, "level": "all", "stage": 9,
    "invariants": [], "paper": [],
    "exercises": [
      {
        "id": "9.1", "title": "Hello", "minutes": 5, "source": "Sources/Greeter.swift",
        "declaration": "Greeter", "starter": "Exercises/09-greeting/Sources/Hello.swift",
        "imports": []
      },
      {
        "id": "9.2", "title": "A long goodbye", "minutes": 5, "source": "Sources/Greeter.swift",
        "declaration": "Greeter", "starter": "Exercises/09-greeting/Sources/Parting.swift",
        "imports": []
      }
    ]
  }
  """

@Suite struct StatusTests {
  private let starter = "Exercises/09-greeting/Sources/Parting.swift"

  private func course() throws -> Project {
    let project = try Folder.temporary()
    try project.write(json, to: "Chapters/09-greeting/chapter.json")
    try project.write("TODO(\"9.1 greet\")\n", to: "Exercises/09-greeting/Sources/Hello.swift")
    try project.write("struct Greeter {}\n", to: starter)
    return project
  }

  @Test func whatIsToDoIsReadFirst() throws {
    let project = try course()
    defer { project.discard() }
    let text = try StatusScreen(project, Progress()).text
    #expect(text.contains("  9.1  Hello           to do, 5 minutes\n"))
    #expect(text.contains("  9.2  A long goodbye  changed, not checked, 5 minutes\n"))
    #expect(text.contains("Next:  read    Chapters/09-greeting/README.md, chapter 9\n"))
    #expect(text.contains("guess   swift run course predict 9\n"))
    #expect(text.contains("swift run course check 9.1 "))
    #expect(!text.contains("replay") && !text.contains("update"))
  }

  @Test func whatFailsComesFirstAndSaysWhy() throws {
    let project = try course()
    defer { project.discard() }
    try project.write("", to: ".course/fail/9.2.1-7.trace")
    var progress = Progress()
    let digest = Progress.digest(of: try project.read(starter))
    progress.results["9.2"] = Progress.Result(standing: .failing, digest: digest)
    let text = try StatusScreen(project, progress).text
    #expect(
      text.contains("Next:  why?    swift run course replay .course/fail/9.2.1-7.trace --step\n")
    )
    #expect(text.contains("       check   swift run course check 9.2 "))
    #expect(!text.contains("predict"))
  }

  @Test func newStartersAreTold() throws {
    let project = try course()
    defer { project.discard() }
    let source = """
      struct Greeter {
        // exercise 9.2: part
        func part() -> Int {
          1
        }
        // end 9.2
      }
      """
    try project.write(source, to: "Sources/Greeter.swift")
    let text = try StatusScreen(project, Progress()).text
    #expect(text.hasSuffix("New starters, for 9.2: swift run course update"))
  }
}

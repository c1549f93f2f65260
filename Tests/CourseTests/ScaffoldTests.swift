// Goal: a new exercise is entered where the course looks for it, and what it lacks is told.
// Method: small files; a course of one exercise in a folder of its own.
import Foundation
import Testing

@testable import CourseCommand

private let scaffold = Scaffold(
  exercise: Exercise(
    id: "9.2",
    title: "Parting",
    minutes: 10,
    source: "Sources/Greeter.swift",
    declaration: "Greeter",
    starter: "Exercises/09-greeting/Sources/Greeter.swift",
    imports: ["import CorfuChecks", "import A"]
  ),
  task: "say goodbye"
)

private let source = """
  import A

  struct Greeter {
    // exercise 9.1: greet
    func greet() -> String {
      "hello"
    }
    // end 9.1

    /// Parts.
    func part() -> String {
      "goodbye"
    }
  }

  """

private let json = """
  {
    "number": 9, "title": "Greeting", "minutes": 5, "level": "all", "stage": 9,
    "invariants": [], "paper": [],
    "exercises": [
      {
        "id": "9.1", "title": "Greeting", "minutes": 5, "source": "Sources/Greeter.swift",
        "declaration": "Greeter", "starter": "Exercises/09-greeting/Sources/Hello.swift",
        "imports": []
      }
    ],
    "parts": [
      { "text": "1-first.md", "minutes": 3, "exercises": ["9.1"] },
      { "text": "2-second.md", "minutes": 2, "exercises": [] }
    ]
  }

  """

@Suite struct ScaffoldTests {
  @Test func markersStandAroundTheDeclaration() throws {
    let marked = try scaffold.marked("Greeter.part", in: source)
    let starter = try Starter(scaffold.exercise, from: marked)
    #expect(
      starter.text.contains(
        "  /// Parts.\n  func part() -> String {\n    TODO(\"9.2 say goodbye\")"
      )
    )
    #expect(marked.contains("  // exercise 9.2: say goodbye\n  /// Parts."))
    #expect(try Starter(first, from: marked).text.contains("\"goodbye\""))
  }

  private var first: Exercise {
    Exercise(
      id: "9.1",
      title: "",
      minutes: 1,
      source: "Sources/Greeter.swift",
      declaration: "Greeter",
      starter: "",
      imports: []
    )
  }

  @Test func whatCannotBeMarkedIsRefused() {
    for function in ["Greeter.greet", "Greeter.absent", "Other.part", "Greeter"] {
      #expect(throws: CourseError.self) { try scaffold.marked(function, in: source) }
    }
  }

  @Test func theChapterKnowsIt() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    for (part, lists) in [
      ("1-first.md", [["9.1", "9.2"], []]), ("2-second.md", [["9.1"], ["9.2"]]),
    ] {
      let entered = try scaffold.entered(in: json, part: part)
      try project.write(entered, to: "Chapters/09-greeting/chapter.json")
      let chapter = try #require(try project.chapters().first)
      #expect(chapter.exercises.map(\.id) == ["9.1", "9.2"])
      #expect(chapter.exercises[1] == scaffold.exercise)
      #expect(chapter.parts?.map(\.exercises) == lists)
    }
    #expect(throws: CourseError.self) { try scaffold.entered(in: json, part: "3-third.md") }
    #expect(throws: CourseError.self) { try scaffold.entered(in: "{}", part: nil) }
  }

  @Test func whatIsLackingIsTold() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    let folder = "Exercises/09-greeting"
    try project.write(json, to: "Chapters/09-greeting/chapter.json")
    try project.write("# Greeting\n", to: "Chapters/09-greeting/README.md")
    try project.write(source, to: "Sources/Greeter.swift")
    #expect(try project.lacks(of: scaffold.exercise).count == 6)
    let marked = try scaffold.marked("Greeter.part", in: source)
    try project.write(marked, to: "Sources/Greeter.swift")
    try project.write("", to: scaffold.exercise.starter)
    try project.write("# Greeting\n\n9.2 is yours.\n", to: "Chapters/09-greeting/README.md")
    try project.write("# Hints\n" + scaffold.hints, to: folder + "/hints.md")
    try project.write("# Notes\n" + scaffold.notes, to: folder + "/notes.md")
    let left = try project.lacks(of: scaffold.exercise)
    #expect(left.map { $0.prefix { $0 != ":" } } == ["hints.md", "notes.md", "mutants"])
    let hints = scaffold.hints.replacingOccurrences(of: "\n\n", with: "\n\nThink.\n\n")
    try project.write("# Hints\n" + hints + "Do.\n", to: folder + "/hints.md")
    try project.write("# Notes\n" + scaffold.notes + "\nWell.\n", to: folder + "/notes.md")
    for name in ["a", "b", "c"] {
      try project.write("", to: "\(folder)/mutants/9.2-\(name).patch")
      try project.write("9.2.1 I9.1\nno\n", to: "\(folder)/mutants/9.2-\(name).expected")
    }
    #expect(try project.lacks(of: scaffold.exercise) == [])
  }
}

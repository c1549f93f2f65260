// Goal: what is missing is told, with what to do; what is there is not found fault with.
// Method: folders that are healthy or ill on purpose.
import Foundation
import Testing

@testable import CourseCommand

@Suite struct DoctorTests {
  private func examine(_ files: [String: String]) throws -> (Examination, Project) {
    let project = try Folder.temporary()
    for (path, text) in files { try project.write(text, to: path) }
    return (Examination(project), project)
  }

  @Test(arguments: [
    ("Swift version 6.3.1 (swift-6.3.1-RELEASE)", Diagnosis.Verdict.good),
    ("Apple Swift version 6.10 (x)", .good), ("Swift version 6.2-dev", .good),
    ("Swift version 6.1.2", .bad), ("Swift version 5.10", .bad), ("no idea", .bad),
  ])
  func compilersAreOldOrNot(words: String, verdict: Diagnosis.Verdict) throws {
    let (examination, project) = try examine(["Package.swift": "// swift-tools-version: 6.2\n"])
    defer { project.discard() }
    let diagnosis = examination.toolchain(words)
    #expect(diagnosis.verdict == verdict)
    #expect(diagnosis.advice.isEmpty == (verdict == .good))
    #expect(examination.toolchain(nil).verdict == .bad)
  }

  @Test func roomIsEnoughOrNot() {
    #expect(Examination.room(free: Examination.roomMin).verdict == .good)
    #expect(Examination.room(free: Examination.roomMin - 1).verdict == .bad)
  }

  @Test func damagedProgressIsTold() throws {
    let (examination, project) = try examine([".course/progress.json": "{"])
    defer { project.discard() }
    #expect(examination.progress().verdict == .bad)
    try project.remove(".course/progress.json")
    #expect(examination.progress().verdict == .good)
  }

  @Test func buildsOfAnotherPlaceOrCompilerAreTold() throws {
    let version = ".build/debug/swift-version-1.txt"
    let (examination, project) = try examine([version: "Swift version 6.3.1 (x)"])
    defer { project.discard() }
    let verdict = { (compiler: String) in
      examination.builds(in: ".build", compiler: compiler).verdict
    }
    #expect(verdict("Swift version 6.3.1") == .good)
    let here = project.url(".build").path(percentEncoded: false)
    try project.write("  \"\(here)/debug/a.o\"\n", to: ".build/debug.yaml")
    #expect(verdict("Swift version 6.3.1") == .good)
    #expect(verdict("Swift version 6.4") == .odd)
    try project.write("  \"/elsewhere/.build/debug/a.o\"\n", to: ".build/debug.yaml")
    #expect(verdict("Swift version 6.3.1") == .bad)
  }

  @Test func aMissingFileIsNamedWithItsCure() throws {
    let chapter = """
      {"number": 9, "title": "T", "minutes": 1, "level": "l", "stage": 9, "invariants": [],
       "paper": [], "exercises": [{"id": "9.1", "title": "T", "minutes": 1, "source": "a",
       "declaration": "A", "starter": "Exercises/09/A.swift", "imports": []}]}
      """
    let (examination, project) = try examine(["Chapters/09-t/chapter.json": chapter])
    defer { project.discard() }
    #expect(examination.files().verdict == .bad)
    #expect(examination.files().advice.contains("swift run course reset 9.1"))
    try project.write("", to: "Exercises/09/A.swift")
    #expect(examination.files().verdict == .good)
  }

  @Test func aLineSaysWhatAndASecondOneWhatToDo() {
    let good = Diagnosis(verdict: .good, topic: "disk", finding: "much room")
    #expect(good.text == "ok    disk        much room")
    let bad = Diagnosis(verdict: .bad, topic: "disk", finding: "full", advice: "make room")
    #expect(bad.text == "BAD   disk        full\n                  make room")
  }

  @Test func oneCanListenOnThisMachine() {
    #expect(Loopback.diagnosis().verdict == .good)
  }
}

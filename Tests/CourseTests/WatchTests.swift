// Goal: a watch hands out what changed, all of it, and nothing else.
// Method: files in a folder of its own, changed between two looks.
import Testing

@testable import CourseCommand

private func exercise(_ id: String) -> Exercise {
  let file = "Exercises/\(id.prefix { $0 != "." })/Sources/\(id).swift"
  return Exercise(
    id: id,
    title: id,
    minutes: 5,
    source: file,
    declaration: "A",
    starter: file,
    imports: []
  )
}

@Suite struct WatchTests {
  private let exercises = ["8.1", "9.1", "9.2"].map(exercise)

  @Test func onlyWhatChangedIsHandedOut() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    for exercise in exercises { try project.write("old", to: exercise.starter) }
    var watch = Watch(exercises)
    #expect(watch.changes(in: project).map(\.id) == ["8.1", "9.1", "9.2"])
    for exercise in exercises { watch.note(.passed, of: exercise) }
    #expect(watch.changes(in: project).isEmpty)
    try project.write("new", to: exercises[1].starter)
    #expect(watch.changes(in: project).map(\.id) == ["9.1"])
    #expect(watch.changes(in: project).isEmpty)
  }

  @Test func whoWaitedForItIsCheckedAgain() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    for exercise in exercises { try project.write("old", to: exercise.starter) }
    var watch = Watch(exercises)
    _ = watch.changes(in: project)
    for exercise in exercises { watch.note(.failing, of: exercise) }
    #expect(watch.changes(in: project).isEmpty)
    // 9.2 may not have compiled because of it; 8.1 is of another chapter.
    try project.write("new", to: exercises[1].starter)
    #expect(watch.changes(in: project).map(\.id) == ["9.1", "9.2"])
  }

  @Test func whatIsSettledWaitsForAChange() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    for exercise in exercises { try project.write("old", to: exercise.starter) }
    var watch = Watch(exercises)
    watch.skip(exercises[0], Progress.digest(of: "old"))
    watch.skip(exercises[1], Progress.digest(of: "older"))
    #expect(watch.changes(in: project).map(\.id) == ["9.1", "9.2"])
  }

  @Test func aFileThatIsBeingSavedHasNotChangedYet() throws {
    let project = try Folder.temporary()
    defer { project.discard() }
    try project.write("old", to: exercises[0].starter)
    var watch = Watch([exercises[0]])
    _ = watch.changes(in: project)
    watch.note(.passed, of: exercises[0])
    try project.remove(exercises[0].starter)
    #expect(watch.changes(in: project).isEmpty)
    try project.write("old", to: exercises[0].starter)
    #expect(watch.changes(in: project).isEmpty)
  }
}

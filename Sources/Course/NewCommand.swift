import ArgumentParser
import Foundation

/// `course new`: the scaffold of an exercise.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Begins an exercise: markers, starter, chapter.json, hints, notes, mutants.",
    discussion: """
      course new 2.5 --title 'The next slip' --task 'tell the next position' \
      --source Sources/Sequencer/Sequencer.swift --function Sequencer.peek

      --check tells what an exercise still lacks, or all of them; exit status 1 if anything.
      """
  )

  @Argument(help: "The exercise: 2.5. With --check, all if left out.")
  var id: String?

  @Option(help: "Its title.")
  var title: String?

  @Option(help: "What is to be done, in half a sentence.")
  var task: String?

  @Option(help: "The reference's file.")
  var source: String?

  @Option(help: "The declaration in it whose body is to be written: Sequencer.peek.")
  var function: String?

  @Option(help: "How long it takes, in minutes.")
  var minutes = 30

  @Option(help: "The part of the chapter that it belongs to: 2-layout.md.")
  var part: String?

  @Flag(help: "Only tell what is lacking.")
  var check = false

  func validate() throws {
    if check { return }
    guard id != nil, title != nil, task != nil, source != nil, let function else {
      throw ValidationError("a new exercise needs a number, --title, --task, --source, --function")
    }
    if !function.contains(".") {
      throw ValidationError("--function is a type and what it declares: Sequencer.peek")
    }
  }

  func run() throws {
    let project = try Project.find()
    if check { return try tellLacks(project) }
    // `validate` has seen to it that all are there.
    guard let id, let title, let task, let source, let function else { return }
    let (chapter, folder) = try place(of: id, in: project)
    if (chapter.parts == nil) != (part == nil) {
      throw CourseError("chapter \(chapter.number) is \(part == nil ? "" : "not ")in parts: --part")
    }
    let exercises = "Exercises/" + (folder.split(separator: "/").last ?? "")
    let scaffold = Scaffold(
      exercise: Exercise(
        id: id,
        title: title,
        minutes: minutes,
        source: source,
        declaration: function.split(separator: ".").dropLast().joined(separator: "."),
        starter: try starterPath(in: exercises, source, project),
        imports: imports(of: try project.read(source), source)
      ),
      task: task
    )
    let marked = try scaffold.marked(function, in: project.read(source))
    // Whether a starter can be cut is found out before anything is written.
    let starter = try Starter(scaffold.exercise, from: marked)
    let json = folder + "/chapter.json"
    let entered = try scaffold.entered(in: project.read(json), part: part)
    try project.write(marked, to: source)
    try project.write(entered, to: json)
    try project.write(starter.text, to: scaffold.exercise.starter)
    for (name, text) in [("hints.md", scaffold.hints), ("notes.md", scaffold.notes)] {
      let path = "\(exercises)/\(name)"
      let known = project.exists(path) ? try project.read(path) : "# \(chapter.title)\n"
      try project.write(known + text, to: path)
    }
    print("\(id) is begun: \(source), \(json), \(scaffold.exercise.starter)")
    print("Its checks belong into Sources/Checks and \(exercises)/Check/main.swift.")
    print("A wrong answer is mutants/\(id)-NAME.patch, and NAME.expected with two lines: the check")
    print(
      "and the invariant that catch it, as '\(id).1 I\(chapter.number).1', and what the story says."
    )
    try tellLacks(project)
  }

  private func place(
    of id: String,
    in project: Project
  ) throws(CourseError) -> (Chapter, folder: String) {
    let numbers = id.split(separator: ".").compactMap { Int($0) }
    let chapters = try project.chapters()
    guard numbers.count == 2, let chapter = chapters.first(where: { $0.number == numbers[0] })
    else {
      throw CourseError("'\(id)' is no exercise of a chapter that exists: say 2.5")
    }
    if chapter.exercises.contains(where: { $0.id == id }) {
      throw CourseError("there is an exercise \(id) already")
    }
    return (chapter, try project.folder(of: chapter))
  }

  /// A file of its own, named after the reference's.
  private func starterPath(
    in folder: String,
    _ source: String,
    _ project: Project
  ) throws(CourseError) -> String {
    let path = "\(folder)/Sources/" + (source.split(separator: "/").last ?? "")
    if project.exists(path) {
      throw CourseError("\(path) is another exercise's: a learner's file holds one")
    }
    return path
  }

  /// What the reference imports, the checks, and the reference's own module.
  private func imports(of text: String, _ source: String) -> [String] {
    let known = text.split(separator: "\n").filter { $0.contains("import ") }
      .prefix { !$0.hasPrefix("///") }.map { String($0) }
      .filter { $0.hasPrefix("import ") || $0.hasPrefix("public import ") }
    let folders = source.split(separator: "/")
    let own =
      folders.count > 2 && folders[1] != "Checks" ? ["public import Corfu\(folders[1])"] : []
    return ["import CorfuChecks"] + (known + own).filter { !$0.hasSuffix(" CorfuChecks") }
  }

  private func tellLacks(_ project: Project) throws {
    var isWhole = true
    for exercise in try project.exercises(named: id) {
      for lack in try project.lacks(of: exercise) {
        isWhole = false
        print("\(exercise.id)  lacks  \(lack)")
      }
    }
    if isWhole { print("nothing is lacking; 'course verify' proves the rest") }
    if check, !isWhole { throw ExitCode(1) }
  }
}

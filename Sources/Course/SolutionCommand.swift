import ArgumentParser

/// `course solution`: what we wrote.
struct SolutionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solution",
    abstract: "Shows what we wrote, or how yours differs from it. Changes nothing.",
    discussion: "It asks you to read the hints first, unless yours passes or you give up."
  )

  @Argument(help: "The exercise: 1.3.")
  var id: String

  @Flag(help: "Show the difference between yours and ours.")
  var diff = false

  @Flag(help: "Show it though hints are left.")
  var giveUp = false

  func run() throws {
    let project = try Project.find()
    let exercise = try project.exercise(id)
    let progress = try Progress.load(from: project)
    let left = try progress.hintsLeft(of: exercise, in: project)
    if !giveUp, left > 0 {
      throw CourseError(
        "there \(left == 1 ? "is 1 more hint" : "are \(left) more hints"): "
          + "swift run course hint \(exercise.id)     "
          + "or: swift run course solution \(exercise.id) --give-up"
      )
    }
    let solution = try project.starter(of: exercise).solution
    guard diff else {
      print(solution, terminator: "")
      return
    }
    guard project.exists(exercise.starter) else {
      throw CourseError("\(exercise.starter) is not there: swift run course reset \(exercise.id)")
    }
    let folder = ".course/solution/\(exercise.id)"
    try project.write(CodeLines.of(project.read(exercise.starter)), to: folder + ".yours")
    try project.write(CodeLines.of(solution), to: folder + ".ours")
    let result = try CourseCommand.run(
      ["diff", "-u", "-b", "-B", folder + ".yours", folder + ".ours"],
      in: project.root
    )
    guard result.status <= 1 else { throw CourseError("diff failed: \(result.output)") }
    if result.status == 0 { return print("no difference, comments and blanks aside") }
    print("- yours, + ours; comments and blanks are left aside\n")
    print(CodeLines.readable(diff: result.output), terminator: "")
  }
}

extension Progress {
  /// How many hints to an exercise were not read yet; none count where it passes.
  func hintsLeft(of exercise: Exercise, in project: Project) throws(CourseError) -> Int {
    if try standing(of: exercise, in: project) == .passed { return 0 }
    let hints = Hints(try project.read(exercise.folder + "/hints.md")).hints(for: exercise.id)
    return max(0, hints.count - (self.hints[exercise.id] ?? 0))
  }
}

/// What counts when two versions of an exercise are compared.
enum CodeLines {
  /// The lines that hold code: what a comment says of them is everybody's own affair.
  static func of(_ text: String) -> String {
    let lines = text.split(separator: "\n").filter { line in
      let code = line.drop { $0 == " " }
      return !code.isEmpty && !code.hasPrefix("//")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A unified difference without what only a program reads: names, times and line numbers.
  static func readable(diff: String) -> String {
    var lines: [String] = []
    for line in diff.split(separator: "\n").dropFirst(2) {
      if !line.hasPrefix("@@") {
        lines.append(String(line))
      } else if !lines.isEmpty {
        lines.append("  …")
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// `course reset`: begin anew.
struct ResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Puts the starter back. What you wrote is kept in .course/backup."
  )

  @Argument(help: "The exercise: 1.3.")
  var id: String

  func run() throws {
    let project = try Project.find()
    let exercise = try project.exercise(id)
    let starter = try project.starter(of: exercise)
    if project.exists(exercise.starter) {
      let text = try project.read(exercise.starter)
      if text == starter.text {
        return print("\(exercise.starter) is the starter already")
      }
      print("kept what you wrote in \(try project.backUp(text, of: exercise))")
    }
    try project.write(starter.text, to: exercise.starter)
    try project.noteStarter(of: exercise)
    print("\(exercise.starter) is the starter again")
  }
}

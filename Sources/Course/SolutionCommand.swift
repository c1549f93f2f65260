import ArgumentParser

/// `course solution`: what we wrote.
struct SolutionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solution",
    abstract: "Shows what we wrote, or how yours differs from it. Changes nothing."
  )

  @Argument(help: "The exercise: 1.3.")
  var id: String

  @Flag(help: "Show the difference between yours and ours.")
  var diff = false

  func run() throws {
    let project = try Project.find()
    let exercise = try project.exercise(id)
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
        print("\(exercise.starter) is the starter already")
        return
      }
      var number = 1
      while project.exists(".course/backup/\(exercise.id)-\(number).swift") { number += 1 }
      try project.write(text, to: ".course/backup/\(exercise.id)-\(number).swift")
      print("kept what you wrote in .course/backup/\(exercise.id)-\(number).swift")
    }
    try project.write(starter.text, to: exercise.starter)
    print("\(exercise.starter) is the starter again")
  }
}

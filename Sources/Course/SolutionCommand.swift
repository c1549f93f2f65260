import ArgumentParser
import Foundation

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
    let ours = ".course/solution/\(exercise.id).swift"
    try project.write(solution, to: ours)
    let result = try CourseCommand.run(["diff", "-u", exercise.starter, ours], in: project.root)
    guard result.status <= 1 else { throw CourseError("diff failed: \(result.output)") }
    print(result.status == 0 ? "no difference" : result.output)
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

import ArgumentParser
import Foundation

/// `course check`: says whether it is right.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Runs the checks on what you wrote.",
    discussion: """
      Exit status: 0 if all passed, 75 if something is still to do, 1 if something fails. What \
      happened before a failure is kept in .course/fail; 'course replay' shows it.
      """
  )

  @Argument(
    help: "An exercise (1.3), one of its checks (1.3.2) or a chapter (1). All, if left out."
  )
  var id: String?

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "How many seeds.")
  var runs: UInt64 = 50

  @Flag(help: "Stay, and check again what changes. Ctrl-C ends it.")
  var watch = false

  func validate() throws {
    if runs == 0 { throw ValidationError("--runs takes 1 or more") }
    if seed > .max - runs { throw ValidationError("--seed and --runs are too large together") }
  }

  func run() throws {
    let project = try Project.find()
    let exercises = try project.exercises(named: id)
    let round = CheckRound(project, id, seed: seed, runs: runs)
    if watch {
      try Watching(round, exercises).run()
    } else {
      let standings = try round.check(exercises)
      if standings.contains(.failing) { throw ExitCode(1) }
      if standings.contains(.toDo) { throw ExitCode(75) }
    }
  }
}

/// Exercises checked one after the other, and how they stand noted.
struct CheckRound {
  let project: Project
  /// What the learner named: a chapter, an exercise, or a check.
  private let id: String?
  private let seed: UInt64
  private let runs: UInt64

  /// Fewer seeds than these tell too little to be remembered as passed.
  private static let runsMin: UInt64 = 50

  /// A round with these seeds.
  init(_ project: Project, _ id: String?, seed: UInt64, runs: UInt64) {
    self.project = project
    self.id = id
    self.seed = seed
    self.runs = runs
  }

  /// Checks some exercises, and prints what came of each.
  func check(_ exercises: [Exercise]) throws(CourseError) -> [Standing] {
    // If what was noted cannot be read, that is said before the work and not after it.
    _ = try Progress.load(from: project)
    var results: [String: Progress.Result] = [:]
    var standings: [Standing] = []
    for exercise in exercises {
      let isBuilt = project.exists("Exercises/.build/debug/" + exercise.checkProgram)
      let patience = isBuilt ? "" : "; the first time takes a minute or two"
      tell("Building exercise \(exercise.id)\(patience) …")
      let name = id.map { $0.hasPrefix(exercise.id) ? $0 : exercise.id } ?? exercise.id
      // What is judged is what is there now; a learner may write on meanwhile.
      let text = project.exists(exercise.starter) ? try project.read(exercise.starter) : nil
      // Where the sources are being changed a starter cannot be cut; the checks do not need it.
      try? project.noteStarter(of: exercise)
      let arguments = [name, "--seed", String(seed), "--runs", String(runs)]
      let (standing, output) = try CheckRun.of(exercise, arguments, in: project)
      print(output, terminator: output.hasSuffix("\n") ? "" : "\n")
      // In a pipe, too, what was found is to be read now.
      fflush(nil)
      standings.append(standing)
      // So does one check of several.
      guard let text, name == exercise.id, runs >= Self.runsMin || standing != .passed
      else { continue }
      results[exercise.id] = Progress.Result(
        standing: standing,
        digest: Progress.digest(of: text)
      )
    }
    // Checks take their time: meanwhile a hint may have been read, or another exercise checked.
    var progress = try Progress.load(from: project)
    progress.results.merge(results) { _, new in new }
    try progress.save(to: project)
    return standings
  }
}

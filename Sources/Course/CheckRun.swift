/// The learner's package, built and asked how an exercise stands.
struct CheckRun {
  /// Builds the program of an exercise's checks and runs them.
  ///
  /// - Parameters:
  ///   - exercise: Which exercise.
  ///   - arguments: What the program is told, `["1.3", "--seed", "7"]`.
  ///   - project: The clone, or a scratch copy of it.
  /// - Returns: How it stands, and what a learner should read.
  /// - Throws: ``CourseError`` if there is no compiler to be found.
  static func of(
    _ exercise: Exercise,
    _ arguments: [String],
    in project: Project
  ) throws(CourseError) -> (standing: Standing, output: String) {
    let build = try build(exercise.checkProgram, in: project)
    guard build.status == 0 else {
      let errors = build.lines.filter { $0.contains("error:") && $0.contains("/") }
      let shown = errors.isEmpty ? build.lines.suffix(20) : errors.prefix(10)
      let text = shown.map { "     " + $0 }.joined(separator: "\n")
      return (.failing, "\(exercise.id)  does not compile\n\(text)")
    }
    let program = ".build/debug/" + exercise.checkProgram
    let result = try run([program] + arguments, in: project.url("Exercises"))
    return (standing(status: result.status), result.output)
  }

  /// Builds a product of the learner's package.
  static func build(_ product: String, in project: Project) throws(CourseError) -> ShellResult {
    try run(["swift", "build", "--product", product], in: project.url("Exercises"))
  }

  private static func standing(status: Int32) -> Standing {
    switch status {
    case 0: .passed
    case 75: .toDo
    default: .failing
    }
  }
}

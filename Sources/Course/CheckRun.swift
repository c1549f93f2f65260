/// The learner's package, built and asked how an exercise stands.
struct CheckRun {
  /// Builds the program of an exercise's checks and runs them; the traces of what failed are kept.
  ///
  /// - Parameters:
  ///   - exercise: Which exercise.
  ///   - arguments: What the program is told, `["1.3", "--seed", "7"]`.
  ///   - project: The clone.
  /// - Returns: How it stands, and what a learner should read.
  /// - Throws: ``CourseError`` if there is no compiler to be found.
  static func of(
    _ exercise: Exercise,
    _ arguments: [String],
    in project: Project
  ) throws(CourseError) -> (standing: Standing, output: String) {
    let build = try build(exercise.checkProgram, in: project)
    guard build.status == 0 else {
      let all = try project.exercises(named: nil)
      return (.failing, complaint(build, about: exercise, among: all))
    }
    let program = ".build/debug/" + exercise.checkProgram
    let result = try run([program] + arguments + ["--traces"], in: project.url("Exercises"))
    let report = try TracedReport(result.output)
    if let name = arguments.first, name.hasPrefix(exercise.id) {
      try project.keep(report, of: name)
    }
    return (standing(status: result.status), report.text)
  }

  /// What a learner should read of a build that failed.
  ///
  /// The exercises of a chapter are one module: a mistake in the file of one stops them all.
  ///
  /// - Parameters:
  ///   - build: What the compiler said.
  ///   - exercise: The exercise that was to be checked.
  ///   - all: The exercises of the course; without them no other's file is known as such.
  /// - Returns: The errors, and of which other exercises the files are that have some.
  static func complaint(
    _ build: ShellResult,
    about exercise: Exercise,
    among all: [Exercise] = []
  ) -> String {
    let errors = build.lines.filter { $0.contains("error:") }
    let others = all.filter { other in
      other.id != exercise.id && errors.contains { $0.contains("/" + other.starter + ":") }
    }
    let words = others.map { other in
      "\n     \(other.starter) is the file of \(other.id), not of \(exercise.id): mend it, or "
        + "'swift run course reset \(other.id)' gives the starter back, and yours is kept."
    }
    return "\(exercise.id)  does not compile\n\(Self.errors(of: build))" + words.joined()
  }

  /// Builds a product of the learner's package, or all of it.
  ///
  /// - Parameters:
  ///   - product: Which; all of them if `nil`.
  ///   - project: The clone, or a scratch copy of it.
  ///   - options: What else the package manager is told. Other options build everything anew.
  /// - Returns: What the compiler said.
  /// - Throws: ``CourseError`` if there is no compiler to be found.
  static func build(
    _ product: String?,
    in project: Project,
    options: [String] = []
  ) throws(CourseError) -> ShellResult {
    try forgetStalePlan(in: project)
    let words = product.map { ["--product", $0] } ?? []
    return try run(["swift", "build"] + options + words, in: project.url("Exercises"))
  }

  /// What the compiler objects to, or the end of what it said.
  static func errors(of build: ShellResult) -> String {
    let errors = build.lines.filter { $0.contains("error:") && $0.contains("/") }
    let shown = errors.isEmpty ? build.lines.suffix(20) : errors.prefix(10)
    return shown.map { "     " + $0 }.joined(separator: "\n")
  }

  /// Makes the next build look for files anew if some came or went since the last.
  ///
  /// The package manager would not notice that in the package above, and fail over a file that is
  /// gone, as after an update of the course.
  private static func forgetStalePlan(in project: Project) throws(CourseError) {
    let known = "Exercises/.build/course-files"
    let files = try project.files(below: "Sources") + project.files(below: "Exercises")
    let list = files.joined(separator: "\n") + "\n"
    if project.exists(known), try project.read(known) == list { return }
    try project.remove("Exercises/.build/debug.yaml")
    try project.write(list, to: known)
  }

  /// What an exit status of the checks says.
  static func standing(status: Int32) -> Standing {
    switch status {
    case 0: .passed
    case 75: .toDo
    default: .failing
    }
  }
}

/// The learner's program, `mycorfu`: it runs at every stage wherever a learner is on the way, and
/// takes only those of their parts whose checks are green.
extension Verification {
  /// The last stage that `mycorfu` has.
  private static let stageMax = 7

  /// Goes the way of a learner: nothing solved, then chapter after chapter.
  mutating func proveProgram() throws(CourseError) {
    for exercise in try project.exercises(named: nil) {
      try scratch.project.write(project.starter(of: exercise).text, to: exercise.starter)
    }
    var progress = Progress()
    try prove("nothing solved", solved: 0, progress)
    for chapter in try project.chapters() where chapter.stage <= Self.stageMax {
      for exercise in chapter.exercises {
        let solution = try project.starter(of: exercise).solution
        try scratch.project.write(solution, to: exercise.starter)
        progress.results[exercise.id] = Progress.Result(
          standing: .passed,
          digest: Progress.digest(of: solution)
        )
      }
      let what = "chapters up to \(chapter.number) solved"
      try prove(what, solved: chapter.stage, progress)
    }
    try proveShownRuns()
    try proveChoice(progress)
    times.end("running mycorfu")
  }

  /// What chapters show of it is what it prints, but for numbers, which differ from run to run, and
  /// for whose the parts are.
  private mutating func proveShownRuns() throws(CourseError) {
    for path in try project.texts() {
      // What `--mine` says of a part that is to do is for `proveChoice`.
      for run in ShownRun.all(in: try project.read(path)) where !run.words.contains("--mine") {
        let result = try CourseCommand.run(
          [".build/debug/mycorfu"] + run.words,
          in: scratch.project.url("Exercises"),
          secondsMax: 60
        )
        let words = run.words.joined(separator: " ")
        let isTrue = ShownRun.inCommon(result.lines) == run.lines
        report(
          "\(path): 'mycorfu \(words)' prints what is shown",
          isTrue ? nil : "\n" + result.output
        )
      }
    }
  }

  /// Every stage runs; one that is solved with the learner's parts alone, the others with ours too.
  private mutating func prove(
    _ what: String,
    solved: Int,
    _ progress: Progress
  ) throws(CourseError) {
    let what = "mycorfu: runs at every stage with \(what)"
    try progress.save(to: scratch.project)
    let build = try programs.build("mycorfu" as String?)
    times.end("building mycorfu")
    guard build.status == 0 else { return report(what, "it does not build\n\(build.output)") }
    var problem: String?
    for stage in 1...Self.stageMax where problem == nil {
      let result = try runProgram(["--stage", String(stage)])
      let end = stage < 5 ? "the log ends at 15;" : "two"
      // Chapter 1's part is in no later stage.
      let isNone = solved < min(stage, 2)
      let isRight =
        result.status == 0 && result.output.contains(end)
        && result.namesOurs == (stage > solved)
        && result.output.contains("yours: none") == isNone
      if !isRight {
        problem = "at stage \(stage), exit status \(result.status)\n\(result.output)"
      }
    }
    report(what, problem)
    times.end("running mycorfu")
  }

  /// What was changed since it was checked is ours again, unless `--mine` wants it; and what
  /// `--mine` wants though it is to do says so.
  private mutating func proveChoice(_ progress: Progress) throws(CourseError) {
    guard let exercise = try project.exercises(named: "3").first else { return }
    let starter = try project.starter(of: exercise)
    try scratch.project.write(starter.solution + "// changed\n", to: exercise.starter)
    let changed = try runProgram(["--stage", "3"])
    report(
      "mycorfu: uses no part that was changed since it was checked",
      changed.lines.contains { $0.hasPrefix("ours:  \(exercise.id) (changed") }
        ? nil : changed.output
    )
    let wanted = try runProgram(["--stage", "3", "--mine", exercise.id])
    report(
      "mycorfu: uses a part all the same that --mine names",
      wanted.status == 0 && !wanted.namesOurs ? nil : wanted.output
    )
    try scratch.project.write(starter.solution, to: exercise.starter)
  }

  /// Runs it as it was built last.
  private func runProgram(_ words: [String]) throws(CourseError) -> ShellResult {
    try scratch.project.write("append one\nseal\nappend two\nscan\n", to: "Exercises/commands")
    let options = words + ["--clients", "3", "--appends", "5"]
    return try CourseCommand.run(
      ["sh", "-c", "exec .build/debug/mycorfu \"$@\" < commands", "mycorfu"] + options,
      in: scratch.project.url("Exercises"),
      secondsMax: 60
    )
  }
}

extension ShellResult {
  /// Whether `mycorfu` said that some of its parts are the reference's.
  fileprivate var namesOurs: Bool { lines.contains { $0.hasPrefix("ours:") } }
}

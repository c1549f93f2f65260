import Foundation

/// The exercises of all chapters, side by side: round by round one more of each chapter is solved.
///
/// In each round one build serves all chapters, and so does one for a wrong answer of each.
extension Verification {
  /// A chapter's exercises, up to the last that is to be proven.
  private struct Lane {
    let exercises: [Exercise]
    /// Those that are to be proven.
    let chosen: Set<String>

    /// The exercise of a round, if it is to be proven.
    func exercise(_ round: Int) -> Exercise? {
      guard exercises.indices.contains(round) else { return nil }
      return chosen.contains(exercises[round].id) ? exercises[round] : nil
    }
  }

  /// Proves starters, references and wrong answers.
  mutating func proveExercises(_ chosen: [Exercise]) throws(CourseError) {
    let ids = Set(chosen.map(\.id))
    var lanes: [Lane] = []
    for chapter in try project.chapters() {
      guard let last = chapter.exercises.lastIndex(where: { ids.contains($0.id) }) else { continue }
      lanes.append(Lane(exercises: Array(chapter.exercises[...last]), chosen: ids))
    }
    let names = lanes.compactMap(\.exercises.first?.checkProgram)
    var warnings: [Substring] = []
    for round in 0...(lanes.map(\.exercises.count).max() ?? 0) {
      for lane in lanes where round > 0 && lane.exercises.indices.contains(round - 1) {
        let exercise = lane.exercises[round - 1]
        try scratch.project.write(project.starter(of: exercise).solution, to: exercise.starter)
      }
      let build = try programs.build(names)
      if round == 0 { warnings = build.lines.filter { $0.contains("warning:") } }
      times.end("building starters and references")
      try proveStarters(lanes.compactMap { $0.exercise(round) }, warnings)
      let solved = lanes.compactMap { $0.exercise(round - 1) }
      try proveReferences(solved)
      times.end("asking starters and references")
      try proveMutants(of: solved, names)
    }
  }

  private mutating func proveStarters(
    _ exercises: [Exercise],
    _ warnings: [Substring]
  ) throws(CourseError) {
    let answers = try programs.ask(exercises.map { .init($0, [$0.id]) })
    for (exercise, answer) in zip(exercises, answers) {
      let what = "\(exercise.id): the starter builds without warnings and is to do"
      if let warning = warnings.first(where: { $0.contains(exercise.starter) }) {
        report(what, String(warning))
      } else {
        report(
          what,
          answer.standing == .toDo ? nil : "it is \(answer.standing.words)\n\(answer.output)"
        )
      }
    }
  }

  private mutating func proveReferences(_ exercises: [Exercise]) throws(CourseError) {
    // One after the other: some run real processes, and would be in each other's way.
    let answers = try programs.ask(exercises.map { .init($0, [$0.id, "--runs", String(runs)]) })
    let traces = exercises.map { CheckPrograms.Question($0, ["trace", $0.id, "--seed", "7"]) }
    let (firsts, seconds) = (try programs.ask(traces), try programs.ask(traces))
    for (index, exercise) in exercises.enumerated() {
      let (answer, first, second) = (answers[index], firsts[index], seconds[index])
      let what = "\(exercise.id): the reference passes \(runs) seeds"
      times.note(what, seconds: answer.seconds)
      report(
        what,
        answer.standing == .passed ? nil : "it is \(answer.standing.words)\n\(answer.output)"
      )
      let isSame = first.standing == .passed && first.output == second.output
      report(
        "\(exercise.id): a seed gives the same trace twice",
        isSame ? nil : "seed 7 differs from one process to the next"
      )
    }
  }

  /// Tries wrong answers, one of each exercise at a time: they are in modules of their own.
  private mutating func proveMutants(
    of exercises: [Exercise],
    _ names: [String]
  ) throws(CourseError) {
    var queues: [(exercise: Exercise, mutants: [Mutant])] = []
    for exercise in exercises {
      let mutants = try project.mutants(of: exercise)
      if mutants.count < Self.mutantsMin {
        report("\(exercise.id): has wrong answers", "\(mutants.count) are too few")
      }
      queues.append((exercise, try tried(mutants, of: exercise)))
    }
    var told: [String: [[String]]] = [:]
    for turn in 0..<(queues.map(\.mutants.count).max() ?? 0) {
      var wrong: [(exercise: Exercise, mutant: Mutant)] = []
      for (exercise, mutants) in queues {
        try scratch.project.write(project.starter(of: exercise).solution, to: exercise.starter)
        guard turn < mutants.count, try apply(mutants[turn], to: exercise) else { continue }
        wrong.append((exercise, mutants[turn]))
      }
      try programs.build(wrong.count == 1 ? [wrong[0].exercise.checkProgram] : names)
      times.end("building wrong answers")
      let questions = wrong.map {
        CheckPrograms.Question($0.exercise, [$0.exercise.id])
      }
      for (index, answer) in try programs.ask(questions).enumerated() {
        let (exercise, mutant) = wrong[index]
        times.note(mutant.name, seconds: answer.seconds)
        let isCaught = mutant.isCaught(by: answer.output)
        report(mutant.claim, isCaught ? nil : "the checks said\n\(answer.output)")
        told[exercise.id, default: []] += Stories(answer.output).of(exercise.id)
      }
      times.end("asking wrong answers")
    }
    for exercise in exercises {
      try proveStories(exercise, told[exercise.id] ?? [])
      // The next exercises of the chapter build on this one.
      try scratch.project.write(project.starter(of: exercise).solution, to: exercise.starter)
    }
  }

  /// Puts a wrong answer in the place of the right one; reports if that is not possible.
  private mutating func apply(_ mutant: Mutant, to exercise: Exercise) throws(CourseError) -> Bool {
    try scratch.project.write(mutant.patch, to: "mutant.patch")
    let before = scratch.project.modified(exercise.starter)
    // Git looks for no repository above the copy: the patch is about the copy's files.
    let applied = try CourseCommand.run(
      ["git", "apply", "mutant.patch"],
      in: scratch.project.root,
      environment: ["GIT_CEILING_DIRECTORIES": project.url(".course").path(percentEncoded: false)]
    )
    guard applied.status == 0 else {
      report(mutant.claim, "the patch does not fit the solution: \(applied.output)")
      return false
    }
    try scratch.project.date(exercise.starter, after: before)
    return true
  }
}

extension Mutant {
  /// What is proven of it.
  fileprivate var claim: String { "\(name): is caught by \(check), \(invariant)" }
}

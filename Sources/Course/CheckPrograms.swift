import Dispatch
import Foundation
import Synchronization

/// The programs of several chapters' checks, built in one go and asked side by side.
///
/// Each chapter is a module of its own, and its program another: what is written in one keeps the
/// others as they are. A build has its price even if nothing is to be built, so there are few.
struct CheckPrograms {
  /// What a program is asked.
  struct Question {
    let exercise: Exercise
    let words: [String]

    /// A question about an exercise, in the words of its program's command line.
    init(_ exercise: Exercise, _ words: [String]) {
      self.exercise = exercise
      self.words = words
    }
  }

  /// What it says.
  struct Answer {
    let standing: Standing
    let output: String
    let seconds: Double
  }

  /// Nobody debugs what is built for proofs, or looks anything up in it.
  static let options = ["--disable-index-store", "-debug-info-format", "none"]

  private let project: Project
  /// What the compiler said of programs that do not build.
  private var broken: [String: ShellResult] = [:]
  /// How often something was built.
  private(set) var builds = 0

  /// The programs of a scratch copy, not built yet.
  init(in project: Project) {
    self.project = project
  }

  /// Builds some programs.
  ///
  /// - Returns: What the compiler said.
  /// - Throws: ``CourseError`` if there is no compiler to be found.
  @discardableResult
  mutating func build(_ programs: [String]) throws(CourseError) -> ShellResult {
    broken = [:]
    let whole = try build(programs.count == 1 ? programs[0] : nil)
    if whole.status == 0 { return whole }
    // Somebody's fault: whose, one hears by asking for each alone.
    for program in programs {
      let alone = try build(program)
      if alone.status != 0 { broken[program] = alone }
    }
    return whole
  }

  /// Builds one product, or all of them.
  mutating func build(_ product: String?) throws(CourseError) -> ShellResult {
    builds += 1
    return try CheckRun.build(product, in: project, options: Self.options)
  }

  /// Asks as many at a time as there are processors.
  ///
  /// - Returns: The answers, in the order of the questions.
  /// - Throws: ``CourseError`` if a program cannot be run.
  func ask(_ questions: [Question]) throws(CourseError) -> [Answer] {
    let answers = Mutex<[Int: Result<Answer, CourseError>]>([:])
    DispatchQueue.concurrentPerform(iterations: questions.count) { index in
      let answer = Result { () throws(CourseError) in try ask(questions[index]) }
      answers.withLock { $0[index] = answer }
    }
    let all = answers.withLock { $0 }
    var ordered: [Answer] = []
    for index in questions.indices {
      guard let answer = all[index] else { throw CourseError("a question was not answered") }
      ordered.append(try answer.get())
    }
    return ordered
  }

  private func ask(_ question: Question) throws(CourseError) -> Answer {
    let exercise = question.exercise
    if let build = broken[exercise.checkProgram] {
      let complaint = CheckRun.complaint(build, about: exercise)
      return Answer(standing: .failing, output: complaint, seconds: 0)
    }
    let begin = ContinuousClock.now
    let program = ".build/debug/" + exercise.checkProgram
    let words = [program] + question.words + ["--traces"]
    let result = try run(words, in: project.url("Exercises"))
    // As a learner reads it, who may replay what failed.
    let text = try TracedReport(result.output).text
    return Answer(
      standing: CheckRun.standing(status: result.status),
      output: text,
      seconds: (ContinuousClock.now - begin) / .seconds(1)
    )
  }
}

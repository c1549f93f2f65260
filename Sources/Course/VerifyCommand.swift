import ArgumentParser

/// `course verify`: proves that the course is true.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Proves starters, references, wrong answers and chapters, on a copy in .course/verify."
  )

  @Argument(help: "A chapter or an exercise, as 4 or 4.2, or mycorfu; all of it, if left out.")
  var id: String?

  @Option(help: "How many seeds the references must pass.")
  var runs = 50

  @Flag(
    help: """
      Of each exercise's wrong answers, try three, among them those whose stories chapters show.
      """
  )
  var short = false

  @Option(help: "With --short, which three: 0 or more. The number of the commit, if left out.")
  var turn: Int?

  func validate() throws {
    if let turn, turn < 0 { throw ValidationError("--turn takes 0 or more") }
    if turn != nil, !short { throw ValidationError("--turn goes with --short") }
  }

  func run() throws {
    let project = try Project.find()
    let part = try chosenTurn(in: project)
    var verification = try Verification(project, id, runs: runs, turn: part)
    try verification.run()
    if let part, verification.leftOut > 0 {
      print(
        "\(verification.leftOut) wrong answers left out: without --short they are tried, too; "
          + "--turn \(part.number) tries the same as now"
      )
    }
    for line in verification.times.summary(inFull: !short) { print(line) }
    if verification.failures > 0 { throw ExitCode(1) }
  }

  /// Whose wrong answers are tried; `nil` for all of them.
  private func chosenTurn(in project: Project) throws -> MutantTurn? {
    if !short { return nil }
    if let turn { return MutantTurn(turn) }
    return try MutantTurn(ofCommitIn: project)
  }
}

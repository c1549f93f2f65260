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

  @Flag(help: "Of each exercise's wrong answers, try one and those whose stories chapters show.")
  var short = false

  func run() throws {
    var verification = try Verification(Project.find(), id, runs: runs, isShort: short)
    try verification.run()
    if verification.leftOut > 0 {
      print("\(verification.leftOut) wrong answers left out: without --short they are tried, too")
    }
    for line in verification.times.summary(inFull: !short) { print(line) }
    if verification.failures > 0 { throw ExitCode(1) }
  }
}

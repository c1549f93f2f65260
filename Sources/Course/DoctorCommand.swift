import ArgumentParser

/// `course doctor`: says whether all is there that the course needs.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks whether the machine has what the course needs, and says what to do if not.",
    discussion: "Exit status: 0 if all is there, 1 if something is missing. Changes nothing."
  )

  func run() throws {
    let examination = Examination(try Project.find())
    let diagnoses = examination.all()
    for diagnosis in diagnoses { print(diagnosis.text) }
    if diagnoses.contains(where: { $0.verdict == .bad }) { throw ExitCode(1) }
  }
}

/// What was found out about one thing.
struct Diagnosis: Equatable {
  /// How bad it is.
  enum Verdict: String, Equatable {
    case good = "ok  "
    /// It works, and something is to be known.
    case odd = "note"
    /// The course does not work like this.
    case bad = "BAD "
  }

  let verdict: Verdict
  /// What it is about: `toolchain`.
  let topic: String
  /// What is there, or is not.
  let finding: String
  /// What to do; empty if nothing is to be done.
  var advice = ""

  /// A line; with advice, two.
  var text: String {
    let blanks = String(repeating: " ", count: max(1, 12 - topic.count))
    let line = "\(verdict.rawValue)  \(topic)\(blanks)\(finding)"
    return advice.isEmpty ? line : line + "\n" + String(repeating: " ", count: 18) + advice
  }
}

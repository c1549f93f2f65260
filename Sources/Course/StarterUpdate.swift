/// A learner's file beside the starter that the sources have now.
struct StarterUpdate: Equatable {
  /// What the learner has.
  let yours: String
  /// The starter as it is now.
  let starter: String
  /// The starter that the learner's file stems from; `nil` if nobody noted it.
  let base: String?

  /// Whether the learner's file has all that the starter has: its code, but for what is to do.
  var isCurrent: Bool {
    var rest = CodeLines.trimmed(yours)[...]
    for line in CodeLines.trimmed(starter) where !line.hasPrefix("TODO(") {
      guard let index = rest.firstIndex(of: line) else { return false }
      rest = rest[(index + 1)...]
    }
    return true
  }

  /// What the learner wrote on the new starter; `nil` if nobody noted what they began with, or if
  /// it takes a person.
  var carried: String? {
    guard let base, let text = CarriedWork(yours, from: base, to: starter).text,
      StarterUpdate(yours: text, starter: starter, base: starter).isCurrent
    else { return nil }
    return text
  }
}

extension CodeLines {
  /// The lines that hold code, without indentation: how a learner formats is their own affair.
  static func trimmed(_ text: String) -> [Substring] {
    of(text).split(separator: "\n").map { line in line.drop { $0 == " " } }
  }
}

extension Project {
  private func basePath(of exercise: Exercise) -> String { ".course/starters/\(exercise.id).swift" }

  /// A learner's file beside its starter; `nil` if there is no such file.
  func update(of exercise: Exercise) throws(CourseError) -> StarterUpdate? {
    guard exists(exercise.starter) else { return nil }
    let base = basePath(of: exercise)
    return StarterUpdate(
      yours: try read(exercise.starter),
      starter: try starter(of: exercise).text,
      base: exists(base) ? try read(base) : nil
    )
  }

  /// Notes the starter that a learner's file stems from, so that a later one can be told from it.
  func noteStarter(of exercise: Exercise) throws(CourseError) {
    guard let update = try update(of: exercise), update.isCurrent else { return }
    try write(update.starter, to: basePath(of: exercise))
  }

  /// The difference between the starter that a learner has and the new one; or, where the old one
  /// was not noted, between the learner's file and the new one.
  func difference(_ update: StarterUpdate, of exercise: Exercise) throws(CourseError) -> String {
    let folder = ".course/update/\(exercise.id)"
    try write(CodeLines.of(update.base ?? update.yours), to: folder + ".old")
    try write(CodeLines.of(update.starter), to: folder + ".new")
    let result = try CourseCommand.run(
      ["diff", "-u", "-b", "-B", folder + ".old", folder + ".new"],
      in: root
    )
    guard result.status <= 1 else { throw CourseError("diff failed: \(result.output)") }
    return CodeLines.readable(diff: result.output)
  }

  /// Keeps a copy of a learner's text.
  ///
  /// - Returns: Where.
  func backUp(_ text: String, of exercise: Exercise) throws(CourseError) -> String {
    var number = 1
    while exists(".course/backup/\(exercise.id)-\(number).swift") { number += 1 }
    let path = ".course/backup/\(exercise.id)-\(number).swift"
    try write(text, to: path)
    return path
  }
}

import ArgumentParser

/// `course hint`: a little help, then a little more.
struct HintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hint",
    abstract: "Gives the next hint: first a question, then a direction, then nearly the answer."
  )

  @Argument(help: "The exercise: 1.3.")
  var id: String

  func run() throws {
    let project = try Project.find()
    let exercise = try project.exercise(id)
    let hints = Hints(try project.read(exercise.folder + "/hints.md")).hints(for: exercise.id)
    guard !hints.isEmpty else { throw CourseError("exercise \(exercise.id) has no hints") }
    var progress = try Progress.load(from: project)
    let index = min(progress.hints[exercise.id] ?? 0, hints.count - 1)
    print("\(exercise.id), hint \(index + 1) of \(hints.count)\n\n\(hints[index])\n")
    if index + 1 < hints.count {
      print("More: swift run course hint \(exercise.id)")
    } else {
      print("That was the last. What we wrote: swift run course solution \(exercise.id)")
    }
    progress.hints[exercise.id] = index + 1
    try progress.save(to: project)
  }
}

/// The hints of a chapter: `## 1.3` begins an exercise, `### 1` its first hint.
struct Hints: Equatable {
  private var byExercise: [String: [String]] = [:]

  /// Reads `hints.md`.
  init(_ text: String) {
    var exercise = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") {
        exercise = line.dropFirst(3).split(separator: " ").first.map { String($0) } ?? ""
      } else if line.hasPrefix("### ") {
        byExercise[exercise, default: []].append("")
      } else if let last = byExercise[exercise]?.indices.last {
        byExercise[exercise]?[last] += line + "\n"
      }
    }
  }

  /// The hints for an exercise, the faintest first.
  func hints(for exercise: String) -> [String] {
    (byExercise[exercise] ?? []).map { hint in
      var lines = hint.split(separator: "\n", omittingEmptySubsequences: false)[...]
      while lines.first == "" { lines.removeFirst() }
      while lines.last == "" { lines.removeLast() }
      return lines.joined(separator: "\n")
    }
  }
}

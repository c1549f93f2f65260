import ArgumentParser

/// `course`: where am I, what next.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows where you are and what comes next."
  )

  func run() throws {
    let project = try Project.find()
    let progress = try Progress.load(from: project)
    print(try StatusScreen(project, progress).text)
  }
}

/// The first screen.
struct StatusScreen {
  /// What is shown.
  let text: String

  /// Draws it.
  init(_ project: Project, _ progress: Progress) throws(CourseError) {
    var lines = ["CORFU: a shared log, built chapter by chapter. The map: Chapters/README.md", ""]
    var counts: [Standing: Int] = [:]
    var next: (chapter: Chapter, exercise: Exercise)?
    for chapter in try project.chapters() {
      lines.append(
        "Chapter \(chapter.number)  \(chapter.title), \(chapter.minutes) minutes to read"
      )
      for exercise in chapter.exercises {
        let standing = try progress.standing(of: exercise, in: project)
        counts[standing, default: 0] += 1
        if standing != .passed, next == nil { next = (chapter, exercise) }
        let title =
          exercise.title + String(repeating: " ", count: max(1, 30 - exercise.title.count))
        lines.append("  \(exercise.id)  \(title)\(standing.words), \(exercise.minutes) minutes")
      }
    }
    lines += ["", Self.summary(counts), ""]
    lines += Self.advice(next)
    text = lines.joined(separator: "\n")
  }

  private static func summary(_ counts: [Standing: Int]) -> String {
    let count = { (standing: Standing) in counts[standing] ?? 0 }
    var line = "\(count(.toDo)) to do, \(count(.failing)) failing"
    if count(.passed) > 0 { line += ", \(count(.passed)) passed" }
    if count(.unchecked) > 0 { line += ", \(count(.unchecked)) to be checked" }
    return counts.keys.allSatisfy { $0 == .toDo } ? line + ": the expected start." : line + "."
  }

  private static func advice(_ next: (chapter: Chapter, exercise: Exercise)?) -> [String] {
    guard let (chapter, exercise) = next else {
      return ["All there is so far is done. The next chapter is being written."]
    }
    let folder = exercise.folder.split(separator: "/").last ?? ""
    return [
      "Next:  read    Chapters/\(folder)/README.md, chapter \(chapter.number)",
      "       write   \(exercise.starter)",
      "       check   swift run course check \(exercise.id)",
      "       stuck?  swift run course hint \(exercise.id)",
    ]
  }
}

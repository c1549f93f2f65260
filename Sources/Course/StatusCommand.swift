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
    var next: Next?
    let chapters = try project.chapters()
    let width = chapters.flatMap(\.exercises).map(\.title.count).max() ?? 0
    for chapter in chapters {
      lines.append(
        "Chapter \(chapter.number)  \(chapter.title), \(chapter.minutes) minutes to read"
      )
      for exercise in chapter.exercises {
        let standing = try progress.standing(of: exercise, in: project)
        counts[standing, default: 0] += 1
        // What fails comes first: somebody is at work there.
        let isFirst = next == nil || standing == .failing && next?.standing != .failing
        if standing != .passed, isFirst { next = Next(chapter, exercise, standing) }
        let blanks = String(repeating: " ", count: width - exercise.title.count + 2)
        let title = exercise.title + blanks
        lines.append("  \(exercise.id)  \(title)\(standing.words), \(exercise.minutes) minutes")
      }
    }
    lines += ["", Self.summary(counts), ""]
    lines += try Self.advice(next, project)
    let new = chapters.flatMap(\.exercises).filter { exercise in
      // Where the sources are being changed a starter cannot be cut: then nothing is new.
      guard let update = try? project.update(of: exercise) else { return false }
      return !update.isCurrent
    }
    if !new.isEmpty {
      let ids = new.map(\.id).joined(separator: ", ")
      lines += ["", "New starters, for \(ids): swift run course update"]
    }
    text = lines.joined(separator: "\n")
  }

  private static func summary(_ counts: [Standing: Int]) -> String {
    let count = { (standing: Standing) in counts[standing] ?? 0 }
    var line = "\(count(.toDo)) to do, \(count(.failing)) failing"
    if count(.passed) > 0 { line += ", \(count(.passed)) passed" }
    if count(.unchecked) > 0 { line += ", \(count(.unchecked)) to be checked" }
    return counts.keys.allSatisfy { $0 == .toDo } ? line + ": the expected start." : line + "."
  }

  private static func advice(_ next: Next?, _ project: Project) throws(CourseError) -> [String] {
    guard let next else {
      return ["All of it is done. What to read after it: Chapters/reading.md"]
    }
    let (number, exercise) = (next.chapter.number, next.exercise)
    let folder = exercise.folder.split(separator: "/").last ?? ""
    var lines = [
      "read    Chapters/\(folder)/README.md, chapter \(number)",
      "guess   swift run course predict \(number)",
      "write   \(exercise.starter)",
      "check   swift run course check \(exercise.id)     (--watch: whenever you save)",
      "stuck?  swift run course hint \(exercise.id)",
    ]
    if next.standing == .failing {
      // It was read and guessed at when it was written.
      lines.removeFirst(2)
      if let trace = try project.traces(of: exercise.id).first {
        lines.insert("why?    swift run course replay \(trace) --step", at: 0)
      }
    }
    return lines.enumerated().map { ($0 == 0 ? "Next:  " : "       ") + $1 }
  }

  /// What is to be done next.
  private struct Next {
    let chapter: Chapter
    let exercise: Exercise
    let standing: Standing

    init(_ chapter: Chapter, _ exercise: Exercise, _ standing: Standing) {
      self.chapter = chapter
      self.exercise = exercise
      self.standing = standing
    }
  }
}

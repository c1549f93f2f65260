import Foundation

/// Which of a learner's files changed since it last looked.
///
/// It compares what is in them: that works on every file system, and with every editor.
struct Watch {
  private let exercises: [Exercise]
  /// What each file held when its exercise was last handed out, and how the check went.
  private var digests: [String: String] = [:]
  private var standings: [String: Standing] = [:]

  /// Watches the files of some exercises.
  init(_ exercises: [Exercise]) {
    self.exercises = exercises
  }

  /// The exercises to check now: those whose file changed; and with them those of the same chapter
  /// that did not pass, for they may have waited for that file.
  ///
  /// A file that is gone, as while an editor saves it, has not changed yet.
  ///
  /// - Parameter project: The clone that they lie in.
  /// - Returns: The exercises, in order.
  mutating func changes(in project: Project) -> [Exercise] {
    var changed: Set<String> = []
    for exercise in exercises {
      // Whatever the reason why it cannot be read: the next look is soon.
      guard let text = try? project.read(exercise.starter) else { continue }
      let digest = Progress.digest(of: text)
      if digests.updateValue(digest, forKey: exercise.id) != digest { changed.insert(exercise.id) }
    }
    let programs = Set(exercises.filter { changed.contains($0.id) }.map(\.checkProgram))
    return exercises.filter { exercise in
      if changed.contains(exercise.id) { return true }
      guard let standing = standings[exercise.id], standing != .passed else { return false }
      return programs.contains(exercise.checkProgram)
    }
  }

  /// Notes how an exercise went that was handed out.
  mutating func note(_ standing: Standing, of exercise: Exercise) {
    standings[exercise.id] = standing
  }

  /// Takes it that an exercise is settled as its file is now: it is handed out when that changes.
  mutating func skip(_ exercise: Exercise, _ digest: String) {
    digests[exercise.id] = digest
    standings[exercise.id] = .passed
  }
}

/// `course check --watch`: checks, waits for a change, and checks again.
struct Watching {
  /// How often it looks.
  private static let secondsBetweenLooks = 0.5

  private let round: CheckRound
  private let exercises: [Exercise]
  private var watch: Watch

  /// Watches the files of some exercises.
  ///
  /// Those that passed and have not been touched since, or are to do, are checked only when they
  /// change.
  init(_ round: CheckRound, _ exercises: [Exercise]) throws(CourseError) {
    self.round = round
    self.exercises = exercises
    watch = Watch(exercises)
    let progress = try Progress.load(from: round.project)
    for exercise in exercises {
      let standing = try progress.standing(of: exercise, in: round.project)
      guard standing == .passed || standing == .toDo, round.project.exists(exercise.starter)
      else { continue }
      watch.skip(exercise, Progress.digest(of: try round.project.read(exercise.starter)))
    }
  }

  /// Goes on until the learner ends it.
  func run() throws(CourseError) -> Never {
    var watch = watch
    var isFirst = true
    while true {
      let changed = watch.changes(in: round.project)
      if !changed.isEmpty {
        if !isFirst { tell("\nchanged: \(changed.map(\.id).joined(separator: ", "))") }
        for exercise in changed {
          letSecondPass(of: exercise)
          for standing in try round.check([exercise]) { watch.note(standing, of: exercise) }
        }
      }
      if !changed.isEmpty || isFirst {
        tell("Watching \(Self.files(exercises.count)); Ctrl-C ends it.")
      }
      isFirst = false
      Thread.sleep(forTimeInterval: Self.secondsBetweenLooks)
    }
  }

  /// Waits for the end of the second in which a file was saved.
  ///
  /// The compiler compares whole seconds: what is saved twice within one may look built already.
  private func letSecondPass(of exercise: Exercise) {
    guard let saved = round.project.modified(exercise.starter) else { return }
    let next = saved.timeIntervalSinceReferenceDate.rounded(.down) + 1
    let seconds = next - Date.now.timeIntervalSinceReferenceDate
    if (0...1).contains(seconds) { Thread.sleep(forTimeInterval: seconds) }
  }

  private static func files(_ count: Int) -> String {
    count == 1 ? "1 file" : "\(count) files"
  }
}

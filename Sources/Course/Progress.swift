import Foundation

/// What a learner did so far: `.course/progress.json`.
struct Progress: Codable, Equatable {
  /// How a check went, and of which text.
  struct Result: Codable, Equatable {
    var standing: Standing
    var digest: String
  }

  /// How many hints of an exercise were read.
  var hints: [String: Int] = [:]
  /// How the exercises were when they were last checked.
  var results: [String: Result] = [:]

  private static let path = ".course/progress.json"

  /// What was saved; a fresh start if nothing was.
  static func load(from project: Project) throws(CourseError) -> Progress {
    guard project.exists(path) else { return Progress() }
    do {
      return try JSONDecoder().decode(Progress.self, from: Data(contentsOf: project.url(path)))
    } catch {
      throw CourseError("\(path) is damaged: remove it, and check again (\(error))")
    }
  }

  /// Saves it.
  func save(to project: Project) throws(CourseError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      let data = try encoder.encode(self)
      try project.write(String(decoding: data, as: UTF8.self) + "\n", to: Self.path)
    } catch let error as CourseError {
      throw error
    } catch {
      throw CourseError("\(Self.path) cannot be saved: \(error)")
    }
  }

  /// How an exercise stands, as far as is known without building anything.
  func standing(of exercise: Exercise, in project: Project) throws(CourseError) -> Standing {
    guard project.exists(exercise.starter) else { return .toDo }
    let text = try project.read(exercise.starter)
    if text.contains("TODO(\"\(exercise.id) ") { return .toDo }
    guard let result = results[exercise.id] else { return .unchecked }
    return result.digest == Self.digest(of: text) ? result.standing : .unchecked
  }

  /// A short stand-in for a text: FNV-1a, 64 bits.
  static func digest(of text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return String(hash, radix: 16)
  }
}

/// How an exercise stands.
enum Standing: String, Codable, Equatable {
  case passed, failing, toDo
  /// Written to since it was last checked.
  case unchecked

  /// What the status screen says.
  var words: String {
    switch self {
    case .passed: "passed"
    case .failing: "failing"
    case .toDo: "to do"
    case .unchecked: "changed, not checked"
    }
  }
}

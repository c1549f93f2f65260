/// What a new exercise consists of before its author has written anything: the changes to the files
/// that know of exercises.
struct Scaffold: Equatable {
  /// The exercise as the chapter's file will know it.
  let exercise: Exercise
  /// What a learner is to do, in the words of the marker and of the `TODO`.
  let task: String

  /// The source with the exercise's markers around a declaration.
  ///
  /// - Parameters:
  ///   - function: The declaration that holds the body: `Sequencer.reserve`.
  ///   - source: The file's text.
  /// - Returns: The text with two more lines.
  /// - Throws: ``CourseError`` if there is no such declaration, or another exercise is there.
  func marked(_ function: String, in source: String) throws(CourseError) -> String {
    let text = SourceText(source)
    guard let range = text.declaration(function) else {
      throw CourseError("\(exercise.source) declares no '\(function)'")
    }
    let before = text.lines[..<range.lowerBound]
    let begun = before.count { $0.contains("// exercise ") }
    let ended = before.count { $0.contains("// end ") }
    let inside = text.lines[range].contains { $0.contains("// exercise ") }
    if begun != ended || inside {
      throw CourseError("\(exercise.source): '\(function)' belongs to another exercise already")
    }
    let blanks = text.lines[range.lowerBound].prefix { $0 == " " }
    var lines = text.lines
    lines.insert("\(blanks)// end \(exercise.id)", at: range.upperBound)
    lines.insert("\(blanks)// exercise \(exercise.id): \(task)", at: range.lowerBound)
    return lines.joined(separator: "\n")
  }

  /// The chapter's file with the exercise behind those it has, and at the end of a part's list.
  ///
  /// - Parameters:
  ///   - json: The text of `chapter.json`.
  ///   - part: The part of the chapter; `nil` if it has none.
  /// - Returns: The text, in the form that it had.
  /// - Throws: ``CourseError`` if its lists are not where they should be.
  func entered(in json: String, part: String?) throws(CourseError) -> String {
    var lines = json.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    guard let first = lines.firstIndex(of: "  \"exercises\": ["),
      let end = lines[first...].firstIndex(where: { $0 == "  ]," || $0 == "  ]" })
    else { throw CourseError("chapter.json has no list of exercises in the usual form") }
    if end > first + 1 { lines[end - 1] += "," }
    lines.insert(contentsOf: entry, at: end)
    guard let part else { return lines.joined(separator: "\n") }
    let mark = "\"text\": \"\(part)\""
    guard let place = lines.firstIndex(where: { $0.contains(mark) }),
      let list = lines[place...].firstIndex(where: { $0.contains("\"exercises\": [") }),
      let bracket = lines[list].lastIndex(of: "]")
    else { throw CourseError("chapter.json has no part '\(part)' in the usual form") }
    let isEmpty = lines[list][..<bracket].last == "["
    lines[list].insert(contentsOf: (isEmpty ? "" : ", ") + "\"\(exercise.id)\"", at: bracket)
    return lines.joined(separator: "\n")
  }

  private var entry: [String] {
    let imports = exercise.imports.map { "\"\($0)\"" }.joined(separator: ", ")
    return [
      "    {",
      "      \"id\": \"\(exercise.id)\",",
      "      \"title\": \"\(exercise.title)\",",
      "      \"minutes\": \(exercise.minutes),",
      "      \"source\": \"\(exercise.source)\",",
      "      \"declaration\": \"\(exercise.declaration)\",",
      "      \"starter\": \"\(exercise.starter)\",",
      "      \"imports\": [\(imports)]",
      "    }",
    ]
  }

  /// Three hints to be written.
  var hints: String { heading + "\n### 1\n\n### 2\n\n### 3\n" }

  /// Notes to be written.
  var notes: String { heading }

  private var heading: String { "\n## \(exercise.id) \(exercise.title)\n" }
}

extension Project {
  /// What an exercise still lacks, a line each; its checks are not run.
  func lacks(of exercise: Exercise) throws(CourseError) -> [String] {
    var lacks: [String] = []
    do {
      _ = try starter(of: exercise)
    } catch {
      lacks.append(error.description)
    }
    if !exists(exercise.starter) { lacks.append("\(exercise.starter): swift run course generate") }
    let hints = Hints(try text(exercise.folder + "/hints.md")).hints(for: exercise.id)
    let written = hints.count { !$0.isEmpty }
    if written < Verification.hintsMin {
      lacks.append("hints.md: \(written) of \(Verification.hintsMin) hints")
    }
    if !isNoted(exercise, in: try text(exercise.folder + "/notes.md")) {
      lacks.append("notes.md: what you think of the answer")
    }
    let mutants = exists(exercise.folder + "/mutants") ? try mutants(of: exercise).count : 0
    if mutants < Verification.mutantsMin {
      lacks.append("mutants: \(mutants) of \(Verification.mutantsMin) wrong answers")
    }
    var isNamed = false
    for path in try texts() where try read(path).contains(exercise.id + " ") { isNamed = true }
    if !isNamed { lacks.append("no chapter's text names it") }
    return lacks
  }

  /// A file's text, empty where there is none.
  private func text(_ path: String) throws(CourseError) -> String {
    exists(path) ? try read(path) : ""
  }

  private func isNoted(_ exercise: Exercise, in notes: String) -> Bool {
    let lines = notes.split(separator: "\n")
    guard let first = lines.firstIndex(where: { $0.hasPrefix("## \(exercise.id) ") }) else {
      return false
    }
    return lines[(first + 1)...].first.map { !$0.hasPrefix("## ") } ?? false
  }
}

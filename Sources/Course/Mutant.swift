/// A wrong answer that the checks must catch: `mutants/1.3-leaps.patch` and `1.3-leaps.expected`.
struct Mutant: Equatable {
  /// Its name: `1.3-leaps`.
  let name: String
  /// The difference to the solution.
  let patch: String
  /// The check that must fail: `1.3.5`.
  let check: String
  /// The invariant that it names.
  let invariant: String
  /// What its story must say.
  let message: String

  /// A mutant, from its two files.
  init(name: String, patch: String, expected: String) throws(CourseError) {
    let lines = expected.split(separator: "\n").map { String($0) }
    let names = (lines.first ?? "").split(separator: " ").map { String($0) }
    guard lines.count == 2, names.count == 2 else {
      throw CourseError("\(name).expected: two lines, '1.3.5 I1.6' and what the story must say")
    }
    self.name = name
    self.patch = patch
    check = names[0]
    invariant = names[1]
    message = lines[1]
  }

  /// Whether a report of the checks shows that it was caught.
  func isCaught(by report: String) -> Bool {
    let lines = report.split(separator: "\n")
    let head = "\(check)  FAIL   \(invariant) "
    guard let first = lines.firstIndex(where: { $0.hasPrefix(head) }) else { return false }
    let story = lines[(first + 1)...].prefix { $0.hasPrefix(" ") }
    return story.contains { $0.contains(message) }
  }
}

extension Project {
  /// The mutants of an exercise.
  func mutants(of exercise: Exercise) throws(CourseError) -> [Mutant] {
    let folder = exercise.folder + "/mutants"
    var mutants: [Mutant] = []
    for file in try names(in: folder)
    where file.hasPrefix(exercise.id + "-") && file.hasSuffix(".patch") {
      let name = String(file.dropLast(".patch".count))
      mutants.append(
        try Mutant(
          name: name,
          patch: read("\(folder)/\(file)"),
          expected: read("\(folder)/\(name).expected")
        )
      )
    }
    return mutants
  }
}

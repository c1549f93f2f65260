/// A learner's file, cut out of the reference.
struct Starter: Equatable {
  /// With `TODO` in the place of what is to be written.
  let text: String
  /// The same file with the reference's code.
  let solution: String

  /// Cuts a starter out of the reference's source.
  ///
  /// - Parameters:
  ///   - exercise: Which, with the declaration that it is about.
  ///   - source: The text of the file that holds it.
  /// - Throws: ``CourseError`` if markers, declaration or body are not where they should be.
  init(_ exercise: Exercise, from source: String) throws(CourseError) {
    let source = SourceText(source)
    guard let (region, task) = source.region(of: exercise.id) else {
      throw CourseError(
        "\(exercise.source) lacks '// exercise \(exercise.id): …' or '// end \(exercise.id)'"
      )
    }
    guard let whole = source.declaration(exercise.declaration), whole.contains(region.lowerBound)
    else {
      throw CourseError("\(exercise.source): '\(exercise.declaration)' does not hold the exercise")
    }
    let bodies = source.bodies(in: region)
    guard !bodies.isEmpty else {
      throw CourseError("\(exercise.source): exercise \(exercise.id) holds no body to be written")
    }
    var starter: [String] = []
    var solution: [String] = []
    // The markers are the authors': a learner's file has none.
    for index in whole where index != region.lowerBound - 1 && index != region.upperBound {
      let line = source.lines[index]
      solution.append(line)
      guard let body = bodies.first(where: { $0.contains(index) }) else {
        starter.append(line)
        continue
      }
      if index == body.lowerBound {
        let blanks = line.prefix { $0 == " " }
        starter.append(blanks + "TODO(\"\(exercise.id) \(task)\")")
      }
    }
    let head =
      [
        "// Exercise \(exercise.id): \(task)",
        "// Write the body below, then: swift run course check \(exercise.id)",
      ] + exercise.imports + [""]
    text = (head + starter).map { $0 + "\n" }.joined()
    self.solution = (head + solution).map { $0 + "\n" }.joined()
  }
}

extension Project {
  /// The starter of an exercise, cut out of the sources as they are now.
  func starter(of exercise: Exercise) throws(CourseError) -> Starter {
    try Starter(exercise, from: read(exercise.source))
  }
}

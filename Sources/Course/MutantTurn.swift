/// Which of many wrong answers are tried where there is no time for all of them: others each turn.
struct MutantTurn: Equatable {
  /// Counts the turns.
  let number: Int

  /// A turn.
  ///
  /// - Parameter number: 0 or more.
  init(_ number: Int) {
    precondition(number >= 0, "turns are counted from 0 on")
    self.number = number
  }

  /// The turn of the commit that a clone is at, so that each commit tries others; the first where
  /// nobody can tell.
  ///
  /// - Throws: ``CourseError`` if no program can be run.
  init(ofCommitIn project: Project) throws(CourseError) {
    // Whoever proves the course need not own the clone.
    let result = try run(
      ["git", "-c", "safe.directory=*", "rev-list", "--count", "HEAD"],
      in: project.root
    )
    let count = result.lines.first.flatMap { Int($0) }
    self.init(result.status == 0 ? max(count ?? 0, 0) : 0)
  }

  /// The wrong answers of this turn.
  ///
  /// - Parameters:
  ///   - mutants: All there are.
  ///   - count: How many to try at least, as far as there are.
  ///   - isNeeded: Whether one is tried in each turn.
  /// - Returns: Those to try, in their order.
  func part(
    of mutants: [Mutant],
    atLeast count: Int,
    needing isNeeded: (Mutant) -> Bool
  ) -> [Mutant] {
    let needed = mutants.filter(isNeeded)
    let others = mutants.filter { !isNeeded($0) }
    let more = min(max(count - needed.count, 1), others.count)
    if more == 0 { return needed }
    let first = number % others.count * more
    let drawn = Set((0..<more).map { others[(first + $0) % others.count].name })
    return mutants.filter { isNeeded($0) || drawn.contains($0.name) }
  }
}

/// Who decides what happens next where several things could: a seed, or a search that tries all of
/// them in turn.
///
/// ```swift
/// let runs = Choices.all { choices in
///   let first = choices.pick(of: 3)
///   let second = choices.pick(of: 2)
/// }
/// // runs == 6
/// ```
public struct Choices: Sendable {
  private struct Taken: Sendable {
    var choice: Int
    var count: Int
  }

  private var taken: [Taken] = []
  private let given: [Int]
  private var random: SeededGenerator?

  private init(given: [Int]) {
    self.given = given
  }

  /// Choices that chance makes.
  public init(drawnBy random: SeededGenerator) {
    given = []
    self.random = random
  }

  /// Chooses one of so many things, counted from 0.
  public mutating func pick(of count: Int) -> Int {
    precondition(count > 0, "there is nothing to choose from")
    let choice: Int
    if random != nil {
      choice = random?.number(below: count) ?? 0
    } else {
      choice = taken.count < given.count ? given[taken.count] : 0
    }
    precondition(choice < count, "the same choices led elsewhere: something else decides as well")
    taken.append(Taken(choice: choice, count: count))
    return choice
  }

  /// Runs a body once for every way in which it can choose.
  ///
  /// What the body does must depend on its choices alone.
  ///
  /// - Parameter body: Makes its choices, finitely many of them.
  /// - Returns: How often it ran.
  /// - Throws: What the body throws; it is not run again then.
  @discardableResult
  public static func all<Failure: Error>(
    _ body: (inout Choices) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    var given: [Int] = []
    var runs = 0
    while true {
      var choices = Choices(given: given)
      try body(&choices)
      runs += 1
      var taken = choices.taken
      while let last = taken.last, last.choice + 1 == last.count { taken.removeLast() }
      guard let last = taken.popLast() else { return runs }
      given = taken.map(\.choice) + [last.choice + 1]
    }
  }
}

/// What the process of a check printed, taken apart: its story, and what the code under test
/// printed on the way.
///
/// Between the two, and before each seed, stands a line that no learner would print. A new line
/// comes before it, in case that what was printed did not end in one.
struct CheckReport {
  private static let seedMark = "\u{1}seed "
  private static let storyMark = "\u{1}story"
  private static let traceMark = "\u{1}trace"
  private static let costMark = "\u{1}cost "

  /// The story of a failure, without the new line at its end.
  private(set) var story = ""
  /// The whole trace behind the story, between two lines that no learner would print; `nil` if none
  /// was asked for.
  private(set) var trace: String?
  /// The seed that was tried last.
  private(set) var lastSeed: UInt64?
  /// What the dearest seed cost, and the budget, in words; `nil` if nobody counted.
  private(set) var cost: String?
  /// What was printed with each seed.
  private var printed: [UInt64: [String]] = [:]

  /// Takes a process's output apart.
  init(_ output: String) {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    let parts = lines.split(
      separator: Self.storyMark,
      maxSplits: 1,
      omittingEmptySubsequences: false
    )
    if parts.count == 2 {
      let told = parts[1].split(
        separator: Self.traceMark,
        maxSplits: 1,
        omittingEmptySubsequences: false
      )
      story = Self.text(of: told[0])
      if told.count == 2 {
        trace = [Self.traceMark, Self.text(of: told[1]), Self.traceMark].joined(separator: "\n")
      }
    }
    for line in parts.first ?? [] {
      if line.hasPrefix(Self.seedMark), let seed = UInt64(line.dropFirst(Self.seedMark.count)) {
        lastSeed = seed
      } else if line.hasPrefix(Self.costMark) {
        cost = String(line.dropFirst(Self.costMark.count))
      } else if let lastSeed, !line.isEmpty {
        printed[lastSeed, default: []].append(line)
      }
    }
  }

  /// Says that another seed begins.
  static func mark(seed: UInt64) { print("\n" + seedMark + String(seed)) }

  /// Says what the dearest seed cost.
  static func mark(_ cost: Cost) { print("\n" + costMark + cost.description) }

  /// Says that a story follows.
  static func markStory() { print("\n" + storyMark) }

  /// Says that the trace behind the story follows.
  static func markTrace() { print(traceMark) }

  /// What the code under test printed with the seed that an outcome is about, indented; not more
  /// than one can read.
  func printed(by outcome: CheckOutcome) -> [String] {
    // What passes is of little interest; who wants to see more asks for one seed.
    var bounds = (first: 12, last: 6)
    let seed: UInt64?
    switch outcome {
    case .toDo: return []
    case .passed:
      bounds = (4, 0)
      seed = printed.keys.min()
    case .failed, .endless: seed = storySeed
    case .tookTooLong, .crashed: seed = lastSeed
    }
    // A trap's own words are told already, and its stack would bury what was printed.
    let lines = seed.flatMap { printed[$0] }?.prefix { !$0.contains("Fatal error:") } ?? []
    guard let seed, !lines.isEmpty else { return [] }
    let shown = Excerpt.of(lines, first: bounds.first, last: bounds.last)
    return ["     printed with seed \(seed):"] + shown.map { "       | " + $0 }
  }

  /// The seed that a story is about: `seed 7,` in its first line.
  private var storySeed: UInt64? {
    guard let line = story.split(separator: "\n").first,
      let range = line.firstRange(of: "     seed ")
    else { return nil }
    return UInt64(line[range.upperBound...].prefix { $0 != "," })
  }

  private static func text(of lines: ArraySlice<String>) -> String {
    lines.reversed().drop { $0.isEmpty }.reversed().joined(separator: "\n")
  }
}

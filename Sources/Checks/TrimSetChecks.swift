public import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 4.1: any ``TrimSet``, against a plain set of positions.
public struct TrimSetChecks<Trims: TrimSet>: Sendable {
  /// Checks for a set.
  public init() {}

  private typealias Promise = Invariant.Chapter4

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "4.1.1",
        Promise.trimsStay,
        often: "Where the new range meets others, one of the ends is lost. The range that takes "
          + "their place begins at the lowest beginning and ends at the highest end."
      ) { seed throws(CheckFailure) in
        try TrimStory<Trims>.run(seed) { story throws(CheckFailure) in try story.judgeMembers() }
      },
      Check(
        "4.1.2",
        Promise.trimsOnly,
        often: "Ranges are melted into one although there is a gap between them: go on only while "
          + "the next one begins at or before the end so far."
      ) { seed throws(CheckFailure) in
        try TrimStory<Trims>.run(seed) { story throws(CheckFailure) in try story.judgeOthers() }
      },
      Check(
        "4.1.3",
        Promise.compact,
        often: "An empty range was put in; or two ranges that touch, 3..<5 and 5..<9, are kept "
          + "apart; or a new one is put behind all others. "
          + "'firstIndex(endingAfter:orAt:)' finds the first that it may touch."
      ) { seed throws(CheckFailure) in
        try TrimStory<Trims>.run(seed) { story throws(CheckFailure) in try story.judgeRanges() }
      },
    ]
  }
}

/// Ranges put into a set, one after the other, and a plain set beside it.
private struct TrimStory<Trims: TrimSet> {
  private static var end: UInt64 { 40 }

  private var trims = Trims()
  private var members: Set<UInt64> = []
  private var events: [String] = []

  static func run(
    _ seed: UInt64,
    _ judge: (TrimStory) throws(CheckFailure) -> Void
  ) throws(CheckFailure) -> CheckTrace {
    var random = SeededGenerator(seed: seed)
    var story = TrimStory()
    for _ in 0..<random.number(in: 1...12) {
      let lower = UInt64(random.number(below: 32))
      // Short ones most often, and sometimes none at all.
      let count = UInt64(random.chance(0.8) ? random.number(in: 0...3) : random.number(in: 4...8))
      story.trims.insert(Position(lower)..<Position(lower + count))
      story.members.formUnion(lower..<lower + count)
      story.events.append("insert(\(lower)..<\(lower + count))  <- \(story.shown)")
      try judge(story)
    }
    return CheckTrace(events: story.events)
  }

  private var shown: String {
    trims.ranges.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: ", ")
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  func judgeMembers() throws(CheckFailure) {
    for number in members.sorted() where !trims.contains(Position(number)) {
      throw failure("position \(number) was trimmed, and is not any more")
    }
  }

  func judgeOthers() throws(CheckFailure) {
    for number in 0..<Self.end where !members.contains(number) {
      if trims.contains(Position(number)) {
        throw failure("position \(number) was never trimmed, and is")
      }
    }
  }

  func judgeRanges() throws(CheckFailure) {
    let ranges = trims.ranges
    if let empty = ranges.first(where: \.isEmpty) {
      throw failure("there is an empty range, at \(empty.lowerBound)")
    }
    for (range, next) in zip(ranges, ranges.dropFirst()) where range.upperBound >= next.lowerBound {
      throw failure(
        "\(range.lowerBound)..<\(range.upperBound) and \(next.lowerBound)..<\(next.upperBound) "
          + (range.lowerBound <= next.lowerBound ? "could be one range" : "are not in order")
      )
    }
  }
}

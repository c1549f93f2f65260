/// Why a check failed, told as a story: what happened, what is wrong with it, and what it often is.
public struct CheckFailure: Error, Hashable, Sendable {
  /// What is wrong, in a sentence.
  public var finding: String
  /// What happened before, one line each: all of it, however long.
  public var events: [String]
  /// The likely cause; `nil` for what the check says of itself.
  public var often: String?

  /// Whether the run came to no end: further seeds would take long, and say the same.
  public var isEndless = false

  /// How many events there were.
  public var eventCount: Int { events.count }

  /// A failure with all its events.
  public init(_ finding: String, events: [String] = [], often: String? = nil) {
    self.finding = finding
    self.events = events
    self.often = often
  }
}

/// A failure, and the seed that brings it about.
public struct SeedFailure: Error, Hashable, Sendable {
  /// The seed.
  public let seed: UInt64
  /// What it led to.
  public let failure: CheckFailure
}

extension SeedFailure {
  /// The story as a learner reads it.
  ///
  /// - Parameters:
  ///   - check: The check that failed.
  ///   - command: What runs the course: `swift run course`.
  /// - Returns: Several lines.
  public func story(of check: Check, command: String = "swift run course") -> String {
    let count = failure.eventCount == 1 ? "1 event" : "\(failure.eventCount) events"
    var lines = ["\(check.id)  FAIL   \(check.invariant)     seed \(seed), \(count)"]
    lines += Excerpt.of(failure.events, first: 12, last: 6).map { "     " + $0 }
    lines.append("     so: " + failure.finding)
    if let often = failure.often { lines.append("     Often: " + often) }
    lines.append(
      "     again: \(command) check \(check.id) --seed \(seed) --runs 1"
        + "     hint: \(command) hint \(check.exercise)"
    )
    return lines.joined(separator: "\n")
  }
}

extension SeedFailure {
  /// All that the story is made of, for a program to read: the course replays it.
  ///
  /// Lines `name: value`, an empty one, and then what happened, a line each.
  ///
  /// - Parameter check: The check that failed.
  /// - Returns: The text, without a new line at its end.
  public func trace(of check: Check) -> String {
    var head = [
      "check: \(check.id)", "promise: \(check.invariant)", "seed: \(seed)",
      "so: \(failure.finding)",
    ]
    if let often = failure.often { head.append("often: " + often) }
    return (["corfu trace 1"] + (head + [""] + failure.events).map(\.onOneLine))
      .joined(separator: "\n")
  }
}

extension String {
  fileprivate var onOneLine: String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
  }
}

/// Why a check failed, told as a story: what happened, what is wrong with it, and what it often is.
public struct CheckFailure: Error, Hashable, Sendable {
  /// What is wrong, in a sentence.
  public var finding: String
  /// What happened before, one line each.
  public var events: [String]
  /// How many events there were, shown or not.
  public var eventCount: Int
  /// The likely cause; `nil` for what the check says of itself.
  public var often: String?

  /// Whether the run came to no end: further seeds would take long, and say the same.
  public var isEndless = false

  /// How many events a story shows at most: the last ones.
  public static let eventsShownMax = 14

  /// A failure with all its events.
  public init(_ finding: String, events: [String] = [], often: String? = nil) {
    self.finding = finding
    self.events = events.suffix(Self.eventsShownMax)
    eventCount = events.count
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
    let hidden = failure.eventCount - failure.events.count
    if hidden > 0 { lines.append("     … \(hidden) before these") }
    lines += failure.events.map { "     " + $0 }
    lines.append("     so: " + failure.finding)
    if let often = failure.often { lines.append("     Often: " + often) }
    lines.append(
      "     again: \(command) check \(check.id) --seed \(seed) --runs 1"
        + "     hint: \(command) hint \(check.exercise)"
    )
    return lines.joined(separator: "\n")
  }
}

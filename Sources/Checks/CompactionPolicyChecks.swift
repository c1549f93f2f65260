public import CorfuCopyCompaction
import CorfuSimulation

/// The checks of exercise 4.2: any ``CompactionPolicy``, on segments that a seed draws.
public struct CompactionPolicyChecks<Policy: CompactionPolicy>: Sendable {
  /// Checks for a policy.
  public init() {}

  private typealias Promise = Invariant.Chapter4

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "4.2.1",
        Promise.room,
        often: "The answer is 'nil' too early. Add up the files and what is live in them: as long "
          + "as the files take more than 'spaceFactor' times as much, there is something to do."
      ) { seed throws(CheckFailure) in
        var story = PlanStory<Policy>(seed)
        return try story.judgeRoom()
      },
      Check(
        "4.2.2",
        Promise.cheapest,
        often: "The segment with the largest gain is chosen, whatever it costs; or that with the "
          + "fewest live bytes, whatever it gains. What counts is 'moveBytes' for each of "
          + "'gainBytes'."
      ) { seed throws(CheckFailure) in
        var story = PlanStory<Policy>(seed)
        return try story.judgePrice()
      },
      Check(
        "4.2.3",
        Promise.ends,
        often: "Segments that are nearly full are moved, too. One is worth it if it gains "
          + "'gainMin' of its file; and if all files together are within 'spaceFactor', none is."
      ) { seed throws(CheckFailure) in
        var story = PlanStory<Policy>(seed)
        return try story.judgeEnd()
      },
      Check(
        "4.2.4",
        Promise.sameAnswer,
        often: "Of two segments that are equally good the first of the list is taken, or the last; "
          + "take the one with the lower number."
      ) { seed throws(CheckFailure) in
        var story = PlanStory<Policy>(seed)
        return try story.judgeOrder()
      },
    ]
  }
}

/// Segments, and what a policy makes of them.
private struct PlanStory<Policy: CompactionPolicy> {
  private let policy = Policy()
  private var segments: [SegmentUsage]
  private var random: SeededGenerator
  private var events: [String] = []

  private static var fileBytes: Int { 1 << 20 }
  private static var spaceFactor: Double { 1.2 }
  private static var gainMin: Double { 0.05 }

  init(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    segments = (0..<random.number(in: 0...6)).map { number in
      // Few different levels, so that some are equally good.
      let percent = random.element(of: [0, 5, 30, 60, 80, 90, 96]) ?? 0
      let segment = Self.segment(UInt32(number), live: percent, large: random.chance(0.3))
      return random.chance(0.15) ? segment.crowded : segment
    }
    self.random = random
    for segment in segments { events.append(segment.told) }
  }

  private static func segment(_ number: UInt32, live percent: Int, large: Bool) -> SegmentUsage {
    let bytes = large ? 4 * fileBytes : fileBytes
    let live = bytes / 100 * percent
    return SegmentUsage(
      number: number,
      fileBytes: bytes,
      liveBytes: live,
      liveRecords: live / 4192,
      trimRanges: percent == 0 ? 0 : live / 8192
    )
  }

  private var trace: CheckTrace { CheckTrace(events: events) }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  private var isLoose: Bool {
    let files = segments.reduce(0) { $0 + $1.fileBytes }
    let live = segments.reduce(0) { $0 + $1.liveBytes }
    return Double(files) > Self.spaceFactor * Double(live)
  }

  private static func isWorthIt(_ usage: SegmentUsage) -> Bool {
    Double(usage.gainBytes) >= gainMin * Double(usage.fileBytes)
  }

  private static func price(of usage: SegmentUsage) -> Double {
    Double(usage.moveBytes) / Double(usage.gainBytes)
  }

  private mutating func ask() throws(CheckFailure) -> SegmentUsage? {
    let answer = policy.next(of: segments)
    events.append("next  <- \(answer.map { "segment \($0.number)" } ?? "none")")
    if let answer, !segments.contains(answer) {
      throw failure("segment \(answer.number) is none of those there are")
    }
    return answer
  }

  /// Empties segments as the policy says, as a store would.
  private mutating func empty(_ segment: SegmentUsage) {
    segments.removeAll { $0.number == segment.number }
    guard segment.moveBytes > 0 else { return }
    var fresh = segment
    fresh.number = (segments.map(\.number).max() ?? segment.number) + 10
    fresh.fileBytes = segment.moveBytes
    segments.append(fresh)
    events.append("segment \(segment.number) goes, what is live in it: \(fresh.told)")
  }

  mutating func judgeRoom() throws(CheckFailure) -> CheckTrace {
    for _ in 0..<20 {
      guard let segment = try ask() else { break }
      empty(segment)
    }
    if isLoose && segments.contains(where: Self.isWorthIt) {
      let live = segments.reduce(0) { $0 + $1.liveBytes } >> 10
      let files = segments.reduce(0) { $0 + $1.fileBytes } >> 10
      throw failure("\(live) KiB are live, the files take \(files) KiB, and that is called enough")
    }
    return trace
  }

  mutating func judgePrice() throws(CheckFailure) -> CheckTrace {
    guard let segment = try ask(), segment.gainBytes > 0 else { return trace }
    let better = segments.filter(Self.isWorthIt).min { Self.price(of: $0) < Self.price(of: $1) }
    if let better, Self.price(of: better) < Self.price(of: segment) {
      throw failure(
        "segment \(segment.number) costs \(segment.priceTold), "
          + "segment \(better.number) would cost \(better.priceTold)"
      )
    }
    return trace
  }

  mutating func judgeEnd() throws(CheckFailure) -> CheckTrace {
    for _ in 0..<20 {
      let wasLoose = isLoose
      guard let segment = try ask() else { return trace }
      guard wasLoose else {
        throw failure("the files take little more than what is live, and it goes on")
      }
      guard Self.isWorthIt(segment) else {
        throw failure(
          "segment \(segment.number) is to be moved, \(segment.moveBytes >> 10) KiB, to gain "
            + "\(segment.gainBytes / 1024) KiB"
        )
      }
      empty(segment)
    }
    throw failure("it comes to no end: twenty segments were moved")
  }

  mutating func judgeOrder() throws(CheckFailure) -> CheckTrace {
    let answer = try ask()
    for _ in 0..<4 {
      var rest = segments
      var shuffled: [SegmentUsage] = []
      while !rest.isEmpty { shuffled.append(rest.remove(at: random.number(below: rest.count))) }
      let other = policy.next(of: shuffled)
      guard other != answer else { continue }
      let order = shuffled.map { "\($0.number)" }.joined(separator: " ")
      let told = other.map { "segment \($0.number)" } ?? "none"
      throw failure("in the order \(order) the answer is another: \(told)")
    }
    return trace
  }
}

extension SegmentUsage {
  /// The same with so many trims between its records that hardly anything is gained by moving it.
  fileprivate var crowded: SegmentUsage {
    var crowded = self
    crowded.trimRanges += max(0, gainBytes - fileBytes / 50) / 32
    return crowded
  }

  /// For stories.
  fileprivate var told: String {
    "segment \(number): \(fileBytes >> 10) KiB, \(liveBytes >> 10) KiB of it live, "
      + "\(moveBytes >> 10) KiB to move"
  }

  fileprivate var priceTold: String {
    "\(moveBytes >> 10) KiB for \(gainBytes >> 10) KiB"
  }
}

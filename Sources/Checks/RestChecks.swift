public import CorfuProtocol
import CorfuSimulation

/// The checks of exercise 8.3: any ``Resting``, alone and in a crowd.
public struct RestChecks<Rest: Resting>: Sendable {
  /// Checks for a rest.
  public init() {}

  private typealias Promise = Invariant.Chapter8

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "8.3.1",
        Promise.rest,
        often: "The limit is 'first' after one failure, twice that after two, and so on up to "
          + "'longest'. A rest is drawn from half the limit to the limit."
      ) { seed throws(CheckFailure) in
        var story = RestStory<Rest>(seed)
        return try story.judgeFailures(resets: false)
      },
      Check(
        "8.3.2",
        Promise.rest,
        often: "After an attempt that worked the next failure is a first one."
      ) { seed throws(CheckFailure) in
        var story = RestStory<Rest>(seed)
        return try story.judgeFailures(resets: true)
      },
      Check(
        "8.3.3",
        Promise.crowd,
        often: "Who rests exactly as long as everybody else comes back exactly when everybody else "
          + "does. Draw from all of the upper half of the limit, with the generator that is passed "
          + "in."
      ) { seed throws(CheckFailure) in
        var story = RestStory<Rest>(seed)
        return try story.judgeCrowd()
      },
    ]
  }
}

extension Duration {
  /// In milliseconds, with two digits at most behind the point.
  fileprivate var told: String {
    "\((self / .milliseconds(1) * 100).rounded() / 100) ms"
  }
}

/// Attempts that fail, and some that work.
private struct RestStory<Rest: Resting> {
  private var random: SeededGenerator
  private let first: Duration
  private let longest: Duration
  private var events: [String] = []

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    first = .milliseconds(random.number(in: 1...50))
    longest = first * random.number(in: 1...60)
    events.append("rests of \(first.told) at first, and of \(longest.told) at most")
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  mutating func judgeFailures(resets: Bool) throws(CheckFailure) -> CheckTrace {
    var rest = Rest(first: first, longest: longest)
    var limit = first
    for _ in 0..<20 {
      if resets, random.chance(0.25) {
        rest.reset()
        limit = first
        events.append("an attempt works")
      }
      let pause = rest.next(using: &random)
      events.append("an attempt fails  <- rest \(pause.told)")
      if pause > limit { throw failure("the limit is \(limit.told), and the rest is longer") }
      if pause < limit / 2 {
        throw failure("the limit is \(limit.told), and the rest is below its half")
      }
      limit = min(limit * 2, longest)
    }
    return CheckTrace(events: events)
  }

  /// A hundred programs lose the same node at the same moment.
  mutating func judgeCrowd() throws(CheckFailure) -> CheckTrace {
    let size = 100
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<size {
      var rest = Rest(first: first, longest: longest)
      var own = random.split()
      let pause = rest.next(using: &own)
      let part = (pause - first / 2) / (first / 2)
      counts[min(max(Int(part * 10), 0), 9)] += 1
    }
    let told = counts.map { "\($0)" }.joined(separator: " ")
    events.append("\(size) programs lose their node at once; they come back, by tenths: \(told)")
    if let most = counts.max(), most > 30 {
      throw failure("\(most) of \(size) come back in the same tenth of the time that they have")
    }
    return CheckTrace(events: events)
  }
}

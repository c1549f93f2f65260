public import CorfuWriteOnce
import CorfuSimulation

/// Every rest is as long as the first: it works, and it is dear.
public struct EvenPauses: HolePausing {
  private let timeout: Duration
  private let first: Duration

  /// Nobody has rested yet.
  public init(timeout: Duration, first: Duration) {
    self.timeout = timeout
    self.first = first
  }

  /// The first rest again, or what is left of the timeout.
  public mutating func next(after waited: Duration) -> Duration? {
    waited >= timeout ? nil : min(first, timeout - waited)
  }
}

/// The checks of exercise 5.5: any ``HolePausing``, in front of a hole.
public struct HolePausingChecks<Pauses: HolePausing>: Sendable {
  /// Checks for pauses.
  public init() {}

  private typealias Promise = Invariant.Chapter5

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "5.5.1",
        Promise.wait,
        often: "A rest ends at the timeout at the latest: it is no longer than what is left of it. "
          + "Once all of it was waited for there is no further rest, and not before."
      ) { seed throws(CheckFailure) in
        var wait = HoleWait<Pauses>(seed)
        return try wait.judgeTimeout()
      },
      Check(
        "5.5.2",
        Promise.soon,
        often: "The rests grow too fast. Whoever looks after each rest that is twice the one "
          + "before sees an entry after twice the time that it took, and a first rest, at most."
      ) { seed throws(CheckFailure) in
        var wait = HoleWait<Pauses>(seed)
        return try wait.judgeLateness()
      },
      Check(
        "5.5.3",
        Promise.looks,
        often: "The rests grow too slowly, or not at all. Twice as long each time, and the number "
          + "of looks hardly depends on the timeout."
      ) { seed throws(CheckFailure) in
        var wait = HoleWait<Pauses>(seed)
        return try wait.judgeCost()
      },
    ]
  }
}

/// A reader in front of a hole.
private struct HoleWait<Pauses: HolePausing> {
  private var random: SeededGenerator
  private let timeout: Duration
  private let first: Duration
  private var events: [String] = []

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    timeout = .milliseconds(random.number(in: 10...2000))
    first = timeout / random.number(in: 2...64)
    events.append("time to fill after \(timeout), and the first rest is \(first)")
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// Looks and rests until it is time to fill.
  ///
  /// - Parameter isLate: Whether a rest may take longer than it should.
  /// - Returns: When it looked.
  /// - Throws: ``CheckFailure``, if it fills too early or too late.
  private mutating func wait(isLate: Bool = false) throws(CheckFailure) -> [Duration] {
    var pauses = Pauses(timeout: timeout, first: first)
    var looks = [Duration.zero]
    var waited = Duration.zero
    while looks.count < 1000 {
      guard let pause = pauses.next(after: waited) else {
        events.append("a look after \(waited): nothing  <- fill it")
        if waited < timeout { throw failure("it is filled after \(waited), before it is time") }
        return looks
      }
      events.append("a look after \(waited): nothing  <- rest \(pause)")
      if waited >= timeout { throw failure("the time is over, and it rests on") }
      if pause <= .zero { throw failure("a rest of nothing is none") }
      if pause > timeout - waited {
        throw failure("the rest ends after \(waited + pause), and \(timeout) is the longest wait")
      }
      waited += pause
      if isLate, random.chance(0.3) { waited += first / random.number(in: 1...4) }
      looks.append(waited)
    }
    throw failure("it has looked a thousand times, and it is not time yet")
  }

  mutating func judgeTimeout() throws(CheckFailure) -> CheckTrace {
    let isLate = random.chance(0.5)
    _ = try wait(isLate: isLate)
    return CheckTrace(events: events)
  }

  /// The entry comes at some time, often just after a look.
  mutating func judgeLateness() throws(CheckFailure) -> CheckTrace {
    let looks = try wait()
    for (look, next) in zip(looks, looks.dropFirst()) where next > look * 2 + first {
      throw failure(
        "an entry that comes just after \(look) is seen after \(next): \(look * 2 + first) at most"
      )
    }
    return CheckTrace(events: events)
  }

  /// Nobody comes.
  mutating func judgeCost() throws(CheckFailure) -> CheckTrace {
    let looks = try wait()
    // One at once, one after the first rest, and one for each time that the wait has doubled.
    var budget = 2
    var reach = first
    while reach < timeout {
      reach = reach * 2
      budget += 1
    }
    let cost = Cost(looks.count, budget: budget, unit: "looks")
    if !cost.isWithinBudget { throw failure("a dead client's hole cost \(cost)") }
    var trace = CheckTrace(events: events)
    trace.cost = cost
    return trace
  }
}

public import CorfuPaxosConfigurator
import CorfuSimulation

/// Asks at every look: it works, and it is dear where nobody answers.
public struct EagerInquiry: Inquiring {
  private var inquiry = Inquiry()

  /// Nothing was asked yet.
  public init() {}

  /// Asks, whatever is under way.
  public mutating func ask(at now: Duration, patience: Duration) -> UInt64? {
    inquiry.ask(at: now, patience: .zero)
  }

  /// Whether an answer is late.
  public func isLate(at now: Duration, patience: Duration) -> Bool {
    inquiry.isLate(at: now, patience: patience)
  }

  /// Takes in an answer, or that there is none.
  public mutating func end(_ number: UInt64, isAnswered: Bool) -> Bool {
    inquiry.end(number, isAnswered: isAnswered)
  }
}

/// The checks of exercise 6.6: any ``Inquiring``, with a node that is fast, slow or silent.
public struct InquiringChecks<Questions: Inquiring>: Sendable {
  /// Checks for questions.
  public init() {}

  private typealias Promise = Invariant.Chapter6

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "6.6.1",
        Promise.news,
        often: "Remember the highest question that was answered: what is not above it is old. One "
          + "that is given up is answered by nobody, and each question has a number of its own."
      ) { seed throws(CheckFailure) in
        var node = AskedNode<Questions>(seed, judging: .news)
        return try node.run()
      },
      Check(
        "6.6.2",
        Promise.late,
        often: "Not the newest question alone can be late: one from before is, too, until it or a "
          + "later one is answered. And one that is late does no harm once a later one is answered."
      ) { seed throws(CheckFailure) in
        var node = AskedNode<Questions>(seed, judging: .late)
        return try node.run()
      },
      Check(
        "6.6.3",
        Promise.askedAgain,
        often: "A question or its answer can be lost. Once the last one has been under way for "
          + "'patience', or is no longer under way at all, the next look asks."
      ) { seed throws(CheckFailure) in
        var node = AskedNode<Questions>(seed, judging: .again)
        return try node.run()
      },
      Check(
        "6.6.4",
        Promise.questions,
        often: "A question is sent though the last one is still under way and may be answered in "
          + "time: compare how long ago it was sent with 'patience'."
      ) { seed throws(CheckFailure) in
        var node = AskedNode<Questions>(seed, judging: .cost)
        return try node.judgeCost()
      },
    ]
  }
}

/// A node that is asked how it is, by somebody who looks every 100 ms.
private struct AskedNode<Questions: Inquiring> {
  /// What is judged.
  enum Aspect {
    case news
    case late
    case again
    case cost
  }

  /// What becomes of a question, and when.
  private struct Ending {
    let number: UInt64
    let time: Int
    let isAnswered: Bool
  }

  /// How often somebody looks; all times are in milliseconds.
  private static var pause: Int { 100 }

  private var random: SeededGenerator
  private let aspect: Aspect
  /// Never a multiple of the pause.
  private let patience: Int
  /// How long an answer is waited for.
  private let patienceMax: Int
  private let looks: Int
  private let losses: Double
  private var questions = Questions()
  /// When each question was asked that is under way.
  private var open: [UInt64: Int] = [:]
  private var newest: UInt64 = 0
  private var answered: UInt64 = 0
  private var endings: [Ending] = []
  private var asked = 0
  /// How often the newest question came to its end.
  private var ends = 0
  private var wasLate = false
  private var events: [String] = []

  init(_ seed: UInt64, judging aspect: Aspect) {
    random = SeededGenerator(seed: seed)
    self.aspect = aspect
    patience = Self.pause * random.number(in: 2...8) + 50
    patienceMax = patience * random.number(in: 2...4)
    looks = random.number(in: 20...60)
    losses = random.element(of: [0, 0.3, 1]) ?? 0
    events.append(
      "\(looks) looks, one every \(Self.pause) ms; patience \(patience) ms; what is not answered "
        + "in \(patienceMax) ms is given up"
    )
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// Looks again and again.
  mutating func run() throws(CheckFailure) -> CheckTrace {
    for look in 0..<looks {
      let now = look * Self.pause
      try end(at: now)
      try judgeLateness(at: now)
      try ask(at: now)
    }
    return CheckTrace(events: events)
  }

  /// Hands over what came since the last look.
  private mutating func end(at now: Int) throws(CheckFailure) {
    let ended = endings.filter { $0.time <= now }
    endings.removeAll { $0.time <= now }
    for ending in ended.sorted(by: { ($0.time, $0.number) < ($1.time, $1.number) }) {
      let (number, isAnswered) = (ending.number, ending.isAnswered)
      let isNews = questions.end(number, isAnswered: isAnswered)
      let what = isAnswered ? "is answered" : "is given up"
      events.append(
        "\(ending.time) ms  question \(number) \(what)  <- \(isNews ? "news" : "nothing new")"
      )
      open[number] = nil
      if number == newest { ends += 1 }
      if aspect == .news, isNews != (number > answered) {
        throw failure(
          isNews
            ? "question \(answered), which was asked later, was answered before"
            : "nothing that was asked later was answered: it is news"
        )
      }
      if isAnswered { answered = max(answered, number) }
    }
  }

  private mutating func judgeLateness(at now: Int) throws(CheckFailure) {
    let isLate = questions.isLate(at: .milliseconds(now), patience: .milliseconds(patience))
    if isLate != wasLate { events.append("\(now) ms  late?  <- \(isLate ? "yes" : "no")") }
    wasLate = isLate
    let late = open.filter { $0.key > answered && now - $0.value >= patience }.keys.min()
    guard aspect == .late, isLate != (late != nil) else { return }
    let since = late.map { "question \($0) is under way for \(now - (open[$0] ?? now)) ms" }
    throw failure(
      "at \(now) ms it is called \(isLate ? "late" : "in time"), and "
        + (since ?? "no question is late that is not outdated")
    )
  }

  private mutating func ask(at now: Int) throws(CheckFailure) {
    let isDue = open[newest].map { now - $0 >= patience } ?? true
    let limit = Duration.milliseconds(patience)
    guard let number = questions.ask(at: .milliseconds(now), patience: limit) else {
      if aspect == .again, isDue {
        events.append("\(now) ms  look  <- nothing is asked")
        throw failure("nothing is under way that may be answered in time, and nothing is asked")
      }
      return
    }
    events.append("\(now) ms  look  <- question \(number) is asked")
    if aspect == .news, number <= newest {
      throw failure("number \(number) is not above \(newest), which was asked before")
    }
    open[number] = now
    newest = max(newest, number)
    asked += 1
    let end = ending(of: number, askedAt: now)
    endings.append(end)
  }

  /// What becomes of a question.
  private mutating func ending(of number: UInt64, askedAt now: Int) -> Ending {
    if random.chance(losses) {
      return Ending(number: number, time: now + patienceMax, isAnswered: false)
    }
    let isFast = random.chance(0.5)
    let delay = isFast ? random.number(in: 5...90) : random.number(in: 100...2 * patience)
    return Ending(number: number, time: now + delay, isAnswered: true)
  }

  /// Looks how often the node was asked.
  mutating func judgeCost() throws(CheckFailure) -> CheckTrace {
    var trace = try run()
    // One at first, one whenever the newest came to its end, and one each time patience went by.
    let budget = 1 + ends + (looks - 1) * Self.pause / patience
    let cost = Cost(asked, budget: budget, unit: "questions")
    if !cost.isWithinBudget { throw failure("\(looks) looks cost \(cost)") }
    trace.cost = cost
    return trace
  }
}

public import CorfuProtocol
import CorfuSimulation

/// Asks for a turn for each frame, and hands over whatever is there: it works, and it is dear.
public struct PromptSends: SendPacing {
  /// Remembers nothing.
  public init() {}

  /// Asks for a turn.
  public mutating func put() -> Bool {
    true
  }

  /// Does nothing about it.
  public mutating func hold() {}

  /// Hands over what is there.
  public mutating func takeTurn(isEmpty: Bool) -> Bool {
    !isEmpty
  }

  /// Does nothing about it.
  public mutating func noteTaken() -> Bool {
    false
  }
}

/// The checks of exercise 8.5: any ``SendPacing``, on a connection whose turns and calls are
/// counted.
public struct SendPacingChecks<Pacing: SendPacing>: Sendable {
  /// Checks for a pacing.
  public init() {}

  private typealias Promise = Invariant.Chapter8
  private typealias Scene = PacedConnection<Pacing>

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "8.5.1",
        Promise.sent,
        often: "Who does not hand over in a turn, though something is there, must see to it that "
          + "another turn comes: nobody else does. And a turn that has come is not due any more."
      ) { seed throws(CheckFailure) in
        var scene = Scene()
        return try scene.live(seed)
      },
      Check(
        "8.5.2",
        Promise.pieces,
        often: "A turn is for all that was put in before it comes. Whoever finds that one is due "
          + "already need not ask."
      ) { seed throws(CheckFailure) in
        var scene = Scene()
        return try scene.burst(seed)
      },
      Check(
        "8.5.3",
        Promise.pieces,
        often: "While the system has not taken the last piece, hand over nothing: remember that a "
          + "turn came, and take it in 'noteTaken'. Until then it is due, and nobody has to ask."
      ) { seed throws(CheckFailure) in
        var scene = Scene()
        return try scene.busy(seed)
      },
      Check(
        "8.5.4",
        Promise.pieces,
        often: "After 'hold' a turn is sure to come, as if somebody had asked for it."
      ) { seed throws(CheckFailure) in
        var scene = Scene()
        return try scene.answers(seed)
      },
    ]
  }
}

/// A connection: frames that wait, an event loop that has other work, too, and a system that takes
/// its time.
private struct PacedConnection<Pacing: SendPacing> {
  private var pacing = Pacing()
  private var waiting: [Int] = []
  /// Turns that were asked for and have not come.
  private var due = 0
  /// What was handed to the system and is not taken yet.
  private var handed: [[Int]] = []
  private var sent: [Int] = []
  private var last = 0
  private var asked = 0
  private var calls = 0
  private var events: [String] = []

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// Some frames that follow each other.
  private static func told(_ frames: [Int]) -> String {
    guard let first = frames.first, let last = frames.last else { return "nothing" }
    return first == last ? "frame \(first)" : "frames \(first) to \(last)"
  }

  // MARK: - What happens

  private mutating func put(_ count: Int) {
    var turns = 0
    for _ in 0..<count {
      last += 1
      waiting.append(last)
      if pacing.put() { turns += 1 }
    }
    due += turns
    asked += turns
    let answer = turns == 0 ? "no turn is asked for" : "turns asked for: \(turns)"
    events.append("put in: \(Self.told(Array(waiting.suffix(count))))  <- \(answer)")
  }

  private mutating func turn(_ why: String) throws(CheckFailure) {
    guard pacing.takeTurn(isEmpty: waiting.isEmpty) else {
      events.append("\(why)  <- nothing is handed over")
      return
    }
    calls += 1
    events.append("\(why)  <- handed over: \(Self.told(waiting))")
    if waiting.isEmpty { throw failure("there is nothing, and it was handed over") }
    handed.append(waiting)
    waiting = []
  }

  private mutating func comeRound() throws(CheckFailure) {
    let count = due
    due = 0
    for _ in 0..<count { try turn("the loop has a turn") }
  }

  private mutating func take() throws(CheckFailure) {
    if handed.isEmpty { return }
    let frames = handed.removeFirst()
    sent += frames
    let goesOn = pacing.noteTaken()
    events.append("the system has taken \(Self.told(frames))")
    if goesOn { try turn("a turn at once") }
  }

  private mutating func answer(_ count: Int) throws(CheckFailure) {
    events.append("the loop reads \(count) requests, and answers them itself")
    pacing.hold()
    put(count)
    try turn("it is done with them")
  }

  /// Lets happen what is sure to happen, and looks whether all is sent.
  private mutating func end() throws(CheckFailure) {
    while due > 0 || !handed.isEmpty {
      try comeRound()
      try take()
    }
    if let frame = waiting.first {
      throw failure("frame \(frame) waits for ever: no turn is due, and nothing is on its way")
    }
  }

  private func judge(budget: Int) throws(CheckFailure) -> CheckTrace {
    let cost = Cost(asked + calls, budget: budget, unit: "turns and calls")
    if !cost.isWithinBudget {
      throw failure("\(last) frames cost \(cost): \(asked) turns asked for, \(calls) calls")
    }
    var trace = CheckTrace(events: events)
    trace.cost = cost
    return trace
  }

  // MARK: - Scenes

  /// All of it, in an order that chance draws.
  mutating func live(_ seed: UInt64) throws(CheckFailure) -> CheckTrace {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<random.number(in: 2...24) {
      switch random.number(below: 10) {
      case 0...3: put(random.number(in: 1...4))
      case 4...6: try comeRound()
      case 7...8: try take()
      default: try answer(random.number(in: 0...3))
      }
    }
    try end()
    return CheckTrace(events: events)
  }

  /// Many are put in before the loop comes round.
  mutating func burst(_ seed: UInt64) throws(CheckFailure) -> CheckTrace {
    var random = SeededGenerator(seed: seed)
    put(random.number(in: 2...100))
    try end()
    return try judge(budget: 2)
  }

  /// More and more are put in while the system is busy with the first.
  mutating func busy(_ seed: UInt64) throws(CheckFailure) -> CheckTrace {
    var random = SeededGenerator(seed: seed)
    put(1)
    try comeRound()
    for _ in 0..<random.number(in: 2...6) {
      put(random.number(in: 1...20))
      try comeRound()
    }
    try end()
    // A turn and a call for the first, and the same for all the others.
    return try judge(budget: 4)
  }

  /// The loop itself answers what it has read.
  mutating func answers(_ seed: UInt64) throws(CheckFailure) -> CheckTrace {
    var random = SeededGenerator(seed: seed)
    try answer(random.number(in: 2...100))
    try end()
    return try judge(budget: 1)
  }
}

public import CorfuProtocol
import CorfuSimulation

/// The checks of exercise 8.2: any ``CallKeeping``, through the life of a connection.
///
/// Whoever waits is told apart by a number, and time is a number as well.
public struct PendingCallChecks<Calls: CallKeeping<Int, Int>>: Sendable {
  /// Checks for a keeper of calls.
  public init() {}

  private typealias Promise = Invariant.Chapter8

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "8.2.1",
        Promise.once,
        [.replies],
        often: "A reply may come for a call that is over, or twice: then nobody waits, and 'take' "
          + "returns 'nil'. Whoever was taken out once is not there any more."
      ),
      check(
        "8.2.2",
        Promise.patience,
        [.expiry],
        often:
          "A deadline that is now has come; all such calls end, in the order of their numbers, "
          + "and no others."
      ),
      check(
        "8.2.3",
        Promise.once,
        [.losses],
        often: "When the connection breaks, all who wait are told, in the order of their numbers, "
          + "and nobody is left."
      ),
      check(
        "8.2.4",
        Promise.known,
        [.words],
        often: "'unreachable' promises that nothing was sent, so that the caller may ask somebody "
          + "else. What was marked as sent may have been done: 'timedOut', whether patience ended "
          + "or the connection did."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ judged: Set<CallSide>,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var life = CallLife(seed: seed, judging: judged)
      return try life.run(Calls())
    }
  }
}

/// What is looked at.
private enum CallSide {
  case replies, expiry, losses, words
}

/// The life of a connection: calls, replies, patience that ends, and its own end.
private struct CallLife {
  private struct Call {
    let id: UInt64
    let waiter: Int
    let deadline: Int
    var wasSent = false

    var error: TransportError { wasSent ? .timedOut : .unreachable }
  }

  private var random: SeededGenerator
  private let judged: Set<CallSide>
  private var calls: [Call] = []
  private var known: [UInt64] = []
  private var lastWaiter = 0
  private var now = 0
  private var events: [String] = []

  init(seed: UInt64, judging judged: Set<CallSide>) {
    random = SeededGenerator(seed: seed)
    self.judged = judged
  }

  mutating func run(_ keeper: some CallKeeping<Int, Int>) throws(CheckFailure) -> CheckTrace {
    var keeper = keeper
    for _ in 0..<40 {
      switch random.number(below: 12) {
      case 0...3: begin(&keeper)
      case 4...5: send(&keeper)
      case 6...8: try reply(&keeper)
      case 9...10: try expire(&keeper)
      default: try lose(&keeper)
      }
      if keeper.count != calls.count, judged.contains(.replies) {
        throw failure("\(calls.count) of the callers wait, and it says \(keeper.count)")
      }
    }
    return CheckTrace(events: events)
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  private mutating func begin(_ keeper: inout some CallKeeping<Int, Int>) {
    let id = keeper.makeID()
    lastWaiter += 1
    let deadline = now + random.number(in: 1...10)
    keeper.add(lastWaiter, as: id, until: deadline)
    calls.append(Call(id: id, waiter: lastWaiter, deadline: deadline))
    known.append(id)
    events.append("caller \(lastWaiter) begins call \(id), patient until \(deadline)")
  }

  private mutating func send(_ keeper: inout some CallKeeping<Int, Int>) {
    guard let index = random.element(of: Array(calls.indices)) else { return }
    calls[index].wasSent = true
    keeper.markSent(calls[index].id)
    events.append("call \(calls[index].id) is sent")
  }

  private mutating func reply(_ keeper: inout some CallKeeping<Int, Int>) throws(CheckFailure) {
    guard let id = random.element(of: known) else { return }
    let index = calls.firstIndex { $0.id == id }
    let expected = index.map { calls[$0].waiter }
    let waiter = keeper.take(id)
    events.append("a reply to call \(id)  <- \(told(waiter))")
    if let index { calls.remove(at: index) }
    if judged.contains(.replies), waiter != expected {
      throw failure("the reply is for \(told(expected)), and it was given to \(told(waiter))")
    }
  }

  private func told(_ waiter: Int?) -> String { waiter.map { "caller \($0)" } ?? "nobody" }

  private mutating func expire(_ keeper: inout some CallKeeping<Int, Int>) throws(CheckFailure) {
    // Often just when somebody's patience ends.
    now = random.element(of: calls.map(\.deadline)).map { max(now, $0) } ?? now + 1
    let expected = calls.filter { $0.deadline <= now }
    calls.removeAll { $0.deadline <= now }
    let ended = keeper.expire(at: now)
    events.append("it is \(now)  <- \(told(ended))")
    try judge(ended, expected, whenever: .expiry)
  }

  private mutating func lose(_ keeper: inout some CallKeeping<Int, Int>) throws(CheckFailure) {
    let expected = calls
    calls = []
    let ended = keeper.lose()
    events.append("the connection breaks  <- \(told(ended))")
    try judge(ended, expected, whenever: .losses)
  }

  private func told(_ ended: [EndedCall<Int>]) -> String {
    if ended.isEmpty { return "nobody is told" }
    return ended.map { "caller \($0.waiter): \(told($0.error))" }.joined(separator: ", ")
  }

  private func told(_ error: TransportError) -> String {
    switch error {
    case .unreachable: "nothing was sent"
    case .timedOut: "unknown"
    }
  }

  private func judge(
    _ ended: [EndedCall<Int>],
    _ expected: [Call],
    whenever side: CallSide
  ) throws(CheckFailure) {
    if judged.contains(side) {
      let names = expected.map { "\($0.waiter)" }.joined(separator: ", ")
      if ended.map(\.waiter) != expected.map(\.waiter) || ended.map(\.id) != expected.map(\.id) {
        throw failure("to be told are, in this order: \(names.isEmpty ? "nobody" : names)")
      }
    }
    guard judged.contains(.words) else { return }
    for call in ended {
      guard let truth = expected.first(where: { $0.id == call.id }) else { continue }
      if call.error == truth.error { continue }
      throw failure(
        truth.wasSent
          ? "call \(call.id) was sent, and its caller is told that nothing was"
          : "of call \(call.id) nothing was sent, and its caller is left in doubt"
      )
    }
  }
}

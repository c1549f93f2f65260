public import CorfuPaxosConfigurator
import CorfuSimulation

/// The checks of exercise 6.2: any ``Proposing``, given all kinds of answers.
public struct RoundChecks<Attempt: Proposing>: Sendable
where Attempt.Member == Int, Attempt.Value == Int {
  /// Checks for an attempt.
  public init() {}

  private typealias Promise = Invariant.Chapter6

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "6.2.1",
        Promise.majority,
        RoundLife.Script(),
        often: "Count who has answered, as a set. From more than half of the members on, ask for "
          + "votes; from more than half of the votes on, the value is chosen."
      ),
      check(
        "6.2.2",
        Promise.adopts,
        RoundLife.Script(oldVotes: 0.6),
        often: "Of all votes that the promises tell of, the one in the highest ballot gives the "
          + "value; it is asked for in this attempt's own ballot. 'adopts' is true from then on, "
          + "even if it is the very value that was wanted here."
      ),
      check(
        "6.2.3",
        Promise.majority,
        RoundLife.Script(oldVotes: 0.2, repeats: 0.5, strangers: 0.3),
        often: "Networks repeat themselves, and answers of others may come by: each member counts "
          + "once, and nobody else does."
      ),
      check(
        "6.2.4",
        Promise.adopts,
        RoundLife.Script(oldVotes: 0.2, repeats: 0.3, refusals: 0.3, late: 0.3),
        often: "A refusal with a higher ballot ends the attempt. After the end, and for the "
          + "question before the last, no answer matters: wait."
      ),
      Check(
        "6.2.5",
        Promise.oneValue,
        often: "What a majority may have voted for must be asked for again, and nothing else."
      ) { _ throws(CheckFailure) in
        try RegisterSearch<Acceptor<Int>, Attempt>.run()
      },
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ script: RoundLife.Script,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var life = RoundLife(seed: seed, script)
      return try life.run(Attempt.self)
    }
  }
}

/// What a proposer hears, and what it should make of that.
struct RoundLife {
  /// What kind of answers it hears.
  struct Script {
    /// How many promises tell of a vote.
    var oldVotes = 0.0
    /// How many answers come from somebody who answered before.
    var repeats = 0.0
    /// How many come from somebody who is no member.
    var strangers = 0.0
    /// How many are refusals.
    var refusals = 0.0
    /// How many answer the question that is not being asked.
    var late = 0.0
  }

  /// What it wants.
  private static let own = 100
  private static let ballot = Ballot(round: 7, proposer: ProposerID(high: 1 << 48, low: 0))

  private var random: SeededGenerator
  private let script: Script
  private let members: [Int]
  private var unheard: [Int] = []
  private var events: [String]

  init(seed: UInt64, _ script: Script) {
    random = SeededGenerator(seed: seed)
    self.script = script
    members = Array(1...(1 + Int(seed % 5)))
    events = ["p1 has ballot 7, wants A = \(Self.own), and asks \(members.map { "a\($0)" })"]
  }

  mutating func run<Attempt: Proposing>(
    _ type: Attempt.Type
  ) throws(CheckFailure) -> CheckTrace where Attempt.Member == Int, Attempt.Value == Int {
    var attempt = Attempt(Self.ballot, members: members, own: Self.own)
    var model = Round<Int, Int>(Self.ballot, members: members, own: Self.own)
    var isVoting = false
    unheard = members
    for _ in 0..<3 * members.count + 2 {
      let member = nextMember()
      let isLate = random.chance(script.late)
      let step: RoundStep<Int>
      let expected: RoundStep<Int>
      if isVoting != isLate {
        let answer = voteAnswer()
        step = attempt.receive(answer, from: member)
        expected = model.receive(answer, from: member)
        events.append("a\(member) -> p1  \(told(answer))  so: \(told(step))")
      } else {
        let answer = promiseAnswer()
        step = attempt.receive(answer, from: member)
        expected = model.receive(answer, from: member)
        events.append("a\(member) -> p1  \(told(answer))  so: \(told(step))")
      }
      if step != expected {
        let finding = finding(step, insteadOf: expected, isTold: model.adopts)
        throw CheckFailure(finding, events: events)
      }
      if case .propose = expected {
        // 6.2.1, in which nobody tells of a vote, is about counting alone.
        if script.oldVotes > 0, attempt.adopts != model.adopts {
          throw CheckFailure(finding(adopts: attempt.adopts), events: events)
        }
        isVoting = true
        unheard = members
      }
    }
    if attempt.chosen != model.chosen {
      throw CheckFailure("'chosen' is not what was chosen", events: events)
    }
    return CheckTrace(events: events)
  }

  private mutating func nextMember() -> Int {
    if random.chance(script.strangers) { return 9 }
    let isNew = !unheard.isEmpty && !random.chance(script.repeats)
    let member = random.element(of: isNew ? unheard : members) ?? 1
    unheard.removeAll { $0 == member }
    return member
  }

  /// A ballot of somebody else; mostly a higher one, or it says nothing.
  private mutating func otherBallot() -> Ballot {
    let round = random.chance(0.8) ? random.number(in: 8...12) : random.number(in: 1...6)
    return Ballot(round: UInt64(round), proposer: ProposerID(high: 2 << 48, low: 0))
  }

  private mutating func promiseAnswer() -> PrepareAnswer<Int> {
    if random.chance(script.refusals) { return .refused(otherBallot()) }
    guard random.chance(script.oldVotes) else { return .promised(nil) }
    let round = random.number(in: 1...6)
    let ballot = Ballot(round: UInt64(round), proposer: ProposerID(high: 2 << 48, low: 0))
    // Higher ballots do not have higher values, and some have the very one that is wanted here.
    let value = round % 3 == 0 ? Self.own : (round * 5) % 7
    return .promised(Vote(ballot: ballot, value: value))
  }

  private mutating func voteAnswer() -> AcceptAnswer {
    random.chance(script.refusals) ? .refused(otherBallot()) : .accepted
  }

  private func told(_ answer: PrepareAnswer<Int>) -> String {
    switch answer {
    case .promised(nil): "I promise; no vote yet"
    case .promised(let vote?): "I promise; I voted for A = \(vote.value) in \(vote.ballot.round)"
    case .refused(let ballot): "no: promised \(ballot.round)"
    }
  }

  private func told(_ answer: AcceptAnswer) -> String {
    switch answer {
    case .accepted: "I vote for it"
    case .refused(let ballot): "no vote: promised \(ballot.round)"
    }
  }

  private func told(_ step: RoundStep<Int>) -> String {
    switch step {
    case .wait: "wait"
    case .propose(let vote): "ask for votes for A = \(vote.value) in \(vote.ballot.round)"
    case .chosen(let value): "A = \(value) is chosen"
    case .lost(let ballot): "give way to \(ballot.round)"
    }
  }

  private func finding(adopts: Bool) -> String {
    adopts
      ? "'adopts' is true, and no promise told of a vote"
      : "'adopts' is false, and a promise told of the value that is asked for: who wants nothing "
        + "of its own would walk away from what may be chosen"
  }

  private func finding(
    _ step: RoundStep<Int>,
    insteadOf expected: RoundStep<Int>,
    isTold: Bool
  ) -> String {
    switch (step, expected) {
    case (.propose(let one), .propose(let other)) where one.value != other.value:
      isTold
        ? "votes are asked for A = \(one.value), and A = \(other.value) may have been chosen"
        : "votes are asked for A = \(one.value), which nobody can have chosen"
    case (.propose(let one), .propose):
      "votes are asked for in ballot \(one.ballot.round), which is another attempt's"
    case (.propose, .wait): "votes are asked for, and no majority of the members has promised"
    case (.wait, .propose): "a majority has promised, and nobody is asked for a vote"
    case (.chosen, .wait): "a value is called chosen, and no majority of the members voted for it"
    case (.wait, .chosen): "a majority has voted, and nobody is told"
    case (_, .lost(let ballot)):
      "somebody is ahead with ballot \(ballot.round), and the attempt goes on"
    case (.lost(let ballot), _): "the attempt gives way to \(ballot.round), which is not ahead"
    default: "it should be: \(told(expected))"
    }
  }
}

public import CorfuPaxosConfigurator
import CorfuSimulation

/// The checks of exercise 6.1: any ``Accepting``, asked by several proposers.
public struct AcceptorChecks<Voter: Accepting & Hashable>: Sendable where Voter.Value == Int {
  /// Checks for an acceptor.
  public init() {}

  private typealias Promise = Invariant.Chapter6

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "6.1.1",
        Promise.promise,
        AcceptorLife.Script(prepares: 1, judged: [.promises]),
        often: "Refuse what is below 'promised', and name it; promise all else, the same ballot "
          + "again too: its question may have come twice."
      ),
      check(
        "6.1.2",
        Promise.promise,
        AcceptorLife.Script(prepares: 0.5, judged: [.votes]),
        often: "A promise forbids votes below it. A vote in the very ballot that was promised is "
          + "what the promise was asked for."
      ),
      check(
        "6.1.3",
        Promise.told,
        AcceptorLife.Script(prepares: 0.5, judged: [.told]),
        often: "The answer to 'prepare' carries 'accepted', the last vote. Its value may have been "
          + "chosen, and the asker must know."
      ),
      check(
        "6.1.4",
        Promise.promise,
        AcceptorLife.Script(prepares: 0.2, judged: [.promises, .votes, .marks]),
        often: "A vote is a promise, even where none was asked for: 'promised' rises with it."
      ),
      Check(
        "6.1.5",
        Promise.oneValue,
        often: "Both fields count, and both must be right whenever the acceptor is read from disk."
      ) { _ throws(CheckFailure) in
        try RegisterSearch<Voter, Round<Int, Int>>.run()
      },
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ script: AcceptorLife.Script,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var life = AcceptorLife(seed: seed, script)
      return try life.run(Voter())
    }
  }
}

/// What an acceptor is asked, and what it should say.
struct AcceptorLife {
  /// What is looked at.
  enum Side {
    case promises, votes, told, marks
  }

  /// What kind of life it is.
  struct Script {
    /// How many of the questions are for promises; the others are for votes.
    var prepares: Double
    var judged: Set<Side>
  }

  private var random: SeededGenerator
  private let script: Script
  private var model = Acceptor<Int>()
  private var events: [String] = []

  init(seed: UInt64, _ script: Script) {
    random = SeededGenerator(seed: seed)
    self.script = script
  }

  mutating func run<Voter: Accepting>(
    _ voter: Voter
  ) throws(CheckFailure) -> CheckTrace where Voter.Value == Int {
    var voter = voter
    for _ in 0..<16 {
      let proposer = random.number(in: 1...2)
      let ballot = Ballot(
        round: UInt64(random.number(in: 1...5)),
        proposer: ProposerID(high: UInt64(proposer) << 48, low: 0)
      )
      if random.chance(script.prepares) {
        try prepare(ballot, &voter, proposer)
      } else {
        // In one ballot there is one value.
        let value = Int(ballot.round) * 10 + proposer
        try accept(Vote(ballot: ballot, value: value), &voter, proposer)
      }
      try compare(voter)
    }
    return CheckTrace(events: events)
  }

  private mutating func prepare<Voter: Accepting>(
    _ ballot: Ballot,
    _ voter: inout Voter,
    _ proposer: Int
  ) throws(CheckFailure) where Voter.Value == Int {
    let before = model.promised
    let answer = voter.prepare(ballot)
    let expected = model.prepare(ballot)
    events.append("p\(proposer) -> a1  prepare \(ballot)  <- \(told(answer))")
    switch (answer, expected) {
    case (.promised, .refused(let other)) where script.judged.contains(.promises):
      throw failure("a1 promises \(ballot), and has given its word to \(other) before")
    case (.refused, .promised) where script.judged.contains(.promises):
      let word = before.map { "its word is \($0)" } ?? "it has given its word to nobody"
      throw failure("a1 refuses \(ballot), and nothing stands against it: \(word)")
    case (.refused(let one), .refused(let other))
    where one != other && script.judged.contains(.promises):
      throw failure(
        "a1 refuses for the sake of \(one), and has promised \(other): who asks tries again with "
          + "a number that is too low"
      )
    case (.promised(let one), .promised(let other))
    where one != other && script.judged.contains(.told):
      throw failure("a1 tells of \(told(one)), and has \(told(other))")
    default: break
    }
  }

  private mutating func accept<Voter: Accepting>(
    _ vote: Vote<Int>,
    _ voter: inout Voter,
    _ proposer: Int
  ) throws(CheckFailure) where Voter.Value == Int {
    let answer = voter.accept(vote)
    let expected = model.accept(vote)
    let question = "p\(proposer) -> a1  accept \(vote.ballot): A = \(vote.value)"
    events.append("\(question)  <- \(told(answer))")
    guard script.judged.contains(.votes), answer != expected else { return }
    switch (answer, expected) {
    case (.accepted, .refused(let other)):
      throw failure("a1 votes in \(vote.ballot), and has given its word to \(other) before")
    case (.refused, .accepted):
      throw failure("a1 refuses to vote in \(vote.ballot), and nothing stands against it")
    default:
      throw failure("a1 refuses for the sake of another ballot than the one it has promised")
    }
  }

  private func compare<Voter: Accepting>(
    _ voter: Voter
  ) throws(CheckFailure) where Voter.Value == Int {
    guard script.judged.contains(.marks) else { return }
    if voter.promised != model.promised {
      let (one, other) = (voter.promised, model.promised)
      throw failure("'promised' is \(told(one)), and a1 has given its word to \(told(other))")
    }
    if voter.accepted != model.accepted {
      throw failure("'accepted' is \(told(voter.accepted)), and a1 has \(told(model.accepted))")
    }
  }

  private func told(_ answer: PrepareAnswer<Int>) -> String {
    switch answer {
    case .promised(let vote): "promised; \(told(vote))"
    case .refused(let ballot): "no: promised \(ballot)"
    }
  }

  private func told(_ answer: AcceptAnswer) -> String {
    switch answer {
    case .accepted: "voted"
    case .refused(let ballot): "no: promised \(ballot)"
    }
  }

  private func told(_ vote: Vote<Int>?) -> String {
    vote.map { "a vote for A = \($0.value) in \($0.ballot)" } ?? "no vote yet"
  }

  private func told(_ ballot: Ballot?) -> String { ballot.map(\.description) ?? "nobody" }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }
}

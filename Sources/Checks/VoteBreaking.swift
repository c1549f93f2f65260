public import CorfuPaxosConfigurator

/// What happens to two proposers and three acceptors: the part that exercise 6.5 builds.
public protocol VoteBreaking: Sendable {
  /// What happens, in order. The acceptors are 1, 2 and 3.
  static var script: [VoteStep] { get }
}

/// Something that happens around a register.
public enum VoteStep: Hashable, Sendable {
  /// A proposer asks an acceptor for its promise, and hears the answer.
  case prepare(VoteProposer, at: Int)
  /// A proposer asks an acceptor for its vote, and hears the answer; it does nothing before a
  /// majority has promised.
  case accept(VoteProposer, at: Int)
  /// An acceptor crashes, and comes back with what it had written down.
  case crash(Int)
}

/// Somebody who proposes.
public enum VoteProposer: Hashable, Sendable {
  /// With ballot 1, it wants A = 1.
  case first
  /// With ballot 2, it wants A = 2.
  case second
}

/// A script after which ``HastyAcceptor`` lets a register hold two values, and ours does not.
public enum VoteBreaker: VoteBreaking {
  // exercise 6.5: a script after which both proposers are told that their own value is chosen
  public static var script: [VoteStep] {
    [
      .prepare(.first, at: 1), .prepare(.first, at: 2),
      .prepare(.second, at: 2), .prepare(.second, at: 3),
      .crash(2),
      .accept(.first, at: 1), .accept(.first, at: 2),
      .accept(.second, at: 2), .accept(.second, at: 3),
    ]
  }
  // end 6.5
}

/// An acceptor that somebody made faster: it writes down its votes, which is what counts, and saves
/// a sync for every promise.
///
/// It has a bug.
public struct HastyAcceptor: Sendable {
  // On its disk.
  private var vote: Vote<Int>?
  // In memory.
  private var promised: Ballot?

  /// An acceptor that nobody has asked yet.
  public init() {}

  /// Promises to have nothing to do with ballots below this one.
  public mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int> {
    if let promised, ballot < promised { return .refused(promised) }
    promised = ballot
    return .promised(vote)
  }

  /// Votes, unless that breaks a promise.
  public mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer {
    if let promised, vote.ballot < promised { return .refused(promised) }
    promised = vote.ballot
    self.vote = vote
    return .accepted
  }

  /// Starts again after a crash, from its disk.
  public mutating func restart() {
    promised = vote?.ballot
  }
}

/// The checks of exercise 6.5.
public struct VoteBreakingChecks<Breaker: VoteBreaking>: Sendable {
  /// Checks for a script.
  public init() {}

  private typealias Promise = Invariant.Chapter6

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "6.5.1",
        Promise.oneValue,
        often: "A proposer is told a value once two of three have voted for it in its ballot. For "
          + "both to get there, an acceptor must forget what it has promised, and not what it has "
          + "voted for: so the crash comes between the two."
      ) { _ throws(CheckFailure) in
        var scene = VoteScene(HastyAcceptor())
        try scene.play(Breaker.script)
        if scene.isHarmed { return CheckTrace(events: scene.events) }
        throw CheckFailure(
          "the acceptor that saves a sync got away with it",
          events: scene.events
        )
      },
      Check(
        "6.5.2",
        Promise.oneValue,
        often: "This is for us: whatever happens, an acceptor that writes down both keeps its word."
      ) { _ throws(CheckFailure) in
        var scene = VoteScene(WritingAcceptor())
        try scene.play(Breaker.script)
        guard scene.isHarmed else { return CheckTrace(events: scene.events) }
        throw CheckFailure(
          "acceptors that write down all they say let the register hold two values",
          events: scene.events
        )
      },
    ]
  }
}

/// An acceptor as the scene sees it.
private protocol MortalVoter {
  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int>
  mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer
  mutating func restart()
}

extension HastyAcceptor: MortalVoter {}

/// Chapter 6's acceptor, with both of its fields on disk.
private struct WritingAcceptor: MortalVoter {
  private var acceptor = Acceptor<Int>()

  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int> { acceptor.prepare(ballot) }
  mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer { acceptor.accept(vote) }

  mutating func restart() {
    acceptor = Acceptor(promised: acceptor.promised, accepted: acceptor.accepted)
  }
}

/// Three acceptors, and two who propose.
private struct VoteScene<Voter: MortalVoter> {
  private var voters: [Voter]
  private var rounds: [VoteProposer: Round<Int, Int>] = [:]
  private var proposals: [VoteProposer: Vote<Int>] = [:]

  /// What happened, a line each.
  private(set) var events: [String] = []

  init(_ voter: Voter) {
    voters = Array(repeating: voter, count: 3)
    for proposer in [VoteProposer.first, .second] {
      rounds[proposer] = Round(proposer.ballot, members: [1, 2, 3], own: proposer.wish)
    }
  }

  /// Whether two were told that different values are chosen.
  var isHarmed: Bool { Set(rounds.values.compactMap(\.chosen)).count > 1 }

  mutating func play(_ script: [VoteStep]) throws(CheckFailure) {
    for step in script {
      switch step {
      case .prepare(let proposer, let voter): prepare(proposer, try index(of: voter))
      case .accept(let proposer, let voter): accept(proposer, try index(of: voter))
      case .crash(let voter):
        voters[try index(of: voter)].restart()
        events.append("---- a\(voter) crashes, and comes back with what it had written down ----")
      }
    }
  }

  private func index(of voter: Int) throws(CheckFailure) -> Int {
    if (1...3).contains(voter) { return voter - 1 }
    throw CheckFailure(
      "there is no acceptor \(voter): they are 1, 2 and 3",
      events: events,
      often: "Acceptors count from 1, as in the stories: 'at: 1' is a1."
    )
  }

  private mutating func prepare(_ proposer: VoteProposer, _ index: Int) {
    let answer = voters[index].prepare(proposer.ballot)
    let line = "\(proposer.name) -> a\(index + 1)  prepare \(proposer.ballot.round)"
    switch answer {
    case .promised(nil): events.append("\(line)  <- promised; no vote yet")
    case .promised(let vote?): events.append("\(line)  <- promised; a vote for A = \(vote.value)")
    case .refused(let other): events.append("\(line)  <- no: promised \(other.round)")
    }
    if case .propose(let vote)? = rounds[proposer]?.receive(answer, from: index + 1) {
      proposals[proposer] = vote
    }
  }

  private mutating func accept(_ proposer: VoteProposer, _ index: Int) {
    guard let vote = proposals[proposer] else {
      events.append("\(proposer.name) has no majority of promises, and asks nobody for a vote")
      return
    }
    let answer = voters[index].accept(vote)
    let line = "\(proposer.name) -> a\(index + 1)  accept \(vote.ballot.round): A = \(vote.value)"
    switch answer {
    case .accepted: events.append("\(line)  <- voted")
    case .refused(let other): events.append("\(line)  <- no: promised \(other.round)")
    }
    if case .chosen(let value)? = rounds[proposer]?.receive(answer, from: index + 1) {
      events.append("\(proposer.name) is told that A = \(value) is chosen")
    }
  }
}

extension VoteProposer {
  fileprivate var wish: Int { self == .first ? 1 : 2 }

  fileprivate var name: String { "p\(wish)" }

  fileprivate var ballot: Ballot {
    Ballot(round: UInt64(wish), proposer: ProposerID(high: UInt64(wish) << 48, low: 0))
  }
}

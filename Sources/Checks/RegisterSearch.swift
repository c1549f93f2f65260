import CorfuPaxosConfigurator
import Synchronization

/// A search of everything that can happen to one register: two proposers, three acceptors, and
/// questions that arrive in any order, any number of times or never.
///
/// An answer is heard at once: to hear it later changes nothing but the time at which the proposer
/// goes on, and its next question may arrive late anyway. (The package's own tests lose answers,
/// too, and take five times as long.) At any time an acceptor may crash and come back with what it
/// had written down. The shortest story of what is wrong is told.
struct RegisterSearch<Voter: Accepting & Hashable, Attempt: Proposing>
where Voter.Value == Int, Attempt.Value == Int, Attempt.Member == Int {
  /// Something that happens.
  private enum Move {
    case promise(proposer: Int, voter: Int)
    case vote(proposer: Int, voter: Int)
    case crash(voter: Int)
  }

  /// Where a run may stand.
  private struct Standing: Hashable {
    var voters: [Voter]
    var rounds: [Attempt]
    /// What each proposer asks votes for, once it does.
    var proposals: [Vote<Int>?]
    /// Who ever voted for what.
    var casts = Casts()
  }

  private static var voterCount: Int { 3 }
  /// What each proposer wants.
  private static var wishes: [Int] { [1, 2] }
  /// Far more than a right part leads to, which is some hundreds.
  private static var standingsMax: Int { 5_000 }

  /// Searches, once for each kind of part: no seed changes what is found.
  static func run() throws(CheckFailure) -> CheckTrace {
    let key = ObjectIdentifier(Self.self)
    if let known = results.withLock({ $0[key] }) { return try known.get() }
    let result: Result<CheckTrace, CheckFailure>
    do throws(CheckFailure) {
      result = .success(try search())
    } catch {
      result = .failure(error)
    }
    results.withLock { $0[key] = result }
    return try result.get()
  }

  private static func search() throws(CheckFailure) -> CheckTrace {
    var seen: Set<Standing> = [begin]
    var standings = [begin]
    // How each was reached: from which, and by what.
    var origins: [(from: Int, move: Move)?] = [nil]
    var isEverChosen = false
    var index = 0
    while index < standings.count {
      let standing = standings[index]
      if let finding = finding(in: standing) {
        throw CheckFailure(finding, events: story(to: index, origins))
      }
      isEverChosen = isEverChosen || standing.rounds.contains { $0.chosen != nil }
      for move in moves(from: standing) {
        var next = standing
        _ = play(move, in: &next)
        guard next != standing, seen.insert(next).inserted else { continue }
        standings.append(next)
        origins.append((index, move))
      }
      if standings.count > standingsMax {
        throw CheckFailure(
          "there is no end to what can happen: does an answer that comes twice count twice?",
          events: story(to: standings.count - 1, origins)
        )
      }
      index += 1
    }
    if !isEverChosen {
      throw CheckFailure("nobody is ever told a value, whatever happens", events: [])
    }
    return CheckTrace(events: ["\(standings.count) standings, and one value in each"])
  }

  private static var begin: Standing {
    Standing(
      voters: Array(repeating: Voter(), count: voterCount),
      rounds: wishes.indices.map { index in
        Attempt(ballot(of: index), members: Array(0..<voterCount), own: wishes[index])
      },
      proposals: wishes.map { _ in nil }
    )
  }

  private static func ballot(of proposer: Int) -> Ballot {
    Ballot(
      round: UInt64(proposer + 1),
      proposer: ProposerID(high: UInt64(proposer + 1) << 48, low: 0)
    )
  }

  private static func moves(from standing: Standing) -> [Move] {
    var moves: [Move] = []
    for voter in 0..<voterCount {
      for proposer in wishes.indices {
        moves.append(.promise(proposer: proposer, voter: voter))
        if standing.proposals[proposer] != nil {
          moves.append(.vote(proposer: proposer, voter: voter))
        }
      }
      moves.append(.crash(voter: voter))
    }
    return moves
  }

  /// Makes a move.
  ///
  /// - Returns: What an acceptor answered, told.
  private static func play(_ move: Move, in standing: inout Standing) -> MoveAnswer {
    switch move {
    case .promise(let proposer, let voter):
      let answer = standing.voters[voter].prepare(ballot(of: proposer))
      let step = standing.rounds[proposer].receive(answer, from: voter)
      if case .propose(let vote) = step { standing.proposals[proposer] = vote }
      return .promise(answer)
    case .vote(let proposer, let voter):
      guard let vote = standing.proposals[proposer] else { return .none }
      let answer = standing.voters[voter].accept(vote)
      if answer == .accepted { standing.casts.insert(vote, of: voter) }
      _ = standing.rounds[proposer].receive(answer, from: voter)
      return .vote(vote, answer)
    case .crash(let voter):
      let old = standing.voters[voter]
      standing.voters[voter] = Voter(promised: old.promised, accepted: old.accepted)
      return .none
    }
  }

  private static func finding(in standing: Standing) -> String? {
    let told = standing.rounds.map(\.chosen)
    let values = Set(told.compactMap { $0 })
    if values.count > 1 {
      let words = told.enumerated().compactMap { index, value in
        value.map { "p\(index + 1) was told A = \($0)" }
      }
      return words.joined(separator: ", and ") + ": the register holds two values"
    }
    let chosen = standing.casts.chosen
    if chosen.count > 1 {
      return "majorities have voted for A = \(chosen[0]), and for A = \(chosen[1])"
    }
    if let value = values.first, chosen != [value] {
      return "somebody was told A = \(value), for which no majority has voted"
    }
    return nil
  }

  /// What led to a standing.
  private static func story(to index: Int, _ origins: [(from: Int, move: Move)?]) -> [String] {
    var moves: [Move] = []
    var index = index
    while let origin = origins[index] {
      moves.append(origin.move)
      index = origin.from
    }
    var standing = begin
    return moves.reversed().map { move in
      let answer = play(move, in: &standing)
      return tell(move, answer)
    }
  }

  private static func tell(_ move: Move, _ answer: MoveAnswer) -> String {
    switch move {
    case .promise(let proposer, let voter):
      "p\(proposer + 1) -> a\(voter + 1)  prepare \(proposer + 1)\(answer.words)"
    case .vote(let proposer, let voter):
      "p\(proposer + 1) -> a\(voter + 1)  accept \(proposer + 1)\(answer.words)"
    case .crash(let voter):
      "---- a\(voter + 1) crashes, and comes back with what it had written down ----"
    }
  }
}

/// Who ever voted for what: a bit for each acceptor, ballot and value.
private struct Casts: Hashable {
  private var bits: UInt16 = 0

  mutating func insert(_ vote: Vote<Int>, of voter: Int) {
    bits |= Self.bit(of: voter, Int(vote.ballot.round & 1), vote.value)
  }

  private static func bit(of voter: Int, _ ballot: Int, _ value: Int) -> UInt16 {
    1 << UInt16(voter * 4 + ballot * 2 + (value & 1))
  }

  /// What majorities have voted for.
  var chosen: [Int] {
    [1, 2].filter { value in
      (0...1).contains { ballot in
        (0...2).count { bits & Self.bit(of: $0, ballot, value) != 0 } > 1
      }
    }
  }
}

/// What came back from an acceptor.
private enum MoveAnswer {
  case promise(PrepareAnswer<Int>)
  case vote(Vote<Int>, AcceptAnswer)
  case none

  var words: String {
    switch self {
    case .promise(.promised(nil)): "  <- promised; no vote yet"
    case .promise(.promised(let vote?)):
      "  <- promised; a vote for A = \(vote.value) in ballot \(vote.ballot.round)"
    case .promise(.refused(let other)): "  <- no: promised \(other.round)"
    case .vote(let vote, .accepted): ": A = \(vote.value)  <- voted"
    case .vote(let vote, .refused(let other)):
      ": A = \(vote.value)  <- no: promised \(other.round)"
    case .none: ""
    }
  }
}

/// What searches have found.
private let results = Mutex<[ObjectIdentifier: Result<CheckTrace, CheckFailure>]>([:])

import CorfuPaxosConfigurator

/// A search of everything that can happen to one register: two proposers, three acceptors, messages
/// that arrive in any order, any number of times or never, and acceptors that crash and come back
/// with what was durable.
///
/// A question may reach an acceptor at any time after it was asked, and again. An answer is heard
/// at once or never: to hear it later changes nothing but the time at which the proposer goes on,
/// and its next question may arrive late anyway. A proposer that crashes is one that does nothing
/// any more.
struct RegisterSearch<Voter: Accepting & Hashable> where Voter.Value == Int {
  typealias Attempt = Round<Int, Int>

  /// Where a run may stand.
  struct Standing: Hashable {
    var voters: [Voter]
    var rounds: [Attempt]
    /// What each proposer asks votes for, once it does.
    var proposals: [Vote<Int>?]
    /// Who ever voted for what.
    var history: Set<Cast> = []
  }

  /// A vote that a voter once cast.
  struct Cast: Hashable {
    var voter: Int
    var vote: Vote<Int>
  }

  var voterCount = 3
  /// The ballots' rounds, one for each proposer.
  var ballots: [UInt64] = [1, 2]
  /// What a crash leaves of a voter.
  var revive: (Voter) -> Voter = { $0 }
  /// What a proposer asks votes for: what it should, unless it has a bug.
  var bend: (Vote<Int>) -> Vote<Int> = { $0 }

  /// How many standings there are, and what is wrong in one of them.
  func run() -> (standings: Int, violation: String?) {
    var seen: Set<Standing> = [begin]
    var open = [begin]
    while let standing = open.popLast() {
      if let violation = violation(in: standing) { return (seen.count, violation) }
      for next in successors(of: standing) where seen.insert(next).inserted { open.append(next) }
    }
    return (seen.count, nil)
  }

  private var begin: Standing {
    Standing(
      voters: Array(repeating: Voter(), count: voterCount),
      rounds: ballots.indices.map { index in
        let proposer = ProposerID(high: UInt64(index) << 48, low: 0)
        return Attempt(
          Ballot(round: ballots[index], proposer: proposer),
          members: Array(0..<voterCount),
          own: index
        )
      },
      proposals: ballots.map { _ in nil }
    )
  }

  private func successors(of standing: Standing) -> [Standing] {
    var found: [Standing] = []
    for voter in standing.voters.indices {
      for proposer in standing.rounds.indices {
        found += preparing(standing, voter, proposer)
        if let vote = standing.proposals[proposer] {
          found += voting(standing, voter, proposer, vote)
        }
      }
      var crashed = standing
      crashed.voters[voter] = revive(standing.voters[voter])
      found.append(crashed)
    }
    return found
  }

  private func preparing(_ standing: Standing, _ voter: Int, _ proposer: Int) -> [Standing] {
    var lost = standing
    let answer = lost.voters[voter].prepare(standing.rounds[proposer].ballot)
    var heard = lost
    if case .propose(let vote) = heard.rounds[proposer].receive(answer, from: voter) {
      heard.proposals[proposer] = bend(vote)
    }
    return [lost, heard]
  }

  private func voting(
    _ standing: Standing,
    _ voter: Int,
    _ proposer: Int,
    _ vote: Vote<Int>
  ) -> [Standing] {
    var lost = standing
    let answer = lost.voters[voter].accept(vote)
    if answer == .accepted { lost.history.insert(Cast(voter: voter, vote: vote)) }
    var heard = lost
    _ = heard.rounds[proposer].receive(answer, from: voter)
    return [lost, heard]
  }

  private func violation(in standing: Standing) -> String? {
    let told = Set(standing.rounds.compactMap(\.chosen))
    if told.count > 1 { return "two proposers were told different values" }
    let tally = Dictionary(grouping: standing.history, by: \.vote).mapValues(\.count)
    let chosen = Set(tally.filter { $0.value > voterCount / 2 }.keys.map(\.value))
    if chosen.count > 1 { return "majorities voted for different values" }
    if let value = told.first, !chosen.contains(value) { return "no majority voted for \(value)" }
    return nil
  }
}

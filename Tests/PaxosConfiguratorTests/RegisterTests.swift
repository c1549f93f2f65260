import CorfuPaxosConfigurator
import Testing

// Goal: a register never holds two values. Method: every order of messages between two proposers
// and three acceptors, with loss, repetition and crashes; and the same with mistakes, which must be
// found.

private func ballot(_ round: UInt64, _ proposer: UInt64 = 0) -> Ballot {
  Ballot(round: round, proposer: ProposerID(high: proposer << 48, low: 0))
}

@Test func ballotsOfTwoProposersAreNeverEqual() {
  let one = ProposerID(high: 1 << 48, low: 0)
  let two = ProposerID(high: 2 << 48, low: 0)
  let first = Ballot(above: nil, of: one)
  #expect(first != Ballot(above: nil, of: two))
  #expect(Ballot(above: Ballot(above: nil, of: two), of: one) > Ballot(above: nil, of: two))
  #expect(Ballot(above: first, of: one) > first)
  #expect("\(Ballot(above: nil, of: two))" == "1.0002")
}

@Test("R27: an acceptor keeps its promises, and tells its last vote")
func acceptorKeepsItsPromises() {
  var acceptor = Acceptor<String>()
  #expect(acceptor.prepare(ballot(2)) == .promised(nil))
  #expect(acceptor.prepare(ballot(1)) == .refused(ballot(2)))
  #expect(acceptor.accept(Vote(ballot: ballot(1), value: "late")) == .refused(ballot(2)))
  #expect(acceptor.accepted == nil)
  let vote = Vote(ballot: ballot(2), value: "two")
  #expect(acceptor.accept(vote) == .accepted)
  #expect(acceptor.accept(vote) == .accepted)
  #expect(acceptor.prepare(ballot(2)) == .promised(vote))
  #expect(acceptor.prepare(ballot(3)) == .promised(vote))
  #expect(acceptor.accept(vote) == .refused(ballot(3)))
  // A vote is a promise even where none was asked for.
  var fresh = Acceptor<String>()
  #expect(fresh.accept(Vote(ballot: ballot(5), value: "five")) == .accepted)
  #expect(fresh.prepare(ballot(4)) == .refused(ballot(5)))
  #expect(Acceptor(promised: fresh.promised, accepted: fresh.accepted) == fresh)
}

@Test("R27: a proposer takes up the value of the highest vote that it hears of")
func proposerAdopts() {
  var round = Round<Int, String>(ballot(5), members: [1, 2, 3], own: "own")
  #expect(round.majority == 2)
  let old = PrepareAnswer.promised(Vote(ballot: ballot(1), value: "old"))
  #expect(round.receive(old, from: 1) == .wait)
  #expect(round.receive(old, from: 1) == .wait)
  let newer = Vote(ballot: ballot(5), value: "newer")
  let step = round.receive(.promised(Vote(ballot: ballot(3), value: "newer")), from: 2)
  #expect(step == .propose(newer))
  #expect(round.receive(.promised(nil), from: 3) == .wait)
  #expect(round.receive(.accepted, from: 3) == .wait)
  #expect(round.receive(.accepted, from: 3) == .wait)
  #expect(round.receive(.accepted, from: 9) == .wait)
  #expect(round.chosen == nil)
  #expect(round.receive(.accepted, from: 1) == .chosen("newer"))
  #expect(round.chosen == "newer")
  #expect(round.receive(AcceptAnswer.refused(ballot(9)), from: 2) == .wait)
}

@Test func proposerGivesWay() {
  var round = Round<Int, String>(ballot(5), members: [1, 2, 3], own: "own")
  #expect(round.receive(PrepareAnswer.refused(ballot(7)), from: 1) == .lost(ballot(7)))
  #expect(round.receive(.promised(nil), from: 2) == .wait)
  var voting = Round<Int, String>(ballot(5), members: [1], own: "own")
  #expect(
    voting.receive(.promised(nil), from: 1) == .propose(Vote(ballot: ballot(5), value: "own"))
  )
  #expect(voting.receive(AcceptAnswer.refused(ballot(7)), from: 1) == .lost(ballot(7)))
}

@Test("R26, R27: whatever is lost, late, repeated or restarted, one value is chosen")
func everyOrder() {
  // A third attempt makes it 214,903 standings and a minute; they were all searched, once.
  let (standings, violation) = RegisterSearch<Acceptor<Int>>().run()
  #expect(violation == nil)
  #expect(standings > 3_000, "the search is not vacuous: \(standings)")
}

@Test func mistakesAreFound() {
  let amnesia = RegisterSearch<Acceptor<Int>>(revive: { voter in
    // The promise was not durable.
    Acceptor(promised: voter.accepted?.ballot, accepted: voter.accepted)
  })
  #expect(amnesia.run().violation != nil)
  let selfish = RegisterSearch<Acceptor<Int>>(bend: { vote in
    Vote(ballot: vote.ballot, value: Int(vote.ballot.round) - 1)
  })
  #expect(selfish.run().violation != nil)
  #expect(RegisterSearch<Pushover>().run().violation != nil)
  #expect(RegisterSearch<Forgetful>().run().violation != nil)
}

/// Votes for whatever it is asked to.
private struct Pushover: Accepting, Hashable {
  var promised: Ballot?
  var accepted: Vote<Int>?

  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int> {
    promised = ballot
    return .promised(accepted)
  }

  mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer {
    accepted = vote
    return .accepted
  }
}

/// Does not tell what it has voted for.
private struct Forgetful: Accepting, Hashable {
  private var real = Acceptor<Int>()

  init() {}

  init(promised: Ballot?, accepted: Vote<Int>?) {
    real = Acceptor(promised: promised, accepted: accepted)
  }

  var promised: Ballot? { real.promised }
  var accepted: Vote<Int>? { real.accepted }

  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int> {
    guard case .refused(let other) = real.prepare(ballot) else { return .promised(nil) }
    return .refused(other)
  }

  mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer { real.accept(vote) }
}

// Goal: a register is written once, whoever proposes what and when, and whoever does not answer.
// Method: acceptors that answer from a script; and duels of proposers in a world whose messages are
// lost and late.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSimulation
import Synchronization
import Testing

private func ballot(_ round: UInt64, _ proposer: UInt64 = 0) -> Ballot {
  Ballot(round: round, proposer: ProposerID(high: proposer << 48, low: 0))
}

private let me = ProposerID(high: 7 << 48, low: 0)

/// Acceptors in this process, of which some do not answer.
private final class Panel: Electorate {
  typealias Answer<Reply: Sendable> = ElectorateAnswer<Reply, String>

  let members: [Int]
  private let voters: Mutex<[Int: Acceptor<String>]>
  private let silent: Set<Int>
  private let history: String?
  private let attemptsMax: Int
  private let asked = Mutex<[Ballot]>([])

  init(
    _ voters: [Acceptor<String>] = [Acceptor(), Acceptor(), Acceptor()],
    silent: Set<Int> = [],
    history: String? = nil,
    attemptsMax: Int = 5
  ) {
    members = Array(voters.indices)
    self.voters = Mutex(Dictionary(uniqueKeysWithValues: zip(voters.indices, voters)))
    self.silent = silent
    self.history = history
    self.attemptsMax = attemptsMax
  }

  /// The ballots that promises were asked for, each once.
  var ballots: [Ballot] { Set(asked.withLock { $0 }).sorted() }

  /// What an acceptor has voted for.
  func vote(of member: Int) -> String? { voters.withLock { $0[member]?.accepted?.value } }

  func prepare(_ ballot: Ballot, at member: Int) async -> Answer<PrepareAnswer<String>> {
    asked.withLock { $0.append(ballot) }
    return answer(member) { $0.prepare(ballot) }
  }

  func accept(_ vote: Vote<String>, at member: Int) async -> Answer<AcceptAnswer> {
    answer(member) { $0.accept(vote) }
  }

  private func answer<Reply: Sendable>(
    _ member: Int,
    _ body: (inout Acceptor<String>) -> Reply
  ) -> Answer<Reply> {
    if silent.contains(member) { return .silent }
    // One who has seen the layout already.
    if let history, member == 0 { return .decided(history) }
    return voters.withLock { voters in
      guard var voter = voters[member] else { return .silent }
      let reply = body(&voter)
      voters[member] = voter
      return .answer(reply)
    }
  }

  func rest(after attempt: Int) async -> Bool { attempt < attemptsMax }
}

private func acceptor(promised: Ballot? = nil, _ vote: Vote<String>? = nil) -> Acceptor<String> {
  Acceptor(promised: promised, accepted: vote)
}

struct VotingTests {
  @Test("R19: promises do not matter, and a majority must have voted for nothing")
  func poll() {
    for count in 1...7 {
      for silent in 0...count {
        for voted in 0...count - silent {
          var poll = Poll(of: Array(0..<count))
          for member in 0..<count {
            let answer: PollAnswer<String>? =
              switch member {
              case ..<silent: nil
              case ..<(silent + voted): .voted(Vote(ballot: ballot(1), value: "new"))
              default: .nothing
              }
            poll.receive(answer, from: member)
            // Who answers twice has one voice.
            poll.receive(answer, from: member)
          }
          let abstained = count - silent - voted
          #expect(poll.isConfirmed == (abstained * 2 > count), "\(count) \(silent) \(voted)")
        }
      }
    }
  }

  @Test("R27: a proposer takes up what may have been chosen, and writes its own otherwise")
  func adopts() async throws {
    #expect(try await Register(Panel()).propose("mine", as: me) == "mine")
    let old = Vote(ballot: ballot(3, 1), value: "theirs")
    for place in 0..<3 {
      var voters = [acceptor(), acceptor(), acceptor()]
      voters[place] = acceptor(promised: old.ballot, old)
      let panel = Panel(voters)
      let chosen = try await Register(panel).propose("mine", as: me)
      // A vote of one acceptor need not be heard; what was chosen is held by a majority.
      #expect((0..<3).count { panel.vote(of: $0) == chosen } >= 2)
    }
    let held = [acceptor(promised: old.ballot, old), acceptor(promised: old.ballot, old)]
    for silent in [[], [0], [1], [2]] as [Set<Int>] {
      let panel = Panel(held + [acceptor()], silent: silent)
      #expect(try await Register(panel).propose("mine", as: me) == "theirs")
    }
  }

  @Test("R27: who is refused comes back above whoever was ahead")
  func loses() async throws {
    let ahead = acceptor(promised: ballot(9, 9))
    let panel = Panel([ahead, ahead, ahead])
    #expect(try await Register(panel).propose("mine", as: me) == "mine")
    #expect(panel.ballots.count == 2)
    #expect(panel.ballots.last.map { $0 > ballot(9, 9) } == true)
  }

  @Test("R25: who is told of a later layout goes on with that")
  func decided() async throws {
    let panel = Panel(silent: [1, 2], history: "later")
    #expect(try await Register(panel).propose("mine", as: me) == "later")
  }

  @Test("R22: without a majority nothing is written, and nobody says so")
  func silentMajority() async throws {
    let panel = Panel(silent: [0, 2])
    await #expect(throws: RegisterError.noQuorum) {
      try await Register(panel).propose("mine", as: me)
    }
    // No ballot was used twice: an answer to the first may still be under way.
    #expect(panel.ballots.count == 5)
    // With one voter, one is enough; of four, three are.
    #expect(try await Register(Panel([acceptor()])).propose("mine", as: me) == "mine")
    let four = Panel([acceptor(), acceptor(), acceptor(), acceptor()], silent: [0, 1])
    await #expect(throws: RegisterError.noQuorum) {
      try await Register(four).propose("mine", as: me)
    }
  }

  @Test("R25, R27: proposers that duel end with one value, in 3,000 worlds")
  func duels() throws {
    var both = 0
    var refusals = 0
    for seed in 1...3000 as ClosedRange<UInt64> {
      let outcome = try duel(seed: seed)
      #expect(Set(outcome.learned.compactMap(\.self)).count <= 1, "\(seed): \(outcome.learned)")
      // The world is kind in the end, and then everybody learns.
      #expect(outcome.learned.allSatisfy { $0 != nil }, "\(seed)")
      if outcome.attempts > outcome.learned.count { both += 1 }
      refusals += outcome.attempts
    }
    #expect(both > 1000 && refusals > 6000, "the duels are not vacuous: \(both), \(refusals)")
  }

  private func duel(seed: UInt64) throws -> (learned: [String?], attempts: Int) {
    let world = World(seed: seed)
    var random = SeededGenerator(seed: seed)
    let count = random.element(of: [1, 3, 3, 5]) ?? 3
    let proposers = random.number(in: 2...3)
    let field = Field(world, voters: count, loss: random.fraction() * 0.5, seed: seed)
    return try world.run {
      let learned = await withTaskGroup(of: String?.self) { group in
        for number in 0..<proposers {
          group.addTask {
            let proposer = ProposerID(high: UInt64(number + 1) << 48, low: 0)
            let register = Register(Side(field: field, salt: UInt64(number)))
            return try? await register.propose("\(number)", as: proposer)  // nil is counted.
          }
        }
        return await group.reduce(into: [String?]()) { $0.append($1) }
      }
      return (learned, field.attempts)
    }
  }
}

/// Acceptors in a world whose messages are lost and late.
private final class Field: Sendable {
  let world: World
  let members: [Int]
  private let loss: Double
  private let state: Mutex<State>

  private struct State {
    var voters: [Int: Acceptor<String>]
    var random: SeededGenerator
    var attempts: Set<Ballot> = []
  }

  init(_ world: World, voters: Int, loss: Double, seed: UInt64) {
    self.world = world
    self.loss = loss
    members = Array(0..<voters)
    let fresh = members.map { ($0, Acceptor<String>()) }
    state = Mutex(
      State(
        voters: Dictionary(uniqueKeysWithValues: fresh),
        random: SeededGenerator(seed: seed &+ 77)
      )
    )
  }

  var attempts: Int { state.withLock { $0.attempts.count } }

  func note(_ ballot: Ballot) { _ = state.withLock { $0.attempts.insert(ballot) } }

  /// A message, its effect, and the reply: each of them late, and one of them perhaps lost.
  func ask<Reply: Sendable>(
    _ member: Int,
    _ body: (inout Acceptor<String>) -> Reply
  ) async -> ElectorateAnswer<Reply, String> {
    let (there, back, isLost, isUnheard) = state.withLock { state in
      // The first seconds are rough.
      let loss = world.now < .seconds(1) ? loss : 0
      return (
        state.random.number(in: 0...3000), state.random.number(in: 0...3000),
        state.random.chance(loss), state.random.chance(loss)
      )
    }
    await world.sleep(for: .microseconds(there))
    if isLost { return .silent }
    let reply = state.withLock { state -> Reply in
      var voter = state.voters[member] ?? Acceptor()
      let reply = body(&voter)
      state.voters[member] = voter
      return reply
    }
    await world.sleep(for: .microseconds(back))
    return isUnheard ? .silent : .answer(reply)
  }
}

/// One proposer's way to the field.
private struct Side: Electorate {
  let field: Field
  let salt: UInt64

  var members: [Int] { field.members }

  func prepare(
    _ ballot: Ballot,
    at member: Int
  ) async -> ElectorateAnswer<PrepareAnswer<String>, String> {
    field.note(ballot)
    return await field.ask(member) { $0.prepare(ballot) }
  }

  func accept(
    _ vote: Vote<String>,
    at member: Int
  ) async -> ElectorateAnswer<AcceptAnswer, String> {
    await field.ask(member) { $0.accept(vote) }
  }

  func rest(after attempt: Int) async -> Bool {
    let mixed = (salt ^ UInt64(attempt)) &* 0x9e37_79b9_7f4a_7c15
    let step = Duration.milliseconds(1 << min(attempt, 6))
    await field.world.sleep(for: step / 2 + step * Int(mixed >> 54) / 1024)
    return attempt < 60
  }
}

/// A value that is written once, and held by several machines of which fewer than half may die.
///
/// One register decides one layout. To write it is to propose: whoever comes second is told what
/// the first one wrote, and goes on with that. (Rules R26, R27.)
///
/// ```swift
/// let register = Register(electorate)
/// let layout = try await register.propose(mine, as: proposer)  // mine, or another's
/// ```
public struct Register<Voters: Electorate>: Sendable {
  private let voters: Voters

  /// A register, by its acceptors.
  public init(_ voters: Voters) {
    self.voters = voters
  }

  /// Proposes a value, until one is chosen.
  ///
  /// - Parameters:
  ///   - own: What to write if nobody was first.
  ///   - proposer: Who proposes: somebody new for each call, since each begins at the first ballot.
  /// - Returns: What the register holds; or, if it is history, what a later one does.
  /// - Throws: ``RegisterError/noQuorum``, if half of the acceptors or more are silent. Something
  ///   may have been written all the same: propose again to learn it.
  public func propose(
    _ own: Voters.Value,
    as proposer: ProposerID
  ) async throws(RegisterError) -> Voters.Value {
    guard let value = try await settle(own, isOwnWanted: true, as: proposer) else {
      preconditionFailure("one's own value is always there to be proposed")
    }
    return value
  }

  /// Finishes what somebody began, and proposes nothing.
  ///
  /// - Parameters:
  ///   - stand: Any value; it is not written.
  ///   - proposer: As for ``propose(_:as:)``.
  /// - Returns: What the register holds, or a later one; `nil` if nobody has voted for anything, as
  ///   far as a majority knows.
  /// - Throws: ``RegisterError/noQuorum``.
  public func finish(
    insteadOf stand: Voters.Value,
    as proposer: ProposerID
  ) async throws(RegisterError) -> Voters.Value? {
    try await settle(stand, isOwnWanted: false, as: proposer)
  }

  private func settle(
    _ own: Voters.Value,
    isOwnWanted: Bool,
    as proposer: ProposerID
  ) async throws(RegisterError) -> Voters.Value? {
    var highest: Ballot?
    var attempt = 0
    repeat {
      var round = Round<Voters.Member, Voters.Value>(
        Ballot(above: highest, of: proposer),
        members: voters.members,
        own: own
      )
      switch await run(&round, own, isOwnWanted) {
      case .settled(let value): return value
      case .untouched: return nil
      case .lost(let ballot): highest = max(highest ?? ballot, ballot)
      // An answer to this very ballot may still be under way: it is not used again.
      case .undecided: highest = round.ballot
      }
      attempt += 1
    } while await voters.rest(after: attempt)
    throw .noQuorum
  }

  /// How an attempt ended.
  private enum Ending {
    case settled(Voters.Value)
    case lost(Ballot)
    case undecided
    /// Nobody has voted, and nothing was proposed.
    case untouched
  }

  /// One attempt: promises, then votes.
  private func run(
    _ round: inout Round<Voters.Member, Voters.Value>,
    _ own: Voters.Value,
    _ isOwnWanted: Bool
  ) async -> Ending {
    let ballot = round.ballot
    let promised = await gather(
      { await voters.prepare(ballot, at: $0) },
      into: &round
    ) { round, answer, member in round.receive(answer, from: member) }
    let vote: Vote<Voters.Value>
    switch promised {
    case .step(.propose(let proposal)):
      if !round.adopts && !isOwnWanted { return .untouched }
      vote = proposal
    case .step(.lost(let other)): return .lost(other)
    case .decided(let value): return .settled(value)
    case .step(.wait), .step(.chosen), nil: return .undecided
    }
    let voted = await gather(
      { await voters.accept(vote, at: $0) },
      into: &round
    ) { round, answer, member in round.receive(answer, from: member) }
    switch voted {
    case .step(.chosen(let value)), .decided(let value): return .settled(value)
    case .step(.lost(let other)): return .lost(other)
    case .step(.wait), .step(.propose), nil: return .undecided
    }
  }

  /// What ended the gathering of answers.
  private enum Turn: Sendable {
    case step(Round<Voters.Member, Voters.Value>.Step)
    case decided(Voters.Value)
  }

  /// Asks all members at once, until their answers lead somewhere; `nil` if they do not.
  private func gather<Answer: Sendable>(
    _ ask: @escaping @Sendable (Voters.Member) async -> ElectorateAnswer<Answer, Voters.Value>,
    into round: inout Round<Voters.Member, Voters.Value>,
    by receive: (
      inout Round<Voters.Member, Voters.Value>, Answer, Voters.Member
    ) -> Round<Voters.Member, Voters.Value>.Step
  ) async -> Turn? {
    typealias Heard = (member: Voters.Member, answer: ElectorateAnswer<Answer, Voters.Value>)
    return await withTaskGroup(of: Heard.self) { group in
      for member in voters.members {
        group.addTask { (member, await ask(member)) }
      }
      // A majority is enough: nobody waits for the slowest.
      defer { group.cancelAll() }
      for await (member, answer) in group {
        switch answer {
        case .silent: continue
        case .decided(let value): return .decided(value)
        case .answer(let answer):
          let step = receive(&round, answer, member)
          if step != .wait { return .step(step) }
        }
      }
      return nil
    }
  }
}

/// Why nothing is known to be chosen.
public enum RegisterError: Error, Hashable, Sendable {
  /// No majority of the acceptors answered. What is chosen, if anything, stays chosen.
  case noQuorum
}

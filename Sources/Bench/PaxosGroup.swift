internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator

/// A log without a sequencer and without chains: three acceptors agree on every entry.
struct PaxosGroup: Sendable {
  /// How a proposer gets a position.
  enum Positions: Sendable {
    /// Each in turn: nobody competes.
    case inTurn
    /// Where the log seems to end: two who think so compete.
    case atTheTail
  }

  let voters: [PaxosVoter]
  let messages = SharedCounter()
  let syncs: SharedCounter
  private let places = SharedCounter()
  private let clock = ContinuousClock()

  private init(in folder: BenchFolder) throws {
    let syncs = SharedCounter()
    self.syncs = syncs
    voters = try (0..<3).map { try PaxosVoter(member: $0, in: folder, counting: syncs) }
  }

  /// Makes three acceptors, each on a thread of its own, and hands them to `body`.
  static func with<Result: Sendable>(
    in folder: BenchFolder,
    _ body: (PaxosGroup) async throws -> Result
  ) async throws -> Result {
    try folder.make()
    let paxos = try PaxosGroup(in: folder)
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      for voter in paxos.voters {
        let thread = try ThreadExecutor()
        group.addTask(executorPreference: thread) {
          defer { thread.stop() }
          try await voter.run()
        }
      }
      defer { for voter in paxos.voters { voter.questions.close() } }
      return try await body(paxos)
    }
    try folder.remove()
    return result
  }

  /// Asks all acceptors at once.
  private func ask(_ kind: PaxosQuestion.Kind, _ ballot: Ballot, at position: Position)
    -> Inbox<PaxosAnswer>
  {
    let answers = Inbox<PaxosAnswer>()
    for voter in voters {
      voter.questions.put(
        PaxosQuestion(kind: kind, ballot: ballot, position: position, answers: answers)
      )
      // A question and an answer.
      _ = messages.next(2)
    }
    return answers
  }

  // MARK: - Everybody proposes

  /// Appends an entry by a whole round: promises, then votes.
  ///
  /// - Parameters:
  ///   - value: The entry, unlike any other.
  ///   - proposer: Whose it is.
  ///   - positions: How it gets a position.
  ///   - next: Where the proposer believes that the log ends.
  /// - Returns: How many positions went to others.
  /// - Throws: ``BenchError``, if three acceptors cannot agree.
  func append(
    _ value: [UInt8],
    as proposer: ProposerID,
    _ positions: Positions,
    next: inout Position
  ) async throws -> Int {
    var lost = 0
    while true {
      if positions == .inTurn { next = Position(UInt64(places.next())) }
      let chosen = try await propose(value, at: next, as: proposer)
      next = next.advanced(by: 1)
      if chosen == value { return lost }
      lost += 1
    }
  }

  private func propose(
    _ own: [UInt8],
    at position: Position,
    as proposer: ProposerID
  ) async throws -> [UInt8] {
    var highest: Ballot?
    var attempt = 0
    while true {
      let ballot = Ballot(above: highest, of: proposer)
      var round = Round<Int, [UInt8]>(ballot, members: [0, 1, 2], own: own)
      var step = await hear(ask(.prepare, ballot, at: position), by: &round)
      if case .propose(let vote) = step {
        step = await hear(ask(.accept([vote.value]), ballot, at: position), by: &round)
      }
      if case .chosen(let value) = step { return value }
      guard case .lost(let other) = step else {
        throw BenchError.wrongAnswer("three acceptors answered, and nothing was decided")
      }
      highest = max(other, ballot)
      attempt += 1
      let mixed = (proposer.low ^ UInt64(attempt)) &* 0x9e37_79b9_7f4a_7c15
      let pause = Duration.microseconds(100 << min(attempt, 6))
      try await clock.sleep(for: pause / 2 + pause * Int(mixed >> 54) / 1024)
    }
  }

  /// Takes in answers until they lead somewhere.
  private func hear(
    _ answers: Inbox<PaxosAnswer>,
    by round: inout Round<Int, [UInt8]>
  ) async -> Round<Int, [UInt8]>.Step {
    for _ in voters {
      for answer in await answers.take(atMost: 1) {
        let step =
          switch answer.kind {
          case .prepared(let kind): round.receive(kind, from: answer.member)
          case .voted(let kind): round.receive(kind, from: answer.member)
          }
        if step != .wait { return step }
      }
    }
    return .wait
  }

  // MARK: - A stable leader

  /// Makes a proposer the leader: from then on it asks for votes only.
  func lead(as proposer: ProposerID) async throws -> Ballot {
    let ballot = Ballot(above: nil, of: proposer)
    try await hearMajority(ask(.lead, ballot, at: .zero))
    return ballot
  }

  /// Appends entries that the leader was sent.
  func append(_ values: [[UInt8]], led ballot: Ballot) async throws {
    // What the client sends to the leader, and hears from it.
    _ = messages.next(2)
    let position = Position(UInt64(places.next(values.count)))
    try await hearMajority(ask(.accept(values), ballot, at: position))
  }

  private func hearMajority(_ answers: Inbox<PaxosAnswer>) async throws {
    for _ in 0..<(voters.count / 2 + 1) {
      for answer in await answers.take(atMost: 1) {
        switch answer.kind {
        case .voted(.accepted), .prepared(.promised): continue
        case .voted(.refused), .prepared(.refused):
          throw BenchError.wrongAnswer("an acceptor refused the only leader that there is")
        }
      }
    }
  }
}

internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator

/// What an acceptor is asked about positions of a log.
struct PaxosQuestion: Sendable {
  enum Kind: Sendable {
    /// A promise for one position.
    case prepare
    /// Votes for values at positions in a row.
    case accept([[UInt8]])
    /// A promise for all positions that nobody has voted on: how a proposer becomes the leader.
    case lead
  }

  let kind: Kind
  let ballot: Ballot
  /// The first position.
  let position: Position
  /// Where the answer goes.
  let answers: Inbox<PaxosAnswer>
}

/// What an acceptor answers.
struct PaxosAnswer: Sendable {
  enum Kind: Sendable {
    case prepared(PrepareAnswer<[UInt8]>)
    case voted(AcceptAnswer)
  }

  let member: Int
  let kind: Kind
}

/// An acceptor for every entry of a log: chapter 6's ``Acceptor``, one for each position.
///
/// A node's acceptor writes all its registers anew, which is nothing once in a while and would be
/// unfair here. So this one appends what it promises and votes to a
/// file, with one sync for all that came while the sync before was under way, over bytes that were
/// written before.
struct PaxosVoter: Sendable {
  let member: Int
  let questions = Inbox<PaxosQuestion>()
  private let file: RawFile
  private let syncs: SharedCounter

  private static let areaBytes = 16 << 20

  /// An acceptor with a fresh file.
  init(member: Int, in folder: BenchFolder, counting syncs: SharedCounter) throws {
    self.member = member
    self.syncs = syncs
    file = try RawFile(folder.path(of: "acceptor-\(member)"))
    let zeros = [UInt8](repeating: 0, count: Self.areaBytes)
    try file.write(zeros.span.bytes, at: 0)
    try file.sync()
  }

  /// Answers until the inbox is closed.
  func run() async throws {
    var voters = Voters()
    var offset = 0
    while true {
      let taken = await questions.take()
      if taken.isEmpty { return }
      var bytes: [UInt8] = []
      let answers = taken.map { voters.answer($0, recording: &bytes) }
      if !bytes.isEmpty {
        if offset + bytes.count > Self.areaBytes { offset = 0 }
        try file.write(bytes.span.bytes, at: offset)
        offset += bytes.count
        // Nobody hears of a promise or a vote before it is durable (R27).
        _ = syncs.next()
        try file.sync()
      }
      for (question, answer) in zip(taken, answers) {
        question.answers.put(PaxosAnswer(member: member, kind: answer))
      }
    }
  }

  /// The acceptor of each position, and of all those that nobody has asked about.
  private struct Voters {
    private var voters: [Position: Acceptor<[UInt8]>] = [:]
    private var fresh = Acceptor<[UInt8]>()

    /// Answers, and lays out what must be durable first.
    mutating func answer(
      _ question: PaxosQuestion,
      recording bytes: inout [UInt8]
    ) -> PaxosAnswer.Kind {
      switch question.kind {
      case .prepare:
        let answer = change(question.position, &bytes) { $0.prepare(question.ballot) }
        return .prepared(answer)
      case .lead:
        append(question, [], to: &bytes)
        return .prepared(fresh.prepare(question.ballot))
      case .accept(let values):
        var last = AcceptAnswer.accepted
        for (index, value) in values.enumerated() {
          let vote = Vote(ballot: question.ballot, value: value)
          last = change(question.position.advanced(by: index), &bytes) { $0.accept(vote) }
        }
        append(question, values, to: &bytes)
        return .voted(last)
      }
    }

    private mutating func change<Answer>(
      _ position: Position,
      _ bytes: inout [UInt8],
      _ body: (inout Acceptor<[UInt8]>) -> Answer
    ) -> Answer {
      var voter = voters[position] ?? fresh
      let before = voter
      let answer = body(&voter)
      if voter == before { return answer }
      voters[position] = voter
      if voter.accepted == before.accepted { append(position, voter.promised, [], to: &bytes) }
      return answer
    }

    private func append(_ question: PaxosQuestion, _ values: [[UInt8]], to bytes: inout [UInt8]) {
      append(question.position, question.ballot, values, to: &bytes)
    }

    private func append(
      _ position: Position,
      _ ballot: Ballot?,
      _ values: [[UInt8]],
      to bytes: inout [UInt8]
    ) {
      bytes.append(number: position.number)
      bytes.append(number: ballot?.round ?? 0)
      bytes.append(number: ballot?.proposer.high ?? 0)
      bytes.append(number: ballot?.proposer.low ?? 0)
      bytes.append(number: UInt32(values.count))
      for value in values {
        bytes.append(number: UInt32(value.count))
        bytes.append(contentsOf: value)
      }
    }
  }
}

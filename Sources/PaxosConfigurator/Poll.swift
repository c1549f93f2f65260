/// What an acceptor knows of the register that decides the next epoch.
public enum PollAnswer<Value: Hashable & Sendable>: Hashable, Sendable {
  /// It has voted for nothing there.
  case nothing
  /// It has voted.
  case voted(Vote<Value>)
}

/// The question whether an epoch may be over, put to its acceptors (R19).
///
/// A server that was deposed without knowing it answers "nothing stands there" with a good
/// conscience. So a client that was given such an answer asks the acceptors afterwards: if a
/// majority has voted for nothing, then nothing was decided when the question was put, hence
/// nothing when the answer was given. Promises do not matter: somebody who asks for one has
/// not decided anything yet.
public struct Poll<Member: Hashable & Sendable>: Equatable, Sendable {
  private let majority: Int
  private var abstained: Set<Member> = []

  /// A question to these acceptors.
  public init(of members: [Member]) {
    majority = members.count / 2 + 1
  }

  /// Whether the epoch was the newest when the question was put.
  public var isConfirmed: Bool { abstained.count >= majority }

  /// Takes in an answer; `nil` for none.
  public mutating func receive<Value>(_ answer: PollAnswer<Value>?, from member: Member) {
    if case .nothing? = answer { abstained.insert(member) }
  }
}

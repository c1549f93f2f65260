/// A value that was voted for, and in which ballot.
public struct Vote<Value: Hashable & Sendable>: Hashable, Sendable {
  /// The attempt.
  public let ballot: Ballot
  /// What it is for.
  public let value: Value

  /// A vote.
  public init(ballot: Ballot, value: Value) {
    self.ballot = ballot
    self.value = value
  }
}

/// What an acceptor says to a proposer that asks for its promise.
public enum PrepareAnswer<Value: Hashable & Sendable>: Hashable, Sendable {
  /// It will have nothing to do with lower ballots any more; and this is its last vote.
  case promised(Vote<Value>?)
  /// It has promised a higher ballot, this one.
  case refused(Ballot)
}

/// What an acceptor says to a proposer that asks for its vote.
public enum AcceptAnswer: Hashable, Sendable {
  /// It has voted for it.
  case accepted
  /// It has promised a higher ballot, this one.
  case refused(Ballot)
}

/// Somebody who votes on a register: the part that chapter 6 builds first.
public protocol Accepting<Value>: Equatable, Sendable {
  /// What the register holds.
  associatedtype Value: Hashable & Sendable

  /// An acceptor that nobody has asked yet.
  init()

  /// An acceptor as it was found on disk.
  init(promised: Ballot?, accepted: Vote<Value>?)

  /// The highest ballot that it has promised or voted in.
  var promised: Ballot? { get }
  /// Its last vote.
  var accepted: Vote<Value>? { get }

  /// Promises to have nothing to do with ballots below this one.
  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Value>

  /// Votes, unless that breaks a promise.
  mutating func accept(_ vote: Vote<Value>) -> AcceptAnswer
}

/// One acceptor's part in the register of one epoch.
///
/// Its two fields are all that Paxos rests on. They are durable before an answer that depends on
/// them leaves the machine: an acceptor that forgets a promise lets two values be chosen (R27).
public struct Acceptor<Value: Hashable & Sendable>: Accepting, Hashable {
  public private(set) var promised: Ballot?
  public private(set) var accepted: Vote<Value>?

  public init() {}

  public init(promised: Ballot?, accepted: Vote<Value>?) {
    self.promised = promised
    self.accepted = accepted
  }

  // exercise 6.1: promise and vote, unless that breaks a promise
  public mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Value> {
    if let promised, ballot < promised { return .refused(promised) }
    promised = ballot
    return .promised(accepted)
  }

  public mutating func accept(_ vote: Vote<Value>) -> AcceptAnswer {
    if let promised, vote.ballot < promised { return .refused(promised) }
    // A vote is a promise, too: whoever asks later with a lower ballot is late.
    promised = vote.ballot
    accepted = vote
    return .accepted
  }
  // end 6.1
}

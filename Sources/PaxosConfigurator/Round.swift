/// What follows from an answer to a proposer.
public enum RoundStep<Value: Hashable & Sendable>: Hashable, Sendable {
  /// Nothing yet.
  case wait
  /// Ask all members for this vote.
  case propose(Vote<Value>)
  /// The register holds this, for ever.
  case chosen(Value)
  /// Somebody is ahead, with this ballot.
  case lost(Ballot)
}

/// One attempt of a proposer to get a value chosen: the part that exercise 6.2 builds.
public protocol Proposing<Member, Value>: Hashable, Sendable {
  /// An acceptor's name.
  associatedtype Member: Hashable & Sendable
  /// What the register holds.
  associatedtype Value: Hashable & Sendable

  /// Begins an attempt.
  ///
  /// - Parameters:
  ///   - ballot: Its number, never used before.
  ///   - members: The acceptors of the register, each once.
  ///   - own: What to propose if nothing else may have been chosen.
  init(_ ballot: Ballot, members: [Member], own: Value)

  /// The attempt's number.
  var ballot: Ballot { get }
  /// What was chosen, if this attempt knows.
  var chosen: Value? { get }
  /// Whether it asks votes for a value that a promise told of, even if that equals its own.
  ///
  /// Whoever wants nothing of its own goes on only then.
  var adopts: Bool { get }

  /// Takes in an answer to the question for a promise.
  mutating func receive(_ answer: PrepareAnswer<Value>, from member: Member) -> RoundStep<Value>

  /// Takes in an answer to the question for a vote.
  mutating func receive(_ answer: AcceptAnswer, from member: Member) -> RoundStep<Value>
}

/// One attempt of a proposer to get a value chosen.
///
/// First it asks the acceptors for a promise. A majority's promises tell it which value may have
/// been chosen already: the one of the highest vote among them, which it must take up in place of
/// its own. Then it asks for votes; a majority's votes choose the value.
///
/// ```swift
/// var round = Round(ballot, members: acceptors, own: layout)
/// // to each acceptor: prepare(ballot)
/// switch round.receive(.promised(nil), from: acceptor) {
/// case .wait: break
/// case .propose(let vote): break  // to each acceptor: accept(vote)
/// case .chosen(let value): break  // tell everybody
/// case .lost(let other): break    // back off, then try again above that ballot
/// }
/// ```
///
/// Answers may arrive twice, late and in any order.
public struct Round<Member: Hashable & Sendable, Value: Hashable & Sendable>: Proposing {
  /// What follows from an answer.
  public typealias Step = RoundStep<Value>

  private enum State: Hashable, Sendable {
    case preparing(promises: Set<Member>, highest: Vote<Value>?)
    case voting(Vote<Value>, votes: Set<Member>)
    case chosen(Value)
    case lost(Ballot)
  }

  public let ballot: Ballot
  /// The acceptors of the register.
  public let members: [Member]
  private let own: Value
  private var state = State.preparing(promises: [], highest: nil)

  public init(_ ballot: Ballot, members: [Member], own: Value) {
    precondition(Set(members).count == members.count, "an acceptor has one vote")
    precondition(!members.isEmpty, "nobody is there to vote")
    self.ballot = ballot
    self.members = members
    self.own = own
  }

  /// How many members are a majority: any two of them have a member in common.
  public var majority: Int { members.count / 2 + 1 }

  public var chosen: Value? {
    if case .chosen(let value) = state { value } else { nil }
  }

  /// Whether it asks votes for a value that a promise told of, even if that equals its own.
  public private(set) var adopts = false

  // exercise 6.2: a majority's promises say what to ask votes for; a majority's votes choose it
  public mutating func receive(_ answer: PrepareAnswer<Value>, from member: Member) -> Step {
    guard case .preparing(var promises, var highest) = state, members.contains(member) else {
      return .wait
    }
    switch answer {
    case .refused(let other):
      return lose(to: other)
    case .promised(let vote):
      promises.insert(member)
      if let vote, highest.map({ $0.ballot < vote.ballot }) ?? true { highest = vote }
      guard promises.count >= majority else {
        state = .preparing(promises: promises, highest: highest)
        return .wait
      }
      // What may have been chosen already must be chosen again.
      adopts = highest != nil
      let vote = Vote(ballot: ballot, value: highest?.value ?? own)
      state = .voting(vote, votes: [])
      return .propose(vote)
    }
  }

  public mutating func receive(_ answer: AcceptAnswer, from member: Member) -> Step {
    guard case .voting(let vote, var votes) = state, members.contains(member) else { return .wait }
    switch answer {
    case .refused(let other):
      return lose(to: other)
    case .accepted:
      votes.insert(member)
      guard votes.count >= majority else {
        state = .voting(vote, votes: votes)
        return .wait
      }
      state = .chosen(vote.value)
      return .chosen(vote.value)
    }
  }
  // end 6.2

  /// Gives way, once and for all.
  private mutating func lose(to other: Ballot) -> Step {
    // A refusal of an earlier copy of this very attempt says nothing.
    guard other > ballot else { return .wait }
    state = .lost(other)
    return .lost(other)
  }
}

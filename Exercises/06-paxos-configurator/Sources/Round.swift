// Exercise 6.2: a majority's promises say what to ask votes for; a majority's votes choose it
// Write the body below, then: swift run course check 6.2
import CorfuChecks
public import CorfuPaxosConfigurator

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

  public mutating func receive(_ answer: PrepareAnswer<Value>, from member: Member) -> Step {
    TODO("6.2 a majority's promises say what to ask votes for; a majority's votes choose it")
  }

  public mutating func receive(_ answer: AcceptAnswer, from member: Member) -> Step {
    TODO("6.2 a majority's promises say what to ask votes for; a majority's votes choose it")
  }

  /// Gives way, once and for all.
  private mutating func lose(to other: Ballot) -> Step {
    // A refusal of an earlier copy of this very attempt says nothing.
    guard other > ballot else { return .wait }
    state = .lost(other)
    return .lost(other)
  }
}

// Exercise 6.1: promise and vote, unless that breaks a promise
// Write the body below, then: swift run course check 6.1
import CorfuChecks
public import CorfuPaxosConfigurator

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

  public mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Value> {
    TODO("6.1 promise and vote, unless that breaks a promise")
  }

  public mutating func accept(_ vote: Vote<Value>) -> AcceptAnswer {
    TODO("6.1 promise and vote, unless that breaks a promise")
  }
}

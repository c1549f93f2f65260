public import CorfuPaxosConfigurator
public import CorfuStripeMirror

// Questions to an acceptor about the register that decides what comes after a layout. Each names
// the disk that the layout names, so that nobody votes in place of one who is gone.

/// A question for a promise.
public struct PrepareRequest: Hashable, Sendable {
  /// The layout whose successor is decided.
  public var base: LayoutID
  /// Who is asked: an acceptor of that layout.
  public var acceptor: Incarnation
  /// The attempt.
  public var ballot: Ballot

  /// A question.
  public init(base: LayoutID, acceptor: Incarnation, ballot: Ballot) {
    self.base = base
    self.acceptor = acceptor
    self.ballot = ballot
  }
}

/// A question for a vote.
public struct AcceptRequest: Hashable, Sendable {
  /// The layout whose successor is decided.
  public var base: LayoutID
  /// Who is asked: an acceptor of that layout.
  public var acceptor: Incarnation
  /// For what, and in which attempt.
  public var vote: Vote<Layout>

  /// A question.
  public init(base: LayoutID, acceptor: Incarnation, vote: Vote<Layout>) {
    self.base = base
    self.acceptor = acceptor
    self.vote = vote
  }
}

/// The question whether an acceptor has voted for anything (R19).
public struct PollRequest: Hashable, Sendable {
  /// The layout whose successor is asked about.
  public var base: LayoutID
  /// Who is asked: an acceptor of that layout.
  public var acceptor: Incarnation

  /// A question.
  public init(base: LayoutID, acceptor: Incarnation) {
    self.base = base
    self.acceptor = acceptor
  }
}

/// What a node shows of its acceptor, for people who watch.
public struct AcceptorStatus: Hashable, Sendable {
  /// Which disk it is.
  public var acceptor: Incarnation
  /// The registers that are not history yet, each by the layout before.
  public var registers: [RegisterStatus]

  /// A status.
  public init(acceptor: Incarnation, registers: [RegisterStatus]) {
    self.acceptor = acceptor
    self.registers = registers
  }
}

/// What an acceptor has promised and voted for in one register.
public struct RegisterStatus: Hashable, Sendable {
  /// The layout whose successor is decided.
  public var base: LayoutID
  /// The highest ballot that it has promised or voted in.
  public var promised: Ballot?
  /// Its last vote.
  public var accepted: Vote<Layout>?

  /// A status.
  public init(base: LayoutID, promised: Ballot?, accepted: Vote<Layout>?) {
    self.base = base
    self.promised = promised
    self.accepted = accepted
  }
}

public import CorfuGlobalLog
public import CorfuPaxosConfigurator
public import CorfuSequencer
public import CorfuStripeMirror
public import CorfuWriteOnce

/// What a server answers.
public enum Reply: Hashable, Sendable {
  /// To a write: an answer for each value, in order. All that it tells of is durable (R2).
  case written([WriteAnswer])
  /// To a read: for each position what stands there, or why that cannot be said.
  case slots([Result<Slot, LogError>])
  /// To a trim of either kind.
  case trimmed
  /// To a seal of a unit.
  indirect case unitSealed(UnitSeal)
  /// To a question for the ends of a unit's streams: some of them.
  indirect case unitStreams(StreamPage)
  /// To an installation: the layout in force now, which may be a newer one.
  case installed(LayoutID)
  /// To a question for trims: ranges in order.
  case trims([Range<Position>])
  /// To a reset: the disk's new life.
  case reset(Incarnation)
  /// To a question for the room taken up.
  case space(UnitSpace)
  /// To a request for positions.
  case token(Token)
  /// To reservations: an answer to each, in order.
  case grants([Grant])
  /// To a question for the tail.
  case tail(Position)
  /// To a question for the ends of streams: the links that an entry at the tail would get.
  case streamTails(tail: Position, [StreamLink])
  /// To a seal of a sequencer: where its next token would have begun, if it ever served.
  case sequencerSealed(Position?)
  /// To a part of where the streams end: it was heard.
  case reignStreamsHeard
  /// To a reign: it has begun.
  case reigning
  /// To a question for a promise.
  indirect case prepared(PrepareAnswer<Layout>)
  /// To a question for a vote.
  case voted(AcceptAnswer)
  /// To a poll.
  indirect case polled(PollAnswer<Layout>)
  /// To any question about a register that is history: a decided layout, of its epoch or later.
  indirect case decided(Layout)
  /// To a question for promises and votes.
  case acceptorStatus(AcceptorStatus)
  /// To a question to vouch: the newest opening of that disk that is known.
  case vouched(DiskOpening)
  /// To a verdict: it was heard.
  case admitted
  /// To a question for the newest layout: the newest heard of.
  indirect case newestLayout(Layout?)
  /// To a question for the status.
  indirect case status(NodeStatus)
  /// To a question for layouts: those that are remembered, the oldest first.
  case layouts([Layout])
  /// To a question for what was counted.
  indirect case meters(NodeMeters)
  /// To a membership, or a question for one: the newest that is known.
  indirect case membership(Membership?)
  /// Not done, and why.
  indirect case refused(Refusal)
}

/// Why a server did not do as it was asked.
public enum Refusal: Error, Hashable, Sendable {
  /// The layout of the request is not in force here. No effect.
  case epoch(EpochRefusal)
  /// The unit's log refused.
  case log(LogError)
  /// The sequencer refused. No effect.
  case sequencer(SequencerRefusal)
  /// The node has no such role. No effect.
  case noSuchRole
  /// The layout does not name this node's disk, so it is not for it (R8). No effect.
  case notNamed(Incarnation)
  /// The newest layout names the disk, so it is not emptied (R29). No effect.
  case inUse(Incarnation)
  /// The disk was put to work again, and nobody has let it in yet (D12). No effect.
  case notAdmitted
  /// Who asks may not. No effect.
  case notAllowed
  /// The request or its reply is larger than a frame may be: ask for less at once. What was asked
  /// for may have been done only if it changes nothing.
  case tooLarge
}

extension Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .epoch(let refusal): "\(refusal)"
    case .log(let error): "\(error)"
    case .sequencer(let refusal): "\(refusal)"
    case .noSuchRole: "this node does not do that: ask the one that the layout names"
    case .notNamed(let incarnation):
      "the layout does not name this disk (\(incarnation)): it was replaced since"
    case .inUse(let incarnation):
      "the newest layout names this disk (\(incarnation)): it is not emptied"
    case .notAdmitted:
      "the disk was put to work again, and the acceptors have not let it in yet"
    case .notAllowed: "the certificate does not allow that"
    case .tooLarge: "more was asked for at once than a message may hold"
    }
  }
}

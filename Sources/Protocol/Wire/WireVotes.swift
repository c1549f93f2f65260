internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuStripeMirror

// Ballots, votes, and what acceptors answer, on the wire.

extension Ballot: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: round)
    bytes.append(number: proposer.high)
    bytes.append(number: proposer.low)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Ballot {
    let round = try cursor.number(bytes, as: UInt64.self)
    let proposer = ProposerID(high: try cursor.number(bytes), low: try cursor.number(bytes))
    return Ballot(round: round, proposer: proposer)
  }
}

extension Vote: WireValue where Value: WireValue {
  func encode(into bytes: inout [UInt8]) {
    ballot.encode(into: &bytes)
    value.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Vote {
    let ballot = try Ballot.decode(bytes, &cursor)
    return Vote(ballot: ballot, value: try Value.decode(bytes, &cursor))
  }
}

extension PrepareAnswer: WireValue where Value: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .promised(let vote):
      bytes.append(0)
      vote.encode(into: &bytes)
    case .refused(let ballot):
      bytes.append(1)
      ballot.encode(into: &bytes)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .promised(try Vote<Value>?.decode(bytes, &cursor))
    case 1: return .refused(try Ballot.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension AcceptAnswer: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .accepted: bytes.append(0)
    case .refused(let ballot):
      bytes.append(1)
      ballot.encode(into: &bytes)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> AcceptAnswer {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .accepted
    case 1: return .refused(try Ballot.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension PollAnswer: WireValue where Value: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .nothing: bytes.append(0)
    case .voted(let vote):
      bytes.append(1)
      vote.encode(into: &bytes)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .nothing
    case 1: return .voted(try Vote<Value>.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}

extension RegisterStatus: WireValue {
  func encode(into bytes: inout [UInt8]) {
    base.encode(into: &bytes)
    promised.encode(into: &bytes)
    accepted.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> RegisterStatus {
    RegisterStatus(
      base: try LayoutID.decode(bytes, &cursor),
      promised: try Ballot?.decode(bytes, &cursor),
      accepted: try Vote<Layout>?.decode(bytes, &cursor)
    )
  }
}

extension AcceptorStatus: WireValue {
  func encode(into bytes: inout [UInt8]) {
    acceptor.encode(into: &bytes)
    registers.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> AcceptorStatus {
    let acceptor = try Incarnation.decode(bytes, &cursor)
    return AcceptorStatus(
      acceptor: acceptor,
      registers: try [RegisterStatus].decode(bytes, &cursor)
    )
  }
}

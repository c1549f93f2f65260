internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// Replies on the wire: a byte that says which (`docs/wire.md` lists them), and what they tell.

/// The kinds of replies; a number is never used for another.
enum ReplyKind: UInt8, CaseIterable {
  case refused = 0
  case written = 1
  case slots = 2
  case trimmed = 3
  case unitSealed = 4
  case unitStreams = 5
  case installed = 6
  case trims = 7
  case reset = 8
  case space = 9
  case admitted = 10
  case token = 20
  case grants = 21
  case tail = 22
  case streamTails = 23
  case sequencerSealed = 24
  case reigning = 25
  case reignStreamsHeard = 26
  case prepared = 40
  case voted = 41
  case polled = 42
  case decided = 43
  case acceptorStatus = 44
  case vouched = 45
  case newestLayout = 60
  case status = 61
  case membership = 62
  case layouts = 63
  case meters = 64
}

extension Reply: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(kind.rawValue)
    switch self {
    case .written(let answers): answers.encode(into: &bytes)
    case .slots(let slots): slots.encode(into: &bytes)
    case .unitSealed(let seal): seal.encode(into: &bytes)
    case .unitStreams(let page): page.encode(into: &bytes)
    case .installed(let layout): layout.encode(into: &bytes)
    case .trims(let ranges): ranges.encode(into: &bytes)
    case .reset(let incarnation): incarnation.encode(into: &bytes)
    case .space(let space): space.encode(into: &bytes)
    case .token(let token): token.encode(into: &bytes)
    case .grants(let grants): grants.encode(into: &bytes)
    case .tail(let position): position.encode(into: &bytes)
    case .streamTails(let tail, let links):
      tail.encode(into: &bytes)
      links.encode(into: &bytes)
    case .sequencerSealed(let position): position.encode(into: &bytes)
    case .prepared(let answer): answer.encode(into: &bytes)
    case .voted(let answer): answer.encode(into: &bytes)
    case .polled(let answer): answer.encode(into: &bytes)
    case .decided(let layout): layout.encode(into: &bytes)
    case .acceptorStatus(let status): status.encode(into: &bytes)
    case .newestLayout(let layout): layout.encode(into: &bytes)
    case .status(let status): status.encode(into: &bytes)
    case .membership(let membership): membership.encode(into: &bytes)
    case .layouts(let layouts): layouts.encode(into: &bytes)
    case .meters(let meters): meters.encode(into: &bytes)
    case .refused(let refusal): refusal.encode(into: &bytes)
    case .vouched(let opening): opening.encode(into: &bytes)
    case .trimmed, .reignStreamsHeard, .reigning, .admitted: break
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Reply {
    guard let kind = ReplyKind(rawValue: try cursor.number(bytes)) else { throw .malformed }
    switch kind {
    case .refused: return .refused(try Refusal.decode(bytes, &cursor))
    case .written: return .written(try [WriteAnswer].decode(bytes, &cursor))
    case .slots: return .slots(try [Result<Slot, LogError>].decode(bytes, &cursor))
    case .trimmed: return .trimmed
    case .unitSealed: return .unitSealed(try UnitSeal.decode(bytes, &cursor))
    case .unitStreams: return .unitStreams(try StreamPage.decode(bytes, &cursor))
    case .installed: return .installed(try LayoutID.decode(bytes, &cursor))
    case .trims: return .trims(try [Range<Position>].decode(bytes, &cursor))
    case .reset: return .reset(try Incarnation.decode(bytes, &cursor))
    case .space: return .space(try UnitSpace.decode(bytes, &cursor))
    case .token: return .token(try Token.decode(bytes, &cursor))
    case .grants: return .grants(try [Grant].decode(bytes, &cursor))
    case .tail: return .tail(try Position.decode(bytes, &cursor))
    case .streamTails:
      let tail = try Position.decode(bytes, &cursor)
      return .streamTails(tail: tail, try [StreamLink].decode(bytes, &cursor))
    case .sequencerSealed: return .sequencerSealed(try Position?.decode(bytes, &cursor))
    case .reignStreamsHeard: return .reignStreamsHeard
    case .reigning: return .reigning
    case .vouched: return .vouched(try DiskOpening.decode(bytes, &cursor))
    case .admitted: return .admitted
    case .prepared: return .prepared(try PrepareAnswer<Layout>.decode(bytes, &cursor))
    case .voted: return .voted(try AcceptAnswer.decode(bytes, &cursor))
    case .polled: return .polled(try PollAnswer<Layout>.decode(bytes, &cursor))
    case .decided: return .decided(try Layout.decode(bytes, &cursor))
    case .acceptorStatus: return .acceptorStatus(try AcceptorStatus.decode(bytes, &cursor))
    case .newestLayout: return .newestLayout(try Layout?.decode(bytes, &cursor))
    case .status: return .status(try NodeStatus.decode(bytes, &cursor))
    case .membership: return .membership(try Membership?.decode(bytes, &cursor))
    case .layouts: return .layouts(try [Layout].decode(bytes, &cursor))
    case .meters: return .meters(try NodeMeters.decode(bytes, &cursor))
    }
  }

  private var kind: ReplyKind {
    switch self {
    case .written: .written
    case .slots: .slots
    case .trimmed: .trimmed
    case .unitSealed: .unitSealed
    case .unitStreams: .unitStreams
    case .installed: .installed
    case .trims: .trims
    case .reset: .reset
    case .space: .space
    case .token: .token
    case .grants: .grants
    case .tail: .tail
    case .streamTails: .streamTails
    case .sequencerSealed: .sequencerSealed
    case .reignStreamsHeard: .reignStreamsHeard
    case .reigning: .reigning
    case .vouched: .vouched
    case .admitted: .admitted
    case .prepared: .prepared
    case .voted: .voted
    case .polled: .polled
    case .decided: .decided
    case .acceptorStatus: .acceptorStatus
    case .newestLayout: .newestLayout
    case .status: .status
    case .membership: .membership
    case .layouts: .layouts
    case .meters: .meters
    case .refused: .refused
    }
  }
}

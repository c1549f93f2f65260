internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror

// Requests on the wire: a byte that says which (`docs/wire.md` lists them), and what they tell.

/// The kinds of requests; a number is never used for another.
enum RequestKind: UInt8, CaseIterable {
  case write = 1
  case repair = 2
  case read = 3
  case trim = 4
  case trimPrefix = 5
  case sealUnit = 6
  case install = 7
  case unitStreams = 8
  case trims = 9
  case trimRanges = 10
  case reset = 11
  case space = 12
  case admit = 13
  case reserve = 20
  case reserveEach = 21
  case tail = 22
  case streamTails = 23
  case sealSequencer = 24
  case reign = 25
  case reignStreams = 26
  case prepare = 40
  case accept = 41
  case poll = 42
  case acceptorStatus = 43
  case vouch = 44
  case newestLayout = 60
  case status = 61
  case membership = 62
  case layouts = 63
  case meters = 64
}

extension Request: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(kind.rawValue)
    switch self {
    case .write(let request), .repair(let request): request.encode(into: &bytes)
    case .read(let request): request.encode(into: &bytes)
    case .trim(let request): request.encode(into: &bytes)
    case .trimPrefix(let request): request.encode(into: &bytes)
    case .sealUnit(let request), .sealSequencer(let request): request.encode(into: &bytes)
    case .install(let request): request.layout.encode(into: &bytes)
    case .unitStreams(let request): request.encode(into: &bytes)
    case .trims(let request): request.encode(into: &bytes)
    case .trimRanges(let request): request.encode(into: &bytes)
    case .reset(let request): request.encode(into: &bytes)
    case .reserve(let request): request.encode(into: &bytes)
    case .reserveEach(let request): request.encode(into: &bytes)
    case .tail(let request): request.layout.encode(into: &bytes)
    case .streamTails(let request): request.encode(into: &bytes)
    case .reignStreams(let request): request.encode(into: &bytes)
    case .reign(let request): request.encode(into: &bytes)
    case .prepare(let request): request.encode(into: &bytes)
    case .accept(let request): request.encode(into: &bytes)
    case .poll(let request): request.encode(into: &bytes)
    case .vouch(let request): request.encode(into: &bytes)
    case .admit(let request): request.encode(into: &bytes)
    case .membership(let membership): membership.encode(into: &bytes)
    case .space, .acceptorStatus, .newestLayout, .status, .layouts, .meters: break
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Request {
    guard let kind = RequestKind(rawValue: try cursor.number(bytes)) else { throw .malformed }
    switch kind {
    case .write: return .write(try WriteRequest.decode(bytes, &cursor))
    case .repair: return .repair(try WriteRequest.decode(bytes, &cursor))
    case .read: return .read(try ReadRequest.decode(bytes, &cursor))
    case .trim: return .trim(try TrimRequest.decode(bytes, &cursor))
    case .trimPrefix: return .trimPrefix(try PrefixTrimRequest.decode(bytes, &cursor))
    case .sealUnit: return .sealUnit(try SealRequest.decode(bytes, &cursor))
    case .install: return .install(InstallRequest(layout: try Layout.decode(bytes, &cursor)))
    case .unitStreams: return .unitStreams(try UnitStreamsRequest.decode(bytes, &cursor))
    case .trims: return .trims(try TrimsRequest.decode(bytes, &cursor))
    case .trimRanges: return .trimRanges(try RangeTrimRequest.decode(bytes, &cursor))
    case .reset: return .reset(try ResetRequest.decode(bytes, &cursor))
    case .space: return .space
    case .reserve: return .reserve(try TokenRequest.decode(bytes, &cursor))
    case .reserveEach: return .reserveEach(try ReservationsRequest.decode(bytes, &cursor))
    case .tail: return .tail(TailRequest(layout: try LayoutID.decode(bytes, &cursor)))
    case .streamTails: return .streamTails(try StreamTailsRequest.decode(bytes, &cursor))
    case .sealSequencer: return .sealSequencer(try SealRequest.decode(bytes, &cursor))
    case .reignStreams:
      return .reignStreams(try ReignStreamsRequest.decode(bytes, &cursor))
    case .reign: return .reign(try ReignRequest.decode(bytes, &cursor))
    case .prepare: return .prepare(try PrepareRequest.decode(bytes, &cursor))
    case .accept: return .accept(try AcceptRequest.decode(bytes, &cursor))
    case .poll: return .poll(try PollRequest.decode(bytes, &cursor))
    case .acceptorStatus: return .acceptorStatus
    case .vouch: return .vouch(try VouchRequest.decode(bytes, &cursor))
    case .admit: return .admit(try AdmitRequest.decode(bytes, &cursor))
    case .newestLayout: return .newestLayout
    case .status: return .status
    case .membership: return .membership(try Membership?.decode(bytes, &cursor))
    case .layouts: return .layouts
    case .meters: return .meters
    }
  }

  /// What it asks for, as a number below 256, for meters.
  package var kindNumber: Int { Int(kind.rawValue) }

  /// All kinds, in a word each, by number.
  package static var kindNames: [Int: String] {
    Dictionary(uniqueKeysWithValues: RequestKind.allCases.map { (Int($0.rawValue), "\($0)") })
  }

  private var kind: RequestKind {
    switch self {
    case .write: .write
    case .repair: .repair
    case .read: .read
    case .trim: .trim
    case .trimPrefix: .trimPrefix
    case .sealUnit: .sealUnit
    case .install: .install
    case .unitStreams: .unitStreams
    case .trims: .trims
    case .trimRanges: .trimRanges
    case .reset: .reset
    case .space: .space
    case .reserve: .reserve
    case .reserveEach: .reserveEach
    case .tail: .tail
    case .streamTails: .streamTails
    case .sealSequencer: .sealSequencer
    case .reignStreams: .reignStreams
    case .reign: .reign
    case .prepare: .prepare
    case .accept: .accept
    case .poll: .poll
    case .acceptorStatus: .acceptorStatus
    case .vouch: .vouch
    case .admit: .admit
    case .newestLayout: .newestLayout
    case .status: .status
    case .membership: .membership
    case .layouts: .layouts
    case .meters: .meters
    }
  }
}

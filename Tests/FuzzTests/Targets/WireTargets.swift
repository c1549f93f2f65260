import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuWriteOnce

// What crosses the network: frames of every kind, memberships, addresses.

extension FuzzTargets {
  private static let wireFiles = [
    "Protocol/Wire/Frame.swift", "Protocol/Wire/FrameFront.swift", "Protocol/Wire/Handshake.swift",
    "Protocol/Wire/WireAdmission.swift", "Protocol/Wire/WireCursor.swift",
    "Protocol/Wire/WireErrors.swift", "Protocol/Wire/WireLayout.swift",
    "Protocol/Wire/WireLog.swift", "Protocol/Wire/WireMeters.swift",
    "Protocol/Wire/WireReply.swift", "Protocol/Wire/WireRequest.swift",
    "Protocol/Wire/WireRequests.swift", "Protocol/Wire/WireSequencer.swift",
    "Protocol/Wire/WireStatus.swift", "Protocol/Wire/WireValue.swift",
    "Protocol/Wire/WireVotes.swift",
  ]

  static let wire: [FuzzTarget] = [
    FuzzTarget(
      "frame",
      files: wireFiles,
      samples: (greetings + requests + replies).map(frame),
      seal: { sealFrame(&$0) },
      check: { checkFrame($0) }
    ),
    FuzzTarget(
      "membership",
      files: ["Protocol/Wire/WireMembership.swift"],
      samples: membership.map { [$0.encoded()] } ?? [],
      check: { bytes in
        do throws(FrameError) {
          let membership = try Membership(decoding: bytes)
          if let objection = membership.objection { return .broken("taken, though \(objection)") }
          return .spelledOnce(membership.encoded(), as: bytes)
        } catch {
          return .refused
        }
      }
    ),
    FuzzTarget(
      "addresses",
      files: ["Protocol/Membership/NodeAddress.swift"],
      samples: ["node-1:7001", "[fe80::1]:65535,localhost:1,10.0.0.1:80"].map { Array($0.utf8) },
      check: { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let found = addresses(in: text) else { return .refused }
        for address in found where NodeAddress("\(address)") != address {
          return .broken("\(address) is not what it says")
        }
        let again = found.map(\.description).joined(separator: ",")
        return .comesBack(found, as: addresses(in: again))
      }
    ),
  ]

  private static func addresses(in text: String) -> [NodeAddress]? {
    do throws(NotAnAddress) {
      return try NodeAddress.list(text)
    } catch {
      return nil
    }
  }

  // MARK: - Frames

  private static func checkFrame(_ bytes: [UInt8]) -> FuzzVerdict {
    let codec = FrameCodec()
    do throws(FrameError) {
      guard let (frame, count) = try codec.decode(bytes.span.bytes) else { return .refused }
      var again: [UInt8] = []
      try codec.encode(frame, into: &again)
      return .spelledOnce(again, as: bytes.prefix(count))
    } catch {
      return .refused
    }
  }

  /// Makes bytes the beginning of a frame: only kind, number and body are left as they are.
  private static func sealFrame(_ bytes: inout [UInt8]) {
    guard bytes.count >= FrameHeader.byteCount else { return }
    bytes.put(FrameHeader.magic, at: 0)
    bytes.put(FrameHeader.version, at: 4)
    let kind = 1 + (bytes[5] &+ 4) % 5
    bytes.put(kind, at: 5)
    bytes.put(UInt16(0), at: 6)
    bytes.put(UInt32(bytes.count - FrameHeader.byteCount), at: 8)
    var sum = Checksum()
    sum.update(bytes.span.bytes.extracting(0..<12))
    sum.update(bytes.span.bytes.extracting(16..<bytes.count))
    bytes.put(sum.value, at: 12)
  }

  private static func frame(_ message: Message) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      try FrameCodec().encode(Frame(id: 7, message), into: &bytes)
    } catch {
      // None of them is large; and what is none is not taken, which the tests notice.
      return []
    }
    return bytes
  }

  // MARK: - Messages

  private static let greetings: [Message] = {
    guard let name = ClusterName("orders-1.test") else { return [] }
    return [
      .hello(Hello(cluster: nil, role: .client)),
      .hello(Hello(cluster: name, role: .node, node: NodeID(3))),
      .welcome(Welcome(cluster: name, node: NodeID(3), frameBytesMax: 1 << 20, requestsMax: 64)),
      .rejected(.otherCluster(name)), .rejected(.ending),
    ]
  }()

  static let membership: Membership? = {
    guard let name = ClusterName("orders"), let host = NodeAddress(host: "node-1", port: 7001),
      let other = NodeAddress("[fe80::1]:65535")
    else { return nil }
    var membership = Membership(
      of: name,
      members: [NodeID(1): host, NodeID(2): other],
      replicas: 2,
      acceptors: 3,
      stripes: 4,
      author: 99
    )
    (membership.leaving, membership.returning) = ([NodeID(1), NodeID(2)], [NodeID(2)])
    (membership.lost, membership.remaps) = (Set(units.prefix(2)), [NodeID(2), NodeID(1)])
    return membership
  }()

  private static let id = LayoutID(epoch: Epoch(9), hash: 0xfeed)
  private static let life = Incarnation(high: 11, low: 12)
  private static let vote = Vote(
    ballot: Ballot(round: 3, proposer: ProposerID(high: 1, low: 2)),
    value: fullLayout
  )
  private static let streamKeys = [
    StreamKeys(StreamID(4)), StreamKeys(StreamID(5), keys: []),
    StreamKeys(StreamID(6), keys: [[1, 2], [], [3]]),
  ]
  private static let census = StreamCensus(
    [StreamID(1): [Position(4)], StreamID(2): []],
    isComplete: true
  )

  private static let requests: [Message] = {
    let condition = CommitCondition(
      snapshot: Snapshot(epoch: Epoch(2), position: Position(7)),
      reads: streamKeys
    )
    let wishes = [Reservation(), Reservation(count: 2, writes: streamKeys, condition: condition)]
    let values = [
      PlacedValue(.data(entry), at: Position(8)), PlacedValue(.junk, at: .max),
    ]
    let all: [Request] = [
      .write(WriteRequest(layout: id, values: values)),
      .read(ReadRequest(layout: id, positions: [Position(3), .zero])),
      .sealUnit(SealRequest(epoch: Epoch(4), incarnation: life)),
      .install(InstallRequest(layout: fullLayout)),
      .unitStreams(UnitStreamsRequest(epoch: Epoch(4), incarnation: life, after: StreamID(3))),
      .trimRanges(RangeTrimRequest(layout: id, ranges: [.zero..<Position(5)])),
      .reset(ResetRequest(incarnation: life, layout: plainLayout)),
      .reserve(TokenRequest(layout: id, count: 3, streams: [StreamID(1)])),
      .reserveEach(ReservationsRequest(layout: id, reservations: wishes)),
      .reign(
        ReignRequest(
          layout: plainLayout,
          streams: census,
          ahead: StreamParts(whole: 6, count: 2)
        )
      ),
      .accept(AcceptRequest(base: id, acceptor: life, vote: vote)),
      .vouch(VouchRequest(base: id, acceptor: life, disk: units[0], opening: opening)),
      .admit(AdmitRequest(disk: life, opening: opening, verdict: .outdated(by: opening))),
      .membership(membership), .meters,
    ]
    return all.map { .request($0) }
  }()

  private static let replies: [Message] = {
    let grants: [Grant] = [
      .token(Token(epoch: Epoch(1), first: Position(2), count: 1, links: links)),
      .refused(.conflict(StreamID(1), key: [7], at: Position(2))),
      .refused(.newSequencer(since: Epoch(3))),
    ]
    let registers = [RegisterStatus(base: id, promised: vote.ballot, accepted: vote)]
    let all: [Reply] = [
      .written([.written, .taken(.data(entry)), .refused(.failed(.failed("it broke")))]),
      .slots([.success(.empty), .success(.data(entry)), .failure(.corrupt(Position(1)))]),
      .unitSealed(
        UnitSeal(sealed: Epoch(1), tail: Position(2), trimMark: Position(3), opening: opening)
      ),
      .unitStreams(
        StreamPage(
          ends: [StreamEnd(StreamID(2), [Position(1), Position(6)]), StreamEnd(StreamID(3), nil)],
          isComplete: false,
          last: StreamID(9)
        )
      ),
      .grants(grants), .streamTails(tail: Position(5), links),
      .prepared(.promised(vote)), .decided(plainLayout),
      .acceptorStatus(AcceptorStatus(acceptor: life, registers: registers)),
      .status(NodeStatus()), .membership(membership), .layouts([plainLayout, fullLayout]),
      .meters(NodeMeters()), .refused(.epoch(.sealed(Epoch(1), newest: fullLayout))),
      .refused(.sequencer(.countOutOfRange(-1))),
    ]
    return all.map { .reply($0) }
  }()
}

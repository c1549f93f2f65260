import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuWriteOnce

/// Messages of every kind, with every kind of thing in them.
enum Samples {
  static let units = (1...5).map { number in
    UnitName(node: NodeID(number), incarnation: Incarnation(high: 7, low: UInt64(number)))
  }

  static let layout: Layout = {
    var layout = Layout(
      epoch: Epoch(9),
      generation: 1,
      firstTail: Position(50),
      spans: [
        Span(begin: .zero, stripes: [Chain([units[0], units[1]]), Chain([units[2]])]),
        Span(begin: Position(20), stripes: [Chain([units[3], units[1]])]),
      ],
      sequencer: SequencerName(node: NodeID(6), boot: BootID(high: 1, low: 2)),
      acceptors: Array(units.prefix(3)),
      spares: [units[4]]
    )
    layout.losses = [LostRange(range: Position(3)..<Position(9), stripes: 2, stripe: 1)]
    return layout
  }()

  static let id = LayoutID(epoch: Epoch(9), hash: 0xfeed)
  static let mark = EntryMark(client: ClientID(high: 3, low: 4), sequence: 5)
  static let links = [
    StreamLink(stream: StreamID(1), previous: nil), StreamLink(stream: StreamID(2), previous: []),
    StreamLink(stream: StreamID(3), previous: [Position(9), Position(4), Position(2), .zero]),
  ]
  static let entry = Entry(mark: mark, streams: links, payload: Array("payload".utf8))
  static let values = [
    PlacedValue(.data(entry), at: Position(8)), PlacedValue(.junk, at: .max),
    PlacedValue(.data(Entry(mark: mark, payload: [])), at: .zero),
  ]
  static let ballot = Ballot(round: 3, proposer: ProposerID(high: 1, low: 2))
  static let vote = Vote(ballot: ballot, value: layout)
  static let life = Incarnation(high: 11, low: 12)
  static let keys = [
    StreamKeys(StreamID(4)), StreamKeys(StreamID(5), keys: []),
    StreamKeys(StreamID(6), keys: [[1, 2], [], [3]]),
  ]
  static let condition = CommitCondition(
    snapshot: Snapshot(epoch: Epoch(2), position: Position(7)),
    reads: keys
  )
  static let ends = [
    StreamEnd(StreamID(2), [Position(1), Position(6)]), StreamEnd(StreamID(3), nil),
    StreamEnd(StreamID(9), []),
  ]

  static let deviceErrors: [DeviceError] = [
    .failed("it broke"), .outOfSpace, .notFound("a"), .exists("b"), .noPermission("c"),
    .notAFolder("d"), .inUse("e"), .stopped, .powerOff,
  ]
  static let logErrors: [LogError] =
    [
      .entryTooLarge(bytes: 9, bytesMax: 8), .outOfSpace, .corrupt(Position(1)),
      .unknown(Position(2)), .lost(Position(3)), .cut(Position(4)),
      .beyondTail(Position(4), tail: Position(5)),
      .trimmed(Position(6), mark: Position(7)), .inconsistent(Position(8)),
      .indefinite(Position(9)), .unavailable("nobody is there — größer"), .noQuorum, .closed,
    ] + deviceErrors.map { .failed($0) }
  static let refusals: [Refusal] =
    [
      .epoch(.sealed(Epoch(1), newest: nil)), .epoch(.sealed(Epoch(1), newest: layout)),
      .epoch(.behind(installed: nil)), .epoch(.behind(installed: id)), .epoch(.otherLayout(id)),
      .sequencer(.notInstalled), .sequencer(.sealed(Epoch(2))), .sequencer(.behind(Epoch(3))),
      .sequencer(.otherBoot(BootID(high: 1, low: 2))), .sequencer(.countOutOfRange(-1)),
      .sequencer(.tooManyStreams(65)), .sequencer(.positionsUsedUp), .noSuchRole, .notNamed(life),
      .inUse(life), .notAdmitted, .notAllowed, .tooLarge,
    ] + logErrors.map { .log($0) }

  static let requests: [Request] = [
    .write(WriteRequest(layout: id, values: values)),
    .write(WriteRequest(layout: id, values: [])),
    .repair(WriteRequest(layout: id, values: values)),
    .read(ReadRequest(layout: id, positions: [Position(3), .zero])),
    .trim(TrimRequest(layout: id, positions: [Position(3)])),
    .trimPrefix(PrefixTrimRequest(layout: id, mark: Position(3))),
    .sealUnit(SealRequest(epoch: Epoch(4))),
    .sealUnit(SealRequest(epoch: Epoch(4), incarnation: life)),
    .install(InstallRequest(layout: layout)),
    .unitStreams(UnitStreamsRequest(epoch: Epoch(4), incarnation: life, after: StreamID(3))),
    .trims(TrimsRequest(layout: id, range: .zero..<Position(5))),
    .trimRanges(RangeTrimRequest(layout: id, ranges: [.zero..<Position(5)])),
    .reset(ResetRequest(incarnation: life, layout: layout)), .space,
    .reserve(TokenRequest(layout: id, count: 3, streams: [StreamID(1)])),
    .reserve(TokenRequest(layout: id, count: -3)),
    .reserveEach(
      ReservationsRequest(
        layout: id,
        reservations: [
          Reservation(), Reservation(count: 2, writes: keys, condition: condition),
        ]
      )
    ),
    .tail(TailRequest(layout: id)),
    .streamTails(StreamTailsRequest(layout: id, streams: [StreamID(1), StreamID(2)])),
    .sealSequencer(SealRequest(epoch: Epoch(4))),
    .reign(ReignRequest(layout: layout, streams: census)),
    .reign(ReignRequest(layout: layout, streams: census, ahead: parts)),
    .reignStreams(
      ReignStreamsRequest(layout: id, boot: opening.boot, ahead: parts, streams: census)
    ),
    .prepare(PrepareRequest(base: id, acceptor: life, ballot: ballot)),
    .accept(AcceptRequest(base: id, acceptor: life, vote: vote)),
    .poll(PollRequest(base: id, acceptor: life)), .acceptorStatus, .newestLayout, .status,
    .vouch(VouchRequest(base: id, acceptor: life, disk: units[0], opening: opening)),
    .admit(AdmitRequest(disk: life, opening: opening, verdict: .noted(by: 7))),
    .admit(AdmitRequest(disk: life, opening: opening, verdict: .outdated(by: opening))),
    .membership(nil), .membership(membership), .layouts, .meters,
  ]

  static let opening = DiskOpening(count: 3, boot: BootID(high: 4, low: 5))

  static let parts = StreamParts(whole: 6, count: 2)

  static let census = StreamCensus([StreamID(1): [Position(4)], StreamID(2): []], isComplete: true)

  static let replies: [Reply] =
    [
      .written([.written, .taken(.data(entry)), .taken(.junk), .taken(.trimmed)]),
      .written(logErrors.map { .refused($0) }),
      .slots([.success(.empty), .success(.data(entry)), .success(.trimmed)]),
      .slots(logErrors.map { .failure($0) }), .trimmed,
      .unitSealed(UnitSeal(sealed: Epoch(1), tail: Position(2), trimMark: Position(3))),
      .unitSealed(
        UnitSeal(sealed: Epoch(1), tail: Position(2), trimMark: Position(3), opening: opening)
      ),
      .vouched(opening), .admitted,
      .unitStreams(StreamPage(ends: ends, isComplete: false, last: StreamID(9))),
      .installed(id), .trims([.zero..<Position(2), Position(4)..<Position(4)]), .reset(life),
      .space(UnitSpace(liveBytes: 5, totalBytes: 6)),
      .token(Token(epoch: Epoch(1), first: Position(2), count: 3, links: links)),
      .grants([
        .token(Token(epoch: Epoch(1), first: Position(2), count: 1)),
        .refused(.conflict(StreamID(1), key: [7], at: Position(2))),
        .refused(.conflict(StreamID(1), key: nil, at: Position(2))),
        .refused(.newSequencer(since: Epoch(3))), .refused(.forgotten(Position(4))),
      ]),
      .tail(Position(5)), .streamTails(tail: Position(5), links), .sequencerSealed(nil),
      .sequencerSealed(Position(5)), .reigning, .reignStreamsHeard, .prepared(.promised(nil)),
      .prepared(.promised(vote)), .prepared(.refused(ballot)), .voted(.accepted),
      .voted(.refused(ballot)), .polled(.nothing), .polled(.voted(vote)), .decided(layout),
      .acceptorStatus(
        AcceptorStatus(
          acceptor: life,
          registers: [
            RegisterStatus(base: id, promised: ballot, accepted: vote),
            RegisterStatus(base: id, promised: nil, accepted: nil),
          ]
        )
      ),
      .newestLayout(nil), .newestLayout(layout), .status(NodeStatus()), .status(status),
      .status(waiting), .status(outdated),
      .membership(nil), .membership(membership), .layouts([]), .layouts([layout, layout]),
      .meters(NodeMeters()), .meters(meters),
    ] + refusals.map { .refused($0) }

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
    membership.leaving = [NodeID(1), NodeID(2)]
    membership.returning = [NodeID(2)]
    membership.lost = Set(units.prefix(2))
    membership.isAutomatic = false
    membership.remaps = [NodeID(2), NodeID(1)]
    membership.remapPercent = 30
    return membership
  }()

  static let meters = NodeMeters(
    entries: 1,
    fills: 2,
    reads: 3,
    tokens: 4,
    requests: 5,
    syncs: [
      DurationBucket(nanosecondsMax: 50_000, count: 6),
      DurationBucket(nanosecondsMax: nil, count: 7),
    ],
    writes: [DurationBucket(nanosecondsMax: .max, count: .max)],
    space: UnitSpace(liveBytes: 8, totalBytes: 9),
    freeBytes: 10
  )

  static let status = NodeStatus(
    unit: UnitStatus(
      incarnation: life,
      hasFailed: true,
      sealed: Epoch(1),
      installed: id,
      tail: Position(4),
      boots: 3,
      damage: [Position(2)],
      isInDoubt: true,
      room: .short(bytes: 7 << 20)
    ),
    sequencer: SequencerStatus(boot: BootID(high: 1, low: 2), serving: id, sealed: Epoch(1)),
    newest: id,
    view: MonitorView(
      suspects: [NodeID(4), NodeID(2)],
      unheard: [NodeID(4), NodeID(2), NodeID(3)],
      isChanging: true,
      rank: 2,
      copy: CopyUnderWay(
        newcomer: UnitName(node: NodeID(5), incarnation: life),
        begin: Position(1),
        end: Position(9),
        next: Position(4)
      )
    )
  )

  static let waiting = NodeStatus(
    unit: UnitStatus(incarnation: life, opening: opening, admission: .waits, room: .full)
  )
  static let outdated = NodeStatus(
    unit: UnitStatus(incarnation: life, admission: .outdated(by: opening), room: .enough)
  )

  static let greetings: [Message] = {
    guard let name = ClusterName("orders-1.test") else { return [] }
    return [
      .hello(Hello(cluster: nil, role: .client)), .hello(Hello(cluster: name, role: .operator)),
      .hello(Hello(cluster: name, role: .node, node: NodeID(3))),
      .welcome(Welcome(cluster: name, node: NodeID(3), frameBytesMax: 1 << 20, requestsMax: 64)),
      .rejected(.otherCluster(name)), .rejected(.notAllowed), .rejected(.tooManyConnections),
      .rejected(.ending),
    ]
  }()

  /// All of them, as frames.
  static let frames: [Frame] =
    greetings.map { Frame($0) }
    + requests.enumerated().map { Frame(id: UInt64($0) + 1, .request($1)) }
    + replies.enumerated().map { Frame(id: UInt64($0) + 1, .reply($1)) }
}

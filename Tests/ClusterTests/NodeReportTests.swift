// Goal: a node is ready when it serves in the newest layout or stands by, and says why when not;
// what it shows is what the catalogue names. Method: reports put together by hand, and a process.
@testable import CorfuClient
@testable import CorfuCluster
import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuWriteOnce
import Foundation
import Logging
import Metrics
import Testing

@Suite(.timeLimit(.minutes(2))) struct NodeReportTests {
  private let disk = UnitName(node: NodeID(1), incarnation: Incarnation(high: 7, low: 1))

  /// A report of a node that serves in epoch 3.
  private func serving() throws -> NodeReport {
    let boot = BootID(high: 1, low: 1)
    let layout = Layout(
      epoch: Epoch(3),
      spans: [Span(begin: .zero, stripes: [Chain([disk])])],
      sequencer: SequencerName(node: NodeID(1), boot: boot),
      acceptors: [disk]
    )
    var report = NodeReport(
      cluster: try #require(ClusterName("test")),
      node: NodeID(1),
      roles: Set(NodeRole.allCases),
      status: NodeStatus()
    )
    report.layout = layout
    report.hasCaughtUp = true
    report.status.unit = UnitStatus(
      incarnation: disk.incarnation,
      sealed: Epoch(2),
      installed: layout.id,
      tail: Position(12)
    )
    report.status.sequencer = SequencerStatus(boot: boot, serving: layout.id, sealed: Epoch(2))
    report.membership = try membership([NodeID(1)])
    return report
  }

  private func membership(_ nodes: [NodeID]) throws -> Membership {
    let address = try #require(NodeAddress("127.0.0.1:1"))
    return Membership(
      of: try #require(ClusterName("test")),
      members: Dictionary(uniqueKeysWithValues: nodes.map { ($0, address) }),
      replicas: 1,
      acceptors: 1,
      stripes: 1,
      author: 1
    )
  }

  @Test func aNodeThatServesIsReady() throws {
    let report = try serving()
    #expect(report.ailment == nil)
    #expect(report.unreadiness == nil)
  }

  /// What stands in a node's way, and what it says of it.
  static let obstacles: [(change: @Sendable (inout NodeReport) -> Void, says: String)] = [
    ({ $0.isEnding = true }, "ending: what came before is finished"),
    (
      { $0.hasDiskFailed = true },
      "the disk has failed: what it kept is with other nodes"
    ),
    (
      {
        $0.membership = nil
        $0.layout = nil
      },
      "no cluster yet: 'corfu cluster init' makes one"
    ),
    (
      { $0.membership = nil },
      "the disk is of a cluster, and the file 'membership' is gone: nodes that have theirs tell "
        + "this one; if none has, 'corfu cluster init --again' writes it anew"
    ),
    (
      { $0.membership?.members = [:] },
      "not a member of the cluster: 'corfu cluster add' makes it one"
    ),
    ({ $0.hasCaughtUp = false }, "asking the others for the newest layout"),
    ({ $0.layout = nil }, "asking the others for the newest layout"),
    (
      { $0.status.unit?.incarnation = Incarnation(high: 8, low: 1) },
      "the layout of epoch 3 does not name this node's disk"
    ),
    (
      { $0.layout?.epoch = Epoch(4) }, "the layout of epoch 4 is not in force here yet"
    ),
    (
      { $0.status.unit?.installed = nil }, "the layout of epoch 3 is not in force here yet"
    ),
    (
      { $0.status.unit?.sealed = Epoch(3) },
      "epoch 3 is over, and the next has not begun here"
    ),
  ]

  @Test(arguments: obstacles.indices)
  func whatStandsInTheWayIsSaid(index: Int) throws {
    var report = try serving()
    let obstacle = Self.obstacles[index]
    obstacle.change(&report)
    #expect(report.unreadiness == obstacle.says)
  }

  @Test func aSpareAndANodeWithoutDiskStandBy() throws {
    var spare = try serving()
    var layout = try #require(spare.layout)
    let other = UnitName(node: NodeID(2), incarnation: Incarnation(high: 2, low: 2))
    layout.spans = [Span(begin: .zero, stripes: [Chain([other])])]
    layout.acceptors = [other]
    layout.spares = [disk]
    spare.layout = layout
    spare.status.unit?.installed = layout.id
    #expect(spare.unreadiness == nil)
    var monitor = try serving()
    monitor.status.unit = nil
    monitor.status.sequencer = nil
    #expect(monitor.unreadiness == nil)
  }

  @Test func aFailedDiskIsAnAilment() throws {
    var report = try serving()
    report.hasDiskFailed = true
    #expect(report.ailment == "the disk has failed: what it kept is with other nodes")
  }

  @Test func aFullDiskIsSaidAndIsNoReasonToRestart() throws {
    var report = try serving()
    #expect(report.remark == nil)
    report.status.unit?.room = .full
    #expect(report.remark == "the disk is full: entries are refused until there is room")
    #expect(report.ailment == nil)
    #expect(report.unreadiness == nil)
    #expect(PrometheusText.of(report.families(started: 0)).contains("\ncorfu_unit_full 1\n"))
  }

  @Test func aDiskThatIsNearlyFullIsSaid() throws {
    let plenty = FreeRoom(of: NSTemporaryDirectory(), segmentBytes: 1)
    // Nobody has looked.
    #expect(plenty.bytes == nil)
    #expect(plenty.refined(.enough) == .enough)
    plenty.look()
    #expect(try #require(plenty.bytes) > 0)
    #expect(plenty.refined(.enough) == .enough)
    #expect(plenty.refined(.full) == .full)
    // No disk has room for eight of those.
    let short = FreeRoom(of: NSTemporaryDirectory(), segmentBytes: 1 << 59)
    short.look()
    #expect(short.refined(.enough) == .short(bytes: try #require(short.bytes)))
    #expect(short.refined(.full) == .full)
    let nowhere = FreeRoom(of: "/nowhere at all", segmentBytes: 1 << 59)
    nowhere.look()
    #expect(nowhere.refined(.enough) == .enough)
  }

  @Test func whatIsShownIsInTheCatalogue() throws {
    var report = try serving()
    let layout = try #require(report.layout)
    report.certificateExpiry = 1_800_000_000
    report.space = UnitSpace(liveBytes: 5, totalBytes: 9)
    report.freeBytes = 12
    report.counters = StoreCounters()
    report.compaction = CompactionCounters()
    var monitor = MonitorStatus(layout: layout)
    monitor.rebuild = RebuildProgress(
      task: RebuildTask(
        begin: Position(10),
        end: Position(30),
        stripes: 1,
        stripe: 0,
        chain: Chain([disk]),
        newcomer: disk
      ),
      next: Position(15)
    )
    report.monitor = monitor
    let factory = PrometheusFactory()
    let requests = RequestMeters(factory: factory)
    requests.record(.space, .trimmed, .milliseconds(3))
    let conflict = CommitRefusal.conflict(StreamID(2), key: nil, at: Position(5))
    let wishes = ReservationsRequest(layout: layout.id, reservations: [])
    requests.count(
      .reserveEach(wishes),
      .grants([
        .refused(conflict), .token(Token(epoch: Epoch(3), first: Position(7), count: 1)),
        .refused(conflict), .refused(.newSequencer(since: Epoch(3))),
      ])
    )
    EventMeters(factory: factory).count(.store(.spaceShort))
    ConnectionMeters(factory: factory).count(.closed(.notAllowed))
    _ = TimedDevice(path: "/nowhere", factory: factory)
    let families = report.families(started: 1_700_000_000) + factory.families
    let names = Set(families.map(\.name))
    #expect(names == Set(MetricCatalogue.node.map(\.name)))
    for family in families {
      #expect(family.kind == MetricCatalogue.entry(named: family.name)?.kind, "\(family.name)")
    }
    let text = PrometheusText.of(families)
    for line in [
      "corfu_node_info{cluster=\"test\",node=\"n1\"} 1", "corfu_start_time_seconds 1700000000",
      "corfu_ready 1", "corfu_epoch 3", "corfu_unit_tail_position 12", "corfu_unit_live_bytes 5",
      "corfu_sequencer_appointed 1", "corfu_sequencer_epoch 3", "corfu_monitor_rebuilding 1",
      "corfu_monitor_rebuild_ratio 0.25", "corfu_requests_total{kind=\"space\"} 1",
      "corfu_request_seconds_bucket{kind=\"space\",le=\"0.005\"} 1",
      "corfu_unit_events_total{event=\"space_short\"} 1", "corfu_unit_sync_seconds_count 0",
      "corfu_connections_closed_total{reason=\"not_allowed\"} 1",
      "corfu_transactions_refused_total{reason=\"conflict\"} 2",
      "corfu_transactions_refused_total{reason=\"new_sequencer\"} 1",
      "corfu_transactions_refused_total{reason=\"forgotten\"} 0",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
  }

  @Test func aSequencerThatIsNotAppointedHandsOutNothing() throws {
    var report = try serving()
    report.layout?.sequencer = SequencerName(node: NodeID(2), boot: BootID(high: 2, low: 2))
    report.status.sequencer?.sealed = Epoch(3)
    let text = PrometheusText.of(report.families(started: 0))
    #expect(text.contains("\ncorfu_sequencer_appointed 0\n"))
    #expect(text.contains("\ncorfu_sequencer_epoch 0\n"))
  }

  @Test func aProcessTellsHowItIs() async throws {
    let folder = NSTemporaryDirectory() + "corfu-admin-\(UUID().uuidString)"
    defer {
      // What is left of a test does no harm.
      try? FileManager.default.removeItem(atPath: folder)
    }
    let anywhere = try #require(NodeAddress("127.0.0.1:0"))
    var settings = NodeSettings(
      cluster: try #require(ClusterName("test")),
      node: NodeID(1),
      folder: folder,
      listen: anywhere
    )
    settings.store.segmentBytes = 4 << 20
    settings.admin = NodeAddress("localhost:0")
    let process = try await NodeProcess<ReferenceParts>.open(
      settings,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    let port = try #require(process.adminPort)
    let run = Task { try await process.run() }
    #expect(try await RawHTTP.get("/health", port: port) == "200 ok\n")
    #expect(
      try await RawHTTP.get("/ready", port: port)
        == "503 no cluster yet: 'corfu cluster init' makes one\n"
    )
    let metrics = try await RawHTTP.get("/metrics", port: port)
    #expect(metrics.hasPrefix("200 # HELP "))
    for line in ["corfu_ready 0", "corfu_unit_boots_total 1", "corfu_connections 0"] {
      #expect(metrics.contains("\n\(line)\n"), "\(line) in\n\(metrics)")
    }
    run.cancel()
    try await run.value
    await #expect(throws: (any Error).self) { _ = try await RawHTTP(port: port) }
  }

  @Test func nodesOfAClusterBecomeReadyAndTellMore() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 4, stripes: 1, replicas: 2)
    let (log, network) = try await cluster.client()
    _ = try await log.append([1, 2, 3])
    // Spares too: they stand by.
    for (node, process) in cluster.processes {
      try await cluster.wait("\(node) is ready") { await process.report().unreadiness == nil }
      let report = await process.report(isMeasured: true)
      #expect(report.ailment == nil)
      let text = PrometheusText.of(report.families(started: 0))
      #expect(text.contains("\ncorfu_ready 1\n") && text.contains("\ncorfu_members 4\n"))
    }
    var records = 0
    var appointed = 0
    for process in cluster.processes.values {
      let report = await process.report(isMeasured: true)
      records += report.counters?.records ?? 0
      let text = PrometheusText.of(report.families(started: 0))
      if text.contains("\ncorfu_sequencer_appointed 1\n") { appointed += 1 }
    }
    #expect(records >= 2)
    #expect(appointed == 1)
    await network.close()
    try await cluster.endAll()
  }

  @Test func anAdminAddressThatIsTakenEndsTheStart() async throws {
    let folder = NSTemporaryDirectory() + "corfu-admin-\(UUID().uuidString)"
    defer {
      // What is left of a test does no harm.
      try? FileManager.default.removeItem(atPath: folder)
    }
    let anywhere = try #require(NodeAddress("127.0.0.1:0"))
    let echo = try await EchoServer()
    var settings = NodeSettings(
      cluster: try #require(ClusterName("test")),
      node: NodeID(1),
      folder: folder,
      listen: anywhere
    )
    settings.admin = echo.address
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    await #expect(throws: NodeProcessError.self) {
      _ = try await NodeProcess<ReferenceParts>.open(settings, logger: logger)
    }
    // Its folder is free again.
    settings.admin = nil
    let process = try await NodeProcess<ReferenceParts>.open(settings, logger: logger)
    let run = Task { try await process.run() }
    run.cancel()
    try await run.value
    await echo.server.close()
  }
}

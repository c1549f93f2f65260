// Goal: what an operator decides against the rules comes about over TCP, and stands in the nodes'
// logs (R24). Method: real nodes of which most acceptors are gone; a logger that keeps its lines.
import CorfuClient
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Logging
import Synchronization
import Testing

/// Keeps what is logged.
struct KeptLines: LogHandler {
  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  let lines: Lines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let facts = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
    lines.add("\(event.level) \(event.message) " + facts.joined(separator: " "))
  }
}

@Suite(.timeLimit(.minutes(5))) struct OverrideTests {
  @Test func appointedAcceptorsGoOn() async throws {
    let cluster = try TestCluster()
    let lines = KeptLines.Lines()
    cluster.logger = Logger(label: "test") { _ in KeptLines(lines: lines) }
    try await cluster.begin(nodes: 4, stripes: 2, replicas: 2)
    let (log, network) = try await cluster.client()
    let payload = Array("before".utf8)
    #expect(try await log.append(payload) == .zero)
    // An acceptor of each chain: what is written is still there, and nobody can decide.
    let acceptors = log.layout.acceptors.map(\.node)
    #expect(acceptors == [1, 2, 3].map { NodeID($0) })
    for node in [1, 3].map({ NodeID($0) }) { try await cluster.end(node) }
    let next = try await cluster.operate { hand in try await hand.appointAcceptors() }
    #expect(next.generation == 1)
    #expect(Set(next.acceptors.map(\.node)).isSubset(of: [2, 4].map { NodeID($0) }))
    let position = try await log.append(Array("after".utf8))
    #expect(position >= Position(1))
    guard case .data(let entry) = try await log.read(.zero) else {
      throw TestTimeout(what: "the first entry is gone")
    }
    #expect(entry.payload == payload)
    // Who asked, by whoever was asked; and what came of it.
    #expect(
      lines.all.contains {
        $0.hasPrefix("warning acceptors are appointed by hand")
          && $0.contains("by=operator, without a certificate") && $0.contains("generation=1")
      }
    )
    try await cluster.wait("the appointment is logged") {
      lines.all.contains { $0.hasPrefix("warning acceptors were appointed without a vote") }
    }
    await network.close()
    try await cluster.endAll()
  }

  @Test func disksThatAreDeclaredLostAreGoneWithWhatOnlyTheyHad() async throws {
    let cluster = try TestCluster(encrypted: true)
    let lines = KeptLines.Lines()
    cluster.logger = Logger(label: "test") { _ in KeptLines(lines: lines) }
    try await cluster.begin(nodes: 6, stripes: 2, replicas: 2)
    let (log, network) = try await cluster.client()
    for number in 0..<4 as Range<UInt8> { _ = try await log.append([number]) }
    let chain = log.layout.chains[1]
    let dead = chain.replicas.map(\.node)
    // While they answer, nobody gives them up.
    await #expect(throws: OperatorError.self) {
      try await cluster.operate { hand in try await hand.declareLost(Set(dead)) }
    }
    for node in dead { try await cluster.end(node) }
    try await cluster.operate { hand in try await hand.declareLost(Set(dead)) }
    try await cluster.wait("spares take over") {
      // The layout is asked of the nodes: this client has not heard of it yet.
      let (next, way) = try await cluster.client()
      let isDone =
        next.layout.losses.count == 1
        && next.layout.spans.last?.stripes.allSatisfy { $0.replicas.count == 2 } == true
      await way.close()
      return isDone
    }
    #expect(try await log.append([4]) >= Position(4))
    for number in [0, 2] as [UInt8] {
      guard case .data(let entry) = try await log.read(Position(UInt64(number))) else {
        throw TestTimeout(what: "\(number) is gone, and was on the other chain")
      }
      #expect(entry.payload == [number])
    }
    await #expect(throws: LogError.lost(Position(1))) { try await log.read(Position(1)) }
    for node in dead {
      #expect(
        lines.all.contains {
          $0.hasPrefix("warning a disk was declared lost") && $0.contains("by=operator 'test'")
            && $0.contains("disk=\(node) ")
        },
        "\(node)"
      )
    }
    // Each node looks at the layout of its monitor a few times a second.
    try await cluster.wait("what was given up is logged") {
      lines.all.contains { $0.hasPrefix("warning positions were given up") }
    }
    await network.close()
    try await cluster.endAll()
  }

  @Test("R24: what was trimmed before its disks were declared lost is trimmed still")
  func whatWasTrimmedIsNotLost() async throws {
    let cluster = try TestCluster(encrypted: true)
    try await cluster.begin(nodes: 6, stripes: 2, replicas: 2)
    let (log, network) = try await cluster.client()
    for number in 0..<8 as Range<UInt8> { _ = try await log.append([number]) }
    try await log.trimPrefix(before: Position(4))
    let dead = log.layout.chains[1].replicas.map(\.node)
    for node in dead { try await cluster.end(node) }
    try await cluster.operate { hand in try await hand.declareLost(Set(dead)) }
    try await cluster.wait("somebody stands in for the chain") {
      let (next, way) = try await cluster.client()
      let isDone = next.layout.losses.count == 1
      await way.close()
      return isDone
    }
    // A client's certificate is enough to be told so, whoever finishes the trim.
    #expect(try await log.read(Position(1)) == .trimmed)
    #expect(try await log.read(.zero..<Position(4)).allSatisfy { $0 == .trimmed })
    await #expect(throws: LogError.lost(Position(5))) { try await log.read(Position(5)) }
    await network.close()
    try await cluster.endAll()
  }

  @Test func onlyMembersThatAreWrittenAnewAreToldAsThat() throws {
    let lines = KeptLines.Lines()
    let logger = Logger(label: "test") { _ in KeptLines(lines: lines) }
    var random = SystemRandomNumberGenerator()
    let node = NodeID(1)
    let first = Membership(
      of: try #require(ClusterName("test")),
      members: [node: try #require(NodeAddress(host: "127.0.0.1", port: 1))],
      replicas: 1,
      acceptors: 1,
      stripes: 1,
      author: random.next()
    )
    var anew = first
    anew.writeAnew(at: 1_800_000_000, using: &random)
    #expect(anew.version == 1_800_000_000)
    let changed = anew.changed(using: &random) { $0.isAutomatic = false }
    let hand = Peer(role: .operator, name: "ann")
    // Of what comes to a node without its file only that is told, and only by whom it came from.
    for (membership, peer) in [
      (first, hand), (changed, hand), (anew, Peer(role: .node, node: NodeID(2))), (anew, hand),
    ] {
      tell(MembershipKeeper.Change(membership: membership, before: nil, peer: peer), logger)
    }
    #expect(
      lines.all.filter { $0.hasPrefix("warning") } == [
        "warning who is in the cluster is written anew by hand by=operator 'ann' members=n1"
      ]
    )
    #expect(lines.all.count == 5)
  }

  @Test func eachOverrideIsLoggedOnce() {
    let lines = KeptLines.Lines()
    let logger = Logger(label: "test") { _ in KeptLines(lines: lines) }
    let unit = UnitName(node: NodeID(4), incarnation: Incarnation(high: 4, low: 4))
    var layout = Layout.first(
      of: [unit],
      stripes: 1,
      replicas: 1,
      acceptors: 1,
      sequencer: SequencerName(node: NodeID(9), boot: BootID(high: 9, low: 9))
    )
    let tales = OverrideTales(since: layout, logger)
    tales.hear(layout)
    #expect(lines.all == [])
    layout.epoch = Epoch(1002)
    layout.generation = 1
    tales.hear(layout)
    layout.losses = [LostRange(range: Position(3)..<Position(7), stripes: 2, stripe: 1)]
    for _ in 0..<2 { tales.hear(layout) }
    #expect(
      lines.all == [
        "warning acceptors were appointed without a vote acceptors=n4 epoch=1002 generation=1",
        "warning positions were given up with their disks "
          + "end=7 epoch=1002 first=3 stripe=1 of 2",
      ]
    )
  }
}

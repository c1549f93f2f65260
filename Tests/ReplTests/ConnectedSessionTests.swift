// Goal: a session on a cluster that it has no hand on does all that a client can, says what to do
// instead of the rest, and never hangs. Method: a cluster in memory, which the session knows
// by a way to its nodes only.
import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

/// A way to nodes of which one has no room for entries; for junk it has.
private struct FullDisk: Transport {
  let network: LoopbackTransport
  let node: NodeID

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    if node == self.node, case .write(let request) = request, request.values.contains(where: isData)
    {
      return .refused(.log(.outOfSpace))
    }
    return try await network.call(request, to: node, patience: patience)
  }

  private func isData(_ value: PlacedValue) -> Bool {
    if case .data = value.value { true } else { false }
  }
}

@Suite struct ConnectedSessionTests {
  private typealias Cluster = Stage5<MemoryDevice, LoopbackTransport, ReferenceParts>

  /// Runs something with a cluster of two chains of two, and a session on it.
  private func withSession(
    _ body: (any ReplSession, Cluster) async throws -> Void
  ) async throws {
    var random = SeededGenerator(seed: 8)
    let cluster = Cluster(
      shape: Cluster.Shape(stripes: 2, replicas: 2),
      network: LoopbackTransport(),
      limits: .small(segmentBytes: 64 << 10)
    ) { MemoryDevice(name: "\($0)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await cluster.run() }
      do {
        try await cluster.open(using: &random)
        try await body(try await connect(to: cluster.network, [2]), cluster)
      } catch {
        try await cluster.close()
        throw error
      }
      try await cluster.close()
    }
  }

  private func connect(
    to network: some Transport,
    _ nodes: [UInt32]
  ) async throws(ReplError) -> any ReplSession {
    var limits = ClientLimits()
    limits.callPatience = .milliseconds(200)
    limits.operationPatience = .milliseconds(600)
    return try await ConnectedSessions.open(
      to: "the cluster",
      knowing: Set(nodes.map { NodeID($0) }),
      via: network,
      clock: ContinuousClock(),
      limits: limits,
      parts: ReferenceParts.self
    )
  }

  /// What the prompt prints for some lines, errors included, and how many commands failed.
  private func say(_ lines: String, to session: any ReplSession) async -> (String, Int) {
    let output = Output.captured()
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: output,
      clock: ContinuousClock()
    )
    _ = await interpreter.run(script: .text(lines))
    return (String(decoding: output.take(), as: UTF8.self), await interpreter.failures)
  }

  @Test(arguments: [
    ("append hello", "0"), ("append a; read 0", "a"), ("append a; scan", "a"),
    ("append a; tail", "1"), ("append a; trim 0; read 0", "trimmed"), ("token; fill 0", "junk"),
    ("token; token use late; read 0", "late"), ("stream s append x; stream s read", "x"),
    ("map m put k 7; map m get k", "7"), ("counter c add 5; counter c", "5"),
    ("set s add x; set s list", "x"), ("list l append x; list l list", "x"),
    ("queue q push x; queue q pop", "x"), ("map m put k 7; objects", "map"),
    ("map m put k 7; checkpoint m", "m is written down"), ("map m put k 7; history m k", "7"),
    ("checkpoint every 1; map m put k 7", "by itself: m is written down"),
    ("layout", "n5"), ("status", "all is well\nepoch "), ("layout history", "layouts are known"),
    ("stats", "appends"), ("paxos", "n1"), ("client new x; client", "x"),
    ("wait", "later nothing is left to do"), ("wait 0.01", "later nothing is left to do"),
    ("race 2 3", "client 2"), ("begin a; map m put k 1; commit", "committed at"),
    ("begin a; map m put k 1; rollback", "rolled back"),
  ])
  func whatClientsDoWorks(lines: String, expected: String) async throws {
    try await withSession { session, _ in
      let (text, failures) = await say(lines, to: session)
      #expect(failures == 0, "\(lines): \(text)")
      #expect(text.contains(expected), "\(lines): \(text)")
    }
  }

  @Test(arguments: [
    ("node kill n1", "corfu cluster up"), ("disk fail n1", "the disks are where the nodes are"),
    ("net partition n1 n2", "a real one"), ("crash", "processes of their own"),
    ("node remove n1", "corfu cluster remove n1"), ("node add", "corfu cluster add"),
    ("node replace n1", "corfu cluster replace n1"), ("verify", "where the nodes are"),
  ])
  func whatNeedsAHandOnProcessesSaysWhatToDo(line: String, expected: String) async throws {
    try await withSession { session, _ in
      let (text, failures) = await say(line, to: session)
      #expect(failures == 1)
      #expect(text.contains(expected), "\(line): \(text)")
    }
  }

  @Test(arguments: ["", "a", "a\nb", "a\n", "\n\n", "one\r\ntwo\n\nthree"])
  func aFileComesBackByteForByte(text: String) async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("in", Array(text.utf8))
    try await withSession { session, _ in
      let (told, failures) = await say("append -f '\(file)'\n.mode raw\nscan", to: session)
      #expect(failures == 0, "\(told)")
      #expect(told.hasPrefix("appended "), "\(told)")
      // Behind what is said of the append; a carriage return and a new line are one character.
      let end = told.utf8.firstIndex(of: UInt8(ascii: "\n")).map { told.utf8.index(after: $0) }
      #expect(Array(told.utf8[(end ?? told.endIndex)...]) == Array(text.utf8))
    }
  }

  @Test func ofTwoTransactionsThatReadTheSameOneIsOff() async throws {
    try await withSession { session, _ in
      let (text, failures) = await say(
        """
        map m put k 1
        begin a; map m get k; map m put k 2
        begin b; map m get k; map m put k 3; commit
        session a; commit
        map m get k
        """,
        to: session
      )
      #expect(failures == 1, "\(text)")
      #expect(text.contains("a's transaction is off"), "\(text)")
    }
  }

  @Test func whatIsTrimmedByItselfHidesNothingBeforeIt() async throws {
    try await withSession { session, _ in
      _ = try await session.log.append(batch: (0..<8).map { [$0] })
      try await session.log.trimPrefix(before: Position(2))
      for position in 3..<8 { try await session.log.trim(Position(UInt64(position))) }
      #expect(try await session.trimMark() == Position(2))
    }
  }

  @Test func aNodeDiesAndTheSessionGoesOn() async throws {
    try await withSession { session, cluster in
      _ = try await session.log.append([1])
      _ = try await session.log.append([2])
      // The head of the chain that has position 0; its tail has it, too.
      try await cluster.kill(NodeID(1))
      #expect(try await session.log.read(Position(1)).isTaken)
      let (waited, _) = await say("wait 0.01", to: session)
      #expect(waited.contains("something is still to be done"), "\(waited)")
      let (text, failures) = await say("status", to: session)
      #expect(failures == 0)
      #expect(text.hasPrefix("degraded: "), "\(text)")
      #expect(text.contains("n1 does not answer, and nobody stands by: start it"), "\(text)")
      #expect(text.contains("4 of 5 nodes answer; silent: n1"), "\(text)")
    }
  }

  @Test func theHistorySaysWhoToldNothing() async throws {
    try await withSession { session, cluster in
      let (whole, _) = await say("layout history", to: session)
      #expect(!whole.contains("told nothing") && !whole.contains("not answer"), "\(whole)")
      try await cluster.kill(NodeID(1))
      let (text, failures) = await say("layout history", to: session)
      #expect(failures == 0)
      #expect(text.contains("\nn1 does not answer\n"), "\(text)")
    }
  }

  @Test func theNodeWhoseDiskIsFullIsNamed() async throws {
    try await withSession { _, cluster in
      let way = FullDisk(network: cluster.network, node: NodeID(3))
      let session = try await connect(to: way, [1])
      let (text, failures) = await say("append a; append b; append c", to: session)
      #expect(failures > 0, "\(text)")
      #expect(text.contains("the disk of n3 is full: make room on it"), "\(text)")
      try await session.close()
    }
  }

  @Test func withoutAnyNodeThereIsAnErrorInTime() async throws {
    try await withSession { session, cluster in
      for node in 1...5 { try await cluster.kill(NodeID(UInt32(node))) }
      let start = ContinuousClock().now
      let (text, failures) = await say("append x; tail; status; layout; map m get k", to: session)
      #expect(failures == 5, "\(text)")
      #expect(text.contains("none of n1, n2, n3, n4, n5 answers"), "\(text)")
      #expect(start.duration(to: ContinuousClock().now) < .seconds(15))
      await #expect(throws: ReplError.self) { try await connect(to: cluster.network, [1]) }
    }
  }
}

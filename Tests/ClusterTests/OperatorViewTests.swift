// Goal: an operator is told that a node is dead, what became of the layout, and what all nodes do.
// Method: real nodes over TCP, and the session and the screens that `corfu cluster status`,
// `history` and `corfu top` use.
import CorfuClient
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Foundation
import Testing

@Suite(.timeLimit(.minutes(3))) struct OperatorViewTests {
  /// Opens a session as `corfu cluster status` does.
  private func session(
    on cluster: TestCluster
  ) async throws -> (session: any ReplSession, network: TCPTransport) {
    let connection = try await cluster.connect(as: .client)
    let session = try await ConnectedSessions.open(
      to: "the test",
      knowing: connection.nodes,
      via: connection.network,
      clock: ContinuousClock(),
      parts: ReferenceParts.self
    )
    return (session, connection.network)
  }

  private func text(_ output: Output) -> String { String(decoding: output.take(), as: UTF8.self) }

  @Test func theVerdictTellsOfADeadNode() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 4, stripes: 1, replicas: 2)
    let (session, network) = try await session(on: cluster)
    let output = Output.captured()
    let screen = StatusScreen(of: session, on: output, mode: .table)
    // Each start is noted by the acceptors before its disk serves.
    var told = ""
    try await cluster.wait("all is well") {
      let isWell = try await screen.show()
      told = text(output)
      return isWell
    }
    #expect(told.hasPrefix("all is well\nepoch "), "\(told)")
    #expect(told.contains("\nall 4 nodes answer\n"), "\(told)")
    try await cluster.end(NodeID(4))
    #expect(try await !screen.show())
    let broken = text(output)
    let reason = "n4 does not answer"
    #expect(broken.hasPrefix("degraded: ") && broken.contains(reason), "\(broken)")
    #expect(broken.contains("\n3 of 4 nodes answer; silent: n4\n"), "\(broken)")
    let json = StatusScreen(of: session, on: output, mode: .json)
    #expect(try await !json.show())
    let document = text(output)
    #expect(document.hasPrefix(#"{"state":"degraded","reasons":["#), "\(document)")
    // The others die as well: that is no reason to end.
    for number in UInt32(1)...3 { try await cluster.end(NodeID(number)) }
    #expect(try await !screen.show())
    let down = text(output)
    #expect(down.hasPrefix("down: none of n1, n2, n3, n4 answers"), "\(down)")
    await network.close()
    try await cluster.endAll()
  }

  @Test func theEndOfARemovalIsTold() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 4, stripes: 1, replicas: 2)
    let (session, network) = try await session(on: cluster)
    let output = Output.captured()
    let screen = StatusScreen(of: session, on: output, mode: .table)
    var told = ""
    try await cluster.wait("n4 has heard of the layout") {
      _ = try await screen.show()
      told = text(output)
      return told.contains("\nn4    up ")
    }
    try await cluster.operate { hand in try await hand.release([NodeID(4)], comesBack: false) }
    try await cluster.wait("n4 was removed") {
      _ = try await screen.show()
      told = text(output)
      return told.contains("\nn4 was removed, and nothing of it is needed any more: ")
    }
    #expect(told.contains("\nall 3 nodes answer\n"), "\(told)")
    #expect(told.contains("is no member"), "\(told)")
    // Once it is stopped nothing is said of it.
    try await cluster.end(NodeID(4))
    _ = try await screen.show()
    told = text(output)
    #expect(told.contains("\nall 3 nodes answer\n") && !told.contains("n4"), "\(told)")
    await network.close()
    try await cluster.endAll()
  }

  @Test func theHistoryTellsWhoWasReplaced() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 4, stripes: 1, replicas: 2)
    let (log, client) = try await cluster.client()
    _ = try await log.append([1, 2, 3])
    await client.close()
    try await cluster.end(NodeID(2))
    let (session, network) = try await session(on: cluster)
    let output = Output.captured()
    var told = ""
    try await cluster.wait("n2 is left out") {
      try await session.perform(.healing(.history)).print(to: output, mode: .table)
      told = text(output)
      return told.contains("without n2")
    }
    // A session that was not there at the time.
    #expect(told.hasPrefix("all layouts are known since the log began\n"), "\(told)")
    #expect(told.contains("the log begins"), "\(told)")
    // One that comes back remembers what was before, and hears of the rest.
    for node in cluster.processes.keys.sorted() { try await cluster.end(node) }
    await network.close()
    try await cluster.start(NodeID(1))
    // It has another port now, and says so in a moment.
    let process = try #require(cluster.processes[NodeID(1)])
    try await cluster.wait("n1 says where it is") {
      process.keeper.newest?.members[NodeID(1)] == process.address
    }
    let (later, other) = try await self.session(on: cluster)
    try await later.perform(.healing(.history)).print(to: output, mode: .json)
    let remembered = text(output)
    #expect(remembered.contains("the log begins"), "\(remembered)")
    #expect(remembered.contains("without n2"), "\(remembered)")
    await other.close()
    try await cluster.endAll()
  }

  @Test(arguments: [false, true])
  func whatNodesDoIsTold(encrypted: Bool) async throws {
    let cluster = try TestCluster(encrypted: encrypted)
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    let (log, client) = try await cluster.client()
    let connection = try await cluster.connect(as: .client)
    let top = ClusterTop(
      knowing: connection.nodes,
      via: connection.network,
      clock: ContinuousClock()
    )
    let output = Output.captured()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await top.run(every: .seconds(1), count: 2, on: output) }
      // Somebody appends until both tables are there.
      group.addTask {
        while !Task.isCancelled { _ = try await log.append([1]) }
      }
      try await group.next()
      group.cancelAll()
      // What is cut short may fail.
      while (try? await group.next()) != nil {}
    }
    let told = text(output)
    let rows = told.split(separator: "\n")
    let sums = rows.filter { $0.hasPrefix("all ") && !$0.hasPrefix("all is") }
    #expect(sums.count == 2, "\(told)")
    let counts = sums.last?.split(separator: " ").dropFirst().prefix(3) ?? []
    // Entries, positions that were read, tokens.
    #expect(counts.first != "0" && counts.last != "0", "\(told)")
    #expect(told.contains("positions a second"), "\(told)")
    #expect(!told.contains("\u{1b}"), "\(told)")
    let reply = try await connection.network.call(.meters, to: NodeID(1), patience: .seconds(5))
    guard case .meters(let meters) = reply else {
      Issue.record("\(reply)")
      return
    }
    #expect(meters.entries > 0 && meters.freeBytes != nil && meters.space != nil)
    await connection.network.close()
    await client.close()
    try await cluster.endAll()
  }
}

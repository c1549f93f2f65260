// Goal: a cluster whose nodes have all lost the file that says who is in it says so, begins no
// second time, and goes on with what is on its disks once an operator has written that anew.
// Method: real nodes, whose files are removed while they are down.
import CorfuClient
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror
import Foundation
import Logging
import Testing

@Suite(.timeLimit(.minutes(2))) struct MembershipLossTests {
  /// Ends all nodes, takes away what they know of each other, and starts them, elsewhere.
  private func forget(_ cluster: TestCluster) async throws {
    // Or those that are still up might take the others for dead.
    try await cluster.operate { hand in
      try await hand.change { (membership, _) in membership.isAutomatic = false }
    }
    let nodes = cluster.processes.keys.sorted()
    for node in nodes { try await cluster.end(node) }
    for node in nodes {
      try FileManager.default.removeItem(atPath: "\(cluster.folder.path)/\(node)/membership")
    }
    for node in nodes { try await cluster.start(node) }
  }

  private func refusal(
    _ addresses: [NodeAddress?],
    _ body: (ClusterOperator<ReferenceParts>) async throws -> Void
  ) async throws -> String {
    let connection = try await ClusterConnection.open(
      to: addresses.compactMap(\.self),
      as: .operator,
      security: .open
    )
    var words = "nothing was refused"
    do {
      try await body(ClusterOperator(of: connection))
    } catch {
      words = "\(error)"
    }
    await connection.network.close()
    return words
  }

  @Test func whatIsOnTheDisksGoesOn() async throws {
    let cluster = try TestCluster()
    let lines = KeptLines.Lines()
    cluster.logger = Logger(label: "test") { _ in KeptLines(lines: lines) }
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    let (log, network) = try await cluster.client()
    let position = try await log.append(Array("stays".utf8))
    await network.close()
    try await forget(cluster)
    let addresses = cluster.processes.values.map(\.address)
    // Each says so at its start, and why it is not ready.
    let warning = "warning \(NodeReport.membersAreUnknown)"
    #expect(lines.all.count { $0.hasPrefix(warning) } == 3)
    for process in cluster.processes.values {
      #expect(await process.report().unreadiness == NodeReport.membersAreUnknown)
    }
    // It begins no second time, and whatever else is tried names the way.
    let shape = ClusterOperator<ReferenceParts>.Shape(stripes: 1, replicas: 2)
    let begun = try await refusal(addresses) { hand in _ = try await hand.begin(shape) }
    let changed = try await refusal(addresses) { hand in try await hand.setStripes(2) }
    for words in [begun, changed] {
      #expect(words.hasPrefix("the cluster 'test' has begun and is in epoch 1, and none"))
      #expect(words.contains("'corfu cluster init --again'"))
    }
    // Nobody is left out unnoticed.
    let first = cluster.processes[NodeID(1)]?.address
    let few = try await refusal([first]) { hand in _ = try await hand.beginAgain() }
    #expect(few.hasPrefix("the layout names n2, n3, and --connect does not"), "\(few)")
    let outcome = try await cluster.operate { hand in try await hand.beginAgain() }
    #expect(outcome.members == Set([1, 2, 3].map { NodeID($0) }))
    #expect(outcome.missing == [])
    let told = "warning who is in the cluster is written anew by hand by=operator, without a"
    #expect(lines.all.count { $0.hasPrefix(told) } == 3)
    // Twice is once too often.
    let again = try await refusal(addresses) { hand in _ = try await hand.beginAgain() }
    #expect(again.hasSuffix("told to those who do not know: n1, n2, n3"), "\(again)")
    let (other, way) = try await cluster.client()
    guard case .data(let entry) = try await other.read(position) else {
      throw TestTimeout(what: "the entry is gone")
    }
    #expect(entry.payload == Array("stays".utf8))
    // The monitors work again: the sequencer was restarted, which takes another layout.
    #expect(try await other.append(Array("goes on".utf8)) > position)
    let (membership, _) = try await cluster.operate { hand in try await hand.current() }
    #expect(membership.replicas == 2)
    #expect(membership.stripes == 1)
    #expect(Set(membership.members.values) == Set(addresses.compactMap(\.self)))
    await way.close()
    try await cluster.endAll()
  }

  @Test func whoAsksHowTheClusterIsIsToldTheWayBack() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 2, stripes: 1, replicas: 2)
    try await forget(cluster)
    let connection = try await cluster.connect(as: .client)
    let session = try await ConnectedSessions.open(
      to: "the test",
      knowing: connection.nodes,
      via: connection.network,
      clock: ContinuousClock(),
      parts: ReferenceParts.self
    )
    let output = Output.captured()
    #expect(try await !StatusScreen(of: session, on: output, mode: .table).show())
    let told = String(decoding: output.take(), as: UTF8.self)
    #expect(told.hasPrefix("down: none of these nodes knows who is in the cluster"), "\(told)")
    #expect(told.contains("'corfu cluster init --again'"), "\(told)")
    await connection.network.close()
    try await cluster.endAll()
  }

  @Test("A node that does not answer is left out only by somebody who says so")
  func aDeadNodeIsNotLeftOutUnnoticed() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    try await forget(cluster)
    let addresses = cluster.processes.values.map(\.address)
    try await cluster.end(NodeID(3))
    let words = try await refusal(addresses) { hand in _ = try await hand.beginAgain() }
    #expect(words.contains(": nobody listens there: start that node, or leave it out"), "\(words)")
    var outcome: (layout: Layout, members: Set<NodeID>, missing: Set<NodeID>)?
    let refused = try await refusal(addresses) { hand in
      outcome = try await hand.beginAgain(isSure: true)
    }
    #expect(outcome?.members == [NodeID(1), NodeID(2)], "\(refused)")
    #expect(outcome?.missing == [NodeID(3)])
    let (log, way) = try await cluster.client()
    _ = try await log.append([1])
    await way.close()
    try await cluster.endAll()
  }

  @Test func aDiskOfAnotherClusterIsNotTakenIn() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 2, stripes: 1, replicas: 2)
    let strange = try TestCluster()
    for node in [7, 8].map({ NodeID($0) }) { try await strange.start(node) }
    _ = try await strange.operate { hand in
      try await hand.begin(.init(stripes: 1, replicas: 2))
    }
    try await forget(cluster)
    try await forget(strange)
    let addresses =
      cluster.processes.values.map(\.address) + [strange.processes[NodeID(7)]?.address]
    let words = try await refusal(addresses) { hand in
      _ = try await hand.beginAgain(isSure: true)
    }
    #expect(words.hasPrefix("the disk of n7 was in use, and the layout of epoch 1"), "\(words)")
    try await cluster.endAll()
    try await strange.endAll()
  }
}

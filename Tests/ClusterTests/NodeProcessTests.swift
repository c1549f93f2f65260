// Goal: nodes over TCP are one log, that survives the end of any of them and of all; who has no
// business there is kept out, in words. Method: real nodes on free ports, real files.
import CorfuClient
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Foundation
import Logging
import Testing

@Suite(.timeLimit(.minutes(5))) struct NodeProcessTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(arguments: [false, true])
  func aLogOverTCP(encrypted: Bool) async throws {
    let cluster = try TestCluster(encrypted: encrypted)
    try await cluster.begin(nodes: 5, stripes: 2, replicas: 2)
    let (log, network) = try await cluster.client()
    for number in 0..<50 {
      #expect(try await log.append(bytes("entry \(number)")) == Position(UInt64(number)))
    }
    let (other, otherNetwork) = try await cluster.client()
    #expect(try await other.tail() == Position(50))
    for (number, slot) in try await other.read(.zero..<Position(50)).enumerated() {
      guard case .data(let entry) = slot else {
        Issue.record("\(number): \(slot)")
        continue
      }
      #expect(entry.payload == bytes("entry \(number)"))
    }
    await network.close()
    await otherNetwork.close()
    try await cluster.endAll()
  }

  @Test func anyNodeMayEndAndAllMay() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 5, stripes: 2, replicas: 2)
    let (log, network) = try await cluster.client()
    var count: UInt64 = 0
    func append() async throws {
      let position = try await log.append(bytes("\(count)"))
      let read = try await log.read(position)
      guard case .data(let entry) = read else { throw TestTimeout(what: "\(read)") }
      #expect(entry.payload == bytes("\(count)"))
      count += 1
    }
    try await append()
    var ports: [NodeID: UInt16] = [:]
    for (node, process) in cluster.processes { ports[node] = process.address?.port }
    for node in [1, 3, 5].map({ NodeID($0) }) {
      try await cluster.end(node)
      try await append()
      try await cluster.start(node, port: try #require(ports[node]))
      // Whoever replaced it has all that it had, or it has all of it itself.
      try await cluster.wait("everybody is up") {
        let look = await ClusterLook.at(log.layout.nodes, via: network, patience: .seconds(1))
        let newest = look.statuses.values.compactMap(\.newest?.epoch).max() ?? .zero
        return look.statuses.count == log.layout.nodes.count
          && look.statuses.values.allSatisfy { $0.unit?.installed?.epoch ?? newest == newest }
      }
      try await append()
    }
    for node in cluster.processes.keys.sorted() { try await cluster.end(node) }
    for (node, port) in ports { try await cluster.start(node, port: port) }
    try await append()
    let tail = try await log.tail()
    let slots = try await log.read(.zero..<tail)
    #expect(slots.count { if case .data = $0 { true } else { false } } == count)
    await network.close()
    try await cluster.endAll()
  }

  @Test func nodesComeAndGo() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    let (log, network) = try await cluster.client()
    let position = try await log.append(bytes("stays"))
    let address = try await cluster.start(NodeID(9))
    try await cluster.operate { (hand) async throws in
      #expect(try await hand.add(address) == NodeID(9))
    }
    try await cluster.operate { hand in try await hand.release([NodeID(1)], comesBack: false) }
    try await cluster.wait("n1 is gone") {
      try await cluster.operate { (hand) async throws in
        let (membership, layout) = try await hand.current()
        return membership.members[NodeID(1)] == nil && !layout.nodes.contains(NodeID(1))
      }
    }
    try await cluster.end(NodeID(1))
    guard case .data(let entry) = try await log.read(position) else {
      Issue.record("it is gone")
      return
    }
    #expect(entry.payload == bytes("stays"))
    _ = try await log.append(bytes("goes on"))
    await network.close()
    try await cluster.endAll()
  }

  @Test("R12, R37: a node's sequencer remembers as much as its settings say, be it one of each")
  func aSequencerRemembersAsMuchAsItIsTold() async throws {
    let cluster = try TestCluster()
    cluster.sequencer.streamsMax = 1
    cluster.sequencer.writesMax = 1
    // Nobody is replaced because this machine has much to do.
    cluster.monitoring.silenceMax = .seconds(60)
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    let (log, network) = try await cluster.client()
    let keys = StreamKeys(StreamID(7), keys: [[1]])
    let place = try await log.append(bytes("one"), writing: [keys])
    let epoch = log.layout.epoch
    func commit(at position: Position) async throws -> Position {
      let condition = CommitCondition(
        snapshot: Snapshot(epoch: epoch, position: position),
        reads: [StreamKeys(StreamID(7), keys: [[2]])]
      )
      return try await log.append(bytes("two"), writing: [keys], if: condition)
    }
    // Nothing was written that it read; but of what was nobody remembers all.
    let forgotten = CommitError.refused(.forgotten(place.advanced(by: 1)))
    await #expect(throws: forgotten) { try await commit(at: place) }
    let next = try await commit(at: place.advanced(by: 1))
    // Of a second stream it knows everything, and of the first nothing any more.
    let last = try await log.append(bytes("three"), writing: [StreamKeys(StreamID(8))])
    let links = try await log.ends(of: [StreamID(7), StreamID(8)]).links
    #expect(links.map(\.previous) == [nil, [last]])
    #expect(last > next)
    await network.close()
    try await cluster.endAll()
  }

  /// Two spares take over from two units; then, unasked, from those of which little is alive.
  @Test func whatIsAliveMovesToSpares() async throws {
    let cluster = try TestCluster()
    cluster.store = .small(segmentBytes: 256 << 10)
    try await cluster.begin(nodes: 4, stripes: 1, replicas: 2)
    let (log, network) = try await cluster.client()
    let payload = [UInt8](repeating: 7, count: 8192)
    var positions: [Position] = []
    while positions.count < 320 {
      positions += try await log.append(batch: (0..<32).map { _ in payload })
    }
    func units() async throws -> Set<UnitName> {
      try await cluster.operate { hand in Set(try await hand.current().1.units) }
    }
    let first = try await units()
    try await cluster.operate { hand in try await hand.remap(first.map(\.node)) }
    try await cluster.wait("spares have taken over") {
      try await units().isDisjoint(with: first)
    }
    let second = try await units()
    for (index, position) in positions.enumerated() where index % 4 == 0 {
      try await log.trim(position)
    }
    // Whatever each of them does with its own segments: no unit is full of what is alive.
    try await cluster.operate { hand in try await hand.remap(below: 99) }
    try await cluster.wait("spares have taken over unasked") {
      try await units().isDisjoint(with: second)
    }
    try await cluster.operate { hand in try await hand.remap(below: nil) }
    for (index, position) in positions.enumerated() {
      let slot = try await log.read(position)
      if index % 4 == 0 {
        #expect(slot == .trimmed)
        continue
      }
      guard case .data(let entry) = slot else { throw TestTimeout(what: "\(slot)") }
      #expect(entry.payload == payload)
    }
    await network.close()
    try await cluster.endAll()
  }

  /// What a node knew when it was stopped is old, and of two that move at once each knows only the
  /// old address of the other: all are found at last.
  @Test(arguments: [[4], [3, 4]])
  func nodesThatMoveAreFound(numbers: [UInt32]) async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 5, stripes: 1, replicas: 2)
    let moved = numbers.map { NodeID($0) }
    var ports: [NodeID: UInt16] = [:]
    for node in moved {
      ports[node] = cluster.processes[node]?.address?.port
      try await cluster.end(node)
    }
    for isAutomatic in [false, true] {
      try await cluster.operate { hand in
        try await hand.change { (membership, _) in membership.isAutomatic = isAutomatic }
      }
    }
    for node in moved { try await cluster.start(node) }
    for node in moved { #expect(cluster.processes[node]?.address?.port != ports[node]) }
    try await cluster.wait("everybody knows where \(moved) are") {
      try await cluster.operate { (hand) async throws in
        let (membership, _) = try await hand.current()
        return moved.allSatisfy {
          membership.members[$0] == cluster.processes[$0]?.address
        } && membership.isAutomatic
      }
    }
    try await cluster.endAll()
  }

  @Test func nobodyIsLeftOutAtTheBeginning() async throws {
    let cluster = try TestCluster()
    for number in 1...5 { try await cluster.start(NodeID(UInt32(number))) }
    let addresses = cluster.processes.values.compactMap(\.address)
    let gone = try #require(cluster.processes[NodeID(5)]?.address)
    try await cluster.end(NodeID(5))
    let connection = try await ClusterConnection.open(
      to: addresses,
      as: .operator,
      security: .open
    )
    let error = await #expect(throws: OperatorError.self) {
      try await ClusterOperator<ReferenceParts>(of: connection)
        .begin(.init(stripes: 2, replicas: 2))
    }
    #expect("\(try #require(error))".hasPrefix("\(gone): "))
    await connection.network.close()
    // Fewer chains are not promised where they cannot be.
    try await cluster.operate { (hand) async throws in
      _ = try await hand.begin(.init(stripes: 2, replicas: 2))
      let fewer = await #expect(throws: OperatorError.self) { try await hand.setStripes(1) }
      #expect(
        "\(try #require(fewer))" == "positions rotate over 2 chains, and fewer are not possible"
      )
    }
    try await cluster.endAll()
  }

  @Test func whatCannotBeIsSaid() async throws {
    let cluster = try TestCluster()
    try await cluster.begin(nodes: 3, stripes: 1, replicas: 2)
    try await cluster.operate { (hand) async throws in
      let again = await #expect(throws: OperatorError.self) {
        try await hand.begin(.init(stripes: 1, replicas: 2))
      }
      #expect("\(try #require(again))".hasPrefix("the cluster 'test' has begun and is in epoch 1"))
      let stranger = await #expect(throws: OperatorError.self) {
        try await hand.release([NodeID(8)], comesBack: false)
      }
      #expect("\(try #require(stranger))" == "there is no node n8: there are n1, n2, n3")
      let stripes = await #expect(throws: OperatorError.self) {
        try await hand.change { (membership, _) in membership.stripes = 0 }
      }
      #expect("\(try #require(stripes))" == "there are 1 to 64 stripes, not 0")
      let appointed = await #expect(throws: OperatorError.self) {
        try await hand.appointAcceptors()
      }
      #expect(
        "\(try #require(appointed))".hasPrefix("3 of 3 acceptors answer, which is enough")
      )
    }
    // Two processes of one node.
    let settings = try cluster.settings(of: NodeID(1))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let second = await #expect(throws: NodeProcessError.self) {
      try await TestCluster.Process.open(settings, logger: logger)
    }
    #expect("\(try #require(second))".contains("another process of this node runs already"))
    try await cluster.end(NodeID(1))
    // A folder of another cluster, and one whose list of members is damaged.
    var strange = settings
    strange.cluster = try #require(ClusterName("other"))
    let other = await #expect(throws: NodeProcessError.self) {
      try await TestCluster.Process.open(strange, logger: logger)
    }
    #expect("\(try #require(other))".hasSuffix("is the folder of a node of the cluster 'test'"))
    var swapped = settings
    swapped.node = NodeID(2)
    let mixed = await #expect(throws: NodeProcessError.self) {
      try await TestCluster.Process.open(swapped, logger: logger)
    }
    #expect("\(try #require(mixed))".contains("is the folder of n1"))
    let file = URL(fileURLWithPath: settings.folder + "/membership")
    var contents = try Data(contentsOf: file)
    contents[contents.count / 2] ^= 1
    try contents.write(to: file)
    let damaged = await #expect(throws: NodeProcessError.self) {
      try await TestCluster.Process.open(settings, logger: logger)
    }
    #expect("\(try #require(damaged))".contains("/membership is damaged"))
    try await cluster.endAll()
  }
}

// Goal: a network that is cut loses what it should, heals, and leaves nothing behind; the log of
// real processes goes on beside a node that is cut off, and keeps its promises. Method: network
// namespaces, which need root; 'corfu chaos' breaks what it is told, and judges the log.
@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .enabled(
    if: NamespaceNetwork.obstacle == nil,
    "partitions need root on Linux, and the programs ip, unshare and nsenter"
  ),
  .serialized,
  .timeLimit(.minutes(5))
)
struct PartitionTests {
  // MARK: - The network

  /// Whether a node answers clients.
  private func answers(_ member: LocalCluster.Member) async -> Bool {
    let transport = TCPTransport(as: Hello(cluster: nil, role: .client), security: .open)
    // Who is silent answers nobody.
    let welcome = try? await transport.meet(member.address)
    await transport.close()
    return welcome?.node == member.node
  }

  /// Whether a node answers a program on the machine of another.
  private func answers(
    _ member: LocalCluster.Member,
    on other: LocalCluster.Member,
    of network: NamespaceNetwork
  ) throws -> Bool {
    let tail = [Programs.path(of: "corfu"), "tail", "--connect", member.address.description]
    let ending = try SystemProgram.run(try network.entering(other.node, tail))
    return ending.words.contains("has not begun")
  }

  @Test func whatIsCutIsSilentAndHeals() async throws {
    let folder = try TestFolder()
    let leash = try #require(ProcessLeash())
    let network = try NamespaceNetwork(on: leash)
    let cluster = LocalCluster(
      in: folder.path + "/cluster",
      program: Programs.path(of: "corfu"),
      leash: leash,
      network: network
    )
    let (one, other) = (try cluster.add(), try cluster.add())
    for member in [one, other] { try cluster.start(member.node) }
    let deadline = ContinuousClock.now + .seconds(30)
    for member in [one, other] {
      while await !answers(member), ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    #expect(await answers(one))
    #expect(try answers(one, on: other, of: network))
    try network.cut(.fromClients(one.node))
    #expect(await !answers(one))
    #expect(try answers(one, on: other, of: network))
    try network.healAll()
    #expect(await answers(one))
    // What was asked arrives, and its answer does not.
    try network.cut(.oneWay(from: one.node, to: other.node))
    #expect(try !answers(one, on: other, of: network))
    #expect(await answers(one))
    // Of two cuts that have something in common one is mended.
    try network.cut(.pair(one.node, other.node))
    try network.heal(.oneWay(from: one.node, to: other.node))
    #expect(try !answers(one, on: other, of: network))
    try network.heal(.pair(one.node, other.node))
    #expect(try answers(one, on: other, of: network))
    try network.cut(.node(one.node))
    #expect(await !answers(one))
    #expect(await answers(other))
    try network.healAll()
    #expect(await answers(one))
    await cluster.kill([one, other])
    #expect(try links().contains(network.door))
    network.end()
    #expect(try !links().contains(network.door))
    #expect(throws: NamespaceError.self) { try network.entering(NodeID(9), ["true"]) }
    folder.remove()
  }

  /// The interfaces of this program's own network.
  private func links() throws -> String { try NetworkNamespace.ipOutside("-o link show") }

  @Test func nothingIsLeftOfAProgramThatWasKilled() async throws {
    let folder = try TestFolder()
    let chaos = try Programs.start(
      "corfu",
      ["chaos", "--partitions", "yes", "--data", folder.path, "--quiet"]
    )
    let number = chaos.processIdentifier
    let cluster = LocalCluster(in: "\(folder.path)/corfu-chaos-\(number)", program: "")
    let nodes = (1...5).map { NodeID($0) }
    let deadline = ContinuousClock.now + .seconds(60)
    while !nodes.allSatisfy({ cluster.process(of: $0) != nil }), ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try links().contains("cf\(number)-1@"))
    #expect(kill(number, SIGKILL) == 0)
    chaos.waitUntilExit()
    for node in nodes {
      #expect(await cluster.waitForEnd(of: node, patience: .seconds(20)), "\(node)")
    }
    // The system takes a namespace apart a moment after the last process in it.
    let end = ContinuousClock.now + .seconds(20)
    while try links().contains("cf\(number)-1@"), ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try !links().contains("cf\(number)-1@"))
    folder.remove()
  }

  // MARK: - The log

  /// Has a cluster of two chains broken in steps.
  private func report(
    of steps: @escaping @Sendable (Layout) -> [ChaosStep]
  ) async throws -> ChaosReport {
    let folder = try TestFolder()
    var wishes = Chaos.Wishes()
    wishes.partitions = .yes
    let chaos = Chaos(
      in: folder.path + "/cluster",
      program: Programs.path(of: "corfu"),
      wishes: wishes
    ) { _ in }
    let report = try await chaos.run(steps)
    #expect(report.violations == [])
    #expect(report.rounds == 1 && report.appends > 100, "\(report.summary)")
    folder.remove()
    return report
  }

  @Test func theLogGoesOnWithoutASequencerThatIsCutOff() async throws {
    let report = try await report { layout in
      [ChaosStep(.cut(.node(layout.sequencer.node)), for: .seconds(8), then: .seconds(3))]
    }
    #expect(report.cuts == 1)
    // It was missed, and others did not wait until it was back.
    #expect(report.longestGap > .milliseconds(400), "\(report.summary)")
    #expect(report.longestGap < .seconds(6), "\(report.summary)")
  }

  @Test func theLogGoesOnBetweenNodesThatDoNotHearEachOther() async throws {
    let report = try await report { layout in
      let chain = layout.chains.first?.replicas.map(\.node) ?? []
      let (head, tail) = (chain.first ?? NodeID(1), chain.last ?? NodeID(2))
      return [
        ChaosStep(.cut(.pair(head, tail)), for: .seconds(8), then: .seconds(1)),
        ChaosStep(.cut(.oneWay(from: tail, to: head)), for: .seconds(4), then: .seconds(1)),
        // Clients still hear it, and what it hands out is worth nothing any more.
        ChaosStep(.cut(.fromNodes(layout.sequencer.node)), for: .seconds(8), then: .seconds(3)),
      ]
    }
    #expect(report.cuts == 3)
    #expect(report.longestGap < .seconds(6), "\(report.summary)")
  }

  /// Connections that the cut has silenced would be heard again only when the system sends once
  /// more what was lost: after as long as the cut has lasted, about.
  @Test func aNetworkThatIsWholeAgainIsUsedSoon() async throws {
    let length = Duration.seconds(10)
    let report = try await report { layout in
      // Nobody appends meanwhile: the other nodes hear it, and leave it what it is.
      [ChaosStep(.cut(.fromClients(layout.sequencer.node)), for: length, then: .seconds(8))]
    }
    #expect(report.cuts == 1)
    #expect(report.longestGap > length - .seconds(2), "\(report.summary)")
    #expect(report.longestGap < length + .seconds(5), "\(report.summary)")
  }
}

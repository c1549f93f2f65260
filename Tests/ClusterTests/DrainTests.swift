// Goal: a node that was drained stands by for good, though the monitors hear one after the other
// that it need not leave any more. Method: real nodes over TCP, and the layouts that they remember.
@testable import CorfuCluster
import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuStripeMirror
import Testing

@Suite(.timeLimit(.minutes(3))) struct DrainTests {
  @Test func whoWasDrainedStandsByForGood() async throws {
    let cluster = try TestCluster()
    // Nobody is replaced because this machine has much to do.
    cluster.monitoring.silenceMax = .seconds(60)
    try await cluster.begin(nodes: 5, stripes: 1, replicas: 2)
    let first = try await cluster.operate { hand in try await hand.current().1 }
    let node = try #require(first.units.first?.node)
    try await cluster.operate { hand in try await hand.release([node], comesBack: true) }
    try await cluster.wait("\(node) stands by") {
      let (membership, layout) = try await cluster.operate { hand in try await hand.current() }
      return membership.leaving.isEmpty && layout.spares.contains { $0.node == node }
    }
    // Until the last has heard of it.
    try await cluster.wait("all have heard of it") {
      cluster.processes.values.allSatisfy { $0.keeper.newest?.leaving.isEmpty == true }
    }
    try await Task.sleep(for: .seconds(2))
    var layouts: [Epoch: Layout] = [:]
    for process in cluster.processes.values {
      for layout in process.node.layouts { layouts[layout.epoch] = layout }
    }
    let standsBy = layouts.sorted { $0.key < $1.key }.map { _, layout in
      layout.spares.contains { $0.node == node }
    }
    #expect(standsBy.last == true)
    #expect(standsBy.drop { !$0 }.allSatisfy { $0 }, "\(standsBy)")
    try await cluster.endAll()
  }
}

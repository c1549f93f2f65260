// Goal: a monitor that has not heard of the newest wishes does not undo what others have made of
// them. Method: one that knows of an old wish, in virtual time; others know of a newer one, or not.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import Synchronization
import Testing

@Suite struct MonitorNewsTests {
  /// What a monitor knows of what people want.
  private final class KnownWishes: Sendable {
    private let wishes: Mutex<ClusterWishes>
    private let asked = Atomic<Int>(0)

    init(_ wishes: ClusterWishes) { self.wishes = Mutex(wishes) }

    var newest: ClusterWishes { wishes.withLock { $0 } }

    /// How often others were asked.
    var askedCount: Int { asked.load(ordering: .relaxed) }

    /// Asks others, who know of these.
    func ask(_ known: ClusterWishes) {
      asked.wrappingAdd(1, ordering: .relaxed)
      wishes.withLock { $0 = known }
    }
  }

  @Test(arguments: [false, true])
  func othersAreAskedBeforeALayoutIsChanged(areOthersAhead: Bool) throws {
    try withNodes(units: 3, replicas: 2, acceptors: [1]) { cluster in
      let newest = ClusterWishes(goal: cluster.goal, peers: cluster.peers)
      var old = newest
      old.goal.leaving = [NodeID(3)]
      let wishes = KnownWishes(old)
      let known = areOthersAhead ? newest : old
      var random = SeededGenerator(seed: 7)
      let monitor = Monitor<Wire, SimulatedClock, ReferenceParts>(
        rank: 0,
        layout: cluster.layout,
        network: cluster.wire(),
        clock: cluster.world.clock,
        using: &random,
        wishes: { wishes.newest },
        news: { _ in wishes.ask(known) }
      )
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await monitor.run() }
        await cluster.world.sleep(for: .seconds(2))
        group.cancelAll()
      }
      #expect(wishes.askedCount > 0)
      // It stands by, and was to leave a while ago.
      let layout = monitor.status.layout
      #expect(layout.spares.contains { $0.node == NodeID(3) } == areOthersAhead)
      #expect((layout == cluster.layout) == areOthersAhead)
    }
  }
}

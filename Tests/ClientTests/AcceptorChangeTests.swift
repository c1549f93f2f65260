// Goal: the acceptors of a layout decide what follows it, and nobody else, also where the next
// layout has others (R24, R26, R27). Method: real nodes in one world; acceptors that die, come
// back, and miss what was decided.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization
import Testing

struct AcceptorChangeTests {
  @Test("R26, R27: a layout's acceptors decide what follows it, and one that missed it learns it")
  func otherAcceptors() throws {
    try withNodes(units: 6, replicas: 2, acceptors: [3, 4, 5]) { cluster in
      let client = cluster.client()
      _ = try await client.append([0])
      cluster.kill(4)
      // Node 5 hears nothing of what is decided.
      let deaf = cluster.wire { request, node in
        if node == NodeID(5), case .install = request { return .isLost }
        return .passes
      }
      let second = try await cluster.reconfigurer(via: deaf).run(cluster.order())
      let members = second.acceptors.map(\.node.number)
      let newcomer = try #require(members.first { ![3, 5].contains($0) })
      #expect(members.count == 3 && newcomer != 4 && members.contains(5))
      #expect(cluster.node(5)?.newestLayout == cluster.layout)
      // The one that voted before is back, and the one that votes now is gone: both of the others
      // are needed, and one of them does not know what it votes after.
      cluster.revive(4)
      cluster.kill(newcomer)
      let asked = Mutex<Set<UInt32>>([])
      let way = cluster.wire { request, node in
        switch request {
        case .prepare(let question) where question.base == second.id:
          _ = asked.withLock { $0.insert(node.number) }
        case .accept(let question) where question.base == second.id:
          _ = asked.withLock { $0.insert(node.number) }
        default: break
        }
        return .passes
      }
      let third = try await cluster.reconfigurer(2, via: way).run(cluster.order(from: second))
      #expect(third.epoch == Epoch(3) && !third.acceptors.contains { $0.node.number == newcomer })
      #expect(asked.withLock { $0 }.isSubset(of: members))
      #expect(asked.withLock { $0 }.isSuperset(of: [3, 5]))
      #expect(cluster.node(5)?.newestLayout == third)
      #expect(try await client.append([1]) == Position(1))
      #expect(try await client.tail() == Position(2))
    }
  }

  @Test("R24: a lost majority of acceptors is replaced by hand, in a new generation")
  func newAcceptors() throws {
    try withNodes(units: 5, replicas: 2, acceptors: [3, 4, 5]) { cluster in
      let client = cluster.client()
      _ = try await client.append([0])
      cluster.kill(4)
      cluster.kill(5)
      await #expect(throws: ReconfigurationError.noQuorum(found: 1, of: 3)) {
        try await cluster.reconfigurer().run(cluster.order(isForced: true))
      }
      let next = try await cluster.reconfigurer().appointAcceptors(cluster.order())
      #expect(next.generation == 1)
      #expect(next.epoch.number == 1 + Layout.epochsPerGeneration)
      #expect(!next.acceptors.contains { [4, 5].contains($0.node.number) })
      #expect(try await client.append([1]) == Position(1))
      #expect(try await client.tail() == Position(2))
      // Those that were gone are told when they come back.
      cluster.revive(4)
      cluster.revive(5)
      let last = try await cluster.reconfigurer().run(cluster.order(isForced: true))
      #expect(last == next)
      for number in [4, 5] as [UInt32] { #expect(cluster.node(number)?.newestLayout == next) }
      let order = cluster.order(from: next, isForced: true)
      let after = try await cluster.reconfigurer().run(order)
      #expect(after.epoch.number == next.epoch.number + 1 && after.generation == 1)
    }
  }
}

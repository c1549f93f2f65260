// Goal: a copy that stops is finished by whoever comes next, and a newcomer joins with all of it or
// not at all (R28). Method: real nodes in one world; whoever copies, who is copied and who is
// copied to cannot be reached from the k-th call on, for all k.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Synchronization
import Testing

private enum Victim: String, CaseIterable {
  case rebuilder, source, target
}

private final class Calls: Sendable {
  private let number = Mutex(0)
  var count: Int { number.withLock { $0 } }
  func next() -> Int {
    number.withLock {
      $0 += 1; return $0
    }
  }
}

struct RebuildTests {
  @Test(
    "R28: stopped at any call, a rebuild is finished by the next, and nothing is missing",
    arguments: Victim.allCases,
    [false, true]
  )
  private func stopped(victim: Victim, unheard: Bool) throws {
    var last = 0
    for stop in 1...200 {
      last = stop
      if try stopAt(stop, victim, unheard: unheard) { break }
    }
    // A survey of the trims, a hole, and steps of four positions each with its verdict.
    #expect((10..<200).contains(last), "\(last) calls")
  }

  /// - Returns: Whether the copy had fewer calls than that.
  private func stopAt(_ stop: Int, _ victim: Victim, unheard: Bool) throws -> Bool {
    let calls = Calls()
    try withNodes(seed: UInt64(stop), units: 5, replicas: 2, acceptors: [3, 4, 5]) { cluster in
      let client = cluster.client()
      for number in 0..<20 { _ = try await client.append([UInt8(number)]) }
      let token = Request.reserve(TokenRequest(layout: cluster.layout.id, count: 1))
      _ = try await cluster.network.call(token, to: NodeID(101), patience: .seconds(1))
      _ = try await client.append([21])
      try await client.trim(Position(4))
      try await client.trimPrefix(before: Position(2))
      cluster.kill(1)
      let second = try await cluster.reconfigurer().run(cluster.order())
      let task = try #require(try await tasks(in: second, of: cluster).first)
      #expect(task.newcomer.node == NodeID(3))
      // From some call on somebody is out of reach, for the first rebuilder.
      let way = cluster.wire { _, node in
        let call = calls.next()
        let isHit =
          switch victim {
          case .rebuilder: true
          case .source: node == NodeID(2)
          case .target: node == NodeID(3)
          }
        if !isHit || call < stop { return .passes }
        return call == stop && unheard ? .isUnheard : .isLost
      }
      var limits = RebuildLimits()
      limits.slotsPerStep = 4
      let first = cluster.client(7, layout: second, via: way, limits: brief)
      let isWhole = await copies(task, by: Rebuilder(client: first, limits: limits))
      #expect(!isWhole || calls.count < stop || victim != .rebuilder || unheard, "\(stop)")
      // Whoever comes next begins anew, and finds what is there.
      let next = cluster.client(8, layout: second)
      #expect(await copies(task, by: Rebuilder(client: next, limits: limits)), "\(stop)")
      var order = cluster.order(from: second, isForced: true)
      order.joins = [task.join]
      let third = try await cluster.reconfigurer(2).run(order)
      #expect(third.spans.map { $0.stripes[0].replicas.map(\.node.number) } == [[2, 3]], "\(stop)")
      // What the newcomer says alone is what everybody says.
      cluster.kill(2)
      _ = try await cluster.reconfigurer(3).run(cluster.order(from: third))
      let slots = try await client.read(.zero..<Position(22))
      #expect(slots.enumerated().allSatisfy { isRight($1, at: $0) }, "\(stop): \(slots)")
    }
    return calls.count < stop
  }

  private var brief: ClientLimits {
    var limits = ClientLimits()
    limits.callPatience = .milliseconds(50)
    limits.operationPatience = .milliseconds(200)
    return limits
  }

  private func tasks(
    in layout: Layout,
    of cluster: NodeCluster
  ) async throws -> [RebuildTask] {
    let look = await ClusterLook.at(cluster.peers, via: cluster.wire(), patience: .seconds(1))
    return RebuildPlan.tasks(in: layout, seeing: look.sight(of: layout), goal: cluster.goal)
  }

  private func copies(
    _ task: RebuildTask,
    by rebuilder: Rebuilder<Wire, SimulatedClock, ReferenceParts>
  ) async -> Bool {
    do throws(RebuildError) {
      try await rebuilder.run(task)
      return true
    } catch {
      return false
    }
  }

  private func isRight(_ slot: Slot, at position: Int) -> Bool {
    switch position {
    case 0, 1, 4: return slot == .trimmed
    case 20: return slot == .junk
    default:
      guard case .data(let entry) = slot else { return false }
      return entry.payload == [UInt8(position)]
    }
  }
}

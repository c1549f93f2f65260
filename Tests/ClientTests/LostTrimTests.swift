// Goal: what was trimmed before its chain was given up is told to be trimmed, never to be lost;
// whoever finishes the trim may stop anywhere; and what is lost is copied many positions at a time
// (R20, R24, R28). Method: clusters in simulated time of which one chain of two is given up;
// whoever reads first cannot reach anybody from the k-th call on, for all k.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

extension NodeCluster {
  /// Gives up what nodes have, all of a chain.
  fileprivate func giveUp(_ numbers: [UInt32]) async throws -> Layout {
    for number in numbers { kill(number) }
    var order = order(isForced: true)
    order.goal.lost = Set(layout.units.filter { numbers.contains($0.node.number) })
    return try await reconfigurer(5).run(order)
  }

  fileprivate func unitMark(_ number: UInt32) -> Position? {
    node(number)?.unit?.store.reader.trimMark
  }
}

struct LostTrimTests {
  private var brief: ClientLimits {
    var limits = ClientLimits()
    limits.callPatience = .milliseconds(50)
    limits.operationPatience = .milliseconds(200)
    return limits
  }

  /// What a read says, in a word.
  private func outcome(of position: UInt64, by client: WiredClient) async -> String {
    do throws(LogError) {
      switch try await client.read(Position(position)) {
      case .data: return "data"
      case .trimmed: return "trimmed"
      case .empty: return "empty"
      case .junk: return "junk"
      }
    } catch .lost {
      return "lost"
    } catch {
      return "unknown"
    }
  }

  @Test("R24: monitors tell who stands in for a chain what was trimmed, before it is copied")
  func told() throws {
    try HealingScene.run(seed: 9) { scene in
      let writer = try scene.client("writer")
      for number in 0..<40 as Range<UInt8> { _ = try await writer.append([number]) }
      try await writer.trimPrefix(before: Position(30))
      try await writer.trim(Position(33))
      try await scene.settle()
      let layout = try #require(scene.healing.cluster.layout)
      let units = layout.spans[0].stripes[1].replicas.map(\.node)
      for id in units { try await scene.healing.kill(id) }
      await scene.world.sleep(for: .seconds(3))
      let next = try await scene.healing.declareLost(Set(units))
      // At once, by whoever is the first to ask.
      let early = try scene.client("early")
      #expect(try await early.read(Position(1)) == .trimmed)
      #expect(try await early.read(.zero..<Position(30)).allSatisfy { $0 == .trimmed })
      try await scene.settle()
      let stand = try #require(next.spans[0].stripes[1].replicas.first).node
      #expect(scene.healing.cluster.node(stand)?.unit?.store.reader.trimMark == Position(30))
      let reader = try scene.client("reader")
      for number in 0..<40 as Range<UInt64> {
        let position = Position(number)
        if number < 30 {
          #expect(try await reader.read(position) == .trimmed, "\(number)")
        } else if number % 2 == 0 {
          #expect(try await reader.read(position).isTaken, "\(number)")
        } else {
          // One that was trimmed by itself is known to be so by nobody else.
          await #expect(throws: LogError.lost(position)) { try await reader.read(position) }
        }
      }
      let chains = scene.healing.cluster.layout?.chains ?? []
      #expect(!chains.isEmpty && chains.allSatisfy { $0.replicas.count == 2 })
      #expect(try await writer.append([40]) == Position(40))
    }
  }

  @Test("R20, R24: stopped at any call, who finishes a trim is followed by the next")
  func stopped() throws {
    var last = 0
    for stop in 1...100 {
      last = stop
      if try stopAt(stop) { break }
    }
    // A read, two answers of what is trimmed, a trim, and the read again.
    #expect((5..<100).contains(last), "\(last) calls")
  }

  /// - Returns: Whether the read had fewer calls than that.
  private func stopAt(_ stop: Int) throws -> Bool {
    let calls = Tally()
    let limits = brief
    try withNodes(
      seed: UInt64(stop),
      units: 5,
      replicas: 1,
      stripes: 2,
      acceptors: [3, 4, 5]
    ) { cluster in
      let writer = cluster.client()
      for number in 0..<12 { _ = try await writer.append([UInt8(number)]) }
      try await writer.trimPrefix(before: Position(6))
      let next = try await cluster.giveUp([2])
      #expect(next.losses.count == 1)
      let way = cluster.wire { _, _ in calls.next() < stop ? .passes : .isLost }
      let first = cluster.client(2, layout: next, via: way, limits: limits)
      let told = await self.outcome(of: 3, by: first)
      #expect(["trimmed", "unknown"].contains(told), "\(stop): \(told)")
      let second = cluster.client(3, layout: next)
      #expect(await self.outcome(of: 3, by: second) == "trimmed", "\(stop)")
      #expect(await self.outcome(of: 7, by: second) == "lost", "\(stop)")
      #expect(await self.outcome(of: 8, by: second) == "data", "\(stop)")
      let stand = try #require(next.spans[0].stripes[1].replicas.first).node
      #expect(cluster.unitMark(stand.number) == Position(6))
    }
    return calls.count < stop
  }

  @Test("R20: a prefix trim that stopped at the chain that was given up is finished")
  func halfDone() throws {
    let limits = brief
    try withNodes(units: 5, replicas: 1, stripes: 2, acceptors: [3, 4, 5]) { cluster in
      let writer = cluster.client()
      for number in 0..<12 { _ = try await writer.append([UInt8(number)]) }
      cluster.kill(2)
      let trimmer = cluster.client(2, limits: limits)
      await #expect(throws: LogError.self) { try await trimmer.trimPrefix(before: Position(8)) }
      #expect(cluster.unitMark(1) == Position(8))
      let reader = cluster.client(3, layout: try await cluster.giveUp([2]))
      #expect(await self.outcome(of: 7, by: reader) == "trimmed")
      #expect(await self.outcome(of: 9, by: reader) == "lost")
    }
  }

  @Test("R24: while nobody answers who knows of trims, nobody is told that anything is lost")
  func silent() throws {
    let limits = brief
    try withNodes(units: 5, replicas: 1, stripes: 2, acceptors: [3, 4, 5]) { cluster in
      let writer = cluster.client()
      for number in 0..<12 { _ = try await writer.append([UInt8(number)]) }
      try await writer.trimPrefix(before: Position(6))
      let next = try await cluster.giveUp([2])
      let way = cluster.wire { request, node in
        if case .trims = request, node == NodeID(1) { .isLost } else { .passes }
      }
      let reader = cluster.client(2, layout: next, via: way, limits: limits)
      for position in [3, 7] as [UInt64] {
        #expect(await self.outcome(of: position, by: reader) == "unknown")
      }
      // What is there needs nobody's word.
      #expect(await self.outcome(of: 8, by: reader) == "data")
    }
  }

  @Test("R24: what is lost is told without asking the others again, in one epoch")
  func once() throws {
    try withNodes(units: 5, replicas: 1, stripes: 2, acceptors: [3, 4, 5]) { cluster in
      let writer = cluster.client()
      for number in 0..<12 { _ = try await writer.append([UInt8(number)]) }
      let next = try await cluster.giveUp([2])
      let asked = Tally()
      let way = cluster.wire { request, _ in
        if case .trims = request { _ = asked.next() }
        return .passes
      }
      let reader = cluster.client(2, layout: next, via: way)
      for position in [1, 3, 5, 7] as [UInt64] {
        #expect(await self.outcome(of: position, by: reader) == "lost")
      }
      #expect(asked.count == next.units.count)
    }
  }

  @Test("R28: positions that were given up are filled and copied many at a time")
  func batches() throws {
    let limits = brief
    try withNodes(units: 7, replicas: 2, stripes: 2, acceptors: [1, 5, 6]) { cluster in
      let writer = cluster.client()
      let batch = [[UInt8]](repeating: [7], count: 600)
      _ = try await writer.append(batch: batch)
      let next = try await cluster.giveUp([3, 4])
      let look = await ClusterLook.at(cluster.peers, via: cluster.wire(), patience: .seconds(1))
      let tasks = RebuildPlan.tasks(
        in: next,
        seeing: look.sight(of: next),
        goal: cluster.goal
      )
      let task = try #require(tasks.first { $0.stripe == 1 })
      let calls = Tally()
      let way = cluster.wire { _, _ in
        _ = calls.next()
        return .passes
      }
      let client = cluster.client(2, layout: next, via: way, limits: limits)
      try await Rebuilder(client: client).run(task)
      // For each of 300 positions it were three at least.
      #expect(calls.count < 30, "\(calls.count) calls")
      #expect(client.counters.holesFilled == 300)
      let newcomer = try #require(cluster.node(task.newcomer.node.number)?.unit)
      for number in stride(from: 1, to: 600, by: 2) as StrideTo<UInt64> {
        #expect(try newcomer.store.reader.read(Position(number)) == .junk)
      }
      await #expect(throws: LogError.lost(Position(1))) { try await writer.read(Position(1)) }
    }
  }
}

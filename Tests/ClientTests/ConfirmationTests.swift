// Goal: "empty" and the end of the log are given out only while they are true (R19).
// Method: servers that were replaced behind their backs, and acceptors that are slow or gone.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

private func payload(_ slot: Slot) -> [UInt8]? {
  if case .data(let entry) = slot { entry.payload } else { nil }
}

/// A client's limits, with or without the rule.
private func limits(confirming: Bool = true) -> ClientLimits {
  var limits = ClientLimits()
  limits.confirmsNegatives = confirming
  limits.operationPatience = .seconds(2)
  return limits
}

struct ConfirmationTests {
  @Test("R19: a sequencer that was deposed without knowing it gives out no stale tail")
  func deposedSequencer() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let old = cluster.client(1, limits: limits())
      let careless = cluster.client(2, limits: limits(confirming: false))
      for number in 0..<3 { _ = try await old.append([UInt8(number)]) }
      // It is cut off from those who change the layout, and from nobody else.
      let way = cluster.wire { _, node in node == NodeID(101) ? .isLost : .passes }
      let next = try await cluster.reconfigurer(via: way).run(cluster.order())
      #expect(next.sequencer.node == NodeID(102))
      let new = cluster.client(3, layout: next)
      for number in 3..<5 { _ = try await new.append([UInt8(number)]) }
      // Without the rule it is believed.
      #expect(try await careless.tail() == Position(3))
      #expect(try await old.tail() == Position(5))
      #expect(old.layout == next)
    }
  }

  @Test("R19: a unit that was replaced without knowing it gives out no stale 'empty'")
  func deposedUnit() throws {
    try withNodes(units: 4, replicas: 1, acceptors: [2, 3, 4]) { cluster in
      let old = cluster.client(1, limits: limits())
      let careless = cluster.client(2, limits: limits(confirming: false))
      for number in 0..<3 { _ = try await old.append([UInt8(number)]) }
      // It was given up with all that it had, and it is up.
      let way = cluster.wire { _, node in node == NodeID(1) ? .isLost : .passes }
      var order = cluster.order()
      order.goal.lost = Set(cluster.layout.units)
      let next = try await cluster.reconfigurer(via: way).run(order)
      #expect(!next.units.contains { $0.node == NodeID(1) })
      let new = cluster.client(3, layout: next)
      #expect(try await new.append([3]) == Position(3))
      #expect(cluster.node(1)?.unit?.sealed == .zero)
      #expect(try await careless.read(Position(3)) == .empty)
      #expect(payload(try await old.read(Position(3))) == [3])
      // Of a range, too; what is there needs no confirmation.
      let late = cluster.client(4, limits: limits())
      let slots = try await late.read(Position(3)..<Position(5))
      #expect(slots.map(payload) == [[3], nil])
      #expect(slots.last == .empty)
    }
  }

  @Test("R19: nobody refuses to fill or trim 'the future' by a tail that is over")
  func deposedSequencerAndTheFuture() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let old = cluster.client(1, limits: limits())
      _ = try await old.append([0])
      let way = cluster.wire { _, node in node == NodeID(101) ? .isLost : .passes }
      let next = try await cluster.reconfigurer(via: way).run(cluster.order())
      let new = cluster.client(3, layout: next)
      for number in 1..<4 { _ = try await new.append([UInt8(number)]) }
      #expect(payload(try await cluster.client(4, limits: limits()).fill(Position(2))) == [2])
      try await cluster.client(5, limits: limits()).trim(Position(3))
      try await cluster.client(6, limits: limits()).trimPrefix(before: Position(2))
      #expect(try await old.read(Position(1)) == .trimmed)
    }
  }

  @Test("R19: all who wait share one round, and who comes during a round waits for the next")
  func shared() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let slow = cluster.wire { request, _ in
        if case .poll = request { .isLate(.milliseconds(10)) } else { .passes }
      }
      let client = cluster.client(via: slow, limits: limits())
      _ = try await client.append([1])
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<200 as Range<UInt64> {
          group.addTask {
            let slot = try? await client.read(Position(5 + number))  // nil fails below.
            #expect(slot == .empty)
          }
        }
      }
      #expect((1...2).contains(client.confirmation.roundCount))
      let before = client.confirmation.roundCount
      let start = cluster.world.now
      try await withThrowingTaskGroup(of: Duration.self) { group in
        for delay in [0, 5, 6] {
          group.addTask {
            await cluster.world.sleep(for: .milliseconds(delay))
            _ = try await client.read(Position(9))
            return cluster.world.now - start
          }
        }
        let ends = try await group.reduce(into: []) { $0.append($1) }.sorted()
        // The two that came in the middle must not be served by an answer that may be older.
        #expect(ends == [10, 20, 20].map { .milliseconds($0) })
      }
      #expect(client.confirmation.roundCount == before + 2)
      // What stands there is no matter for acceptors.
      #expect(payload(try await client.read(Position(0))) == [1])
      #expect(client.confirmation.roundCount == before + 2)
    }
  }

  @Test("R19: without a majority of acceptors 'empty' is not said, and the log goes on")
  func noQuorum() throws {
    try withNodes(units: 5, replicas: 2, acceptors: [3, 4, 5]) { cluster in
      let client = cluster.client(limits: limits())
      _ = try await client.append([0])
      cluster.kill(4)
      #expect(try await client.tail() == Position(1))
      cluster.kill(5)
      let start = cluster.world.now
      await #expect(throws: LogError.noQuorum) { try await client.tail() }
      let patience = cluster.world.now - start
      #expect(patience >= .seconds(2) && patience < .seconds(4), "\(patience)")
      await #expect(throws: LogError.noQuorum) { try await client.read(Position(7)) }
      #expect(try await client.append([1]) == Position(1))
      #expect(payload(try await client.read(Position(1))) == [1])
      cluster.revive(5)
      #expect(try await client.tail() == Position(2))
    }
  }

  @Test("R19: once a majority has voted, the epoch may be over, and its answers wait for the next")
  func halfDecided() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let client = cluster.client(limits: limits())
      _ = try await client.append([0])
      let base = cluster.layout
      let next = base.next(sequencer: base.sequencer, firstTail: Position(1))
      let ballot = Ballot(round: 1, proposer: ProposerID(high: 1, low: 1))
      // One vote of three decides nothing.
      for (count, isOver) in [(1, false), (2, true)] {
        for acceptor in base.acceptors.prefix(count) {
          let request = AcceptRequest(
            base: base.id,
            acceptor: acceptor.incarnation,
            vote: Vote(ballot: ballot, value: next)
          )
          _ = try await cluster.network.call(
            .accept(request),
            to: acceptor.node,
            patience: .seconds(1)
          )
        }
        if isOver {
          await #expect(throws: LogError.noQuorum) { try await client.tail() }
        } else {
          #expect(try await client.tail() == Position(1))
        }
      }
      // Somebody finishes it, with the very layout that was voted for (R25, R27).
      let chosen = try await cluster.reconfigurer().run(cluster.order(isForced: true))
      #expect(chosen == next)
      #expect(try await client.tail() == Position(1))
      #expect(client.layout == next)
    }
  }
}

// Goal: a cluster is carried over whoever is dead, whoever helps, and wherever somebody stops (R22,
// R25, R30). Method: real nodes in one world; messages that are lost from the k-th on, for all k.
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

private func payloads(_ slots: [Slot]) -> [UInt8?] {
  slots.map { if case .data(let entry) = $0 { entry.payload.first } else { nil } }
}

/// Which layouts anybody was told to install, or asked to vote for.
private final class Installs: Sendable {
  private let layouts = Mutex<[Epoch: Set<LayoutID>]>([:])
  private let votes = Mutex<[AcceptRequest: Set<LayoutID>]>([:])

  func note(_ request: Request) {
    switch request {
    case .install(let install):
      _ = layouts.withLock { layouts in
        layouts[install.layout.epoch, default: []].insert(install.layout.id)
      }
    case .accept(var question):
      let layout = question.vote.value
      // All that tells one attempt from another: the register and the ballot.
      question.acceptor = Incarnation(high: 0, low: 0)
      question.vote = Vote(ballot: question.vote.ballot, value: Self.blank)
      _ = votes.withLock { votes in votes[question, default: []].insert(layout.id) }
    default: return
    }
  }

  private static let blank = Layout(
    epoch: .zero,
    spans: [],
    sequencer: SequencerName(node: NodeID(0), boot: BootID(high: 0, low: 0)),
    acceptors: []
  )

  /// Ballots in which votes were asked for more than one layout.
  var sharedBallots: [Ballot] {
    votes.withLock { $0.filter { $0.value.count > 1 }.map(\.key.vote.ballot).sorted() }
  }

  var ballotCount: Int { votes.withLock { $0.count } }

  /// Epochs with more than one.
  var doubles: [Epoch] { layouts.withLock { $0.filter { $0.value.count > 1 }.keys.sorted() } }

  var epochs: [Epoch] { layouts.withLock { $0.keys.sorted() } }
}

struct ReconfigurerTests {
  @Test("R22, R23: a unit dies, and the log goes on without it, with a newcomer for what comes")
  func unitDies() throws {
    for victim in [1, 2] as [UInt32] {
      try withNodes(units: 4, replicas: 2) { cluster in
        let client = cluster.client()
        for number in 0..<5 { _ = try await client.append([UInt8(number)]) }
        cluster.kill(victim)
        let next = try await cluster.reconfigurer().run(cluster.order())
        #expect(next.epoch == Epoch(2) && next.firstTail == Position(5))
        let survivor = 3 - victim
        #expect(
          next.spans.map { $0.stripes.map { $0.replicas.map(\.node.number) } } == [
            [[survivor]], [[survivor, 3]],
          ]
        )
        #expect(try await client.append([5]) == Position(5))
        #expect(payloads(try await client.read(.zero..<Position(6))) == [0, 1, 2, 3, 4, 5])
        #expect(try await client.tail() == Position(6))
        // Content, now: the next run changes nothing.
        #expect(try await cluster.reconfigurer(2).run(cluster.order()) == next)
        // Who was dead and comes back is told, and no longer asked.
        cluster.revive(victim)
        await cluster.reconfigurer().install(next, telling: [NodeID(victim)])
        #expect(cluster.node(victim)?.unit?.sealed == Epoch(1))
      }
    }
  }

  @Test("R9, R11: another process hands out positions, and the tail never goes back")
  func sequencerDies() throws {
    for answersSeal in [true, false] {
      try withNodes(units: 3, replicas: 2) { cluster in
        let client = cluster.client()
        for number in 0..<5 { _ = try await client.append([UInt8(number)]) }
        // Handed out, never written.
        let request = Request.reserve(TokenRequest(layout: cluster.layout.id, count: 7))
        _ = try await cluster.network.call(request, to: NodeID(101), patience: .seconds(1))
        if !answersSeal { cluster.kill(101) }
        let next = try await cluster.reconfigurer().run(cluster.order(shunning: [101]))
        #expect(next.sequencer.node == NodeID(102))
        #expect(next.firstTail == Position(answersSeal ? 12 : 5))
        let tail = try await client.tail()
        #expect(tail == next.firstTail)
        #expect(try await client.append([9]) == next.firstTail)
        #expect(try await client.tail() == next.firstTail.advanced(by: 1))
        if answersSeal {
          let late = try await cluster.network.call(
            request,
            to: NodeID(101),
            patience: .seconds(1)
          )
          guard case .refused = late else { throw LogError.closed }
        }
      }
    }
  }

  @Test("R25: whoever is late with force makes no epoch")
  func lateForce() throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let order = cluster.order(isForced: true)
      let next = try await cluster.reconfigurer().run(order)
      #expect(next.epoch == Epoch(2))
      #expect(try await cluster.reconfigurer(2).run(order) == next)
      var newer = order
      newer.base = next
      #expect(try await cluster.reconfigurer(2).run(newer).epoch == Epoch(3))
    }
  }

  @Test("R22: with too few acceptors, or a chain without survivors, nothing is sealed")
  func lookBeforeSeal() throws {
    try withNodes(units: 5, replicas: 1, stripes: 2, acceptors: [3, 4, 5]) { cluster in
      let client = cluster.client()
      _ = try await client.append([0])
      let reconfigurer = cluster.reconfigurer()
      cluster.kill(4)
      cluster.kill(5)
      await #expect(throws: ReconfigurationError.noQuorum(found: 1, of: 3)) {
        try await reconfigurer.run(cluster.order(isForced: true))
      }
      cluster.revive(4)
      cluster.kill(2)
      await #expect(throws: ReconfigurationError.self) {
        try await reconfigurer.run(cluster.order(isForced: true))
      }
      #expect(cluster.sealed == .zero)
      // Nor is the sequencer.
      let request = Request.reserve(TokenRequest(layout: cluster.layout.id, count: 1))
      let reply = try await cluster.network.call(request, to: NodeID(101), patience: .seconds(1))
      guard case .token = reply else { throw LogError.closed }
      // Half of the log goes on.
      #expect(payloads([try await client.read(.zero)]) == [0])
      // One answer is enough to go on: it is its own disk (R24).
      cluster.revive(2)
      _ = try await reconfigurer.run(cluster.order(isForced: true))
      #expect(try await client.tail() == Position(2))
    }
  }

  @Test("R22: who looks well, and does not answer the seal, is not in the next layout")
  func unsealed() throws {
    try withNodes(units: 4, replicas: 2) { cluster in
      let client = cluster.client()
      _ = try await client.append([0])
      let way = cluster.wire { request, node in
        if case .sealUnit = request, node == NodeID(2) { .isLost } else { .passes }
      }
      let next = try await cluster.reconfigurer(via: way).run(cluster.order(isForced: true))
      #expect(!next.units.contains { $0.node == NodeID(2) })
      #expect(try await client.append([1]) == Position(1))
      // Both are silent: sealed for nothing, and to be run again.
      let deaf = cluster.wire { request, _ in
        if case .sealUnit = request { .isLost } else { .passes }
      }
      await #expect(throws: ReconfigurationError.self) {
        try await cluster.reconfigurer(via: deaf).run(cluster.order(from: next, isForced: true))
      }
      _ = try await cluster.reconfigurer().run(cluster.order(from: next, isForced: true))
      #expect(try await client.tail() == Position(2))
    }
  }

  @Test("R25: wherever one stops, the next finishes, with one layout", arguments: [false, true])
  func halfDone(unheard: Bool) throws {
    var last = 0
    for stop in 1...200 {
      let isWhole = try stopAt(stop, unheard: unheard)
      last = stop
      if isWhole { break }
    }
    #expect((20..<200).contains(last), "\(last) calls")
  }

  /// Whether somebody who stops at a call gets through.
  private func stopAt(_ stop: Int, unheard: Bool) throws -> Bool {
    let wholes = Tally()
    try withNodes(seed: UInt64(stop), units: 4, replicas: 2) { cluster in
      let client = cluster.client()
      for number in 0..<3 { _ = try await client.append([UInt8(number)]) }
      cluster.kill(2)
      let installs = Installs()
      let calls = Tally()
      let dying = cluster.wire { request, _ in
        let call = calls.next()
        if call <= stop { installs.note(request) }
        // The last one arrives, and its reply is not heard.
        return call < stop ? .passes : call == stop && unheard ? .isUnheard : .isLost
      }
      // Half-done, or not begun: either way somebody else goes on.
      _ = try? await cluster.reconfigurer(1, via: dying).run(cluster.order())
      if calls.count < stop { _ = wholes.next() }
      let whole = cluster.wire { request, _ in
        installs.note(request)
        return .passes
      }
      let helper = cluster.reconfigurer(2, via: whole)
      let next = try await helper.run(cluster.order(isForced: true))
      #expect(installs.doubles == [], "\(stop)")
      #expect(next.firstTail >= Position(3))
      #expect(!next.units.contains { $0.node == NodeID(2) })
      let position = try await client.append([3])
      #expect(position >= Position(3))
      #expect(payloads(try await client.read(.zero..<Position(3))) == [0, 1, 2], "\(stop)")
      #expect(try await client.tail() == position.advanced(by: 1))
    }
    return wholes.count > 0
  }

  @Test("R25: two who do it at once bring about one layout for each epoch, in 200 worlds")
  func duel() throws {
    let rivalries = Tally()
    for seed in 1...200 as ClosedRange<UInt64> {
      try withNodes(seed: seed, units: 4, replicas: 2) { cluster in
        let client = cluster.client()
        for number in 0..<3 { _ = try await client.append([UInt8(number)]) }
        let installs = Installs()
        let random = Mutex(SeededGenerator(seed: seed))
        let way = cluster.wire { request, _ in
          installs.note(request)
          let (delay, isLost) = random.withLock { ($0.number(in: 0...2000), $0.chance(0.02)) }
          return isLost ? .isLost : .isLate(.microseconds(delay))
        }
        // They do not even agree on who is dead.
        await withTaskGroup(of: Void.self) { group in
          for number in 1...3 as ClosedRange<UInt32> {
            group.addTask {
              let rival = cluster.reconfigurer(UInt64(number), via: way)
              for _ in 0..<2 {
                do throws(ReconfigurationError) {
                  _ = try await rival.run(cluster.order(shunning: [number], isForced: true))
                } catch {
                  _ = rivalries.next()
                }
              }
            }
          }
        }
        #expect(installs.doubles == [], "\(seed)")
        #expect(installs.epochs.count >= 1, "\(seed)")
        #expect(installs.sharedBallots == [] && installs.ballotCount > 0, "\(seed)")
        let last = try await cluster.reconfigurer(9).run(cluster.order(isForced: true))
        #expect(last.firstTail >= Position(3))
        #expect(payloads(try await client.read(.zero..<Position(3))) == [0, 1, 2], "\(seed)")
        let position = try await client.append([3])
        #expect(try await client.tail() == position.advanced(by: 1))
      }
    }
    #expect(rivalries.count > 20, "the duels are not vacuous: \(rivalries.count)")
  }

  @Test("R30: a layout that one node only has heard of is found, and brought into force")
  func onlyOneKnows() throws {
    for knower in [1, 3, 4, 102] as [UInt32] {
      try withNodes(units: 4, replicas: 2) { cluster in
        let client = cluster.client()
        for number in 0..<3 { _ = try await client.append([UInt8(number)]) }
        // Decided, and then only one node is told.
        let way = cluster.wire { request, node in
          switch request {
          case .install: node == NodeID(knower) ? .passes : .isLost
          case .reign: .isLost
          default: .passes
          }
        }
        let second = try await cluster.reconfigurer(via: way).run(cluster.order(isForced: true))
        let newest = await cluster.reconfigurer(2).newest(from: cluster.layout, and: cluster.peers)
        #expect(newest == second)
        let third = try await cluster.reconfigurer(2).run(cluster.order(isForced: true))
        #expect(third == second)
        // A client that slept through all of it jumps.
        #expect(try await client.append([3]) == Position(3))
        #expect(client.layout == second)
      }
    }
  }

  @Test("R28: a newcomer is given the old span, and the trims that came meanwhile, and joins")
  func rebuild() throws {
    try withNodes(units: 5, replicas: 2, acceptors: [3, 4, 5]) { cluster in
      let client = cluster.client()
      for number in 0..<20 { _ = try await client.append([UInt8(number)]) }
      // A hole, which is filled before it is copied over.
      let token = Request.reserve(TokenRequest(layout: cluster.layout.id, count: 1))
      _ = try await cluster.network.call(token, to: NodeID(101), patience: .seconds(1))
      _ = try await client.append([21])
      cluster.kill(1)
      let reconfigurer = cluster.reconfigurer()
      let second = try await reconfigurer.run(cluster.order())
      await client.learn(from: .silent("it is asked"), in: client.layouts.current)
      let look = await ClusterLook.at(cluster.peers, via: cluster.wire(), patience: .seconds(1))
      let sight = look.sight(of: second)
      let tasks = RebuildPlan.tasks(in: second, seeing: sight, goal: cluster.goal)
      let task = try #require(tasks.first)
      #expect(tasks.count == 1 && task.newcomer.node == NodeID(3))
      let rebuilder = Rebuilder(client: client)
      try await rebuilder.run(task)
      // Too late for the copy.
      try await client.trim(Position(4))
      try await client.trimPrefix(before: Position(2))
      var order = cluster.order()
      order.joins = [task.join]
      order.isForced = true
      let third = try await reconfigurer.run(order)
      #expect(third.spans.count == 1)
      #expect(third.spans[0].stripes[0].replicas.map(\.node.number) == [2, 3])
      // What the newcomer says alone is what everybody says.
      cluster.kill(2)
      let fourth = try await reconfigurer.run(cluster.order())
      #expect(fourth.spans[0].stripes[0].replicas.map(\.node.number) == [3])
      let slots = try await client.read(.zero..<Position(22))
      for (position, slot) in slots.enumerated() {
        switch position {
        case 0, 1, 4: #expect(slot == .trimmed, "\(position)")
        case 20: #expect(slot == .junk)
        default: #expect(payloads([slot]) == [UInt8(position)], "\(position)")
        }
      }
    }
  }
}

import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Testing

// Goal: what an operator has given up is told to be lost, and is never passed off as empty or as
// junk (R24). Method: both units of one chain of two are given up, and the log is read afterwards
// in every way.

@Test("R24: what was given up is told to be lost, until it is trimmed")
func whatWasGivenUpIsToldToBeLost() throws {
  try HealingScene.run(seed: 9) { scene in
    let writer = try scene.client("writer")
    for number in 0..<6 as Range<UInt8> { _ = try await writer.append([number]) }
    try await scene.settle()
    let layout = try #require(scene.healing.cluster.layout)
    let units = layout.spans[0].stripes[1].replicas.map(\.node)
    for id in units { try await scene.healing.kill(id) }
    await scene.world.sleep(for: .seconds(3))
    #expect(scene.healing.cluster.layout?.losses == [])
    _ = try await scene.healing.declareLost(Set(units))
    // Holes are filled meanwhile, and copied.
    try await scene.settle()
    for client in [writer, try scene.client("reader")] {
      for position in (0..<6).map({ Position($0) }) {
        if position.number % 2 == 1 {
          await #expect(throws: LogError.lost(position)) { try await client.read(position) }
        } else {
          #expect(try await client.read(position).isTaken)
        }
      }
      await #expect(throws: LogError.lost(Position(3))) {
        try await client.read(Position(2)..<Position(6))
      }
      var entries = client.entries(from: .zero).makeAsyncIterator()
      #expect(try await entries.next()?.position == .zero)
      await #expect(throws: LogError.lost(Position(1))) { try await entries.next() }
    }
    // Every later layout says so, and the log goes on behind it.
    try await scene.healing.reconfigure()
    #expect(try await writer.tail() == Position(6))
    let position = try await writer.append([7])
    #expect(position == Position(6))
    await #expect(throws: LogError.lost(Position(1))) { try await writer.read(Position(1)) }
    // Whoever follows is told what is trimmed before it is told what is lost behind that.
    try await writer.trim(.zero)
    var entries = writer.entries(from: .zero).makeAsyncIterator()
    await #expect(throws: LogError.trimmed(.zero, mark: Position(1))) { try await entries.next() }
    // The way on: whoever trims it knows of it.
    try await writer.trim(Position(1))
    #expect(try await writer.read(Position(1)) == .trimmed)
    await #expect(throws: LogError.lost(Position(3))) { try await writer.read(Position(3)) }
    try await writer.trimPrefix(before: position)
    #expect(try await writer.read(Position(3)) == .trimmed)
    #expect(try await writer.read(position).isTaken)
    try await scene.healing.reconfigure()
    #expect(scene.healing.cluster.layout?.losses == [])
  }
}

/// What ends a pass along the log; `nil` if an entry comes first.
private func end(of client: WiredClient, from position: Position) async -> LogError? {
  var items = client.entries(from: position).makeAsyncIterator()
  do throws(LogError) {
    _ = try await items.next()
    return nil
  } catch {
    return error
  }
}

@Test("R24: whoever followed the log further than it goes is told where it was cut")
func whereTheLogWasCutIsTold() throws {
  try withNodes(units: 4, replicas: 1, acceptors: [2, 3, 4]) { cluster in
    let writer = cluster.client(1)
    let reader = cluster.client(2)
    for number in 0..<3 as Range<UInt8> { _ = try await writer.append([number]) }
    var follower = reader.entries(from: .zero).makeAsyncIterator()
    for number in 0..<2 as Range<UInt8> {
      #expect(try await follower.next()?.entry.payload == [number])
    }
    var late = reader.entries(from: .zero).makeAsyncIterator()
    cluster.kill(1)
    cluster.kill(101)
    var order = cluster.order(shunning: [101])
    order.goal.lost = Set(cluster.layout.units)
    let next = try await cluster.reconfigurer().run(order)
    #expect(next.losses == [])
    #expect(next.cuts == [Snapshot(epoch: next.epoch, position: .zero)])
    let other = cluster.client(3, layout: next)
    // It asks for what is next before there is anything, and after.
    for number in 10..<15 as Range<UInt8> { _ = try await other.append([number]) }
    _ = try await reader.append([15])
    await #expect(throws: LogError.cut(.zero)) {
      // What was read before may be told first.
      while let item = try await follower.next() { #expect(item.entry.payload == [2]) }
    }
    // Nothing had been told here, so nothing of it is void.
    #expect(try await late.next()?.entry.payload == [10])
    var fresh = reader.entries(from: .zero).makeAsyncIterator()
    #expect(try await fresh.next()?.entry.payload == [10])
  }
}

@Test("R24: whoever waits for the next entry is told of the cut before there is one")
func aCutIsToldToWhoWaits() throws {
  try withNodes(units: 4, replicas: 1, acceptors: [2, 3, 4]) { cluster in
    let writer = cluster.client(1)
    for number in 0..<3 as Range<UInt8> { _ = try await writer.append([number]) }
    let reader = cluster.client(2)
    async let told = lastWord(of: reader, after: 3)
    await cluster.world.sleep(for: .milliseconds(100))
    cluster.kill(1)
    cluster.kill(101)
    var order = cluster.order(shunning: [101])
    order.goal.lost = Set(cluster.layout.units)
    _ = try await cluster.reconfigurer().run(order)
    #expect(await told == .cut(.zero))
  }
}

@Test("R24: a trim that is under way while the log is cut takes nothing that was written since")
func trimsEndAtACut() throws {
  try withNodes(units: 4, replicas: 1, acceptors: [2, 3, 4]) { cluster in
    let writer = cluster.client(1)
    for number in 0..<3 as Range<UInt8> { _ = try await writer.append([number]) }
    let (one, prefix) = (cluster.client(2), cluster.client(3))
    cluster.kill(1)
    cluster.kill(101)
    var order = cluster.order(shunning: [101])
    order.goal.lost = Set(cluster.layout.units)
    let next = try await cluster.reconfigurer().run(order)
    let other = cluster.client(4, layout: next)
    for number in 10..<15 as Range<UInt8> { _ = try await other.append([number]) }
    await #expect(throws: LogError.cut(.zero)) { try await one.trim(.zero) }
    await #expect(throws: LogError.cut(.zero)) { try await prefix.trimPrefix(before: Position(2)) }
    #expect(try await other.read(.zero) != .trimmed)
    // Now they know what they ask for.
    try await prefix.trimPrefix(before: Position(2))
    #expect(try await other.read(Position(1)) == .trimmed)
  }
}

@Test("R24: an entry of a stream is not written if its name may be lost with a cut since")
func whatIsWrittenToAStreamIsHeldAgainstCuts() throws {
  try withNodes(units: 4, replicas: 1, acceptors: [2, 3, 4]) { cluster in
    let writer = cluster.client(1)
    let mine = [StreamKeys(StreamID(7))]
    let before = writer.knownEpoch
    #expect(try await writer.append([0], writing: mine, since: before) == .zero)
    cluster.kill(1)
    cluster.kill(101)
    var order = cluster.order(shunning: [101])
    order.goal.lost = Set(cluster.layout.units)
    let next = try await cluster.reconfigurer().run(order)
    // Nobody has told the writer yet: it hears of it on its way.
    await #expect(throws: LogError.cut(.zero)) {
      _ = try await writer.append([1], writing: mine, since: before)
    }
    #expect(writer.knownEpoch == next.epoch)
    await #expect(throws: LogError.cut(.zero)) {
      _ = try await writer.append(batch: [[1], [2]], writing: mine, since: before)
    }
    // What is in no stream is about no name, and whoever looked since knows what it does.
    #expect(try await writer.append([3]) == .zero)
    #expect(try await writer.append([4], writing: mine, since: next.epoch) == Position(1))
  }
}

/// What a pass along the log ends with that has told of so many entries.
private func lastWord(of client: WiredClient, after count: Int) async -> LogError? {
  var items = client.entries(from: .zero).makeAsyncIterator()
  do throws(LogError) {
    for _ in 0...count { _ = try await items.next() }
    return nil
  } catch {
    return error
  }
}

@Test("R24: who waits for a hole does not pass over what is given up behind it meanwhile")
func whatIsGivenUpBehindAHoleIsTold() throws {
  try withNodes(units: 4, replicas: 1, stripes: 2, acceptors: [1, 3, 4]) { cluster in
    let writer = cluster.client(1)
    for number in 0..<2 as Range<UInt8> { _ = try await writer.append([number]) }
    // Two positions that nobody writes: one of each chain.
    _ = try await cluster.wire().call(
      .reserve(TokenRequest(layout: cluster.layout.id, count: 2)),
      to: NodeID(101),
      patience: .seconds(1)
    )
    var limits = ClientLimits()
    limits.payloadBytesMax = 64
    limits.fillTimeoutMax = .milliseconds(500)
    let reader = cluster.client(2, limits: limits)
    async let told = end(of: reader, from: Position(2))
    await cluster.world.sleep(for: .milliseconds(100))
    cluster.kill(2)
    var order = cluster.order()
    order.goal.lost = Set(cluster.layout.spans[0].stripes[1].replicas)
    let next = try await cluster.reconfigurer().run(order)
    #expect(next.isLost(Position(3)))
    let other = cluster.client(3, layout: next)
    // The log ends where it did, though what stood there last is lost.
    #expect(try await other.tail() == Position(4))
    // Others fill it: junk stands there then, as behind a dead client.
    #expect(try await other.fill(Position(3)) == .junk)
    #expect(try await other.append([2]) == Position(4))
    #expect(await told == .lost(Position(3)))
  }
}

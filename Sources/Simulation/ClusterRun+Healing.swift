internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuWriteOnce
internal import Synchronization

// Phase two: the faults end, and the log must go on, complete and the same on all replicas.

extension ClusterRun {
  /// Phase two: all is well again, and so must the log be.
  func heal(
    _ nodes: ClusterNodes,
    _ troubles: ClusterTroubles,
    _ monitors: ClusterMonitors?
  ) async {
    nodes.network.faults = NetworkFaults(delay: configuration.network.delay)
    nodes.network.heal()
    for id in nodes.network.paused { nodes.network.resume(id) }
    nodes.heal()
    for id in nodes.sequencers { nodes.kill(id) }
    for _ in 0..<20 {
      await troubles.restartNodes(atOnce: true)
      await world.sleep(for: .milliseconds(20))
    }
    for id in nodes.all where !nodes.isUp(id) {
      return history.fail("\(id) does not come up again, and its disk is well")
    }
    await overrides?.conclude()
    // The last of what goes wrong is what nobody notices until he looks.
    for _ in 0..<configuration.weights[.rot, default: 0] { troubles.rot() }
    nodes.proveOrder(upTo: history.extent, isFinal: false)
    guard let monitors, let first = troubles.layout else {
      guard await handOver(troubles) else { return }
      return await prove(nodes, troubles)
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await monitors.run(from: first) }
      if await settle(monitors) { await prove(nodes, troubles) }
      group.cancelAll()
    }
  }

  /// A hand carries the cluster over.
  private func handOver(_ troubles: ClusterTroubles) async -> Bool {
    for _ in 0..<20 {
      if await troubles.handOver() { return true }
      await world.sleep(for: .milliseconds(20))
    }
    history.fail("the cluster cannot be handed over, and all is well")
    return false
  }

  /// The monitors bring the cluster to what it should be, in bounded time.
  private func settle(_ monitors: ClusterMonitors) async -> Bool {
    // Patience grows with each time that a node was suspected.
    let bound =
      configuration.monitorLimits.silenceMax * (2 * FailureDetector.patienceMax) + .seconds(30)
    let start = world.now
    while let reason = monitors.unfinished() {
      if world.now - start > bound {
        history.fail("all is well, and after \(bound) the cluster is not: \(reason)")
        return false
      }
      await world.sleep(for: .milliseconds(10))
    }
    return true
  }

  private func prove(_ nodes: ClusterNodes, _ troubles: ClusterTroubles) async {
    guard let layout = troubles.layout else { return }
    var random = split()
    let client = client("the last client", nodes, layout, &random)
    await prove(client, nodes, troubles)
    take(client.log.counters)
  }

  /// The log goes on, is complete, and the same wherever one looks.
  private func prove(
    _ client: ClusterClient,
    _ nodes: ClusterNodes,
    _ troubles: ClusterTroubles
  ) async {
    guard let tail = await client.tail() else { return history.fail("nobody tells the tail") }
    if tail < history.extent && configuration.isHonest && !history.forgets {
      history.fail("the tail is \(tail), and something stands before \(history.extent)")
    }
    await proveHolesPass(client, nodes, troubles, from: tail)
    await proveObjects(by: client, nodes)
    guard let batch = await append(3, by: client), let end = await client.tail() else {
      return history.fail("no append goes through, and all is well")
    }
    if batch != batch.sorted() { history.fail("a batch stands at \(batch), and all is well") }
    let all = history.forgets ? min(history.extent, end) : history.extent
    if end < all { history.fail("the tail is \(end), and something stands before \(all)") }
    do {
      var position = Position.zero
      while position < all {
        let range = position..<position.advanced(by: min(64, position.distance(to: all)))
        try await read(range, by: client, nodes)
        position = range.upperBound
      }
    } catch {
      return history.fail("the log cannot be read to its end: \(error)")
    }
    nodes.proveOrder(upTo: all, isFinal: true)
    for id in nodes.units {
      if let unit = nodes.node(id)?.unit { nodes.proveStreams(of: unit, on: id) }
    }
  }

  /// Appends, once more where a disk that was full has to be told that it has room again.
  private func append(_ count: Int, by client: ClusterClient) async -> [Position]? {
    for _ in 0..<3 {
      if let positions = await client.append(count) { return positions }
    }
    return nil
  }

  /// Reads a run of positions, and repairs what is not the same on all replicas.
  private func read(
    _ range: Range<Position>,
    by client: ClusterClient,
    _ nodes: ClusterNodes
  ) async throws(LogError) {
    let question = client.question()
    let slots: [Slot]
    do throws(LogError) {
      slots = try await client.log.read(range)
    } catch .lost {
      return try await readWhatIsLeft(of: range, by: client, nodes)
    }
    for (position, slot) in zip(range, slots) {
      client.saw(slot, at: position, since: question)
      try await even(slot, at: position, by: client, nodes)
    }
  }

  /// Reads positions one by one, as some of them were given up.
  private func readWhatIsLeft(
    of range: Range<Position>,
    by client: ClusterClient,
    _ nodes: ClusterNodes
  ) async throws(LogError) {
    for position in range {
      let question = client.question()
      do throws(LogError) {
        let slot = try await client.log.read(position)
        client.saw(slot, at: position, since: question)
        try await even(slot, at: position, by: client, nodes)
      } catch .lost(position) {
        client.sawLoss(at: position, since: question)
        try await even(.empty, at: position, by: client, nodes)
      }
    }
  }

  /// Makes what stands at a position the same on all replicas.
  private func even(
    _ found: Slot,
    at position: Position,
    by client: ClusterClient,
    _ nodes: ClusterNodes
  ) async throws(LogError) {
    var slot = found
    // Where the disk was full, the first try may only tell it that it has room again.
    for _ in 0..<3 where !slot.isTaken || !nodes.isEven(position) {
      // A fill ends on every replica what began on the head, trims too, and puts right what rot
      // took.
      let repair = client.question()
      slot = try await client.log.fill(position)
      client.saw(slot, at: position, since: repair, isFill: true)
    }
    objects?.keep(slot, at: position)
  }

  /// A follower passes holes that nobody will write, in bounded time (R21).
  private func proveHolesPass(
    _ client: ClusterClient,
    _ nodes: ClusterNodes,
    _ troubles: ClusterTroubles,
    from tail: Position
  ) async {
    var random = split()
    let holes = random.number(in: 1...3)
    let reader = self.client("the last follower", nodes, client.log.layout, &random)
    let arrival = Arrival(world)
    let follower = ClusterFollower(
      world: world,
      log: reader.log,
      history: history,
      isHonest: true
    )
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await follower.run(from: tail) { arrival.came(to: $0) } }
      for _ in 0..<holes { await troubles.dropToken() }
      guard let position = await append(1, by: client)?.first else {
        history.fail("no append goes through, and all is well")
        return group.cancelAll()
      }
      arrival.want(position)
      let start = world.now
      let bound = configuration.holeTimeMax * (holes + 1) + configuration.clientLimits.pauseMax
      await world.sleep(for: bound * 2)
      group.cancelAll()
      guard let time = arrival.time else {
        return history.fail("R21: a follower stands before a hole, after \(bound * 2)")
      }
      if time - start > bound {
        history.fail("R21: a follower took \(time - start) over \(holes) holes, not \(bound)")
      }
    }
  }
}

/// When a follower came to a position.
private final class Arrival: Sendable {
  private let world: World
  private let state = Mutex<(last: Position?, wanted: Position?, time: Duration?)>((nil, nil, nil))

  init(_ world: World) {
    self.world = world
  }

  var time: Duration? { state.withLock { $0.time } }

  func came(to position: Position) {
    let now = world.now
    state.withLock { state in
      state.last = position
      if let wanted = state.wanted, position >= wanted { state.time = state.time ?? now }
    }
  }

  func want(_ position: Position) {
    let now = world.now
    state.withLock { state in
      state.wanted = position
      if let last = state.last, last >= position { state.time = now }
    }
  }
}

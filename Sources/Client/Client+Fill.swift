public import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// Holes: waiting for them a little, and filling them.

extension Client {
  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try await persist { (known) throws(Obstacle) in
      // Asked in the epoch of the fill: the future is nobody's to fill (R17).
      let tail = try await self.nextPosition(in: known)
      if position >= tail, !planted(.fillsTheFuture) {
        try await self.confirm(known)
        throw .final(.beyondTail(position, tail: tail))
      }
      return try await self.fillChain(of: position, in: known)
    }
  }

  /// Fills positions of one chain, all at once: for those of which most are known to be holes.
  ///
  /// Where somebody was first, or rot was, that is left to whoever looks next.
  func fill(_ positions: [Position]) async throws(LogError) {
    try await persist { (known) throws(Obstacle) in
      guard let last = positions.max() else { return }
      let tail = try await self.nextPosition(in: known)
      if last >= tail {
        try await self.confirm(known)
        throw .final(.beyondTail(last, tail: tail))
      }
      var groups = ChainGroups(positions, in: known.layout, by: self.mapping)
      while let (chain, indexes) = groups.popFirst() {
        let junk = indexes.map { PlacedValue(.junk, at: positions[$0]) }
        let replicas = self.replicas(of: chain, in: known)
        let outcomes = await self.writer.write(junk, to: replicas)
        let filled = outcomes.count { $0 == .complete }
        self.count { $0.holesFilled += filled }
        for case .failed(let error, _) in outcomes where !error.isDamage { throw Obstacle(error) }
      }
    }
  }

  /// Fills a position that was handed out.
  func fillChain(of position: Position, in known: KnownLayout) async throws(Obstacle) -> Slot {
    let chain = chain(of: position, in: known)
    do throws(ChainError) {
      let slot = try await fill(position, on: chain)
      count { counters in
        if slot == .junk { counters.holesFilled += 1 } else { counters.entriesCompleted += 1 }
      }
      return slot
    } catch {
      throw Obstacle(error)
    }
  }

  /// Fills a position; what rot took on a replica is no hole, and is put right instead (D6).
  private func fill(
    _ position: Position,
    on chain: [RemoteReplica<Network>]
  ) async throws(ChainError) -> Slot {
    do {
      return try await filler.fill(position, on: chain, by: writer)
    } catch {
      guard case .replica(let refusal) = error, refusal.isDamage,
        let slot = try await ChainMender().mend(position, on: chain, by: writer)
      else { throw error }
      return slot
    }
  }

  /// Brings what stands at a position to those replicas that have lost it (D6).
  ///
  /// - Returns: What stands there; `nil` if those that can tell have nothing.
  func mend(_ position: Position) async throws(LogError) -> Slot? {
    try await persist { (known) throws(Obstacle) in
      let chain = self.chain(of: position, in: known)
      do throws(ChainError) {
        return try await ChainMender().mend(position, on: chain, by: self.writer)
      } catch {
        throw Obstacle(error)
      }
    }
  }

  /// What stands at a position that was handed out: waits for its writer a little, then fills it.
  ///
  /// Never longer than the fill timeout, and the time of a fill (R21).
  public func settle(_ position: Position) async throws(LogError) -> Slot {
    let start = clock.now
    let timeout = planted(.waitsForHoles) ? .seconds(3600) : fillTimeout
    var pauses = HolePauses(timeout: timeout, first: max(limits.pauseMin / 4, timeout / 64))
    while true {
      let slot = try await look(at: position)
      let waited = start.duration(to: clock.now)
      if slot != .empty {
        if waited > .zero { observe(writeLatency: waited) }
        return slot
      }
      guard !Task.isCancelled, let pause = pauses.next(after: waited) else { break }
      do {
        try await clock.sleep(for: pause)
      } catch {
        break  // Cancelled: who asked has no time to wait.
      }
    }
    return try await fill(position)
  }
}

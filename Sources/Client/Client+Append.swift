public import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// Appending: a token, then down the chain, and if the outcome is not known, looking who won.

extension Client {
  public func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try check(payload)
    if let result = await queue.append(payload) { return try result.get() }
    guard let result = try await results(of: [payload]).first else {
      preconditionFailure("an entry without a result")
    }
    return try result.get()
  }

  /// Appends entries side by side, in parallel over their chains.
  ///
  /// Their positions increase, unless a filler took one of them: that entry then gets a later
  /// position than those behind it. On an error the others may be in the log.
  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    var positions: [Position] = []
    for result in try await results(of: batch) { positions.append(try result.get()) }
    return positions
  }

  /// Appends payloads, each of which may fail by itself.
  func results(of payloads: [[UInt8]]) async throws(LogError) -> [Result<Position, LogError>] {
    for payload in payloads { try check(payload) }
    var batch = AppendBatch(marks: nextMarks(payloads.count), payloads: payloads)
    let start = clock.now
    var effort = Effort(client: self)
    while !batch.pending.isEmpty {
      let known = layouts.current
      do throws(Obstacle) {
        try await place(&batch, in: known)
      } catch {
        do {
          try await effort.recover(from: error, in: known)
        } catch {
          batch.fail(error)
        }
      }
    }
    observe(writeLatency: start.duration(to: clock.now))
    let results = batch.results
    let appended = results.count { if case .success = $0 { true } else { false } }
    count { $0.appends += appended }
    return results
  }

  /// Refuses before a position is taken what would leave a hole there.
  private func check(_ payload: [UInt8]) throws(LogError) {
    if payload.count > limits.payloadBytesMax {
      throw .entryTooLarge(bytes: payload.count, bytesMax: limits.payloadBytesMax)
    }
  }

  /// One try for all that are pending: those that lost their position stay pending.
  private func place(_ batch: inout AppendBatch, in known: KnownLayout) async throws(Obstacle) {
    let count = min(batch.pending.count, Token.countMax)
    let request = TokenRequest(layout: known.id, count: count)
    guard case .token(let token) = try await askSequencer(.reserve(request), in: known) else {
      throw .silent("the sequencer answers something else")
    }
    // Another reign's positions may have been handed out twice (R10).
    guard token.epoch == known.id.epoch, token.count == count else {
      throw .silent("the sequencer answers for another epoch")
    }
    let placed = batch.place(at: token.positions)
    let outcomes = await write(placed, in: known)
    defer { batch.settle() }
    var obstacle: Obstacle?
    for (value, outcome) in zip(placed, outcomes) {
      do throws(Obstacle) {
        let position = value.position
        switch outcome {
        case .complete: batch.succeed(at: position)
        // It stood there, and a trim is on its way down the chain: with it, the append is complete.
        case .trimmed(afterHead: true):
          await resolve(value, of: token.epoch, in: &batch, hadHead: true)
        case .lost, .trimmed(afterHead: false): self.count { $0.lostPositions += 1 }
        case .inconsistent: batch.fail(at: position, .inconsistent(position))
        case .failed(.unreachable(let unit), mayStand: false):
          throw Obstacle(.unreachable(unit))
        case .failed(let error, mayStand: _):
          // Even after a refusal: a request may arrive twice, and this answers one of the two.
          await resolve(value, of: token.epoch, in: &batch)
          if batch.isPending(at: position) { throw Obstacle(error) }
        }
      } catch {
        if case .final(let error) = error {
          batch.fail(at: value.position, error)
        } else {
          obstacle = error
        }
      }
    }
    if let obstacle { throw obstacle }
  }

  /// Writes values down their chains, all chains at once.
  private func write(_ values: [PlacedValue], in known: KnownLayout) async -> [ChainOutcome] {
    var groups = ChainGroups(values.map(\.position), in: known.layout, by: mapping)
    if let only = groups.only {
      return await writer.write(values, to: replicas(of: only, in: known))
    }
    var outcomes = [ChainOutcome](repeating: .complete, count: values.count)
    await withTaskGroup(of: (indexes: [Int], outcomes: [ChainOutcome]).self) { group in
      while let (chain, indexes) = groups.popFirst() {
        let replicas = replicas(of: chain, in: known)
        group.addTask {
          (indexes, await self.writer.write(indexes.map { values[$0] }, to: replicas))
        }
      }
      for await part in group {
        for (index, outcome) in zip(part.indexes, part.outcomes) { outcomes[index] = outcome }
      }
    }
    return outcomes
  }

  /// Finds out what became of an entry whose write had no clear answer (R16).
  private func resolve(
    _ value: PlacedValue,
    of epoch: Epoch,
    in batch: inout AppendBatch,
    hadHead: Bool = false
  ) async {
    let fate = await resolver.resolve(
      value,
      of: epoch,
      stoodOnHead: hadHead,
      by: ResolvingClient(client: self)
    )
    switch fate {
    case .stands: batch.succeed(at: value.position)
    case .gone: count { $0.lostPositions += 1 }
    case .unknown: return batch.fail(at: value.position, .indefinite(value.position))
    }
    count { $0.resolved += 1 }
  }
}

/// A client as a resolver sees it.
private struct ResolvingClient<Network: Transport, Time: Clock, Kit: Parts>: HoleFilling
where Time.Duration == Duration {
  let client: Client<Network, Time, Kit>

  func fill(
    _ position: Position,
    unless isFutile: @escaping @Sendable (Layout) -> Bool
  ) async throws(LogError) -> Slot? {
    try await client.persist { (known) throws(Obstacle) -> Slot? in
      isFutile(known.layout) ? nil : try await client.fillChain(of: position, in: known)
    }
  }
}

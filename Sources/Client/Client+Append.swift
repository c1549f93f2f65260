public import CorfuGlobalLog
internal import CorfuProtocol
public import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// Appending: a token, then down the chain, and if the outcome is not known, looking who won.

extension Client {
  public func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> Position {
    do {
      return try await append(AppendOrder(payload: payload, writes: writes, epoch: epoch))
    } catch {
      throw error.unconditional
    }
  }

  /// Appends entries side by side, in parallel over their chains.
  ///
  /// Their positions increase, unless a filler took one of them: that entry then gets a later
  /// position than those behind it. On an error the others may be in the log.
  public func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> [Position] {
    let orders = batch.map { AppendOrder(payload: $0, writes: writes, epoch: epoch) }
    var positions: [Position] = []
    for result in try await results(of: orders) {
      do throws(CommitError) {
        positions.append(try result.get())
      } catch {
        throw error.unconditional
      }
    }
    return positions
  }

  public func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    if condition: CommitCondition
  ) async throws(CommitError) -> Position {
    // No other reign's sequencer takes it for unmoved, so nobody else's stream gets it.
    let order = AppendOrder(
      payload: payload,
      writes: writes,
      condition: condition,
      epoch: knownEpoch
    )
    return try await append(order)
  }

  private func append(_ order: AppendOrder) async throws(CommitError) -> Position {
    let result: Result<Position, CommitError>?
    do throws(LogError) {
      try check(order)
      if let sent = await queue.append(order) {
        result = sent
      } else {
        result = try await results(of: [order]).first
      }
    } catch {
      throw .log(error)
    }
    guard let result else { preconditionFailure("an entry without a result") }
    return try result.get()
  }

  /// Appends payloads, each of which may fail by itself.
  func results(
    of orders: [AppendOrder]
  ) async throws(LogError) -> [Result<Position, CommitError>] {
    for order in orders { try check(order) }
    var batch = AppendBatch(marks: nextMarks(orders.count), orders: orders)
    let start = clock.now
    var effort = Effort(client: self)
    while !batch.pending.isEmpty {
      let known = layouts.current
      batch.fail(cutBy: known.layout.cuts)
      if batch.pending.isEmpty { break }
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
  private func check(_ order: AppendOrder) throws(LogError) {
    precondition(order.writes.count <= Token.streamsMax, "an entry is in 64 streams at most")
    if order.payload.count > limits.payloadBytesMax {
      throw .entryTooLarge(bytes: order.payload.count, bytesMax: limits.payloadBytesMax)
    }
  }

  /// One try for all that are pending: those that lost their position stay pending.
  private func place(_ batch: inout AppendBatch, in known: KnownLayout) async throws(Obstacle) {
    let wishes = batch.missing(in: known.id.epoch)
    let grants: [Grant]
    do throws(Obstacle) {
      grants = try await ask(for: wishes, in: known)
    } catch {
      if case .silent = error { batch.loseWhatWasAsked() }
      throw error
    }
    let placed = batch.place(by: grants)
    let outcomes = await write(placed, in: known)
    defer { batch.settle() }
    var obstacle: Obstacle?
    var doubts: [Doubt] = []
    let mayMove = batch.mayMove(among: known.layout.chains.count)
    for (number, outcome) in outcomes.enumerated() {
      let value = placed[number]
      switch outcome {
      case .complete: batch.succeed(number)
      // It stood there, and a trim is on its way down the chain: with it, the append is complete.
      case .trimmed(afterHead: true): doubts.append(Doubt(number, value, hadHead: true))
      // The copy of a request may find the first one's entry trimmed.
      case .trimmed where network.mayRepeat: doubts.append(Doubt(number, value))
      case .lost, .trimmed: self.count { $0.lostPositions += 1 }
      case .inconsistent: batch.fail(number, .inconsistent(value.position))
      case .failed(let error, mayStand: false)
      where error.isAbsence && !(error.isOfOneCopy && network.mayRepeat):
        // Another chain may be up; but each position left behind is a hole.
        if !mayMove { batch.keep(number) }
        obstacle = Obstacle(error)
      // Even after a refusal: a request may arrive twice, and this answers one of the two.
      case .failed(let error, mayStand: _): doubts.append(Doubt(number, value, because: error))
      }
    }
    for doubt in await resolve(doubts, of: known.id.epoch) {
      switch doubt.fate {
      case .stands: batch.succeed(doubt.number)
      case .unknown: batch.fail(doubt.number, .indefinite(doubt.value.position))
      case .gone:
        // Rot at the position says that it was another's, and nothing of the next one.
        switch doubt.reason.flatMap({ $0.isDamage ? nil : Obstacle($0) }) {
        case .final(let error)?: batch.fail(doubt.number, error)
        case let reason?: obstacle = obstacle ?? reason
        case nil: break
        }
      }
    }
    if let obstacle { throw obstacle }
  }

  /// Positions, as they are wished for.
  private func ask(
    for wishes: [Reservation],
    in known: KnownLayout
  ) async throws(Obstacle) -> [Grant] {
    if wishes.isEmpty { return [] }
    let grants: [Grant]
    if wishes.count == 1, let only = wishes.first, only.writes.isEmpty, only.condition == nil {
      let request = TokenRequest(layout: known.id, count: only.count)
      guard case .token(let token) = try await askSequencer(.reserve(request), in: known) else {
        throw .silent("the sequencer answers something else")
      }
      grants = [.token(token)]
    } else {
      let request = ReservationsRequest(layout: known.id, reservations: wishes)
      guard case .grants(let all) = try await askSequencer(.reserveEach(request), in: known) else {
        throw .silent("the sequencer answers something else")
      }
      grants = all
    }
    // Another reign's positions may have been handed out twice (R10).
    let areMine = zip(grants, wishes).allSatisfy { grant, wish in
      guard case .token(let token) = grant else { return true }
      return token.epoch == known.id.epoch && token.count == wish.count
    }
    guard grants.count == wishes.count, areMine else {
      throw .silent("the sequencer answers for another epoch")
    }
    return grants
  }

  /// Writes values down their chains, all chains at once.
  private func write(_ values: [PlacedValue], in known: KnownLayout) async -> [ChainOutcome] {
    var groups = ChainGroups(values.map(\.position), in: known.layout, by: mapping)
    if let only = groups.only {
      let outcomes = await writer.write(values, to: replicas(of: only, in: known))
      note(outcomes)
      return outcomes
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
    note(outcomes)
    return outcomes
  }

  /// Finds out what became of entries whose writes had no clear answer (R16), side by side.
  private func resolve(_ doubts: [Doubt], of epoch: Epoch) async -> [Doubt] {
    if doubts.isEmpty { return [] }
    let resolved = await withTaskGroup(of: Doubt.self) { group in
      for doubt in doubts {
        group.addTask {
          var doubt = doubt
          doubt.fate = await self.resolver.resolve(
            doubt.value,
            of: epoch,
            stoodOnHead: doubt.hadHead,
            by: ResolvingClient(client: self)
          )
          return doubt
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let known = resolved.count { $0.fate != .unknown }
    let lost = resolved.count { $0.fate == .gone }
    count { counters in
      counters.resolved += known
      counters.lostPositions += lost
    }
    return resolved
  }
}

/// An entry whose write had no clear answer, and what became of it.
private struct Doubt: Sendable {
  /// Which of the entries that were tried.
  let number: Int
  let value: PlacedValue
  /// Whether the head was seen to have it.
  let hadHead: Bool
  /// What the unit said.
  let reason: ReplicaError?
  var fate = AppendFate.unknown

  init(
    _ number: Int,
    _ value: PlacedValue,
    hadHead: Bool = false,
    because reason: ReplicaError? = nil
  ) {
    self.number = number
    self.value = value
    self.hadHead = hadHead
    self.reason = reason
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

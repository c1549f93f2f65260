import CorfuGlobalLog

// What a client does on its chains: each chain by itself, all of them at once.

extension MirroredLog {
  typealias View = Roster<Unit, Parts.Tokens>.View

  /// Which chains keep some positions.
  private func shares(of positions: [Position], in layout: Layout) -> [ChainShare] {
    Parts.Sharing().shares(of: positions, in: layout, by: Parts.Mapping())
  }

  /// Does something for each of several chains, at the same time.
  private func atOnce<Item: Sendable, Answer: Sendable>(
    _ items: [Item],
    _ body: @escaping @Sendable (Item) async -> Answer
  ) async -> [Answer] {
    if items.count == 1, let item = items.first { return [await body(item)] }
    return await withTaskGroup(of: (Int, Answer).self) { group in
      for (index, item) in items.enumerated() {
        group.addTask { (index, await body(item)) }
      }
      var answers: [(Int, Answer)] = []
      for await answer in group { answers.append(answer) }
      return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Notes that positions are complete.
  private func note(_ positions: [Position]) {
    if let last = positions.max() { roster.note(end: last.advanced(by: 1)) }
  }

  // MARK: - Writing

  /// Writes values until it is known of each whether it stands.
  ///
  /// - Parameter values: Data or junk, at positions that were handed out.
  /// - Returns: For each whether it stands; where it does not, something else does.
  /// - Throws: ``LogError/indefinite(_:)`` and others; any of the values may stand.
  func write(_ values: [PlacedValue]) async throws(LogError) -> [Bool] {
    var stands = [Bool](repeating: false, count: values.count)
    var open = Array(values.indices)
    var doubtful: Set<Int> = []
    while true {
      let batch = open.map { values[$0] }
      let (view, outcomes) = await roster.visit { ($0, await write(batch, in: $0)) }
      var failure: LogError?
      var again: [Int] = []
      for (index, outcome) in zip(open, outcomes) {
        let position = values[index].position
        switch outcome {
        case .complete: stands[index] = true
        case .lost: break
        case .trimmed(afterHead: true): stands[index] = true
        case .trimmed(afterHead: false):
          // Perhaps it stood here before: on a head that was lost since, say.
          if doubtful.contains(index) { throw .indefinite(position) }
        case .inconsistent:
          failure = .inconsistent(position)
          again.append(index)
        case .failed(let error, let mayStand):
          if mayStand { doubtful.insert(index) }
          failure = doubtful.contains(index) ? .indefinite(position) : LogError(error)
          again.append(index)
        }
      }
      guard let failure else {
        note(values.indices.filter { stands[$0] }.map { values[$0].position })
        return stands
      }
      // The same values at the same positions: whoever is left has them, or can still get them.
      guard await newer(than: view) != nil else { throw failure }
      open = again
    }
  }

  /// Writes values once, each to its chain.
  private func write(_ values: [PlacedValue], in view: View) async -> [ChainOutcome] {
    let shares = shares(of: values.map(\.position), in: view.layout)
    let answers = await atOnce(shares) { share -> [ChainOutcome] in
      let values = share.places.map { values[$0] }
      do throws(ReplicaError) {
        let chain = try view.replicas(of: share.chain)
        var outcomes = await Parts.Writer().write(values, to: chain)
        await self.finishTrims(of: values, &outcomes, on: chain)
        return outcomes
      } catch {
        return values.map { _ in .failed(error, mayStand: false) }
      }
    }
    var outcomes = [ChainOutcome](repeating: .complete, count: values.count)
    for (share, answer) in zip(shares, answers) {
      for (place, outcome) in zip(share.places, answer) { outcomes[place] = outcome }
    }
    return outcomes
  }

  /// A value that stood on the head and was trimmed counts as written once the trim is complete:
  /// before that, the replicas that have neither could be all that is left.
  private func finishTrims(
    of values: [PlacedValue],
    _ outcomes: inout [ChainOutcome],
    on chain: [Unit]
  ) async {
    let trimmed = outcomes.indices.filter { outcomes[$0] == .trimmed(afterHead: true) }
    if trimmed.isEmpty { return }
    do {
      try await ChainTrimmer().trim(trimmed.map { values[$0].position }, on: chain)
    } catch {
      for index in trimmed { outcomes[index] = error.outcome(of: values[index], on: chain) }
    }
  }

  // MARK: - Reading

  /// Reads positions, asking again where the layout has changed meanwhile.
  func read(each positions: [Position]) async throws(LogError) -> [Slot] {
    while true {
      let (view, result) = await roster.visit { ($0, await read(positions, in: $0)) }
      switch result {
      case .success(let results):
        let slots = try results.map { (slot) throws(LogError) in try slot.get() }
        note(zip(positions, slots).filter { $1.isTaken }.map(\.0))
        return slots
      case .failure(let error):
        guard await newer(than: view) != nil else { throw LogError(error) }
      }
    }
  }

  private func read(
    _ positions: [Position],
    in view: View
  ) async -> Result<[Result<Slot, LogError>], ChainError> {
    let shares = shares(of: positions, in: view.layout)
    let answers = await atOnce(shares) { share -> Result<[Result<Slot, LogError>], ChainError> in
      do throws(ReplicaError) {
        let chain = try view.replicas(of: share.chain)
        do throws(ChainError) {
          let positions = share.places.map { positions[$0] }
          let writer = Parts.Writer()
          return .success(
            try await Parts.Reader().readAround(positions, on: chain, completingBy: writer)
          )
        } catch {
          return .failure(error)
        }
      } catch {
        return .failure(.replica(error))
      }
    }
    var slots: [Result<Slot, LogError>] = positions.map { .failure(.unknown($0)) }
    for (share, answer) in zip(shares, answers) {
      switch answer {
      case .success(let found):
        for (place, slot) in zip(share.places, found) { slots[place] = slot }
      case .failure(let error): return .failure(error)
      }
    }
    return .success(slots)
  }

  // MARK: - Trimming

  /// Trims positions.
  func trim(_ positions: [Position]) async throws(LogError) {
    try await retrying { view in
      let shares = self.shares(of: positions, in: view.layout)
      return await self.atOnce(shares) { share in
        await self.trim(view, share.chain) { (chain) throws(ChainError) in
          try await ChainTrimmer().trim(share.places.map { positions[$0] }, on: chain)
        }
      }
    }
    note(positions)
  }

  /// Trims every position before a mark, span by span: a unit may stand at the head of a chain in
  /// one span and at the tail in the next.
  func trimAll(before mark: Position) async throws(LogError) {
    try await retrying { view in
      let spans = view.layout.spans
      for (index, span) in spans.enumerated() where span.begin < mark {
        let end = index + 1 < spans.count ? min(mark, spans[index + 1].begin) : mark
        let failures = await self.atOnce(span.stripes) { chain in
          await self.trim(view, chain) { (replicas) throws(ChainError) in
            try await ChainTrimmer().trimPrefix(before: end, on: replicas)
          }
        }
        if failures.contains(where: { $0 != nil }) { return failures }
      }
      return []
    }
    roster.note(end: mark)
  }

  private func retrying(_ body: (View) async -> [ChainError?]) async throws(LogError) {
    while true {
      let (view, failures) = await roster.visit { ($0, await body($0)) }
      guard let failure = failures.compactMap(\.self).first else { return }
      guard await newer(than: view) != nil else { throw LogError(failure) }
    }
  }

  /// Does something on a chain.
  ///
  /// Returns what went wrong.
  private func trim(
    _ view: View,
    _ chain: Chain,
    _ body: ([Unit]) async throws(ChainError) -> Void
  ) async -> ChainError? {
    let replicas: [Unit]
    do {
      replicas = try view.replicas(of: chain)
    } catch {
      return .replica(error)
    }
    do {
      try await body(replicas)
      return nil
    } catch {
      return error
    }
  }
}

extension ChainError {
  /// What an error in finishing a trim means for a value that was trimmed.
  fileprivate func outcome(of placed: PlacedValue, on chain: [some Replica]) -> ChainOutcome {
    switch self {
    case .replica(let error): .failed(error, mayStand: true)
    case .inconsistent: .trimmed(afterHead: true)
    }
  }
}

extension LogError {
  /// What a replica's error means to a client.
  package init(_ error: ReplicaError) {
    switch error {
    case .log(_, .outOfSpace): self = .outOfSpace
    case .log(_, .closed): self = .closed
    case .log(_, let damage) where damage.isDamage: self = damage
    case .unreachable, .timedOut, .notAdmitted, .wrongEpoch, .log: self = .unavailable("\(error)")
    }
  }

  /// What a chain's error means to a client.
  package init(_ error: ChainError) {
    switch error {
    case .replica(let error): self = LogError(error)
    case .inconsistent(let position): self = .inconsistent(position)
    }
  }
}

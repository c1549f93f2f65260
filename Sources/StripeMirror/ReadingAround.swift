public import CorfuGlobalLog

// Reading where the replica that should answer cannot, or need not.

extension ChainReading {
  /// Reads positions of a chain, and around the damage on its replicas.
  ///
  /// A replica that answers ``LogError/corrupt(_:)`` or ``LogError/unknown(_:)`` counts as dead for
  /// the position, and the others are a chain without it: what the first of them has is finished on
  /// the others, and then it is the value (D6, D7). A position that all of them call empty is not
  /// settled so easily: something may have stood on the damaged one alone.
  ///
  /// - Parameters:
  ///   - positions: Positions of this chain.
  ///   - chain: The replicas, head first.
  ///   - writer: Completes what is half-written.
  /// - Returns: For each what stands there, or why nobody can say.
  /// - Throws: ``ChainError``, if a replica that is needed does not answer, or two disagree.
  public func readAround(
    _ positions: [Position],
    on chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    var slots = try await read(positions, from: chain, completingBy: writer)
    for (index, position) in positions.enumerated() {
      guard case .failure(let error) = slots[index], error.isDamage else { continue }
      if let slot = try await salvage(position, from: chain, by: writer) {
        slots[index] = .success(slot)
      }
    }
    return slots
  }

  /// Reads positions from any one replica, as far as they are known to be complete.
  ///
  /// What is complete stands on every replica, so each of them can answer (R18), and a busy chain
  /// can spread its readers. Whatever is not plainly there goes the ordinary way: a trim may have
  /// come only so far (R20).
  ///
  /// - Parameters:
  ///   - positions: Positions of this chain.
  ///   - mark: Every position before it is known to be complete, because somebody wrote it to the
  ///     end, or has read it.
  ///   - replica: Whom to ask, one of the chain.
  ///   - chain: The replicas, head first.
  ///   - writer: Completes what is half-written.
  /// - Returns: For each what stands there, or why nobody can say.
  /// - Throws: ``ChainError``, if a replica that is needed does not answer, or two disagree.
  public func read<Unit: Replica>(
    _ positions: [Position],
    completeBelow mark: Position,
    from replica: Unit,
    of chain: [Unit],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    var slots: [Result<Slot, LogError>] = positions.map { .failure(.unknown($0)) }
    var open = Array(positions.indices)
    let known = open.filter { positions[$0] < mark }
    if !known.isEmpty, let found = await replica.values(at: known.map { positions[$0] }) {
      for (index, slot) in zip(known, found) { slots[index] = slot }
      open = open.filter { !slots[$0].isValue }
    }
    if open.isEmpty { return slots }
    let rest = try await readAround(open.map { positions[$0] }, on: chain, completingBy: writer)
    for (index, slot) in zip(open, rest) { slots[index] = slot }
    return slots
  }

  /// Reads a position from those replicas that can tell.
  ///
  /// Returns `nil` if they have nothing.
  private func salvage<Unit: Replica>(
    _ position: Position,
    from chain: [Unit],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot? {
    var sound: [Unit] = []
    var first: Slot?
    for replica in chain {
      do {
        guard case .success(let slot)? = try await replica.read([position]).first else { continue }
        sound.append(replica)
        first = first ?? slot
      } catch {
        throw .replica(error)
      }
    }
    switch first {
    case nil, .empty: return nil
    case .trimmed:
      try await ChainTrimmer().trim([position], on: chain)
      return .trimmed
    case .data(_)?, .junk?:
      let value = first ?? .junk
      return try await finish(PlacedValue(value, at: position), on: sound, of: chain, by: writer)
    }
  }

  /// Carries a value down those replicas that can take it.
  private func finish<Unit: Replica>(
    _ placed: PlacedValue,
    on sound: [Unit],
    of chain: [Unit],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot? {
    switch await writer.write([placed], to: sound).first {
    case .complete: return placed.value
    case .trimmed:
      try await ChainTrimmer().trim([placed.position], on: chain)
      return .trimmed
    case .failed(let error, _): throw .replica(error)
    case .lost, .inconsistent, nil: throw .inconsistent(placed.position)
    }
  }
}

extension Replica {
  /// What stands at positions; `nil` if this replica does not answer at all, and another must.
  fileprivate func values(at positions: [Position]) async -> [Result<Slot, LogError>]? {
    do {
      return try await read(positions)
    } catch {
      // The ordinary way asks again, and tells who did not answer.
      return nil
    }
  }
}

extension Result<Slot, LogError> {
  /// Whether this is an entry, or junk.
  fileprivate var isValue: Bool {
    switch self {
    case .success(.data), .success(.junk): true
    case .success(.empty), .success(.trimmed), .failure: false
    }
  }
}

extension LogError {
  /// Whether a disk has lost, or may have lost, what it had.
  public var isDamage: Bool {
    switch self {
    case .corrupt, .unknown: true
    default: false
    }
  }
}

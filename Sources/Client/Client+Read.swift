public import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

// Reading, and the end of the log.

extension Client {
  public func read(_ position: Position) async throws(LogError) -> Slot {
    let known = layouts.current
    let chain = mapping.chain(of: position, in: known.layout)
    if case .answered(let slot) = await reads.role(at: position, of: chain) {
      if let slot { return slot }
      if Task.isCancelled { throw .unavailable("the task was cancelled") }
      return try await readAlone(position)
    }
    let company = reads.company(at: chain)
    if company.isEmpty { return try await readAlone(position) { reads.leave(chain) } }
    let slots = await lasting([position] + company.map(\.position), of: chain, in: known)
    reads.leave(chain)
    reads.answer(company, slots.dropFirst())
    if let slot = slots.first, let slot { return slot }
    return try await readAlone(position)
  }

  /// Reads a position, and tells when the first attempt is over.
  private func readAlone(
    _ position: Position,
    afterwards: () -> Void = {}
  ) async throws(LogError) -> Slot {
    var isFirst = true
    return try await persist { (known) throws(Obstacle) in
      let result = await self.attempt(position, in: known)
      if isFirst { afterwards() }
      isFirst = false
      let slot = try result.get()
      if slot == .empty { try await self.confirm(known) }
      return slot
    }
  }

  private func attempt(_ position: Position, in known: KnownLayout) async -> Result<Slot, Obstacle>
  {
    do throws(Obstacle) {
      if planted(.believesTheSequencer), try await position >= nextPosition(in: known) {
        return .success(.empty)
      }
      return .success(try await readOnce(position, in: known))
    } catch {
      return .failure(error)
    }
  }

  /// What stands at positions of a chain for good; `nil` where it may change, or is not known.
  private func lasting(
    _ positions: [Position],
    of chain: Chain,
    in known: KnownLayout
  ) async -> [Slot?] {
    do throws(ChainError) {
      let replicas = replicas(of: chain, in: known)
      let slots = try await reader.readAround(positions, on: replicas, completingBy: writer)
      return slots.map { slot in
        switch slot {
        case .success(.data(let entry)): .data(entry)
        case .success(.trimmed): .trimmed
        default: nil
        }
      }
    } catch {
      // Each asks by itself, and learns what is the matter.
      return positions.map { _ in nil }
    }
  }

  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await persist { (known) throws(Obstacle) in
      let slots = try await self.readOnce(range, in: known)
      if slots.contains(.empty) { try await self.confirm(known) }
      return slots
    }
  }

  /// Reads for this client's own purposes: what is empty may have been written since.
  func look(at position: Position) async throws(LogError) -> Slot {
    try await persist { (known) throws(Obstacle) in try await self.readOnce(position, in: known) }
  }

  /// Reads for this client's own purposes: what is empty may have been written since.
  func look(at range: Range<Position>) async throws(LogError) -> [Slot] {
    try await persist { (known) throws(Obstacle) in try await self.readOnce(range, in: known) }
  }

  /// Reads for this client's own purposes, positions anywhere.
  func look(at positions: [Position]) async throws(LogError) -> [Slot] {
    try await persist { (known) throws(Obstacle) in try await self.readOnce(positions, in: known) }
  }

  private func readOnce(
    _ position: Position,
    in known: KnownLayout
  ) async throws(Obstacle) -> Slot {
    let isSure = hasFinishedTrims(in: known)
    var slot = try await slot(at: position, in: known)
    guard Self.isGivenUp(slot, at: position, in: known) else { return slot }
    if !isSure {
      // It may have been trimmed before, and whoever stands in has not heard of that.
      try await finishTrims(in: known)
      slot = try await self.slot(at: position, in: known)
      guard Self.isGivenUp(slot, at: position, in: known) else { return slot }
    }
    throw .final(.lost(position))
  }

  private func slot(
    at position: Position,
    in known: KnownLayout
  ) async throws(Obstacle) -> Slot {
    let slots: [Result<Slot, LogError>]
    do throws(ChainError) {
      let chain = chain(of: position, in: known)
      slots = try await reader.readAround([position], on: chain, completingBy: writer)
    } catch {
      throw Obstacle(error)
    }
    switch slots.first {
    case .success(let slot)?: return slot
    case .failure(let error)?: throw .final(error)
    case nil: throw .final(.inconsistent(position))
    }
  }

  private func readOnce(
    _ range: Range<Position>,
    in known: KnownLayout
  ) async throws(Obstacle) -> [Slot] {
    let isSure = hasFinishedTrims(in: known)
    var slots = try await readOnce(Array(range), in: known)
    guard var lost = Self.firstGivenUp(of: slots, in: range, known) else { return slots }
    if !isSure {
      try await finishTrims(in: known)
      slots = try await readOnce(Array(range), in: known)
      guard let left = Self.firstGivenUp(of: slots, in: range, known) else { return slots }
      lost = left
    }
    throw .final(.lost(lost))
  }

  /// Reads positions anywhere, all chains at once; what was given up is as it is filled.
  func readOnce(
    _ positions: [Position],
    in known: KnownLayout
  ) async throws(Obstacle) -> [Slot] {
    var groups = ChainGroups(positions, in: known.layout, by: mapping)
    var slots = [Result<Slot, LogError>](repeating: .success(.empty), count: positions.count)
    typealias Part = Result<[Result<Slot, LogError>], ChainError>
    var failure: ChainError?
    await withTaskGroup(of: (indexes: [Int], part: Part).self) { group in
      while let (chain, indexes) = groups.popFirst() {
        let replicas = replicas(of: chain, in: known)
        group.addTask {
          let places = indexes.map { positions[$0] }
          do throws(ChainError) {
            let read = try await self.reader.readAround(
              places,
              on: replicas,
              completingBy: self.writer
            )
            return (indexes, .success(read))
          } catch {
            return (indexes, .failure(error))
          }
        }
      }
      for await (indexes, part) in group {
        switch part {
        case .success(let read):
          for (index, slot) in zip(indexes, read) { slots[index] = slot }
        case .failure(let error): failure = error
        }
      }
    }
    if let failure { throw Obstacle(failure) }
    var values: [Slot] = []
    values.reserveCapacity(slots.count)
    for slot in slots {
      switch slot {
      case .success(let value): values.append(value)
      case .failure(let error): throw .final(error)
      }
    }
    return values
  }

  /// Whether what stands at a position was given up with its disks: who stands in for them never
  /// had it, so it is neither empty nor the junk that it was filled with since (R24).
  private static func isGivenUp(
    _ slot: Slot,
    at position: Position,
    in known: KnownLayout
  ) -> Bool {
    switch slot {
    case .data, .trimmed: false
    case .empty, .junk: known.layout.isLost(position) && !planted(.forgetsGivenUp)
    }
  }

  private static func firstGivenUp(
    of slots: [Slot],
    in range: Range<Position>,
    _ known: KnownLayout
  ) -> Position? {
    if known.layout.losses.isEmpty { return nil }
    for (position, slot) in zip(range.lowerBound..., slots)
    where isGivenUp(slot, at: position, in: known) {
      return position
    }
    return nil
  }

  /// One past the last position that was handed out and is not empty.
  ///
  /// The position before it is complete, filled if need be: so the tail never goes backwards,
  /// whoever asks and whichever sequencer answers (R19).
  public func tail() async throws(LogError) -> Position {
    while true {
      let (tail, first) = try await persist { (known) throws(Obstacle) in
        let tail = try await self.nextPosition(in: known)
        // Afterwards: a sequencer that was deposed does not know it.
        try await self.confirm(known)
        return (tail, known.layout.firstTail)
      }
      if tail <= first { return tail }
      do {
        _ = try await settle(tail.advanced(by: -1))
        return tail
      } catch {
        switch error {
        // That reign is over, and the next one began before its tail: ask there.
        case .beyondTail: continue
        // Whatever stood there, nothing else will (R24).
        case .lost: return tail
        default: throw error
        }
      }
    }
  }

  /// The position that the sequencer hands out next.
  func nextPosition(in known: KnownLayout) async throws(Obstacle) -> Position {
    let request = Request.tail(TailRequest(layout: known.id))
    guard case .tail(let tail) = try await askSequencer(request, in: known) else {
      throw .silent("the sequencer answers something else")
    }
    return tail
  }

  /// The log's entries from a position on, in order, without an end.
  public func entries(from position: Position) -> Subscription<Network, Time, Kit> {
    Subscription(client: self, begin: position)
  }
}

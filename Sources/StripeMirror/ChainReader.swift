public import CorfuGlobalLog

/// Reading from a chain: the part that exercise 3.3 builds.
public protocol ChainReading: Sendable {
  /// A reader.
  init()

  /// Reads positions of a chain.
  ///
  /// A value is returned only when every replica has it: what a reader saw once, nobody may ever
  /// miss (R18).
  ///
  /// - Parameters:
  ///   - positions: Positions of this chain.
  ///   - chain: The replicas, head first.
  ///   - writer: Completes what is half-written.
  /// - Returns: For each what stands there, or why that cannot be said.
  /// - Throws: ``ChainError``, if a replica that is needed does not answer, or two disagree.
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>]
}

/// Asks the tail; what only the head has is finished first.
///
/// (TOCS 2013, 3.2; rules R18 and R20.)
public struct ChainReader: ChainReading {
  /// A reader.
  public init() {}

  // exercise 3.3: ask the tail; where it has nothing, look at the head and finish what stands there
  public func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    guard let head = chain.first, let tail = chain.last else { return [] }
    var slots = try await ask(tail, positions)
    let open = slots.indices.filter { slots[$0] == .success(.empty) }
    if open.isEmpty || chain.count == 1 { return slots }
    let found = try await ask(head, open.map { positions[$0] })
    var halves: [Int] = []
    for (index, slot) in zip(open, found) {
      slots[index] = slot
      if case .success(let value) = slot, value.isTaken { halves.append(index) }
    }
    try await finish(halves, of: positions, &slots, on: chain, by: writer)
    return slots
  }
  // end 3.3

  private func ask(
    _ replica: some Replica,
    _ positions: [Position]
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    do {
      return try await replica.read(positions)
    } catch {
      throw .replica(error)
    }
  }

  /// Carries what the head has to the tail: values, and trims.
  ///
  /// - Parameters:
  ///   - halves: Indexes of what only the head is known to have.
  ///   - positions: The positions that were asked for.
  ///   - slots: What was found there; corrected where the tail is told something else.
  ///   - chain: The replicas, head first.
  ///   - writer: Writes down the chain.
  /// - Throws: ``ChainError``, as reading does.
  private func finish(
    _ halves: [Int],
    of positions: [Position],
    _ slots: inout [Result<Slot, LogError>],
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) {
    var values: [PlacedValue] = []
    var places: [Int] = []
    var trims = halves.filter { slots[$0] == .success(.trimmed) }
    for index in halves {
      guard case .success(let value) = slots[index], value != .trimmed else { continue }
      values.append(PlacedValue(value, at: positions[index]))
      places.append(index)
    }
    let outcomes = values.isEmpty ? [] : await writer.write(values, to: chain)
    for (index, outcome) in zip(places, outcomes) {
      switch outcome {
      case .complete: break
      case .trimmed: trims.append(index)
      case .lost, .inconsistent: throw .inconsistent(positions[index])
      case .failed(.log(_, let error), _) where error.isDamage: slots[index] = .failure(error)
      case .failed(let error, _): throw .replica(error)
      }
    }
    if trims.isEmpty { return }
    // Only a trim that has come to the tail is one. If the head alone knew of it and was lost, the
    // position would be empty again, and could get another value.
    try await ChainTrimmer().trim(trims.map { positions[$0] }, on: chain)
    for index in trims { slots[index] = .success(.trimmed) }
  }
}

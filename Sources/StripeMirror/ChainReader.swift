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
    if chain.count == 1 { return slots }
    let open = slots.indices.filter { slots[$0] == .success(.empty) }
    if open.isEmpty { return slots }
    let found = try await ask(head, open.map { positions[$0] })
    var halves: [PlacedValue] = []
    for (index, answer) in zip(open, found) {
      switch answer {
      case .success(.data), .success(.junk):
        if case .success(let value) = answer {
          halves.append(PlacedValue(value, at: positions[index]))
        }
        slots[index] = answer
      case .success(.trimmed):
        try await finishTrim(of: positions[index], on: chain)
        slots[index] = answer
      case .success(.empty): break
      case .failure: slots[index] = answer
      }
    }
    try await complete(halves, on: chain, by: writer)
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

  private func finishTrim(
    of position: Position,
    on chain: [some Replica]
  ) async throws(ChainError) {
    for replica in chain {
      do {
        try await replica.trim([position])
      } catch {
        throw .replica(error)
      }
    }
  }

  /// Carries values from the head to the tail.
  private func complete(
    _ values: [PlacedValue],
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) {
    if values.isEmpty { return }
    for (placed, outcome) in zip(values, await writer.write(values, to: chain)) {
      switch outcome {
      // A value that was trimmed meanwhile may still be given out: it was read before.
      case .complete, .trimmed: break
      case .lost, .inconsistent: throw .inconsistent(placed.position)
      case .failed(let error, _): throw .replica(error)
      }
    }
  }
}

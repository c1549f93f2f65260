public import CorfuGlobalLog

// Reading where the replica that should answer has lost what it had.

extension ChainReading {
  /// Reads positions of a chain, and around the damage on its replicas.
  ///
  /// A replica that answers ``LogError/corrupt(_:)`` or ``LogError/unknown(_:)`` counts as dead for
  /// the position, and the others are a chain without it: what the first of them has is finished on
  /// the others, and then it is the value (D6, D7). The damaged one is given it too, so that the
  /// next reader need not look around. A position that all others call empty is not settled so
  /// easily: something may have stood on the damaged one alone.
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
      if let slot = try await ChainMender().mend(position, on: chain, by: writer) {
        slots[index] = .success(slot)
      }
    }
    return slots
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

public import CorfuGlobalLog
public import CorfuStripeMirror

/// Resolving a hole: the part that exercise 5.2 builds.
public protocol ChainFilling: Sendable {
  /// A filler.
  init()

  /// Makes sure that a position is not empty, on any replica.
  ///
  /// - Parameters:
  ///   - position: A position that was handed out (R17).
  ///   - chain: Its replicas, head first.
  ///   - writer: Writes down the chain.
  /// - Returns: What stands there, whoever wrote it.
  /// - Throws: ``ChainError``, if a replica gave no answer, or two of them differ.
  func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot
}

/// Junk for the head; whatever the head has instead is carried on to the tail.
///
/// A filler is a writer like any other. If the position's owner was first, the filler has lost the
/// race at the head, and finishes the owner's work; if the filler was first, the owner loses, and
/// takes another position. (TOCS 2013, 3.2; rule R17.)
public struct ChainFiller: ChainFilling {
  /// A filler.
  public init() {}

  // exercise 5.2: write junk; adopt what the head has instead, and finish the chain with it
  public func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    var value = Slot.junk
    for _ in 0..<2 {
      let outcomes = await writer.write([PlacedValue(value, at: position)], to: chain)
      guard let outcome = outcomes.first else { throw .inconsistent(position) }
      switch outcome {
      case .complete: return value
      case .lost(let found): value = found
      case .trimmed:
        try await finishTrim(of: position, on: chain)
        return .trimmed
      case .inconsistent: throw .inconsistent(position)
      case .failed(let error, _): throw .replica(error)
      }
    }
    // The head changed its mind, which no head may.
    throw .inconsistent(position)
  }
  // end 5.2

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
}

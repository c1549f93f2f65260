public import CorfuGlobalLog

/// Puts right on some replicas of a chain what rot took there, from what the others have (D6).
///
/// A position has one value, whichever replica tells it, so the value may be brought back at any
/// time and by anybody. That nothing stands somewhere is no value, and is never brought back (D7).
public struct ChainMender: Sendable {
  /// A mender.
  public init() {}

  /// Finds out what stands at a position, and sees to it that every replica has it.
  ///
  /// - Parameters:
  ///   - position: A position of this chain at which a replica told of damage.
  ///   - chain: The replicas, head first.
  ///   - writer: Completes what is half-written.
  /// - Returns: What stands there; `nil` if those that can tell have nothing.
  /// - Throws: ``ChainError``, if a replica does not answer, or two disagree.
  public func mend<Unit: Replica>(
    _ position: Position,
    on chain: [Unit],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot? {
    var sound: [Unit] = []
    var damaged: [Unit] = []
    var first: Slot?
    for replica in chain {
      switch try await look(at: position, on: replica) {
      case .success(let slot):
        sound.append(replica)
        first = first ?? slot
      case .failure: damaged.append(replica)
      }
    }
    switch first {
    case nil, .empty: return nil
    case .trimmed:
      try await ChainTrimmer().trim([position], on: chain)
      return .trimmed
    case .data(_)?, .junk?:
      let placed = PlacedValue(first ?? .junk, at: position)
      let slot = try await finish(placed, on: sound, of: chain, by: writer)
      if slot == placed.value, !planted(.leavesRot) { await repair(placed, on: damaged) }
      return slot
    }
  }

  private func look(
    at position: Position,
    on replica: some Replica
  ) async throws(ChainError) -> Result<Slot, LogError> {
    do {
      return try await replica.read([position]).first ?? .failure(.unknown(position))
    } catch {
      throw .replica(error)
    }
  }

  /// Carries a value down those replicas that can take it.
  private func finish(
    _ placed: PlacedValue,
    on sound: [some Replica],
    of chain: [some Replica],
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

  private func repair(_ placed: PlacedValue, on damaged: [some Replica]) async {
    for replica in damaged {
      do {
        _ = try await replica.repair([placed])
      } catch {
        // A full disk, say. Who asked has the value all the same, and who asks next tries again.
        continue
      }
    }
  }
}

public import CorfuGlobalLog

/// Trims a chain: from the head to the tail, as everything else goes.
///
/// Readers ask the tail, so they find the value until the trim has arrived there, and never again
/// afterwards. A trim that began on the head and went no further may be finished by anybody.
/// (Rules R14 and R20.)
public struct ChainTrimmer: Sendable {
  /// A trimmer.
  public init() {}

  /// Forgets positions on every replica, whatever stands there.
  ///
  /// - Parameters:
  ///   - positions: Positions of this chain.
  ///   - chain: The replicas, head first.
  /// - Throws: ``ChainError/replica(_:)``; the replicas before that one have forgotten, and the
  ///   same again may be asked at any time.
  public func trim(
    _ positions: [Position],
    on chain: [some Replica]
  ) async throws(ChainError) {
    for replica in chain {
      do {
        try await replica.trim(positions)
      } catch {
        throw .replica(error)
      }
    }
  }

  /// Forgets every position before `mark` on every replica.
  ///
  /// - Parameters:
  ///   - mark: The first position to keep.
  ///   - chain: The replicas, head first.
  /// - Throws: As ``trim(_:on:)``.
  public func trimPrefix(
    before mark: Position,
    on chain: [some Replica]
  ) async throws(ChainError) {
    for replica in chain {
      do {
        try await replica.trimPrefix(before: mark)
      } catch {
        throw .replica(error)
      }
    }
  }
}

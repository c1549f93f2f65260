// Exercise 5.2: write junk; adopt what the head has instead, and finish the chain with it
// Write the body below, then: swift run course check 5.2
import CorfuChecks
public import CorfuGlobalLog
public import CorfuStripeMirror
public import CorfuWriteOnce

/// Junk for the head; whatever the head has instead is carried on to the tail.
///
/// A filler is a writer like any other. If the position's owner was first, the filler has lost the
/// race at the head, and finishes the owner's work; if the filler was first, the owner loses, and
/// takes another position. (TOCS 2013, 3.2; rule R17.)
public struct ChainFiller: ChainFilling {
  /// A filler.
  public init() {}

  public func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    TODO("5.2 write junk; adopt what the head has instead, and finish the chain with it")
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
}

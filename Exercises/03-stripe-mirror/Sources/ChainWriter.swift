// Exercise 3.2: head first; go on with those that stand there, and compare what was there before
// Write the body below, then: swift run course check 3.2
import CorfuChecks
public import CorfuGlobalLog
public import CorfuStripeMirror

/// The head decides, the others follow.
///
/// Two writers of one position meet at the head, and one of them loses there, before it wrote
/// anything. So the replicas of a chain can lag behind the head, and never disagree with it.
/// (TOCS 2013, 3.2; rules R14 and R15.)
public struct ChainWriter: ChainWriting {
  /// A writer.
  public init() {}

  public func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    TODO("3.2 head first; go on with those that stand there, and compare what was there before")
  }

  /// What an answer means; `nil` where the value stands, and the next replica is to be asked.
  private func judge(
    _ answer: WriteAnswer,
    of value: Slot,
    at place: Int,
    replica: some Replica
  ) -> ChainOutcome? {
    TODO("3.2 head first; go on with those that stand there, and compare what was there before")
  }
}

public import CorfuGlobalLog

/// Writing down a chain: the part that exercise 3.2 builds.
public protocol ChainWriting: Sendable {
  /// A writer.
  init()

  /// Writes values to a chain, head first, to the next replica only when the one before has it.
  ///
  /// - Parameters:
  ///   - values: Data or junk, for different positions of this chain.
  ///   - chain: The replicas, head first.
  /// - Returns: What came of each value, in order.
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome]
}

/// The head decides, the others follow.
///
/// Two writers of one position meet at the head, and one of them loses there, before it wrote
/// anything. So the replicas of a chain can lag behind the head, and never disagree with it.
/// (TOCS 2013, 3.2; rules R14 and R15.)
public struct ChainWriter: ChainWriting {
  /// A writer.
  public init() {}

  // exercise 3.2: head first; go on with those that stand there, and compare what was there before
  public func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    var outcomes = [ChainOutcome](repeating: .complete, count: values.count)
    var pending = Array(values.indices)
    for (place, replica) in chain.enumerated() {
      if pending.isEmpty { break }
      do throws(ReplicaError) {
        let answers = try await replica.write(pending.map { values[$0] })
        var standing: [Int] = []
        for (index, answer) in zip(pending, answers) {
          let outcome = judge(answer, of: values[index].value, at: place, replica: replica)
          if let outcome { outcomes[index] = outcome } else { standing.append(index) }
        }
        pending = standing
      } catch {
        let mayStand = place > 0 || !error.isDefinite
        for index in pending { outcomes[index] = .failed(error, mayStand: mayStand) }
        break
      }
    }
    return outcomes
  }

  /// What an answer means; `nil` where the value stands, and the next replica is to be asked.
  private func judge(
    _ answer: WriteAnswer,
    of value: Slot,
    at place: Int,
    replica: some Replica
  ) -> ChainOutcome? {
    switch answer {
    case .written: return nil
    // My own value: a helper was here before me, or my first try was (R15).
    case .taken(value): return nil
    case .taken(.trimmed): return .trimmed(afterHead: place > 0)
    case .taken(let other):
      return place == 0 ? .lost(other) : .inconsistent(found: other, at: replica.name)
    case .refused(let error):
      return .failed(.log(replica.name, error), mayStand: place > 0 || !error.isDefinite)
    }
  }
  // end 3.2
}

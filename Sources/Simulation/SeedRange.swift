/// Runs seeds on as many cores as there are: each has a world of its own.
public enum SeedRange {
  /// More than there are cores, so that none waits for a seed that takes long.
  private static var seedsAtOnce: UInt64 { 64 }

  /// Runs each seed, and takes what came of them in the order of the seeds.
  ///
  /// - Parameters:
  ///   - seeds: Which.
  ///   - run: Runs one.
  ///   - take: Hears what came of one; all before it were heard.
  /// - Throws: What `take` throws.
  public static func forEach<Outcome: Sendable>(
    _ seeds: Range<UInt64>,
    run: @escaping @Sendable (UInt64) -> Outcome,
    take: (Outcome) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: (seed: UInt64, outcome: Outcome).self) { group in
      var begun = seeds.lowerBound
      var taken = seeds.lowerBound
      var early: [UInt64: Outcome] = [:]
      func beginMore() {
        while begun < seeds.upperBound, begun - taken < seedsAtOnce {
          let seed = begun
          group.addTask { (seed, run(seed)) }
          begun += 1
        }
      }
      beginMore()
      while let (seed, outcome) = try await group.next() {
        early[seed] = outcome
        while let outcome = early.removeValue(forKey: taken) {
          try take(outcome)
          taken += 1
        }
        beginMore()
      }
    }
  }
  /// The first of the seeds that fails.
  ///
  /// - Parameters:
  ///   - seeds: Which.
  ///   - run: Runs one, and tells what failed.
  /// - Returns: The seed, and what failed; `nil` if all went as they should.
  static func firstFailure(
    of seeds: ClosedRange<UInt64>,
    _ run: @escaping @Sendable (UInt64) -> String?
  ) async -> (seed: UInt64, failure: String)? {
    // Few at once: what is run beyond the first failure is run for nothing.
    for first in stride(from: seeds.lowerBound, through: seeds.upperBound, by: 4) {
      let failures = await withTaskGroup(of: (seed: UInt64, failure: String?).self) { group in
        for seed in first...min(first + 3, seeds.upperBound) {
          group.addTask { (seed, run(seed)) }
        }
        var failures: [UInt64: String] = [:]
        for await (seed, failure) in group { failures[seed] = failure }
        return failures
      }
      if let first = failures.min(by: { $0.key < $1.key }) { return (first.key, first.value) }
    }
    return nil
  }
}

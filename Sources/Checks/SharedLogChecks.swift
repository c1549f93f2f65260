public import CorfuGlobalLog
public import CorfuSimulation

/// The checks of the contract: any ``SharedLog``, alone against ``ModelLog``, and with many
/// clients at once.
public struct SharedLogChecks<Log: SharedLog>: Sendable {
  /// Opens a fresh log in a world, lends clients of it to a body, and closes it.
  public typealias Opening =
    @Sendable (
      _ clients: Int, _ world: World,
      _ body: @escaping @Sendable ([Log]) async throws -> Void
    ) async throws -> Void

  private typealias Promise = Invariant.Chapter1

  private let exercise: String
  private let first: Int
  private let open: Opening

  /// Checks for a log.
  ///
  /// - Parameters:
  ///   - exercise: What they belong to: `1.3`.
  ///   - first: The number of the first of them.
  ///   - open: Opens a fresh log.
  public init(exercise: String, first: Int = 1, open: @escaping Opening) {
    self.exercise = exercise
    self.first = first
    self.open = open
  }

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "\(exercise).\(first)",
        Promise.once,
        often: "A position was written twice, or an operation answers otherwise than ModelLog."
      ) { [open] seed throws(CheckFailure) in
        try ModelComparison.run(seed: seed, open: open)
      },
      crowdCheck(
        1,
        Promise.single,
        often: "The position that was returned is not the one at which the entry was written: with "
          + "several clients at work, they may differ.",
        CrowdRecord.judgeSingle
      ),
      crowdCheck(
        2,
        Promise.timeOrder,
        often: "An append took a position that it knew of before it began.",
        CrowdRecord.judgeTimeOrder
      ),
      crowdCheck(
        3,
        Promise.tailGrows,
        often: "The tail was taken from a place that does not know of all writes.",
        CrowdRecord.judgeTail
      ),
    ]
  }

  private func crowdCheck(
    _ number: Int,
    _ invariant: Invariant,
    often: String,
    _ judge: @escaping @Sendable (CrowdRecord) throws(CheckFailure) -> Void
  ) -> Check {
    Check("\(exercise).\(first + number)", invariant, often: often) {
      [open] seed throws(CheckFailure) in
      let record = try CrowdRecord.run(seed: seed, open: open)
      try judge(record)
      return record.trace
    }
  }
}

internal import CorfuClient
public import CorfuGlobalLog

/// When checkpoints are written, and what comes before them is forgotten, without being asked.
public struct CheckpointPolicy: Hashable, Sendable {
  /// An object gets a checkpoint once so many positions stand behind its newest.
  public var entriesMin = 10_000
  /// Whether what nobody can want any more is trimmed afterwards.
  public var trims = true
  /// How long to wait between two looks.
  public var pause = Duration.seconds(1)

  /// The defaults.
  public init() {}
}

extension Runtime {
  /// Writes checkpoints of the objects that are open here, and forgets what comes before them, when
  /// a policy says so; until it is cancelled.
  ///
  /// One process of many is enough. More do no harm.
  public func run(_ policy: CheckpointPolicy) async {
    while !Task.isCancelled {
      do {
        try await keepUp(policy)
      } catch {
        // The log may be silent, and there is a next time. Whoever called it off knows.
        if !Task.isCancelled { access { $0.counters.failedUpkeep += 1 } }
      }
      await log.rest(for: policy.pause)
    }
  }

  /// One round of ``run(_:)``: plays what there is, and does what is due then.
  ///
  /// It is for whoever has a clock of their own, or none.
  ///
  /// - Parameter policy: What is due; its pause counts for nothing here.
  /// - Returns: Which objects got a checkpoint, and what is in each: everything before a position.
  /// - Throws: ``ObjectError``; a part may be done.
  @discardableResult
  public func keepUp(
    _ policy: CheckpointPolicy
  ) async throws(ObjectError) -> [(name: String, version: Position)] {
    // Or a process that reads nothing would never hear of what others write.
    try await sync()
    let written = try await checkpointAll(entriesMin: policy.entriesMin)
    if policy.trims && !written.isEmpty { try await trim() }
    return written
  }
}

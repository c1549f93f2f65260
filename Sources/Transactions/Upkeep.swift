internal import Corfu
internal import CorfuGlobalLog

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
        let written = try await checkpointAll(entriesMin: policy.entriesMin)
        if policy.trims && !written.isEmpty { try await trim() }
      } catch {
        access { $0.counters.failedUpkeep += 1 }  // The log may be silent. There is a next time.
      }
      await log.rest(for: policy.pause)
    }
  }
}

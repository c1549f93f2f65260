public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuStripeMirror
internal import Synchronization

/// The upkeep of each unit of a process.
public final class Upkeeps<Storage: Device, Parts: CompactionParts, Time: Clock>: Sendable
where Time.Duration == Duration {
  private let limits: CompactionLimits
  private let clock: Time
  private let known = Mutex<[NodeID: Upkeep<Storage, Parts, Time>]>([:])

  /// Nobody's yet.
  ///
  /// - Parameters:
  ///   - limits: How hard each unit works.
  ///   - clock: What rate and pauses are held by.
  public init(limits: CompactionLimits = CompactionLimits(), clock: Time) {
    self.limits = limits
    self.clock = clock
  }

  /// The upkeep of a unit.
  ///
  /// - Parameters:
  ///   - node: Which.
  ///   - store: What it keeps its entries in; one that was started anew has another.
  /// - Returns: The same as before, if it has the same store.
  public func of(_ node: NodeID, _ store: GroupCommit<Storage>) -> Upkeep<Storage, Parts, Time> {
    known.withLock { known in
      if let upkeep = known[node], upkeep.store === store { return upkeep }
      let upkeep = Upkeep<Storage, Parts, Time>(of: store, limits: limits, clock: clock)
      known[node] = upkeep
      return upkeep
    }
  }
}

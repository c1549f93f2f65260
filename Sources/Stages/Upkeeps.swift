internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import CorfuStripeMirror
internal import Synchronization

/// The upkeep of each unit of a process that has no nodes.
final class Upkeeps<Storage: Device, Parts: CompactionParts>: Sendable {
  private let settings: UpkeepSettings
  private let onEvent: @Sendable (NodeID, StoreEvent) -> Void
  private let known = Mutex<[NodeID: Upkeep<Storage, Parts>]>([:])

  /// Nobody's yet.
  ///
  /// - Parameters:
  ///   - settings: How each unit is looked after.
  ///   - onEvent: Hears of the damage that is found.
  init(
    _ settings: UpkeepSettings,
    onEvent: @escaping @Sendable (NodeID, StoreEvent) -> Void
  ) {
    self.settings = settings
    self.onEvent = onEvent
  }

  /// The upkeep of a unit.
  ///
  /// - Parameters:
  ///   - node: Which.
  ///   - store: What it keeps its entries in; one that was started anew has another.
  /// - Returns: The same as before, if it has the same store.
  func of(_ node: NodeID, _ store: GroupCommit<Storage>) -> Upkeep<Storage, Parts> {
    known.withLock { known in
      if let upkeep = known[node], upkeep.store === store { return upkeep }
      let onEvent = onEvent
      let upkeep = Upkeep<Storage, Parts>(of: store, settings) { onEvent(node, $0) }
      known[node] = upkeep
      return upkeep
    }
  }
}

internal import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuStripeMirror
internal import Synchronization

/// How much room a store takes.
public struct StoreSpace: Hashable, Sendable {
  /// The size of its segments' files, those too that were prepared for records to come.
  public var diskBytes: Int
  /// What records take that are not trimmed.
  public var liveBytes: Int

  /// Asks a store and its folder.
  ///
  /// - Throws: ``LogError``, if either gives no answer.
  public init<Storage: Device>(
    of store: GroupCommit<Storage>,
    in device: Storage
  ) async throws(LogError) {
    liveBytes = store.reader.summary.openLiveBytes
    for segment in try await store.usage() { liveBytes += segment.liveBytes }
    diskBytes = 0
    do throws(DeviceError) {
      for name in try device.list() where name.hasSuffix(".seg") {
        do throws(DeviceError) {
          diskBytes += try device.open(name).size()
        } catch {
          // Compaction may have removed it since.
          guard case .notFound = error else { throw error }
        }
      }
    } catch {
      throw .failed(error)
    }
  }
}

extension Stage3 {
  /// How much room a unit takes; `nil` where nobody can say.
  public func space(of node: NodeID) async -> StoreSpace? {
    guard let running = state.withLock({ $0.running[node] }), running.unit.isAlive else {
      return nil
    }
    // A unit whose disk does not answer has nothing to tell.
    return try? await StoreSpace(of: running.unit.store, in: running.device)
  }
}

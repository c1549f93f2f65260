import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuNode
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

extension ClusterSession {
  /// Compacts a unit, or all that are up.
  func compact(_ name: String?) async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    let named = try name.map { name throws(ReplError) in try node(name) }
    var report = CompactionTable()
    for node in now.cluster.unitIDs where named == nil || named == node {
      guard let upkeep = now.cluster.node(node)?.upkeep,
        now.cluster.node(node)?.unit?.hasFailed == false
      else {
        if named == nil { continue }
        throw .refused("\(node) is down: 'node restart \(node)' brings it back")
      }
      let store = upkeep.store
      let before = await space(of: node, store)
      let result = try await host.run { () -> Result<CompactionCounters, CompactionError> in
        do throws(CompactionError) {
          return .success(try await upkeep.compact())
        } catch {
          return .failure(error)
        }
      }
      switch result {
      case .success(let done):
        report.add(node, done, from: before, to: await space(of: node, store))
      case .failure(let error): throw .refused("\(node) could not go on compacting: \(error)")
      }
    }
    if named == now.cluster.sequencerID { throw .refused("the sequencer keeps nothing") }
    return report.answer
  }

  private func space(of node: NodeID, _ store: GroupCommit<Disk>) async -> StoreSpace? {
    let disk = Disk(base: host.view(of: node), breakage: Breakage(), clock: host.clock)
    // A folder that does not answer has nothing to tell.
    return try? await StoreSpace(of: store, in: disk)
  }
}

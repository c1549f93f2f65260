import CorfuGlobalLog
import CorfuStripeMirror
import CorfuWriteOnce

/// What units told of their disks: the layout does not say it, and `status` must.
final class UnitWatch: Sendable {
  private struct Rot: Hashable, Sendable {
    let segment: UInt32
    let position: Position?
  }

  private struct Disk: Sendable {
    var isFull = false
    /// What recovery came upon, before it was done.
    var lostSoFar = 0
    /// Records that recovery found damaged, and that were not written anew since.
    var lost = 0
    /// What the scrub found.
    var rot: Set<Rot> = []

    mutating func note(_ event: StoreEvent) {
      switch event {
      case .spaceShort: isFull = true
      case .spaceBack: isFull = false
      case .lossFound(_, let records, _): lostSoFar += records
      case .segmentsMissing(let segments): lostSoFar += segments
      case .opened:
        // Another process, perhaps on another disk: what the last one knew counts no more.
        self = Disk(lost: lostSoFar)
      case .rotFound(let segment, let position):
        rot.insert(Rot(segment: segment, position: position))
      case .repaired(let position):
        let known = rot.count
        rot = rot.filter { $0.position != position }
        if rot.count == known { lost = max(0, lost - 1) }
      case .carried, .kept, .tornTail, .copyDamaged, .closed, .dropped, .retired, .rewritten,
        .givenUp, .failed, .scrubbed:
        break
      }
    }
  }

  private let disks = Guarded<[NodeID: Disk]>([:])

  /// Something happened in a unit.
  func note(_ event: UnitEvent, of node: NodeID) {
    guard case .store(let event) = event else { return }
    disks.update { $0[node, default: Disk()].note(event) }
  }

  /// Whether a disk had no room when it was last needed.
  func isFull(_ node: NodeID) -> Bool { disks.value[node]?.isFull ?? false }

  /// How many damaged places a unit came upon.
  func damage(of node: NodeID) -> Int {
    disks.value[node].map { $0.lost + $0.rot.count } ?? 0
  }
}

internal import CorfuGlobalLog
internal import CorfuProtocol
public import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

// What a node says of itself, to monitors and to whoever wants to know.

extension Node {
  /// What this node says of itself.
  var status: NodeStatus {
    var status = NodeStatus(newest: newest.withLock { $0?.id })
    if let unit {
      status.unit = UnitStatus(
        incarnation: unit.incarnation,
        hasFailed: unit.hasFailed,
        sealed: unit.sealed,
        installed: unit.installed,
        tail: unit.tail,
        boots: unit.store.reader.identity.boots,
        damage: disk?.damage.list(in: unit.store.reader) ?? [],
        isInDoubt: unit.store.reader.isInDoubt,
        opening: disk?.openings.opening,
        admission: disk?.openings.admission ?? .waits,
        room: disk?.room ?? .enough
      )
    }
    status.sequencer = sequencer?.status
    status.view = monitorView
    return status
  }

  /// Which time it is that its disk was put to work, if it has one (D12).
  public var opening: DiskOpening? { disk?.openings.opening }

  /// The newest opening of a disk that its acceptor has noted, for those who watch.
  package func vouched(for name: UnitName) -> DiskOpening? { disk?.openings.known(name) }
}

internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
public import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// The nodes of a cluster in one process, whether they are up or not.
public struct ClusterMembers: Equatable, Sendable {
  /// Those with a folder: storage units and acceptors.
  public var units: [NodeID]
  /// Those without: they can hand out positions, and do nothing else.
  public var sequencers: [NodeID]
  /// Whether units can hand out positions as well, where nobody else is left.
  public var unitsCanReserve: Bool

  /// Members.
  public init(units: [NodeID], sequencers: [NodeID], unitsCanReserve: Bool = false) {
    self.units = units
    self.sequencers = sequencers
    self.unitsCanReserve = unitsCanReserve
  }
}

extension EmbeddedCluster {
  /// Who there is.
  var members: ClusterMembers { state.withLock { $0.members } }

  /// The storage units, in order.
  public var unitIDs: [NodeID] { members.units }

  /// The nodes that do nothing but hand out positions, or stand by for that.
  public var sequencerIDs: [NodeID] { members.sequencers }

  /// Every node: first the units.
  public var nodeIDs: [NodeID] { unitIDs + sequencerIDs }

  /// Who hands out positions, as the layout has it.
  public var sequencerID: NodeID {
    state.withLock { $0.layout?.sequencer.node ?? $0.members.sequencers.first ?? NodeID(0) }
  }

  /// Takes in a layout, if it is newer.
  ///
  /// - Returns: Whether it was.
  @discardableResult
  func adopt(_ layout: Layout) -> Bool {
    state.withLock { state in
      if let known = state.layout, known.epoch >= layout.epoch { return false }
      state.layout = layout
      return true
    }
  }

  /// Takes in another storage unit; it is not up yet.
  func enlist(_ unit: NodeID) {
    state.withLock { $0.members.units.append(unit) }
  }

  /// Forgets a node that is down.
  func dismiss(_ id: NodeID) {
    state.withLock { state in
      state.members.units.removeAll { $0 == id }
      state.members.sequencers.removeAll { $0 == id }
    }
  }

  /// Empties the folder of a node that is down: what it knew is gone, as with a new disk.
  func erase(_ id: NodeID) async throws(ClusterError) {
    let device = makeDevice(id)
    do {
      for name in try device.list() where name != "lock" { try device.remove(name) }
      try await device.syncFolder()
    } catch {
      throw .notErased(id, error)
    }
  }
}

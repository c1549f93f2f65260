import CorfuNode
import CorfuStripeMirror
import Synchronization

/// Images of a cluster's disks, from before they were last put to work, and who has been given one.
final class OldImages: Sendable {
  private struct State: Sendable {
    var images: [NodeID: [DiskImage]] = [:]
    /// Nodes whose disk is an older image, and which disk that is, once it was opened.
    var old: [NodeID: Incarnation?] = [:]
  }

  /// How many images of each disk are kept.
  private static var imagesMax: Int { 3 }

  private let state = Mutex(State())

  /// Keeps an image of a disk that is about to be put to work.
  func keep(_ image: DiskImage, of id: NodeID) {
    state.withLock { state in
      state.images[id, default: []].append(image)
      if state.images[id, default: []].count > Self.imagesMax { state.images[id]?.removeFirst() }
    }
  }

  /// The images of a disk, the oldest first.
  func all(of id: NodeID) -> [DiskImage] { state.withLock { $0.images[id] ?? [] } }

  /// A disk is gone, and with it the reason to keep its images.
  func forget(_ id: NodeID) {
    state.withLock { state in
      state.images[id] = nil
      state.old[id] = nil
    }
  }

  /// An older image came in the place of a disk.
  func age(_ id: NodeID) {
    forget(id)
    state.withLock { $0.old[id] = .some(nil) }
  }

  /// A disk was opened.
  ///
  /// - Returns: Whether it is an older image, which need not know what the disk has said since.
  func open(_ id: NodeID, _ incarnation: Incarnation) -> Bool {
    state.withLock { state in
      guard let known = state.old[id] else { return false }
      if known == nil { state.old[id] = .some(incarnation) }
      return (known ?? incarnation) == incarnation
    }
  }

  /// Whether a disk is an older image.
  func isOld(_ unit: UnitName) -> Bool {
    state.withLock { state in
      guard let known = state.old[unit.node] else { return false }
      return known == nil || known == unit.incarnation
    }
  }
}

extension ClusterTroubles {
  /// Puts an older image in the place of a disk.
  ///
  /// - Returns: Whether there was a disk that could do without what it has, and an image of it.
  func ageDisk() -> Bool {
    let images = nodes.images
    let disks = nodes.units.filter { mayLose($0) && isKnown($0) && !images.all(of: $0).isEmpty }
    guard let disk = draw({ $0.element(of: disks) }),
      let image = draw({ $0.element(of: images.all(of: disk)) })
    else { return false }
    nodes.ageDisk(of: disk, to: image)
    nodes.world.note("\(disk) has an older image of its disk")
    return true
  }

  /// Whether the disk of a node is known by its opening, whatever else goes wrong: a majority of
  /// the acceptors cannot be found that has not heard of it (D12).
  ///
  /// The disk itself does not count: as an older image it has not.
  private func isKnown(_ id: NodeID) -> Bool {
    guard let layout, let node = nodes.node(id), let name = node.unitName,
      let opening = node.opening
    else { return false }
    if layout.openings[name] == opening { return true }
    let others = layout.acceptors.filter { $0 != name && nodes.has($0) }
    let knowing = others.count { nodes.node($0.node)?.vouched(for: name) == opening }
    let ignorant = layout.acceptors.count - knowing
    return ignorant < layout.acceptors.count / 2 + 1
  }
}

import CorfuStripeMirror

/// Which layouts came of one wish: that a node is removed, replaced or remapped.
///
/// It comes about step by step. New positions have a spare in the node's place, and that is given a
/// copy of the old ones; then the node is named no more; emptied, it stands by. A node that died is
/// gone at once, and none of this.
struct HandoverSteps: Equatable {
  /// A layout's place in it.
  struct Step: Equatable {
    /// Who hands over what it has.
    let node: NodeID
    /// Which layout on that way it is, from 1 on.
    let number: Int
  }

  /// For each layout, the steps that it is.
  private(set) var steps: [[Step]] = []
  private var open: [NodeID: Handover] = [:]

  private struct Handover: Equatable {
    /// The disk that it had at the beginning.
    let unit: UnitName
    var count = 0
    var standsBy = false
  }

  /// Looks through layouts.
  ///
  /// - Parameter layouts: One of each epoch, the newest last.
  init(in layouts: [Layout]) {
    for (index, layout) in layouts.enumerated() {
      let found = index == 0 ? [] : take(from: layouts[index - 1], to: layout)
      steps.append(found)
    }
  }

  private mutating func take(from before: Layout, to after: Layout) -> [Step] {
    let (old, new) = (Self.writers(of: before), Self.writers(of: after))
    for unit in old where !new.contains(unit) && after.units.contains(unit) {
      if open[unit.node] == nil { open[unit.node] = Handover(unit: unit) }
    }
    var found: [Step] = []
    for (node, known) in open.sorted(by: { $0.key < $1.key }) {
      var handover = known
      // At work again, be it with another disk.
      let isBack = (new + after.units).contains { $0.node == node && $0 != handover.unit }
      if isBack || new.contains(handover.unit) {
        open[node] = nil
        continue
      }
      let chains = [before, after].map { Self.chains(of: handover.unit, in: $0) }
      let places = [before, after].map { layout in layout.spares.contains { $0.node == node } }
      guard handover.count == 0 || chains[0] != chains[1] || places[0] != places[1] else {
        continue
      }
      handover.count += 1
      handover.standsBy = places[1]
      open[node] = handover
      found.append(Step(node: node, number: handover.count))
    }
    forget(after, besides: found)
    return found
  }

  /// Ends those that are over: the node stands by, or something else has happened since it went.
  private mutating func forget(_ after: Layout, besides found: [Step]) {
    for (node, handover) in open where !found.contains(where: { $0.node == node }) {
      let isGone = !after.units.contains(handover.unit)
      if isGone, handover.standsBy || found.isEmpty { open[node] = nil }
    }
  }

  /// Who writes new positions.
  private static func writers(of layout: Layout) -> [UnitName] {
    (layout.spans.last?.stripes ?? []).flatMap(\.replicas)
  }

  /// The chains of a disk, in all spans.
  private static func chains(of unit: UnitName, in layout: Layout) -> [Chain] {
    layout.spans.flatMap(\.stripes).filter { $0.replicas.contains(unit) }
  }
}

public import CorfuStripeMirror

/// Compaction by remapping: which units spares take over from next.
///
/// What is alive of a unit is copied together on a spare, the layout says where it is now, and the
/// unit is emptied and stands by. With as many spares as units two sets alternate: one takes
/// appends while the other is emptied. Pure: it knows only what it was told. (TOCS 2013, 3.4.)
public struct RemapPolicy: Equatable, Sendable {
  /// The room that a unit takes.
  public struct Room: Equatable, Sendable {
    /// Bytes of records that are still wanted.
    public var live: Int
    /// All bytes.
    public var total: Int

    /// So much room.
    public init(live: Int, total: Int) {
      self.live = live
      self.total = total
    }
  }

  /// Less is not worth a change of the layout.
  public static var bytesMin: Int { 1 << 20 }

  /// The newest layout that is known.
  public var layout: Layout
  /// What the cluster should be like, and who is on the way out already.
  public var goal: ClusterGoal
  /// Nodes that answer.
  public var present: Set<NodeID>

  /// A policy for a cluster as it is now.
  public init(layout: Layout, goal: ClusterGoal, present: Set<NodeID>) {
    self.layout = layout
    self.goal = goal
    self.present = present
  }

  /// How many spares are there that may take over from somebody.
  public var sparesReady: Int {
    layout.spares.count { spare in
      present.contains(spare.node) && !goal.leaving.contains(spare.node)
    }
  }

  /// How many of those no chain is waiting for: none that there is, and none that is to come.
  public var sparesFree: Int {
    let chains = layout.spans.last?.stripes ?? []
    let awaited = chains.reduce(0) { sum, chain in
      let staying = chain.replicas.count { !goal.leaving.contains($0.node) }
      return sum + max(0, goal.replicas - staying)
    }
    let free = max(0, sparesReady - awaited)
    let wanted = max(0, (goal.stripes ?? chains.count) - chains.count) * goal.replicas
    // More chains than there are spares for do not come, and keep nobody waiting.
    return wanted <= free ? free - wanted : free
  }

  /// The next of those that are to be remapped: as many at once as there are spares free, since
  /// each keeps its place until all that it has is elsewhere.
  ///
  /// - Parameter waiting: Who is to be remapped, in this order.
  /// - Returns: Who goes now. Whoever keeps nothing is among them, since it needs no spare.
  public func turn(of waiting: [NodeID]) -> [NodeID] {
    let keepers = Set(layout.units.map(\.node))
    var free = sparesFree
    var next: [NodeID] = []
    for id in waiting where !goal.leaving.contains(id) && !next.contains(id) {
      if keepers.contains(id) {
        if free == 0 { break }
        free -= 1
      }
      next.append(id)
    }
    return next
  }

  /// The unit that is most worth it, if any is.
  ///
  /// - Parameters:
  ///   - rooms: How much room each takes, as far as it is known.
  ///   - share: Below which share of live bytes one is worth it.
  /// - Returns: The one of which the least is alive.
  public func worthwhile(of rooms: [NodeID: Room], below share: Double) -> NodeID? {
    if !goal.leaving.isEmpty || sparesFree == 0 { return nil }
    let units = Set(layout.units.map(\.node))
    let found = rooms.filter { id, room in
      units.contains(id) && room.total >= Self.bytesMin
        && Double(room.live) < share * Double(room.total)
    }
    return found.min { one, other in
      let (first, second) = (Self.share(one.value), Self.share(other.value))
      return (first, one.key.number) < (second, other.key.number)
    }?.key
  }

  private static func share(_ room: Room) -> Double { Double(room.live) / Double(room.total) }
}

internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuSequencer
internal import CorfuStripeMirror

/// Layouts as they come about in the lives of clusters, to see how large they become.
struct LayoutModel: Sendable {
  /// How many chains positions rotate over.
  var stripes: Int
  /// How many units each chain has.
  var replicas = 2
  /// How many units stand by.
  var spares = 1
  /// What an entry takes on a disk.
  var entryBytes = 4096

  /// A terabyte, as disks are sold.
  static let terabyte = 1_000_000_000_000

  // MARK: - A new cluster

  /// The layout of a new cluster.
  func fresh() -> Layout {
    let units = (1...UInt32(stripes * replicas + spares)).map { name($0) }
    return Layout(
      epoch: Epoch(1),
      spans: [Span(begin: .zero, stripes: chains(of: units))],
      sequencer: SequencerName(
        node: NodeID(UInt32(units.count) + 1),
        boot: BootID(high: random(0), low: random(1))
      ),
      acceptors: Array(units.prefix(3)),
      spares: Array(units.dropFirst(stripes * replicas))
    )
  }

  private func chains(of units: [UnitName]) -> [Chain] {
    (0..<stripes).map { Chain(Array(units[$0 * replicas..<($0 + 1) * replicas])) }
  }

  private func name(_ number: UInt32) -> UnitName {
    let seed = 2 * UInt64(number)
    return UnitName(
      node: NodeID(number),
      incarnation: Incarnation(high: random(seed), low: random(seed + 1))
    )
  }

  private func random(_ number: UInt64) -> UInt64 {
    var generator = BenchRandom(seed: number)
    return generator.next()
  }

  // MARK: - Units that die

  /// The layout after a terabyte, if a unit dies each time that so much was appended.
  ///
  /// The disk of the dead is replaced, and what was on it is copied to whoever took its place, so
  /// that the spans become one again; or nobody copies, and a death leaves a span behind until
  /// whoever took the place dies as well.
  ///
  /// - Parameters:
  ///   - bytes: How much is appended between two deaths.
  ///   - isRebuilt: Whether the copies are made.
  /// - Returns: The layout.
  /// - Throws: ``PlanError``, if nothing is left of a chain.
  func life(failingEvery bytes: Int, isRebuilt: Bool) throws -> Layout {
    var layout = fresh()
    let step = bytes / entryBytes
    let goal = ClusterGoal(replicas: replicas)
    var disks = UInt32(stripes * replicas + spares + 1)
    for turn in 1...max(1, Self.terabyte / bytes) {
      var sight = ClusterSight(
        units: Set(layout.units + layout.spares),
        sequencers: [layout.sequencer]
      )
      let chain = (layout.spans.last?.stripes ?? [])[turn % stripes]
      // Of those who have both old and new, the last: without copies the others may be the only
      // ones.
      guard let dead = chain.replicas.last else { return layout }
      sight.units.remove(dead)
      disks += 1
      sight.fresh = [name(disks)]
      sight.units.insert(name(disks))
      let tail = Position(UInt64(turn * step))
      layout = try ReconfigurationPlan(after: layout, seeing: sight, goal: goal)
        .layout(firstTail: tail)
      guard isRebuilt else { continue }
      sight.units = Set(layout.units + layout.spares)
      sight.fresh = []
      let joins = RebuildPlan.tasks(in: layout, seeing: sight, goal: goal).map(\.join)
      layout = try ReconfigurationPlan(after: layout, seeing: sight, goal: goal, joins: joins)
        .layout(firstTail: tail.advanced(by: 1))
    }
    return layout
  }

  // MARK: - Compaction by remapping

  /// The layout of a terabyte of live entries of which each range is on other units than its
  /// neighbours, because compaction moved it.
  ///
  /// - Parameters:
  ///   - rangeBytes: How much was in a range when it was written.
  ///   - sets: Between how many sets of units ranges move.
  ///   - isHalved: Whether every other position that is left is trimmed between two compactions, so
  ///     that a range is worth half as much each time and is there until its last entry goes; or
  ///     else nothing is trimmed.
  /// - Returns: The layout.
  func remapped(rangeBytes: Int, sets: Int, isHalved: Bool) -> Layout {
    var layout = fresh()
    let size = stripes * replicas
    let places = (0..<sets).map { set in
      chains(of: (0..<size).map { name(UInt32(set * size + $0 + 1)) })
    }
    let entries = rangeBytes / entryBytes
    layout.spans = (0..<ranges(rangeBytes: rangeBytes, isHalved: isHalved)).map { index in
      Span(begin: Position(UInt64(index * entries)), stripes: places[index % sets])
    }
    layout.spares = []
    layout.epoch = Epoch(UInt64(layout.spans.count))
    layout.firstTail = layout.spans.last?.begin ?? .zero
    return layout.merged()
  }

  /// How many ranges hold a terabyte of live entries.
  ///
  /// With halving, as many ranges as are written between two compactions are whole, as many are
  /// half empty, as many three quarters, and so on until one entry is left of each.
  func ranges(rangeBytes: Int, isHalved: Bool) -> Int {
    guard isHalved else { return Self.terabyte / rangeBytes }
    var liveBytes = 0
    var ages = 0
    var left = rangeBytes
    while left >= entryBytes {
      liveBytes += left
      ages += 1
      left /= 2
    }
    return Self.terabyte / liveBytes * ages
  }
}

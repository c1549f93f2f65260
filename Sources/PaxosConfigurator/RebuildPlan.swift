public import CorfuGlobalLog
public import CorfuStripeMirror

/// A part of the log that one chain keeps, and that another unit is to have as well.
public struct RebuildTask: Hashable, Sendable {
  /// Where the span begins.
  public let begin: Position
  /// Where it ends.
  public let end: Position
  /// How many chains it has.
  public let stripes: Int
  /// Which of them is too short.
  public let stripe: Int
  /// Who has it.
  public let chain: Chain
  /// Who shall have it.
  public let newcomer: UnitName

  /// A task.
  public init(
    begin: Position,
    end: Position,
    stripes: Int,
    stripe: Int,
    chain: Chain,
    newcomer: UnitName
  ) {
    self.begin = begin
    self.end = end
    self.stripes = stripes
    self.stripe = stripe
    self.chain = chain
    self.newcomer = newcomer
  }

  /// What is true once it is done.
  public var join: SpanJoin {
    SpanJoin(begin: begin, end: end, stripes: stripes, stripe: stripe, unit: newcomer)
  }
}

/// Says which copies a layout lacks: the part that exercise 6.4 builds.
///
/// Pure: two who see the same say the same.
public protocol RebuildPlanning: Sendable {
  /// The copies that a layout lacks, in the order in which to make them.
  ///
  /// A chain is too short if fewer of its replicas are there, and stay, than there should be. This
  /// holds for a chain of which nobody is there as well: its task waits until somebody comes back.
  ///
  /// It gets one newcomer: a unit that is there and stays, and whose node has no part in the span
  /// yet, nor gets one in this plan. Preferably one that has the same stripe in the newest span, if
  /// that has as many stripes: then the two spans can become one.
  /// Else the first fit one of the newest span's units, in the order of its stripes and chains;
  /// else the first fit one of the layout's spares.
  ///
  /// Only old spans are copied: the newest grows, and its newcomers were there from its beginning
  /// (R28).
  ///
  /// - Parameters:
  ///   - layout: The newest layout.
  ///   - sight: Who is there.
  ///   - goal: How many replicas there should be, and who is to leave.
  /// - Returns: All that one newcomer lacks, then all that the next one does (newcomers in the
  ///   order in which they are first needed); by spans, and by stripes in each.
  static func tasks(
    in layout: Layout,
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [RebuildTask]
}

/// Which parts of a log stand on too few units, and who could take them.
public enum RebuildPlan: RebuildPlanning {
  // exercise 6.4: for each old chain that is too short, who is to get a copy, and in which order
  public static func tasks(
    in layout: Layout,
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [RebuildTask] {
    guard let last = layout.spans.last else { return [] }
    let isGood = { (unit: UnitName) in
      sight.units.contains(unit) && !goal.leaving.contains(unit.node)
    }
    var tasks: [RebuildTask] = []
    for (span, next) in zip(layout.spans, layout.spans.dropFirst()) {
      var used = Set(span.stripes.flatMap(\.replicas).map(\.node))
      for (stripe, chain) in span.stripes.enumerated()
      where chain.replicas.count(where: isGood) < goal.replicas {
        // Preferably whoever has the same stripe from now on: then the spans can become one.
        let same = last.stripes.count == span.stripes.count ? last.stripes[stripe].replicas : []
        let candidates = same + last.stripes.flatMap(\.replicas) + layout.spares
        let newcomer = candidates.first { isGood($0) && !used.contains($0.node) }
        guard let newcomer else { continue }
        used.insert(newcomer.node)
        tasks.append(
          RebuildTask(
            begin: span.begin,
            end: next.begin,
            stripes: span.stripes.count,
            stripe: stripe,
            chain: chain,
            newcomer: newcomer
          )
        )
      }
    }
    // One newcomer after the other: each is whole, and of use, as early as can be.
    var order: [UnitName] = []
    for task in tasks where !order.contains(task.newcomer) { order.append(task.newcomer) }
    return order.flatMap { newcomer in tasks.filter { $0.newcomer == newcomer } }
  }
  // end 6.4
}

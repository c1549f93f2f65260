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

  /// What is true once it is done.
  public var join: SpanJoin {
    SpanJoin(begin: begin, end: end, stripes: stripes, stripe: stripe, unit: newcomer)
  }
}

/// Which parts of a log stand on too few units, and who could take them.
public enum RebuildPlan {
  // exercise 6.4: for each old chain that is too short, who is to get a copy
  /// The copies that a layout lacks, in the order in which to make them.
  ///
  /// Only old spans are copied: the newest grows, and its newcomers were there from its beginning
  /// (R28).
  public static func tasks(
    in layout: Layout,
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [RebuildTask] {
    guard let last = layout.spans.last else { return [] }
    var tasks: [RebuildTask] = []
    for (span, next) in zip(layout.spans, layout.spans.dropFirst()) {
      var used = Set(span.stripes.flatMap(\.replicas).map(\.node))
      for (stripe, chain) in span.stripes.enumerated() {
        let staying = chain.replicas.filter { unit in
          sight.units.contains(unit) && !goal.leaving.contains(unit.node)
        }
        guard staying.count < goal.replicas else { continue }
        // Preferably whoever has the same stripe from now on: then the spans can become one.
        let same = last.stripes.count == span.stripes.count ? last.stripes[stripe].replicas : []
        let others = last.stripes.flatMap(\.replicas) + layout.spares
        let newcomer = (same + others).first { unit in
          sight.units.contains(unit) && !goal.leaving.contains(unit.node)
            && !used.contains(unit.node)
        }
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
    let order = tasks.map(\.newcomer)
    return tasks.sorted { left, right in
      order.firstIndex(of: left.newcomer) ?? 0 < order.firstIndex(of: right.newcomer) ?? 0
    }
  }
  // end 6.4
}

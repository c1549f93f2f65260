import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror

/// The unit of a node, in one of its lives.
func unit(_ number: UInt32, life: UInt64 = 1) -> UnitName {
  UnitName(node: NodeID(number), incarnation: Incarnation(high: life << 48, low: UInt64(number)))
}

/// The sequencer of a node, in one of its lives.
func sequencer(_ number: UInt32, life: UInt64 = 1) -> SequencerName {
  SequencerName(node: NodeID(number), boot: BootID(high: life, low: UInt64(number)))
}

/// A chain of nodes.
func chain(_ numbers: UInt32...) -> Chain { Chain(numbers.map { unit($0) }) }

/// A span, of chains that are given as the numbers of their nodes.
func span(_ begin: UInt64, _ stripes: [[UInt32]]) -> Span {
  Span(
    begin: Position(begin),
    stripes: stripes.map { numbers in Chain(numbers.map { unit($0) }) }
  )
}

/// What a plan is made from.
struct PlanScene: CustomStringConvertible {
  var layout: Layout
  var sight: ClusterSight
  var goal: ClusterGoal
  var joins: [SpanJoin] = []

  var plan: ReconfigurationPlan {
    get throws(PlanError) {
      try ReconfigurationPlan(after: layout, seeing: sight, goal: goal, joins: joins)
    }
  }

  /// The scene after a plan was brought into force.
  func after(_ next: Layout) -> PlanScene {
    var scene = self
    scene.layout = next
    let named = Set(next.units + next.spares + next.acceptors)
    scene.sight.fresh.removeAll { named.contains($0) }
    scene.joins = []
    return scene
  }

  var description: String {
    "\(brief(layout)), there \(sight.units.map(\.node.number).sorted()), "
      + "fresh \(sight.fresh), leaving \(goal.leaving), \(goal.replicas) replicas, joins \(joins)"
  }
}

/// A layout in one line.
func brief(_ layout: Layout) -> String {
  let spans = layout.spans.map { span in
    "\(span.begin): " + span.stripes.map(\.description).joined(separator: " ")
  }
  return "[\(spans.joined(separator: "; "))] acceptors \(layout.acceptors), "
    + "spares \(layout.spares)"
}

/// Every subset of some elements.
func subsets<Element>(of elements: [Element]) -> [[Element]] {
  (0..<1 << elements.count).map { bits in
    elements.enumerated().filter { bits & 1 << $0.offset != 0 }.map(\.element)
  }
}

/// What must be true of every next layout.
struct PlanRules {
  let scene: PlanScene
  let next: Layout
  /// Where the log ends.
  let tail: Position

  private var before: Layout { scene.layout }
  private func isThere(_ unit: UnitName) -> Bool { scene.sight.units.contains(unit) }
  private func isLeaving(_ unit: UnitName) -> Bool { scene.goal.leaving.contains(unit.node) }

  /// What is wrong, if anything.
  var violation: String? {
    do throws(LayoutError) {
      try next.validate()
    } catch {
      return "\(error)"
    }
    if next.epoch.number != before.epoch.number + 1 { return "the epoch is \(next.epoch)" }
    return written ?? unwritten ?? spans ?? acceptors ?? spares
  }

  /// Positions that were handed out: nobody stands for them who does not have them (R23, R28).
  private var written: String? {
    let stripes = Set(before.spans.map(\.stripes.count))
    let width = UInt64(stripes.reduce(1, *))
    for begin in before.spans.map(\.begin) where begin < tail {
      for offset in 0..<width {
        let position = Position(begin.number + offset)
        if let violation = chainViolation(at: position) { return violation }
      }
    }
    return chainViolation(at: tail.advanced(by: -1))
  }

  private func chainViolation(at position: Position) -> String? {
    let old = RoundRobin().chain(of: position, in: before).replicas
    let new = RoundRobin().chain(of: position, in: next).replicas
    let joined = scene.joins.filter { join in
      join.begin <= position && position < join.end
        && Int(position.number % UInt64(join.stripes)) == join.stripe
    }.map(\.unit)
    let survivors = old.filter { isThere($0) }
    let kept = new.filter { old.contains($0) }
    if kept != old.filter({ new.contains($0) }) { return "R23: reordered at \(position)" }
    if let stranger = new.first(where: { !old.contains($0) && !joined.contains($0) }) {
      return "R28: \(stranger) at \(position), which it does not have"
    }
    // Alone, a survivor has all that a newcomer was given: then either may be the head.
    if let head = new.first, !old.contains(head),
      survivors.count > 1 || survivors.count == 1 && !joined.contains(head)
    {
      return "R23: \(head) before the survivors at \(position)"
    }
    if new.contains(where: { !isThere($0) }) { return "R22: somebody dead at \(position)" }
    let dropped = survivors.filter { !new.contains($0) }
    if dropped.contains(where: { !isLeaving($0) }) { return "a survivor dropped at \(position)" }
    if !dropped.isEmpty, new.count < scene.goal.replicas {
      return "\(dropped) goes before others have what it has, at \(position)"
    }
    return nil
  }

  /// Positions that are still to be handed out.
  private var unwritten: String? {
    let old = before.spans[before.spans.count - 1].stripes
    let new = next.span(of: tail).stripes
    for (old, new) in zip(old, new) {
      let survivors = old.replicas.filter { new.replicas.contains($0) }
      if !new.replicas.starts(with: survivors) { return "R23: \(old) became \(new)" }
      if new.replicas.contains(where: { !isThere($0) }) { return "somebody dead in \(new)" }
      let staying = new.replicas.filter { !isLeaving($0) }
      let hasSpare = next.spares.contains { !isLeaving($0) }
      if staying.count < scene.goal.replicas, hasSpare { return "a spare idles beside \(new)" }
      let alive = old.replicas.filter { isThere($0) }
      if new.replicas.count < min(scene.goal.replicas, alive.count) {
        return "\(new) is shorter than it need be"
      }
    }
    return nil
  }

  /// As few spans as can be, and no fewer (R30).
  private var spans: String? {
    let isSmall = zip(next.spans, next.spans.dropFirst()).allSatisfy { $0.stripes != $1.stripes }
    return isSmall ? nil : "R30: two spans are the same"
  }

  private var acceptors: String? {
    let count = min(before.acceptors.count, max(scene.goal.acceptors, 1))
    // One that is back may be dropped to be emptied, while two others are there.
    let idle = before.acceptors.filter { old in
      isThere(old) && !isLeaving(old) && !(next.units + next.spares).contains(old)
    }
    let floor = next.acceptors.allSatisfy(isThere) ? min(2, count) : count
    if next.acceptors.count < (idle.isEmpty ? count : floor) {
      return "too few acceptors: \(next.acceptors)"
    }
    let isPoor = { (unit: UnitName) in !isThere(unit) || isLeaving(unit) }
    guard let poor = next.acceptors.first(where: isPoor) else { return nil }
    let others = next.units + next.spares + scene.sight.fresh
    let better = others.first { other in
      !isPoor(other) && !next.acceptors.contains { $0.node == other.node }
    }
    return better.map { "\(poor) decides, and not \($0)" }
  }

  private var spares: String? {
    let idle = (before.spares + scene.sight.fresh).filter { isThere($0) && !isLeaving($0) }
    let used = Set(next.units)
    return Set(next.spares) == Set(idle).subtracting(used) ? nil : "spares are \(next.spares)"
  }
}

import CorfuGlobalLog
public import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror

/// The checks of exercise 6.4: any ``RebuildPlanning``, on layouts in which something is missing.
public struct RebuildPlanningChecks<Planner: RebuildPlanning>: Sendable {
  /// Checks for a plan.
  public init() {}

  private typealias Promise = Invariant.Chapter6

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "6.4.1",
        Promise.rebuilt,
        RebuildScene.Kind(oldSpans: 1),
        often: "One task for each chain of an old span that has fewer replicas than it should. The "
          + "newest span has no end, and is never copied."
      ),
      check(
        "6.4.2",
        Promise.rebuilt,
        RebuildScene.Kind(oldSpans: 1, deaths: 0.3, leaves: 0.2),
        often: "Who is silent or leaves does not count as a replica, and is no newcomer either. A "
          + "node that has any part in the span is none: it has its stripe to keep. Who can be "
          + "copied from is not the plan's affair, even if none of a chain's replicas answers."
      ),
      check(
        "6.4.3",
        Promise.rebuilt,
        RebuildScene.Kind(oldSpans: 2, stripes: 2...3, deaths: 0.1),
        often: "Ask first whoever has the same stripe in the newest span, if that has as many "
          + "stripes as the old one; then all of the newest span's units, in its order; then the "
          + "layout's spares."
      ),
      check(
        "6.4.4",
        Promise.rebuilt,
        RebuildScene.Kind(oldSpans: 3, deaths: 0.1),
        often: "All that one newcomer lacks, then all that the next one does: the first is whole "
          + "sooner. In between, the order of the spans and stripes stays."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ kind: RebuildScene.Kind,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      let scene = RebuildScene(seed: seed, kind)
      return try scene.judge(
        Planner.tasks(in: scene.layout, seeing: scene.sight, goal: scene.goal),
        RebuildPlan.tasks(in: scene.layout, seeing: scene.sight, goal: scene.goal)
      )
    }
  }
}

/// A layout in which something is missing, and who is there.
struct RebuildScene {
  /// What kind of layout it is, and how likely things are.
  struct Kind {
    var oldSpans: Int
    var stripes = 1...2
    var deaths = 0.0
    var leaves = 0.0
  }

  let layout: Layout
  let sight: ClusterSight
  let goal: ClusterGoal

  init(seed: UInt64, _ kind: Kind) {
    var random = SeededGenerator(seed: seed)
    let replicas = 2
    var spans: [Span] = []
    // The newest may be too short as well: there was nobody to write to.
    for index in 0...kind.oldSpans {
      var units = PlanScene.shuffled((1...8).map { PlanScene.unit($0) }, using: &random)
      let stripes = random.number(in: kind.stripes)
      let chains = (0..<stripes).map { _ in
        let count = random.number(in: 1...replicas)
        defer { units.removeFirst(count) }
        return Chain(Array(units.prefix(count)))
      }
      spans.append(Span(begin: Position(UInt64(index * 10)), stripes: chains))
    }
    let all = (1...8).map { PlanScene.unit($0) }
    let dead = all.filter { _ in random.chance(kind.deaths) }
    let leaving = all.filter { _ in random.chance(kind.leaves) }
    var layout = Layout(
      epoch: Epoch(5),
      firstTail: Position(UInt64(kind.oldSpans * 10)),
      spans: spans,
      sequencer: SequencerName(node: NodeID(9), boot: BootID(high: 0, low: 1)),
      acceptors: [all[0]]
    )
    layout.spares = Array(all.filter { !layout.units.contains($0) }.prefix(2))
    self.layout = layout
    sight = ClusterSight(units: Set(all).subtracting(dead))
    goal = ClusterGoal(replicas: replicas, leaving: Set(leaving.map(\.node)))
  }

  private var lines: [String] {
    let spans = layout.spans.map { span in
      "from \(span.begin): " + span.stripes.map(\.description).joined(separator: " | ")
    }
    let silent = (1...8).map { PlanScene.unit($0) }.filter { !sight.units.contains($0) }
    let leaving = goal.leaving.sorted().map(\.description)
    return spans + [
      "spares: \(told(layout.spares)); silent: \(told(silent)); to leave: "
        + "\(leaving.isEmpty ? "nobody" : leaving.joined(separator: " ")); wanted: "
        + "\(goal.replicas) replicas"
    ]
  }

  private func told(_ units: [UnitName]) -> String {
    units.isEmpty ? "nobody" : units.map(\.description).joined(separator: " ")
  }

  private func told(_ task: RebuildTask) -> String {
    "positions \(task.begin) to \(task.end), stripe \(task.stripe): "
      + "\(task.newcomer) gets what \(task.chain) has"
  }

  func judge(
    _ said: [RebuildTask],
    _ expected: [RebuildTask]
  ) throws(CheckFailure) -> CheckTrace {
    let events = lines + (said.isEmpty ? ["the plan: nothing to copy"] : said.map(told))
    if said == expected { return CheckTrace(events: events) }
    throw CheckFailure(finding(said, expected), events: events)
  }

  private func finding(_ said: [RebuildTask], _ expected: [RebuildTask]) -> String {
    for task in said {
      if task.begin == layout.spans.last?.begin {
        return "the newest span is copied, and it grows while one copies"
      }
      guard let right = expected.first(where: { isSame($0, task) }) else {
        return unwanted(task, of: said)
      }
      if right.newcomer != task.newcomer {
        return "\(wrong(task, of: said)): \(right.newcomer) should have it, \(reason(for: right))"
      }
    }
    for task in expected where !said.contains(where: { isSame($0, task) }) {
      let isAnybodyThere = task.chain.replicas.contains { sight.units.contains($0) }
      return "the chain \(task.chain) from \(task.begin) is too short, \(task.newcomer) could have "
        + "a copy, and gets none"
        + (isAnybodyThere ? "" : ": its task is in the plan, and waits until somebody comes back")
    }
    if Set(said) != Set(expected) { return "a task does not say what its span and chain are" }
    return "they are the right copies in another order: '\(expected.first.map(told) ?? "")' comes "
      + "first, then what else the same newcomer lacks"
  }

  private func isSame(_ one: RebuildTask, _ other: RebuildTask) -> Bool {
    one.begin == other.begin && one.stripe == other.stripe
  }

  /// Why the newcomer of a right task comes before all others.
  private func reason(for task: RebuildTask) -> String {
    let stripes = layout.spans.last?.stripes ?? []
    if stripes.count == task.stripes, stripes[task.stripe].replicas.contains(task.newcomer) {
      return "which has the same stripe in the newest span"
    }
    if stripes.contains(where: { $0.replicas.contains(task.newcomer) }) {
      return "the first fit one of the newest span's units"
    }
    return "the first fit spare, as none of the newest span's units is fit"
  }

  private func unwanted(_ task: RebuildTask, of said: [RebuildTask]) -> String {
    let there = task.chain.replicas.count { unit in
      sight.units.contains(unit) && !goal.leaving.contains(unit.node)
    }
    if there >= goal.replicas {
      return "the chain \(task.chain) from \(task.begin) is long enough, and is copied"
    }
    return wrong(task, of: said)
  }

  /// What speaks against the newcomer of a task, if anything does.
  private func wrong(_ task: RebuildTask, of said: [RebuildTask]) -> String {
    let unit = task.newcomer
    let span = layout.span(of: task.begin)
    if !sight.units.contains(unit) { return "\(unit) is to get a copy, and does not answer" }
    if goal.leaving.contains(unit.node) { return "\(unit) is to get a copy, and is to leave" }
    if span.stripes.contains(where: { $0.replicas.contains(unit) }) {
      return "\(unit) is to get a copy, and keeps a part of the same span already"
    }
    let others = said.filter { $0.begin == task.begin && $0.stripe != task.stripe }
    if others.contains(where: { $0.newcomer == unit }) {
      return "\(unit) is to get a copy, and gets another stripe of the same span as well"
    }
    return "\(unit) is to get a copy"
  }
}

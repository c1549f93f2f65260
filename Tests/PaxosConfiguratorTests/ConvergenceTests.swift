// Goal: whatever dies, comes back, leaves and is rebuilt, each unit has what the layout says, and
// in the end the log is one span again. Method: seeds; a model of what each disk knows.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Testing

/// What a disk knows: which positions it was told of, and that all before a mark are trimmed.
private struct Disk {
  var told: Set<UInt64> = []
  var mark: UInt64 = 0

  func knows(_ position: UInt64) -> Bool { position < mark || told.contains(position) }
}

/// A cluster whose disks only remember what they were told of.
private struct Model {
  var random: SeededGenerator
  var layout: Layout
  var disks: [UnitName: Disk] = [:]
  var dead: Set<UnitName> = []
  var goal: ClusterGoal
  var tail: UInt64 = 0
  var lives: UInt64 = 1
  /// Whether anybody is asked to go.
  let hasLeavers: Bool
  var story: [String] = []

  init(seed: UInt64, hasLeavers: Bool) {
    self.hasLeavers = hasLeavers
    random = SeededGenerator(seed: seed)
    let stripes = random.number(in: 1...2)
    let replicas = random.number(in: 2...3)
    let count = stripes * replicas
    let units = (1...UInt32(count)).map { unit($0) }
    let spares = (0..<random.number(in: 1...3)).map { unit(UInt32(count + 1 + $0)) }
    layout = Layout(
      epoch: Epoch(1),
      spans: [
        Span(
          begin: .zero,
          stripes: (0..<stripes).map { Chain(Array(units[$0 * replicas..<($0 + 1) * replicas])) }
        )
      ],
      sequencer: sequencer(100),
      acceptors: Array(units.prefix(count < 3 ? 1 : 3)),
      spares: spares
    )
    goal = ClusterGoal(replicas: replicas, acceptors: layout.acceptors.count)
    for unit in units + spares { disks[unit] = Disk() }
  }

  var sight: ClusterSight {
    let there = Set(disks.keys).subtracting(dead)
    let named = Set(layout.units + layout.spares + layout.acceptors)
    return ClusterSight(
      units: there,
      fresh: there.subtracting(named).filter { unit in
        disks[unit].map { $0.told.isEmpty && $0.mark == 0 } ?? false
      }.sorted { $0.node < $1.node },
      sequencers: [sequencer(100)]
    )
  }

  var tasks: [RebuildTask] { RebuildPlan.tasks(in: layout, seeing: sight, goal: goal) }

  /// Everybody writes for a while.
  mutating func write() {
    for _ in 0..<random.number(in: 0...9) {
      for unit in RoundRobin().chain(of: Position(tail), in: layout).replicas {
        disks[unit]?.told.insert(tail)
      }
      tail += 1
    }
  }

  /// A prefix is trimmed, on every unit in use.
  mutating func trim() {
    let mark = UInt64(random.number(in: 0...Int(tail)))
    // One that is dead cannot be told: then nothing is trimmed.
    if layout.units.contains(where: { dead.contains($0) }) { return }
    story.append("trim \(mark)")
    for unit in layout.units where disks[unit].map({ $0.mark < mark }) == true {
      disks[unit]?.mark = mark
    }
  }

  /// Brings the next layout into force, if one is needed and possible.
  mutating func change(joins: [SpanJoin] = []) throws -> Bool {
    let scene = PlanScene(layout: layout, sight: sight, goal: goal, joins: joins)
    let plan: ReconfigurationPlan
    do throws(PlanError) {
      plan = try scene.plan
    } catch {
      if case .noSurvivor = error { return false }
      throw error
    }
    guard plan.isNeeded || !joins.isEmpty else { return false }
    let mark = plan.kept.map { disks[$0]?.mark ?? 0 }.min() ?? 0
    let next = plan.layout(firstTail: Position(tail), trimMark: Position(mark))
    story.append("\(brief(next)), marked \(mark)")
    let rules = PlanRules(scene: scene, next: next, tail: Position(max(tail, 1)))
    if mark == 0, tail > layout.firstTail.number, let violation = rules.violation {
      throw Broken(story, violation)
    }
    layout = next
    for position in 0..<tail {
      for unit in RoundRobin().chain(of: Position(position), in: layout).replicas
      where disks[unit]?.knows(position) != true {
        throw Broken(story, "R28: \(unit) does not know \(position)")
      }
    }
    return true
  }

  /// Copies what a task names, and perhaps lets the newcomer join.
  mutating func rebuild() throws -> Bool {
    guard let task = tasks.first else { return false }
    guard let source = task.chain.replicas.last(where: { !dead.contains($0) }) else {
      return false
    }
    for position in task.begin.number..<task.end.number
    where Int(position % UInt64(task.stripes)) == task.stripe
      && disks[source]?.knows(position) == true
    {
      disks[task.newcomer]?.told.insert(position)
    }
    story.append("\(task.newcomer) has \(task.begin)..<\(task.end) of \(task.chain)")
    return try change(joins: [task.join])
  }

  /// A disk that nobody names any more comes back, emptied.
  mutating func reset() {
    let named = Set(layout.units + layout.spares + layout.acceptors)
    for unit in disks.keys.sorted(by: { $0.node < $1.node })
    where !named.contains(unit) && !dead.contains(unit) && !goal.leaving.contains(unit.node) {
      lives += 1
      disks[unit] = nil
      let next = UnitName(node: unit.node, incarnation: Incarnation(high: lives << 48, low: 0))
      disks[next] = Disk()
      story.append("\(unit) is emptied")
    }
  }

  mutating func step() throws {
    write()
    switch random.number(below: 12) {
    case 0...2:
      // Not more than the chains can bear, or nothing more would happen.
      if dead.count < goal.replicas - 1,
        let unit = random.element(of: layout.units + layout.spares), !dead.contains(unit)
      {
        dead.insert(unit)
        story.append("\(unit) dies")
      }
    case 3, 4:
      if let unit = random.element(of: dead.sorted { $0.node < $1.node }) {
        dead.remove(unit)
        story.append("\(unit) is back")
      }
    case 5 where hasLeavers: goal.leaving = random.element(of: layout.units).map { [$0.node] } ?? []
    case 6: goal.leaving = []
    case 7: trim()
    case 8, 9: _ = try rebuild()
    case 10: reset()
    default: _ = try change()
    }
  }

  /// Everybody comes back, and time passes.
  mutating func settle() throws {
    dead = []
    goal.leaving = []
    for _ in 0..<60 {
      write()
      reset()
      let hasChanged = try change()
      let hasRebuilt = try rebuild()
      if !hasChanged && !hasRebuilt { return }
    }
    throw Broken(story, "it never comes to rest: \(brief(layout)), \(tasks)")
  }
}

/// What went wrong, and how it came to that.
private struct Broken: Error, CustomStringConvertible {
  let description: String

  init(_ story: [String], _ violation: String) {
    description = (story.suffix(12) + [violation]).joined(separator: "\n")
  }
}

/// Runs a model for a while, and then until it comes to rest.
private func end(of seed: UInt64, hasLeavers: Bool, longest: inout Int) throws -> Model {
  var model = Model(seed: seed, hasLeavers: hasLeavers)
  for _ in 0..<40 {
    try model.step()
    longest = max(longest, model.layout.spans.count)
  }
  try model.settle()
  let chains = model.layout.spans.flatMap(\.stripes)
  let isWhole = chains.allSatisfy { $0.replicas.count >= model.goal.replicas }
  #expect(isWhole, "\(seed): \(model.story.suffix(8)) \(brief(model.layout))")
  return model
}

@Test("R23, R28, R30: whatever dies and comes back, the log ends as one span on whole units")
func everythingIsRebuilt() throws {
  var longest = 0
  for seed in 1...600 as ClosedRange<UInt64> {
    let model = try end(of: seed, hasLeavers: false, longest: &longest)
    // Where chains helped each other out, they keep what they took.
    if model.layout.spans[0].stripes.count > 1 { continue }
    let story = "\(seed): \(model.story.suffix(8)) \(brief(model.layout))"
    #expect(model.layout.spans.count == 1, "\(story)")
  }
  #expect(longest > 3, "the search is not vacuous")
}

@Test("R23, R28: whoever leaves, or thinks better of it, everything ends on as many as wanted")
func leaversAreReplaced() throws {
  // Who stays after all keeps what it has, so there may be more than one span.
  var longest = 0
  for seed in 1...600 as ClosedRange<UInt64> {
    _ = try end(of: seed, hasLeavers: true, longest: &longest)
  }
  #expect(longest > 3, "the search is not vacuous")
}

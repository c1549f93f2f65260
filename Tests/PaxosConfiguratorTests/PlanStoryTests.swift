// Goal: layouts follow on each other as the paper draws it, and stay small. Method: scripts of
// plans.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror
import Testing

/// A cluster as far as plans see it.
private struct Story {
  var scene: PlanScene

  init(_ layout: Layout, replicas: Int, acceptors: Int = 1) {
    let units = Set(layout.units + layout.spares + layout.acceptors)
    scene = PlanScene(
      layout: layout,
      sight: ClusterSight(units: units, sequencers: [layout.sequencer]),
      goal: ClusterGoal(replicas: replicas, acceptors: acceptors)
    )
  }

  var layout: Layout { scene.layout }

  mutating func kill(_ numbers: UInt32...) {
    for number in numbers { scene.sight.units.remove(unit(number)) }
  }

  mutating func add(_ numbers: UInt32...) {
    for number in numbers {
      scene.sight.units.insert(unit(number))
      scene.sight.fresh.append(unit(number))
    }
  }

  /// Brings the next layout into force.
  mutating func change(tail: UInt64, trimMark: UInt64 = 0) throws {
    let plan = try scene.plan
    #expect(plan.isNeeded || !scene.joins.isEmpty)
    let next = plan.layout(firstTail: Position(tail), trimMark: Position(trimMark))
    try next.validate()
    scene = scene.after(next)
  }

  var tasks: [RebuildTask] {
    RebuildPlan.tasks(in: layout, seeing: scene.sight, goal: scene.goal)
  }

  /// Copies all that is to be copied, and lets those who have it join.
  mutating func rebuild(tail: UInt64) throws {
    scene.joins = tasks.map(\.join)
    try change(tail: tail)
  }
}

private func mirror(_ first: UInt32, _ second: UInt32, spares: [UInt32] = []) -> Layout {
  Layout(
    epoch: Epoch(1),
    spans: [span(0, [[first, second]])],
    sequencer: sequencer(1),
    acceptors: [unit(2)],
    spares: spares.map { unit($0) }
  )
}

struct PlanStoryTests {
  @Test("R23, R28, R30: figure 5 of the paper")
  func figure5() throws {
    var story = Story(mirror(6, 7, spares: [8]), replicas: 2)
    // (A) F6 dies with the tail at 50K. (B) At once, the new span is on two.
    story.kill(6)
    try story.change(tail: 50_000)
    #expect(story.layout.spans == [span(0, [[7]]), span(50_000, [[7, 8]])])
    #expect(story.layout.firstTail == Position(50_000))
    #expect(story.layout.spares == [])
    // F7 is copied to F8.
    let task = try #require(story.tasks.first)
    #expect(story.tasks.count == 1)
    #expect(task.begin == .zero && task.end == Position(50_000))
    #expect(task.chain == chain(7) && task.newcomer == unit(8))
    // (C) Merged.
    try story.rebuild(tail: 60_000)
    #expect(story.layout.spans == [span(0, [[7, 8]])])
    #expect(story.tasks == [])
    #expect(try !story.scene.plan.isNeeded)
    // (D) More is written elsewhere: a new span on new units.
    story.add(9, 10)
    try story.change(tail: 70_000)
    #expect(story.layout.spares == [unit(9), unit(10)])
    story.scene.goal.stripes = 2
    try story.change(tail: 80_000)
    #expect(story.layout.spans == [span(0, [[7, 8]]), span(80_000, [[7, 8], [9, 10]])])
    #expect(story.tasks == [])
  }

  @Test("R23: the head dies; who was behind it decides, and the newcomer is the tail")
  func threeReplicas() throws {
    var layout = mirror(1, 2, spares: [4, 5])
    layout.spans = [span(0, [[1, 2, 3]])]
    var story = Story(layout, replicas: 3)
    story.kill(1)
    try story.change(tail: 10)
    #expect(story.layout.spans == [span(0, [[2, 3]]), span(10, [[2, 3, 4]])])
    story.kill(3)
    try story.change(tail: 20)
    #expect(story.layout.spans == [span(0, [[2]]), span(10, [[2, 4]]), span(20, [[2, 4, 5]])])
    // Two newcomers: one after the other, the first one's tasks first.
    #expect(story.tasks.map(\.newcomer) == [unit(4), unit(5)])
    try story.rebuild(tail: 30)
    #expect(story.layout.spans == [span(0, [[2, 4]]), span(10, [[2, 4, 5]])])
    try story.rebuild(tail: 30)
    #expect(story.layout.spans == [span(0, [[2, 4, 5]])])
  }

  @Test("R30: two newcomers that join in the other order end up in one span all the same")
  func otherOrder() throws {
    var layout = mirror(1, 2)
    layout.spans = [span(0, [[1]]), span(10, [[1, 4, 5]])]
    layout.firstTail = Position(10)
    var story = Story(layout, replicas: 3)
    // The first newcomer is away while the second one is rebuilt.
    story.scene.joins = [
      SpanJoin(begin: .zero, end: Position(10), stripes: 1, stripe: 0, unit: unit(5))
    ]
    try story.change(tail: 20)
    #expect(story.layout.spans == [span(0, [[1, 5]]), span(10, [[1, 4, 5]])])
    try story.rebuild(tail: 30)
    #expect(story.layout.spans == [span(0, [[1, 4, 5]])])
  }

  @Test("R28: a join of a span that is no longer there is no join")
  func staleJoins() throws {
    var story = Story(mirror(6, 7, spares: [8]), replicas: 2)
    story.kill(6)
    try story.change(tail: 50)
    let join = try #require(story.tasks.first).join
    for stale in [
      SpanJoin(begin: .zero, end: Position(49), stripes: 1, stripe: 0, unit: join.unit),
      SpanJoin(begin: Position(1), end: Position(50), stripes: 1, stripe: 0, unit: join.unit),
      SpanJoin(begin: .zero, end: Position(50), stripes: 2, stripe: 0, unit: join.unit),
      SpanJoin(begin: .zero, end: Position(50), stripes: 1, stripe: 1, unit: join.unit),
      SpanJoin(begin: Position(50), end: Position(60), stripes: 1, stripe: 0, unit: unit(9)),
      SpanJoin(begin: .zero, end: Position(50), stripes: 1, stripe: 0, unit: unit(8, life: 2)),
    ] {
      story.scene.joins = [stale]
      #expect(try !story.scene.plan.isNeeded, "\(stale)")
    }
  }

  @Test("R28: where nobody stands by, whoever keeps old positions only takes new ones as well")
  func idleUnits() throws {
    var layout = mirror(1, 2)
    layout.spans = [span(0, [[1, 3]]), span(50, [[1, 2]])]
    layout.firstTail = Position(50)
    var story = Story(layout, replicas: 2)
    story.kill(2)
    try story.change(tail: 60)
    #expect(story.layout.spans == [span(0, [[1, 3]]), span(50, [[1]]), span(60, [[1, 3]])])
    // A spare comes first: it has room.
    layout.spares = [unit(4)]
    var other = Story(layout, replicas: 2)
    other.kill(2)
    try other.change(tail: 60)
    #expect(other.layout.spans.last == span(60, [[1, 4]]))
  }

  @Test("R28: of two who were given the same, one joins: a chain too many would lack somebody")
  func doubleJoins() throws {
    var layout = mirror(1, 2)
    layout.spans = [span(0, [[1, 2], [3]]), span(50, [[1, 2], [3, 4], [5, 6]])]
    layout.firstTail = Position(50)
    var story = Story(layout, replicas: 2)
    let join = { (stripe: Int, number: UInt32) in
      SpanJoin(begin: .zero, end: Position(50), stripes: 2, stripe: stripe, unit: unit(number))
    }
    // A full chain takes nobody in, nor does a span take in a machine twice.
    for useless in [join(0, 5), join(1, 2)] {
      story.scene.joins = [useless]
      #expect(try !story.scene.plan.isNeeded, "\(useless)")
    }
    story.scene.joins = [join(1, 5), join(1, 6)]
    try story.change(tail: 60)
    #expect(story.layout.spans[0] == span(0, [[1, 2], [3, 5]]))
    // The other monitor is late.
    story.scene.joins = [join(1, 6)]
    #expect(try !story.scene.plan.isNeeded)
  }

  @Test("R23: a node leaves: a newcomer, its copy, and then the node is gone")
  func leaving() throws {
    var story = Story(mirror(6, 7, spares: [8]), replicas: 2)
    story.scene.goal.leaving = [NodeID(6)]
    try story.change(tail: 50)
    #expect(story.layout.spans == [span(0, [[6, 7]]), span(50, [[7, 8]])])
    try story.rebuild(tail: 60)
    #expect(story.layout.spans == [span(0, [[7, 8]])])
    #expect(!story.layout.units.contains(unit(6)) && !story.layout.spares.contains(unit(6)))
    // Nobody could take its place: it stays, and only lets another decide.
    story.scene.goal.leaving = [NodeID(7)]
    try story.change(tail: 70)
    #expect(story.layout.spans == [span(0, [[7, 8]])])
    #expect(story.layout.acceptors == [unit(8)])
    #expect(try !story.scene.plan.isNeeded)
  }

  @Test("R30: spans of which nothing is left are forgotten, once all who take over know it")
  func forgetting() throws {
    var layout = mirror(1, 2)
    layout.spans = [span(0, [[1, 3]]), span(10, [[1, 2]]), span(20, [[2, 4]])]
    layout.firstTail = Position(20)
    for (mark, spans) in [
      (9, layout.spans),
      (10, [span(0, [[1, 2]]), span(20, [[2, 4]])]),
      (19, [span(0, [[1, 2]]), span(20, [[2, 4]])]),
      (20, [span(0, [[2, 4]])]),
      (25, [span(0, [[2, 4]])]),
    ] {
      var story = Story(layout, replicas: 2)
      // Some reason for an epoch.
      story.add(9)
      try story.change(tail: 30, trimMark: UInt64(mark))
      #expect(story.layout.spans == spans, "\(mark)")
    }
  }

  @Test("R29: who was left out since it got its copy does not join, though it still votes")
  func leftOut() throws {
    var layout = Layout(
      epoch: Epoch(25),
      spans: [span(0, [[4, 5]]), span(131, [[4, 1]])],
      sequencer: sequencer(100),
      acceptors: [unit(1), unit(2), unit(4)]
    )
    let sight = ClusterSight(
      units: Set([1, 2, 4, 5].map { unit($0) }),
      sequencers: [sequencer(100)]
    )
    var scene = PlanScene(layout: layout, sight: sight, goal: ClusterGoal(replicas: 3))
    scene.joins = [
      SpanJoin(begin: .zero, end: Position(131), stripes: 1, stripe: 0, unit: unit(2))
    ]
    let next = try scene.plan.layout(firstTail: Position(200))
    #expect(!next.units.contains(unit(2)), "\(brief(next))")
    // One that stands by is welcome.
    layout.spares = [unit(2)]
    scene.layout = layout
    let other = try scene.plan.layout(firstTail: Position(200))
    #expect(other.spans[0].stripes == [chain(4, 5, 2)], "\(brief(other))")
  }

  @Test("R29: a node that is to leave and has lost its disk is not kept for the voice it had")
  func leavingWithoutDisk() throws {
    let layout = Layout(
      epoch: Epoch(5),
      spans: [span(0, [[1, 2]])],
      sequencer: sequencer(100),
      acceptors: [unit(1), unit(2), unit(3)],
      spares: [unit(3, life: 2)]
    )
    var scene = PlanScene(
      layout: layout,
      sight: ClusterSight(
        units: [unit(1), unit(2), unit(3, life: 2)],
        sequencers: [sequencer(100)]
      ),
      goal: ClusterGoal(replicas: 2)
    )
    // Otherwise its new disk votes in place of the old one.
    let staying = try scene.plan.layout(firstTail: Position(9))
    #expect(staying.acceptors == [unit(1), unit(2), unit(3, life: 2)], "\(brief(staying))")
    scene.goal.leaving = [NodeID(3)]
    let next = try scene.plan.layout(firstTail: Position(9))
    #expect(next.acceptors == [unit(1), unit(2)] && next.spares == [], "\(brief(next))")
    // Nor if what it has now is an older image, which nobody empties: it is to leave.
    scene.layout.spares = []
    scene.sight.units.remove(unit(3, life: 2))
    scene.sight.forgetful = [unit(3, life: 2)]
    let old = try scene.plan.layout(firstTail: Position(9))
    #expect(old.acceptors == [unit(1), unit(2)], "\(brief(old))")
    // Nobody knows that of one that is only silent.
    scene.sight.forgetful = []
    let silent = try scene.plan.layout(firstTail: Position(9))
    #expect(silent.acceptors == layout.acceptors, "\(brief(silent))")
  }

  @Test("R29: who came back and only votes is dropped, also while another is to leave")
  func idleBesideLeaving() throws {
    // Node 3 cannot leave before somebody else has what it has; and nodes 4 and 5 vote with disks
    // of which nobody knows what they have missed.
    let layout = Layout(
      epoch: Epoch(12),
      spans: [span(0, [[2, 3, 1]])],
      sequencer: sequencer(100),
      acceptors: [unit(1), unit(2), unit(4), unit(5)]
    )
    let scene = PlanScene(
      layout: layout,
      sight: ClusterSight(
        units: Set((1...5).map { unit($0) }),
        sequencers: [sequencer(100)]
      ),
      goal: ClusterGoal(replicas: 3, acceptors: 5, leaving: [NodeID(3)])
    )
    let next = try scene.plan.layout(firstTail: Position(9))
    #expect(next.acceptors.count == 3 && next.acceptors.contains(unit(1)), "\(brief(next))")
    #expect(Set(next.acceptors).isStrictSubset(of: layout.acceptors))
  }

  @Test("R28: who joins knows the trims of its own span, and no older one is put on it")
  func forgettingBesideAJoin() throws {
    var layout = mirror(1, 2, spares: [9])
    layout.spans = [span(0, [[1, 3]]), span(10, [[1]]), span(20, [[1, 2]])]
    layout.firstTail = Position(20)
    var story = Story(layout, replicas: 2)
    // All units in use know that everything before 15 is trimmed; the spare was told of 10..<20.
    story.scene.joins = [
      SpanJoin(begin: Position(10), end: Position(20), stripes: 1, stripe: 0, unit: unit(9))
    ]
    try story.change(tail: 30, trimMark: 15)
    let chain = RoundRobin().chain(of: Position(5), in: story.layout)
    #expect(!chain.replicas.contains(unit(9)))
  }

  @Test("R28: a disk in place of one that was lost knows of no trim")
  func forgettingBesideALoss() throws {
    var layout = mirror(1, 2, spares: [9])
    layout.spans = [span(0, [[1, 3]]), span(10, [[2]])]
    layout.firstTail = Position(10)
    var story = Story(layout, replicas: 1)
    story.kill(2)
    story.scene.goal.lost = [unit(2)]
    try story.change(tail: 30, trimMark: 15)
    #expect(story.layout.spans[0] == span(0, [[1, 3]]))
  }

  @Test("R30: a layout is as long as its history, not as its log: some bytes, never megabytes")
  func size() throws {
    // A terabyte of 4 KiB entries, and a unit replaced every 10 GB, each rebuilt in between.
    var layout = mirror(1, 2)
    layout.spans = [span(0, [[1, 2], [3, 4], [5, 6], [7, 8]])]
    layout.spares = [unit(9)]
    var story = Story(layout, replicas: 2)
    for turn in 0..<100 as Range<UInt64> {
      let tail = (turn + 1) * 2_500_000
      let victim = try #require(story.layout.units.first)
      story.scene.sight.units.remove(victim)
      try story.change(tail: tail)
      while !story.tasks.isEmpty { try story.rebuild(tail: tail + 1) }
      #expect(story.layout.spans.count == 1)
      story.add(UInt32(10 + turn))
      try story.change(tail: tail + 2)
    }
    #expect(story.layout.encoded().count < 1000, "\(story.layout.encoded().count)")
    // And with nobody to rebuild: one span for each death.
    var history = story.layout
    history.spans = (0..<100_000).map { index in
      span(index * 2_500, [[1, 2], [3, 4], [5, 6], [7, index % 2 == 0 ? 8 : 9]])
    }
    history.firstTail = Position(100_000 * 2_500)
    let bytes = history.encoded().count
    #expect(bytes < 25_000_000, "\(bytes)")
    #expect(bytes / history.spans.count < 20, "\(bytes)")
  }
}

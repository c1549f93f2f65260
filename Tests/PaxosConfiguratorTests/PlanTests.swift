// Goal: the next layout loses nothing and names nobody for what it does not have, whoever is dead.
// Method: every set of dead units of small layouts, with what else may be asked for, held against
// rules; and scripts of what the paper and people do.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror
import Testing

/// The first thing that is wrong with what follows from a scene.
private func violation(in scene: PlanScene) -> String? {
  let chains = scene.layout.spans.flatMap(\.stripes)
  let isLost = chains.contains { chain in
    !chain.replicas.contains { scene.sight.units.contains($0) }
  }
  let plan: ReconfigurationPlan
  do throws(PlanError) {
    plan = try scene.plan
  } catch .noSurvivor(let chain, _) {
    if !isLost || chain.replicas.contains(where: { scene.sight.units.contains($0) }) {
      return "R24: refused, though \(chain) has a survivor"
    }
    return nil
  } catch {
    return "\(error)"
  }
  if isLost { return "R24: a chain without survivors, and a layout all the same" }
  let next = plan.layout(firstTail: tail)
  let kept = scene.sight.units.intersection(scene.layout.units)
  if !plan.kept.isSubset(of: kept) { return "R22: kept, and not there: \(plan.kept)" }
  if !plan.kept.isSuperset(of: Set(next.units).intersection(scene.layout.units)) {
    return "R22: not sealed, and in the next layout"
  }
  if let violation = PlanRules(scene: scene, next: next, tail: tail).violation {
    return "\(violation): \(brief(next))"
  }
  let afterwards = scene.after(next)
  guard let again = try? afterwards.plan else { return "no plan after \(brief(next))" }  // Told.
  if again.isNeeded {
    return "never content: \(brief(next)), then \(brief(again.layout(firstTail: tail)))"
  }
  return nil
}

private func firstViolation(in scenes: some Sequence<PlanScene>) -> String? {
  for scene in scenes {
    if let violation = violation(in: scene) { return "\(scene): \(violation)" }
  }
  return nil
}

struct PlanTests {
  @Test(
    "R22, R23, R24, R28, R30: every set of dead units of every small layout",
    arguments: Shape.all
  )
  private func everySetOfDead(shape: Shape) {
    let layout = shape.layout
    let others: [[UnitName]] = [[], [unit(90)]]
    let scenes = subsets(of: layout.units + layout.spares).lazy.flatMap { dead in
      others.lazy.map { fresh in shape.scene(dead: dead, fresh: fresh) }
    }
    #expect(firstViolation(in: scenes) == nil)
  }

  @Test("R23: who leaves goes once others have what it has", arguments: Shape.all)
  private func everyLeaver(shape: Shape) {
    let layout = shape.layout
    let all = layout.units + layout.spares
    let scenes = subsets(of: all).lazy.filter { $0.count <= 2 }.flatMap { dead in
      all.lazy.flatMap { leaver in
        [[], [unit(90)]].lazy.map { fresh in
          shape.scene(dead: dead, leaving: [leaver.node], fresh: fresh)
        }
      }
    }
    #expect(firstViolation(in: scenes) == nil)
  }

  @Test("R28: a unit that has caught up joins, whoever else is dead", arguments: Shape.all)
  private func everyJoin(shape: Shape) {
    guard shape.hasHistory else { return }
    let layout = shape.layout
    let scenes = subsets(of: layout.units + layout.spares).lazy.flatMap { dead in
      let scene = shape.scene(dead: dead)
      return RebuildPlan.tasks(in: layout, seeing: scene.sight, goal: scene.goal).lazy.map { task in
        var scene = scene
        scene.joins = [task.join]
        return scene
      }
    }.filter { scene in
      // With nobody to copy from, there is nothing to join with.
      scene.layout.spans[0].stripes.allSatisfy { chain in
        chain.replicas.contains { scene.sight.units.contains($0) }
      }
    }
    #expect(firstViolation(in: scenes) == nil)
  }

  @Test("R23: a layout of healthy units is left alone", arguments: Shape.all)
  private func healthy(shape: Shape) throws {
    let plan = try shape.scene().plan
    #expect(!plan.isNeeded)
    #expect(plan.layout(firstTail: tail).spans == shape.layout.spans)
  }

  @Test("R9: the same process goes on handing out positions, or the first that is there")
  func sequencers() throws {
    var scene = Shape(stripes: 1, replicas: 2, spares: 0, hasHistory: false).scene()
    #expect(try scene.plan.layout(firstTail: tail).sequencer == sequencer(100))
    scene.sight.sequencers = [sequencer(100, life: 2), sequencer(101)]
    #expect(try scene.plan.isNeeded)
    #expect(try scene.plan.layout(firstTail: tail).sequencer == sequencer(100, life: 2))
    scene.goal.leaving = [NodeID(100)]
    #expect(try scene.plan.layout(firstTail: tail).sequencer == sequencer(101))
    scene.sight.sequencers = [sequencer(100, life: 2)]
    #expect(try scene.plan.layout(firstTail: tail).sequencer == sequencer(100, life: 2))
    scene.sight.sequencers = []
    #expect(throws: PlanError.noSequencer) { try scene.plan }
  }

  @Test("R24: what is declared lost is given up, and nothing else is")
  func lost() throws {
    var scene = Shape(stripes: 2, replicas: 2, spares: 1, hasHistory: false)
      .scene(dead: [unit(1), unit(2)])
    let refusal = PlanError.noSurvivor(chain(1, 2), begin: .zero)
    #expect(throws: refusal) { try scene.plan }
    scene.goal.lost = [unit(1)]
    #expect(throws: refusal) { try scene.plan }
    // Another life of the disk is another disk.
    scene.goal.lost = [unit(1), unit(2, life: 2)]
    #expect(throws: refusal) { try scene.plan }
    scene.goal.lost = [unit(1), unit(2)]
    let next = try scene.plan.layout(firstTail: tail)
    #expect(next.spans == [span(0, [[5], [3, 4]])])
    let loss = LostRange(range: .zero..<tail, stripes: 2, stripe: 0)
    #expect(next.losses == [loss] && next.isLost(Position(2)) && !next.isLost(Position(3)))
    #expect(!next.isLost(tail))
    // Remembered from layout to layout, until everybody has trimmed it.
    scene = scene.after(next)
    scene.sight.units.insert(unit(5))
    let later = tail.advanced(by: 10)
    #expect(try scene.plan.layout(firstTail: later).losses == [loss])
    let unforgotten = try scene.plan.layout(firstTail: later, trimMark: tail.advanced(by: -1))
    #expect(unforgotten.losses == [loss])
    #expect(try scene.plan.layout(firstTail: later, trimMark: tail).losses == [])
    scene = Shape(stripes: 2, replicas: 2, spares: 1, hasHistory: false)
      .scene(dead: [unit(1), unit(2)])
    scene.goal.lost = [unit(1), unit(2)]
    // It answers after all: then nothing is given up.
    scene.sight.units.insert(unit(2))
    #expect(try scene.plan.layout(firstTail: tail).spans[0] == span(0, [[2], [3, 4]]))
    // Without anybody to put there, the chain cannot go on.
    scene = Shape(stripes: 1, replicas: 1, spares: 0, hasHistory: false).scene(dead: [unit(1)])
    scene.goal.lost = [unit(1)]
    #expect(throws: PlanError.self) { try scene.plan }
  }

  @Test("R24: one spare is enough to give up a chain with a long history")
  func lostThroughHistory() throws {
    let layout = Layout(
      epoch: Epoch(3),
      firstTail: Position(20),
      spans: [span(0, [[1, 3]]), span(10, [[1]]), span(20, [[1, 2]])],
      sequencer: sequencer(100),
      acceptors: [unit(4)],
      spares: [unit(4)]
    )
    let scene = PlanScene(
      layout: layout,
      sight: ClusterSight(units: [unit(4)], sequencers: [sequencer(100)]),
      goal: ClusterGoal(replicas: 2, acceptors: 1, lost: [unit(1), unit(2), unit(3)])
    )
    let next = try scene.plan.layout(firstTail: tail)
    #expect(next.spans == [span(0, [[4]])])
    #expect(next.losses == [LostRange(range: .zero..<tail, stripes: 1, stripe: 0)])
  }

  @Test func whatIsBrokenIsMendedThoughAWishCannotBeGranted() throws {
    var scene = Shape(stripes: 1, replicas: 2, spares: 1, hasHistory: false).scene()
    scene.goal.stripes = 2
    #expect(throws: PlanError.tooFewSpares(wanted: 2, found: 1)) { try scene.plan }
    scene.sight.units.remove(unit(1))
    #expect(try scene.plan.layout(firstTail: tail).span(of: tail) == span(90, [[2, 3]]))
  }

  @Test func aDeadAcceptorIsReplacedIfSomebodyIsThere() throws {
    var scene = Shape(stripes: 2, replicas: 2, spares: 1, hasHistory: false).scene(dead: [unit(2)])
    #expect(try scene.plan.layout(firstTail: tail).acceptors == [unit(1), unit(3), unit(5)])
    // A machine whose disk was replaced has one voice, the new disk's.
    scene = Shape(stripes: 1, replicas: 3, spares: 0, hasHistory: false)
      .scene(dead: [unit(2)], fresh: [unit(2, life: 2)])
    let next = try scene.plan.layout(firstTail: tail)
    #expect(next.acceptors == [unit(1), unit(3), unit(2, life: 2)])
    #expect(next.span(of: tail).stripes == [Chain([unit(1), unit(3), unit(2, life: 2)])])
  }

  @Test("R30: who leaves keeps its voice, as long as too few could decide anything without it")
  func vitalAcceptor() throws {
    var layout = Layout(
      epoch: Epoch(5),
      spans: [span(0, [[1]])],
      sequencer: sequencer(100),
      acceptors: [unit(1), unit(2), unit(3)]
    )
    var sight = ClusterSight(units: [unit(1), unit(2)], sequencers: [sequencer(100)])
    var goal = ClusterGoal(replicas: 1)
    goal.leaving = [NodeID(2)]
    var scene = PlanScene(layout: layout, sight: sight, goal: goal)
    // The third is silent, and may be gone for good.
    #expect(try scene.plan.layout(firstTail: tail).acceptors == layout.acceptors)
    // With somebody in its place, the one that leaves may go.
    let fresh = unit(3, life: 2)
    sight.units.insert(fresh)
    sight.fresh = [fresh]
    scene = PlanScene(layout: layout, sight: sight, goal: goal)
    layout = try scene.plan.layout(firstTail: tail)
    #expect(layout.acceptors == [unit(1), fresh])
  }

  @Test("R30: nor does a vital voice go where fewer acceptors are wanted than there were")
  func vitalAmongFewer() throws {
    let layout = Layout(
      epoch: Epoch(5),
      spans: [span(0, [[1]])],
      sequencer: sequencer(100),
      acceptors: [unit(1), unit(2), unit(3), unit(4), unit(5)]
    )
    let sight = ClusterSight(units: [unit(1), unit(2), unit(5)], sequencers: [sequencer(100)])
    var goal = ClusterGoal(replicas: 1)
    goal.acceptors = 3
    goal.leaving = [NodeID(2), NodeID(5)]
    let scene = PlanScene(layout: layout, sight: sight, goal: goal)
    let next = try scene.plan.layout(firstTail: tail).acceptors
    let able = next.count { sight.units.contains($0) }
    #expect(able * 2 > next.count, "\(next) can decide nothing")
  }

  @Test("R29: a disk that came back can be emptied, though all others leave")
  func idleAcceptor() throws {
    let layout = Layout(
      epoch: Epoch(5),
      spans: [span(0, [[1, 2]]), span(157, [[2]])],
      sequencer: sequencer(100),
      acceptors: [unit(1), unit(2), unit(3)]
    )
    let sight = ClusterSight(units: [unit(1), unit(2), unit(3)], sequencers: [sequencer(100)])
    var goal = ClusterGoal(replicas: 1)
    goal.leaving = [NodeID(1), NodeID(2)]
    // The third has nothing to do, and is to be somebody new: the only one that could take over.
    let scene = PlanScene(layout: layout, sight: sight, goal: goal)
    #expect(try scene.plan.layout(firstTail: Position(200)).acceptors == [unit(1), unit(2)])
  }

  @Test("R29: a disk that comes back can be emptied, though there is nobody else to decide")
  func returnedAcceptor() throws {
    // Nobody is there: the dead one keeps its voice, or fewer and fewer would decide.
    var scene = Shape(stripes: 1, replicas: 3, spares: 0, hasHistory: false).scene(dead: [unit(2)])
    let degraded = try scene.plan.layout(firstTail: tail)
    #expect(degraded.acceptors == [unit(1), unit(2), unit(3)])
    scene = scene.after(degraded)
    // It is back, with what it had: it must not be named before it is emptied.
    scene.sight.units.insert(unit(2))
    let without = try scene.plan.layout(firstTail: tail)
    #expect(without.acceptors == [unit(1), unit(3)])
    scene = scene.after(without)
    #expect(try !scene.plan.isNeeded)
    let emptied = unit(2, life: 2)
    scene.sight.units = [unit(1), unit(3), emptied]
    scene.sight.fresh = [emptied]
    let whole = try scene.plan.layout(firstTail: tail)
    #expect(whole.acceptors == [unit(1), unit(3), emptied])
    #expect(whole.span(of: tail).stripes == [Chain([unit(1), unit(3), emptied])])
    // While another one is silent, its voice is needed.
    scene = scene.after(degraded)
    scene.sight.units = [unit(1), unit(2)]
    scene.sight.fresh = []
    #expect(try Set(scene.plan.layout(firstTail: tail).acceptors) == [unit(1), unit(2), unit(3)])
  }

  @Test("D12, R29: an acceptor that has forgotten something is dropped, so that it can be emptied")
  func forgetfulAcceptor() throws {
    var scene = Shape(stripes: 1, replicas: 3, spares: 0, hasHistory: false).scene(dead: [unit(2)])
    scene.sight.forgetful = [unit(2)]
    let without = try scene.plan.layout(firstTail: tail)
    #expect(without.acceptors == [unit(1), unit(3)])
    #expect(without.span(of: tail).stripes == [chain(1, 3)])
    // Before one that is only idle, which can vote until it is emptied.
    var idle = scene.layout
    idle.spans = [Span(begin: .zero, stripes: [chain(1)])]
    scene = scene.after(idle)
    scene.sight.units = [unit(1), unit(3)]
    #expect(try scene.plan.layout(firstTail: tail).acceptors == [unit(1), unit(3)])
    // While another one is silent, its voice is needed.
    scene.sight.units = [unit(1)]
    let degraded = try scene.plan.layout(firstTail: tail)
    #expect(Set(degraded.acceptors) == [unit(1), unit(2), unit(3)])
  }

  @Test("D12: nobody is dropped for an acceptor that waits: it may turn out to have forgotten all")
  func waitingAcceptor() throws {
    var scene = Shape(stripes: 1, replicas: 3, spares: 0, hasHistory: false).scene(dead: [unit(2)])
    scene = scene.after(try scene.plan.layout(firstTail: tail))
    // The second is back, and would be dropped, to be emptied; the third was started again.
    scene.sight.units.insert(unit(2))
    scene.sight.waiting = [unit(3)]
    #expect(try Set(scene.plan.layout(firstTail: tail).acceptors) == [unit(1), unit(2), unit(3)])
    scene.sight.waiting = []
    #expect(try scene.plan.layout(firstTail: tail).acceptors == [unit(1), unit(3)])
  }

  @Test("D12: a layout names the openings that were sealed, and keeps what it knew of others")
  func openings() throws {
    let boot = BootID(high: 1, low: 1)
    var scene = Shape(stripes: 1, replicas: 3, spares: 0, hasHistory: false).scene(dead: [unit(2)])
    scene.layout.openings = [
      unit(1): DiskOpening(count: 1, boot: boot), unit(2): DiskOpening(count: 5, boot: boot),
    ]
    let sealed = [unit(1), unit(3), unit(9)].map { ($0, DiskOpening(count: 2, boot: boot)) }
    let next = try scene.plan.layout(
      firstTail: tail,
      openings: Dictionary(uniqueKeysWithValues: sealed)
    )
    // The dead one is an acceptor still, and nobody was told of the stranger.
    #expect(next.openings.mapValues(\.count) == [unit(1): 2, unit(2): 5, unit(3): 2])
    #expect(throws: Never.self) { try next.validate() }
  }
}

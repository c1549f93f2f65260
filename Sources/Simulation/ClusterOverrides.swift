internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// An operator of a simulated cluster who has to decide against the rules, and the loss that makes
/// him do so (R24).
///
/// The loss goes beyond the fault model, and no further than an operator may: at a moment at which
/// nobody can have decided on what follows the layout in force. So it is known which layout that
/// is, which disks had what is gone, and that nobody votes any more where most acceptors are gone.
final class ClusterOverrides: Sendable {
  private let plan: OverridePlan
  private let troubles: ClusterTroubles
  private let monitors: ClusterMonitors
  private let course: LayoutCourse
  private let state: Mutex<State>
  private var nodes: ClusterNodes { troubles.nodes }
  private var world: World { troubles.world }

  private struct State: Sendable {
    var random: SeededGenerator
    /// What is lost; `nil` before it is, and once all about it is decided.
    var loss: Loss?
  }

  /// Disks that are lost, at once and for good, as far as anybody knows.
  private struct Loss: Sendable {
    /// The layout that was in force.
    let base: Layout
    let disks: Set<UnitName>
    /// Whether nobody is left of a chain.
    let endsChain: Bool
    /// Whether too few acceptors are left to decide anything.
    let endsVotes: Bool

    var names: String { disks.sorted().map(\.node.description).joined(separator: ", ") }
  }

  init(
    _ plan: OverridePlan,
    _ troubles: ClusterTroubles,
    _ monitors: ClusterMonitors,
    course: LayoutCourse
  ) {
    self.plan = plan
    self.troubles = troubles
    self.monitors = monitors
    self.course = course
    state = Mutex(State(random: plan.random))
  }

  /// Whether something is lost, and what is to become of it is not decided.
  var isUnderWay: Bool { loss != nil }

  private var loss: Loss? { state.withLock { $0.loss } }

  private func draw<Value: Sendable>(
    _ body: @Sendable (inout SeededGenerator) -> Value
  ) -> Value {
    state.withLock { body(&$0.random) }
  }

  /// Waits for the loss, and decides what it takes.
  func run() async {
    while !Task.isCancelled {
      await world.sleep(for: .milliseconds(5))
      guard !Task.isCancelled, nodes.history.acknowledged >= plan.appendsBefore, let loss = strike()
      else { continue }
      await world.sleep(for: plan.hesitation)
      if !Task.isCancelled { await decide(on: loss) }
      return
    }
  }

  /// Decides what is left to decide, when the faults have ended.
  func conclude() async {
    defer { monitors.setAutomatic(true) }
    guard let loss else { return }
    if !plan.destroys { return takeBack(loss) }
    declare(loss)
    for _ in 0..<20 where loss.endsVotes {
      if await appoint(loss) { break }
      await world.sleep(for: .milliseconds(20))
    }
    if loss.endsVotes, (nodes.newestLayout?.generation ?? 0) <= loss.base.generation {
      nodes.history.fail("no acceptors can be appointed, and all is well")
    }
    end()
  }

  private func end() { state.withLock { $0.loss = nil } }

  // MARK: - The loss

  /// Disks are lost, if it is a moment at which they may be.
  private func strike() -> Loss? {
    guard let layout = troubles.layout else { return nil }
    let found = plan.kind == .lost ? lossOfChain(layout) : lossOfVotes(layout)
    guard let loss = found else { return nil }
    state.withLock { $0.loss = loss }
    // After a power cut of all nodes nobody else may be left who knows of it.
    troubles.learn(layout)
    if plan.kind == .lost { nodes.takeLog(of: layout) }
    course.lose(under: layout, isQuorumLost: loss.endsVotes)
    troubles.count(plan.kind == .lost ? .lostChain : .lostAcceptors)
    let what = plan.kind == .lost ? "a chain" : "most acceptors"
    let how = plan.destroys ? "destroyed" : "without power"
    world.note("trouble: of \(what) of epoch \(layout.epoch) the disks are \(how): \(loss.names)")
    for node in loss.disks.sorted().map(\.node) {
      if plan.destroys {
        nodes.loseDisk(of: node)
        troubles.stayAway(node, for: plan.absence)
      } else {
        nodes.kill(node, withPower: draw { $0.chance(0.5) })
        troubles.stayAway(node)
      }
    }
    return loss
  }

  /// Whether all replicas of a chain are up, in an epoch that none of them has closed: so nothing
  /// was decided after it, and nothing will be without them (R22).
  private func isOpen(_ chain: Chain, in layout: Layout) -> Bool {
    let id = layout.id
    return chain.replicas.allSatisfy { name in
      guard nodes.has(name), let node = nodes.node(name.node), node.unitName == name,
        let unit = node.unit
      else { return false }
      return unit.installed == id && unit.sealed < layout.epoch
    }
  }

  /// All disks of a chain, of others not the last ones, and most acceptors only if none of the
  /// disks comes back.
  private func lossOfChain(_ layout: Layout) -> Loss? {
    let chains = draw { layout.chains.shuffled(using: &$0) }
    // Where there are objects, all of the log is lost, or nothing.
    if nodes.objects != nil, layout.spans.count > 1 || chains.count > 1 { return nil }
    for chain in chains where isOpen(chain, in: layout) {
      let disks = Set(chain.replicas)
      let endsVotes = isDecisive(of: layout, lostWith: disks)
      if hasCopies(layout, without: disks), plan.destroys || !endsVotes {
        return Loss(base: layout, disks: disks, endsChain: true, endsVotes: endsVotes)
      }
    }
    return nil
  }

  /// Disks of acceptors, so many that the others cannot decide; of each chain some are left.
  private func lossOfVotes(_ layout: Layout) -> Loss? {
    guard layout.chains.contains(where: { isOpen($0, in: layout) }) else { return nil }
    let there = layout.acceptors.filter { nodes.has($0) }
    // Some are lost perhaps, and not replaced yet.
    let fewest = max(1, there.count - layout.acceptors.count / 2)
    guard fewest <= there.count else { return nil }
    for _ in 0..<4 {
      let disks = draw { random in
        let count = random.number(in: fewest...there.count)
        return Set(there.shuffled(using: &random).prefix(count))
      }
      let isShort = layout.chains.contains { $0.replicas.allSatisfy(disks.contains) }
      if !isShort, hasCopies(layout, without: disks), isDecisive(of: layout, lostWith: disks) {
        return Loss(base: layout, disks: disks, endsChain: false, endsVotes: true)
      }
    }
    return nil
  }

  /// Whether of each chain somebody is left who has all of it, or nobody.
  private func hasCopies(_ layout: Layout, without disks: Set<UnitName>) -> Bool {
    layout.chains.allSatisfy { chain in
      chain.replicas.allSatisfy(disks.contains)
        || chain.replicas.contains { !disks.contains($0) && nodes.has($0) }
    }
  }

  /// Whether too few acceptors are left to decide anything.
  private func isDecisive(of layout: Layout, lostWith disks: Set<UnitName>) -> Bool {
    let left = layout.acceptors.count { !disks.contains($0) && nodes.has($0) }
    return left < layout.acceptors.count / 2 + 1
  }

  // MARK: - What is decided

  private func decide(on loss: Loss) async {
    declare(loss)
    if loss.endsVotes {
      // Nobody else is to be at it: the product's advice.
      monitors.setAutomatic(false)
      while !Task.isCancelled {
        if await appoint(loss) { break }
        await world.sleep(for: draw { $0.duration(in: .milliseconds(5)...(.milliseconds(60))) })
      }
      monitors.setAutomatic(true)
      if !Task.isCancelled { end() }
      return
    }
    await waitForSuccessor(of: loss)
  }

  /// Declares disks lost that were all that a chain had.
  private func declare(_ loss: Loss) {
    if !loss.endsChain { return }
    world.note("the operator declares the disks of \(loss.names) lost")
    course.declare(loss.disks)
    monitors.declareLost(loss.disks)
  }

  /// Waits until the cluster goes on without the disks, and has those come back that can.
  private func waitForSuccessor(of loss: Loss) async {
    let patience = world.now + .seconds(3)
    while !Task.isCancelled, !isSucceeded(loss) {
      if plan.isByHand {
        let shunned = plan.destroys ? [] : Set(loss.disks.map(\.node))
        _ = await troubles.change(without: shunned)
      }
      await world.sleep(for: .milliseconds(20))
      // Nobody stands by who could take over, for instance.
      if !plan.destroys, world.now > patience { return takeBack(loss) }
    }
    if Task.isCancelled { return }
    world.note("the cluster goes on without the disks of \(loss.names)")
    end()
    if plan.destroys { return }
    await world.sleep(for: plan.absence)
    for disk in loss.disks.sorted() { troubles.stayAway(disk.node, for: .zero) }
  }

  private func isSucceeded(_ loss: Loss) -> Bool {
    troubles.layout?.epoch ?? .zero > loss.base.epoch
  }

  /// The disks are there after all: one that comes back in time is like any other again.
  private func takeBack(_ loss: Loss) {
    world.note("the disks of \(loss.names) are found")
    monitors.declareLost([])
    for disk in loss.disks.sorted() { troubles.stayAway(disk.node, for: .zero) }
    end()
  }

  /// Whether so many know of a layout that whoever asks them all will hear of it.
  private func isKnown(_ layout: Layout) -> Bool {
    nodes.all.count { nodes.node($0)?.newestLayout?.epoch == layout.epoch } > 2
  }

  /// Appoints acceptors in place of those that are gone, once: two appointments can make two
  /// clusters of one.
  ///
  /// - Returns: Whether others are in force.
  private func appoint(_ loss: Loss) async -> Bool {
    let known = troubles.layout ?? loss.base
    if known.generation == loss.base.generation {
      // An operator appoints nobody while most acceptors may answer.
      precondition(isDecisive(of: loss.base, lostWith: loss.disks), "they were lost for good")
      // With all that had a chain, most who know of the layout are gone.
      let isBehind = plan.isBehind && !loss.endsChain && isKnown(loss.base)
      let older = isBehind ? course.layout(before: known.epoch) : nil
      guard let next = await monitors.appointAcceptors(after: older ?? known) else { return false }
      troubles.learn(next)
    } else if nodes.newestLayout?.generation ?? 0 == loss.base.generation {
      // Nobody has heard of them.
      _ = await monitors.reconfigure(from: known)
    }
    return nodes.newestLayout?.generation ?? 0 > loss.base.generation
  }
}

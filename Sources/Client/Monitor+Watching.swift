internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

// How a monitor sees the cluster. Everybody is asked again and again, each by himself, so that one
// who is slow keeps nobody from being heard. Whom it does not hear it takes for dead only if most
// of the other monitors agree: a cut between two nodes is no death.

extension Monitor {
  /// Asks everybody how they are, until its task is cancelled.
  func watch() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        for (node, number) in newQuestions() {
          group.addTask { await self.ask(node, number) }
        }
        await sleep(limits.interval)
        if !Task.isCancelled { await observe() }
      }
    }
  }

  /// Whom to ask now; who has not answered in time is silent from now on.
  private func newQuestions() -> [(node: NodeID, number: UInt64)] {
    let nodes = layout.nodes.union(wishes().peers)
    return state.withLock { state in
      state.detector.forget(except: nodes)
      state.inquiries = state.inquiries.filter { nodes.contains($0.key) }
      state.status.look.statuses = state.status.look.statuses.filter { nodes.contains($0.key) }
      var questions: [(node: NodeID, number: UInt64)] = []
      for node in nodes.sorted() {
        var inquiry = state.inquiries[node] ?? Inquiry()
        let usual = max(limits.patience, state.detector.answerTime(of: node))
        let patience = min(usual, limits.patienceMax)
        if inquiry.isLate(at: now, patience: patience) { state.status.look.statuses[node] = nil }
        if let number = inquiry.ask(at: now, patience: patience) {
          state.detector.ask(node, at: now)
          questions.append((node, number))
        }
        state.inquiries[node] = inquiry
      }
      return questions
    }
  }

  private func ask(_ node: NodeID, _ number: UInt64) async {
    let begin = now
    // Silence is what a look is for.
    let reply = try? await network.call(.status, to: node, patience: limits.patienceMax)
    let end = now
    state.withLock { state in
      guard case .status(let status)? = reply else {
        let isNewest = state.inquiries[node]?.end(number, isAnswered: false) ?? false
        if isNewest { state.status.look.statuses[node] = nil }
        return
      }
      // It is no member any more, or something newer is known of it.
      guard state.inquiries[node]?.end(number, isAnswered: true) == true else { return }
      state.status.look.statuses[node] = status
      state.detector.hear(node, after: end - begin, at: end)
    }
  }

  /// Takes in who answered, and who did not.
  private func observe() async {
    let (newlyDead, newest) = state.withLock { state in
      _ = state.detector.suspect(at: now)
      noteCopies(&state)
      let view = self.view(state)
      let nodes = state.status.layout.nodes.union(state.status.look.statuses.keys)
        .union(view.suspects)
      let dead = nodes.filter { isDead($0, view, state.status.look) }
      let newlyDead = dead.subtracting(state.status.suspects).sorted()
      state.status.suspects = dead
      state.status.unheard = view.suspects
      let newest = state.status.look.statuses.values.compactMap(\.newest?.epoch).max()
      return (newlyDead, newest ?? .zero)
    }
    publish()
    for node in newlyDead { onEvent(.suspected(node)) }
    if newest > layout.epoch {
      let nodes = layout.nodes.union(wishes().peers)
      adopt(await hand.newest(from: layout, and: nodes))
    }
  }

  private func view(_ state: State) -> MonitorView {
    MonitorView(
      suspects: state.detector.suspects,
      unheard: state.detector.silent(forMoreThan: 0.5, at: now),
      isChanging: state.isChanging,
      rank: rank,
      copy: state.status.rebuild?.news
    )
  }

  /// Tells those who ask its host what it sees, and whether it is at work.
  func publish() { onView(state.withLock { view($0) }) }

  /// Whether most of those who look after the cluster do not hear a node.
  ///
  /// Somebody must have missed it for so long that it may be dead; the others then need not have
  /// waited as long. Never the node that this monitor lives on: what it does not hear there is its
  /// own fault.
  private func isDead(_ node: NodeID, _ view: MonitorView, _ look: ClusterLook) -> Bool {
    if node == host { return false }
    let isMissed = view.suspects.contains(node)
    var (deaf, hearing) = isMissed ? (1, 0) : (0, 1)
    for (witness, status) in look.statuses where witness != node && witness != host {
      guard let other = status.view else { continue }
      if (isMissed ? other.unheard : other.suspects).contains(node) {
        deaf += 1
      } else {
        hearing += 1
      }
    }
    return deaf > hearing
  }

  // MARK: - What that means

  /// A reconfigurer with as much patience as the network needs, and more after every failure.
  var hand: Reconfigurer<Network, Time, Kit> {
    var hand = reconfigurer
    hand.patience = state.withLock { state in
      let status = state.status
      let alive = status.layout.nodes.subtracting(status.suspects)
      let slowest = alive.map { state.detector.answerTime(of: $0) }.max() ?? .zero
      let patience = limits.patience * (1 << min(state.failures, Self.doublingsMax))
      return min(max(patience, slowest), limits.patienceMax)
    }
    return hand
  }

  /// How often patience doubles.
  private static var doublingsMax: Int { 4 }

  /// Nodes that answered and may not be part of the cluster yet.
  func held(_ status: MonitorStatus) -> Set<NodeID> {
    let held = state.withLock { $0.probation.held(at: now) }
    return held.filter { node in
      status.look.unit(of: node).map { !status.layout.names($0) } ?? false
    }
  }

  /// Who is there: those who answered, and those who may only be slow.
  func sight(_ status: MonitorStatus) -> ClusterSight {
    var sight = status.look.sight(of: status.layout)
    let suspects = status.suspects
    let held = held(status)
    sight.units = sight.units.filter { !suspects.contains($0.node) }
    sight.fresh.removeAll { held.contains($0.node) || suspects.contains($0.node) }
    sight.sequencers.removeAll { suspects.contains($0.node) }
    for unit in status.layout.units + status.layout.spares + status.layout.acceptors {
      let isSilent = status.look.statuses[unit.node] == nil
      if isSilent && !suspects.contains(unit.node) { sight.units.insert(unit) }
    }
    let node = status.layout.sequencer.node
    if status.look.statuses[node] == nil && !suspects.contains(node) {
      sight.sequencers.insert(status.layout.sequencer, at: 0)
    }
    return sight
  }

  /// What a look says is to be done about the layout.
  func need(_ status: MonitorStatus) -> Need {
    let (sight, goal) = (sight(status), wishes().goal)
    let last = state.withLock { $0.lastNeed }
    let known: KnownNeed
    if let last, last.layout == status.layout, last.sight == sight, last.goal == goal {
      known = last
    } else {
      known = KnownNeed(of: status.layout, seeing: sight, goal, by: Kit.Planner.self)
    }
    state.withLock { state in
      state.lastNeed = known
      if let trouble = known.trouble { state.status.trouble = .plan(trouble) }
    }
    return known.need
  }

  func isHalfDone(_ status: MonitorStatus) -> Bool {
    let layout = status.layout
    let isSealed = layout.units.contains { unit in
      guard status.look.unit(of: unit.node) == unit else { return false }
      return status.look.statuses[unit.node]?.unit?.sealed ?? .zero >= layout.epoch
    }
    let sequencer = status.look.statuses[layout.sequencer.node]?.sequencer
    return isSealed || sequencer?.sealed ?? .zero >= layout.epoch
  }
}

/// What is to be done about a layout, for who is there and what is wanted.
struct KnownNeed: Sendable {
  let layout: Layout
  let sight: ClusterSight
  let goal: ClusterGoal
  let need: Need
  /// What keeps it from being done; `nil` if nothing does.
  let trouble: PlanError?

  init(
    of layout: Layout,
    seeing sight: ClusterSight,
    _ goal: ClusterGoal,
    by planner: (some ChainPlanning).Type
  ) {
    (self.layout, self.sight, self.goal) = (layout, sight, goal)
    do {
      let plan = try ReconfigurationPlan(after: layout, seeing: sight, goal: goal, by: planner)
      (need, trouble) = (plan.isNeeded ? .change : .nothing, nil)
    } catch {
      trouble = error
      // What is there goes on, is copied and comes back: that may be just what is lacking.
      if case .tooFewSpares = error { need = .spares } else { need = .change }
    }
  }
}

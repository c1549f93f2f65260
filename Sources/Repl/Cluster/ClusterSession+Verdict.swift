import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

// Whether all is well: what is known of nodes, chains, votes, disks and the network in one list.

extension ClusterSession {
  /// Everything that is not as it should be, what weighs most first; nothing if all is well.
  func concerns(_ healing: Healing) -> [Concern] {
    guard let layout = healing.cluster.layout else { return [.obstacle("there is no layout")] }
    return chainConcerns(healing, layout) + voteConcerns(healing, layout)
      + sequencerConcerns(healing, layout) + troubles(healing).map { .obstacle($0.line) }
      + networkConcerns() + healing.cluster.nodeIDs.flatMap { nodeConcerns($0, healing) }
      + spareConcerns(healing, layout) + changeConcerns()
  }

  /// Whether a unit does what the layout wants of it, as far as anybody can see.
  func serves(_ unit: UnitName, _ healing: Healing) -> Bool {
    guard let node = healing.cluster.node(unit.node), node.unitName == unit else { return false }
    return node.unit?.hasFailed != true && !isSilent(unit.node, healing)
  }

  /// Whether a node that is up does not answer.
  private func isSilent(_ id: NodeID, _ healing: Healing) -> Bool {
    opened.value.network.paused.contains(id)
      || view(healing)?.suspects.contains(id) == true
  }

  /// The hosts of the monitors that take a node for dead.
  private func suspecting(_ id: NodeID, _ healing: Healing) -> [NodeID] {
    healing.monitors.filter { $0.status.suspects.contains(id) }.map(\.host)
  }

  private func chainConcerns(_ healing: Healing, _ layout: Layout) -> [Concern] {
    let wanted = healing.goal.replicas
    return layout.spans.indices.flatMap { index in
      layout.spans[index].stripes.enumerated().compactMap { stripe, chain -> Concern? in
        let alive = chain.replicas.count { serves($0, healing) }
        let wanted = max(wanted, chain.replicas.count)
        guard alive < wanted else { return nil }
        let part = "stripe \(stripe) of \(LayoutWords.range(of: index, in: layout))"
        return .risk("\(part) has \(alive) of \(wanted) units")
      }
    }
  }

  private func voteConcerns(_ healing: Healing, _ layout: Layout) -> [Concern] {
    let all = layout.acceptors.count
    let alive = layout.acceptors.count { serves($0, healing) }
    guard alive < all else { return [] }
    let text = "\(alive) of \(Numbers.count(all, "acceptor is", "acceptors are")) up"
    let majority = all / 2 + 1
    if alive < majority {
      let verb = majority == 1 ? "is" : "are"
      return [.risk(text + ": nothing can be decided until \(majority) \(verb)")]
    }
    if alive > majority { return [.risk(text)] }
    return [.risk(text + ": enough to decide, but not if one more dies")]
  }

  private func sequencerConcerns(_ healing: Healing, _ layout: Layout) -> [Concern] {
    let id = layout.sequencer.node
    let isServing = healing.cluster.node(id)?.sequencer?.boot == layout.sequencer.boot
    if !isServing || isSilent(id, healing) { return [.risk("there is no sequencer")] }
    // Others who are up take over when there is a reason.
    let others = healing.cluster.sequencerIDs
    guard healing.cluster.unitIDs.contains(id), !others.isEmpty,
      others.allSatisfy({ healing.cluster.node($0) == nil || isSilent($0, healing) })
    else { return [] }
    return [.risk("\(id), a storage unit, hands out positions: no other sequencer is up")]
  }

  private func networkConcerns() -> [Concern] {
    let now = opened.value
    var concerns = now.cuts.map { Concern.obstacle("nothing passes \($0): 'net heal' ends that") }
    let delay = now.network.faults.delay.lowerBound
    if delay > .zero {
      concerns.append(
        .obstacle("every message takes \(Numbers.time(delay)): 'net delay 0' ends that")
      )
    }
    return concerns
  }

  private func nodeConcerns(_ id: NodeID, _ healing: Healing) -> [Concern] {
    if let error = healing.obstacle(of: id) { return [.obstacle("\(error)")] }
    guard let node = healing.cluster.node(id) else {
      let text = "\(id) is down: 'node restart \(id)' starts it again"
      let isMissed = healing.cluster.layout?.nodes.contains(id) == true
      return [isMissed ? .obstacle(text) : .risk(text)]
    }
    var texts: [String] = []
    if opened.value.network.paused.contains(id) {
      texts.append("\(id) is paused: 'node resume \(id)' lets it go on")
    } else {
      let isForeign = !opened.value.cuts.isEmpty && !isSilent(id, healing)
      let hosts = isForeign ? [] : suspecting(id, healing)
      let names = hosts.map(\.description).joined(separator: ", ")
      let whom = hosts.count == 1 ? "the monitor" : "the monitors"
      if !hosts.isEmpty { texts.append("\(id) does not answer \(whom) on \(names)") }
    }
    texts += diskWords(of: id, node)
    switch health(of: id, healing) {
    case "behind": texts.append("\(id) does not serve the newest layout yet")
    case "returned":
      if let owner = healing.cluster.layout?.owner(of: node.unitName) {
        texts.append(
          "\(id)'s folder holds the disk of \(owner): put the folders back in their places. If "
            + "\(owner) has it as well, 'node wipe \(id)' empties the copy"
        )
      } else {
        texts.append("\(id)'s disk is out of date, and is to be emptied")
      }
    default: break
    }
    return texts.map { .obstacle($0) } + damageConcerns(id, node)
  }

  /// What is wrong with a node's disk, and what would help.
  private func diskWords(of id: NodeID, _ node: Node<Disk, Kit>) -> [String] {
    if node.unit?.hasFailed == true { return [stopped(id)] }
    switch breakages.of(id).ill {
    case .none:
      return units.isFull(id) ? ["\(id)'s disk is full: make room on it"] : []
    case .failing:
      return ["\(id)'s disk fails, and it stops at its next write: 'disk mend \(id)' helps"]
    case .full: return ["\(id)'s disk is full: 'disk mend \(id)' makes room"]
    case .slow(let pause):
      return ["each sync of \(id) takes \(Numbers.time(pause)) longer: 'disk mend \(id)' ends that"]
    }
  }

  private func damageConcerns(_ id: NodeID, _ node: Node<Disk, Kit>) -> [Concern] {
    guard let store = node.unit?.store else { return [] }
    var concerns: [Concern] = []
    let known = max(units.damage(of: id), store.reader.summary.lost - store.counters.repairs)
    if known > 0 {
      let records = Numbers.count(known, "record", "records")
      concerns.append(.risk("\(id) has lost \(records) to damage: 'verify' tells which"))
    }
    if store.reader.isInDoubt {
      concerns.append(.risk("damage on \(id) may have taken records without a trace"))
    }
    return concerns
  }

  private func spareConcerns(_ healing: Healing, _ layout: Layout) -> [Concern] {
    let needed = healing.goal.replicas * (layout.spans.last?.stripes.count ?? 0)
    let isSpareWanted = healing.cluster.unitIDs.count > needed
    let isSpareThere = layout.spares.contains { serves($0, healing) }
    if !isSpareWanted || isSpareThere { return [] }
    return [.risk("nobody is left who could take over from a unit: 'node add' makes one")]
  }

  private func changeConcerns() -> [Concern] {
    let window = Duration.seconds(60)
    return chronicle.removals(within: window).filter { $0.count >= Self.removalsMax }.map { node in
      .obstacle(
        "\(node.node) was taken out of the layout \(node.count) times within the last "
          + "\(Numbers.time(window)): it comes and goes, and each time everybody waits"
      )
    }
  }

  /// Who is taken out so often within a minute does not just die.
  private static var removalsMax: Int { 3 }

  /// What was given up by hand, for those who wonder where it is (R24).
  func givenUp(_ healing: Healing) -> [String] {
    let declared = healing.goal.lost
    let history = healing.history
    var texts = (history.first?.losses ?? []).map { loss in
      "\(LayoutWords.part(loss)) is lost, since before this session"
    }
    for (before, after) in zip(history, history.dropFirst()) {
      texts += LayoutWords.losses(from: before, to: after, declared: declared).map { text in
        "\(text), since epoch \(after.epoch)"
      }
    }
    let back = declared.filter { unit in
      healing.cluster.layout?.units.contains(unit) == true && serves(unit, healing)
    }
    return texts
      + back.map(\.node).sorted().map { "\($0) was noted as lost, came back, and is used again" }
  }
}

import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

// How the nodes of a cluster are, as its monitors see them.

extension ClusterSession {
  /// How a node is, in a word or two.
  func health(of id: NodeID, _ healing: Healing) -> String {
    let now = opened.value
    guard let node = now.cluster.node(id) else {
      return healing.obstacle(of: id) == nil ? "down" : "not opened"
    }
    if now.network.paused.contains(id) { return "paused" }
    if node.unit?.hasFailed == true { return "stopped" }
    switch breakages.of(id).ill {
    case .full: return "disk full"
    case .slow: return "disk slow"
    case .none, .failing: break
    }
    guard let seen = view(healing), let layout = now.cluster.layout else { return "up" }
    if seen.suspects.contains(id) { return "suspected" }
    if seen.look.statuses[id] == nil { return "silent" }
    if let state = unitHealth(of: node, in: layout) { return state }
    if healing.goal.leaving.contains(id) { return "leaving" }
    if tasks(healing).contains(where: { $0.newcomer.node == id }) { return "rebuilding" }
    return "up"
  }

  /// What the monitor sees that sees most: one may be cut off.
  func view(_ healing: Healing) -> MonitorStatus? {
    let views = healing.monitors.map(\.status)
    let most = views.map(\.look.statuses.count).max() ?? 0
    return views.first { $0.look.statuses.count == most }
  }

  /// What keeps the monitors from doing what they should.
  func trouble(_ healing: Healing) -> ReconfigurationError? { view(healing)?.trouble }

  private func unitHealth(of node: Node<Disk, Kit>, in layout: Layout) -> String? {
    guard let name = node.unitName, let unit = node.unit else { return nil }
    let isNamed = (layout.units + layout.spares + layout.acceptors).contains(name)
    if !isNamed { return unit.installed == nil && unit.tail == .zero ? "new" : "returned" }
    return unit.installed?.epoch ?? .zero < layout.epoch ? "behind" : nil
  }

  /// What there is to copy.
  private func tasks(_ healing: Healing) -> [RebuildTask] {
    guard let layout = healing.cluster.layout, let seen = view(healing) else { return [] }
    return RebuildPlan.tasks(in: layout, seeing: seen.look.sight(of: layout), goal: healing.goal)
  }

  private func healths(_ healing: Healing) -> [NodeID: String] {
    var healths: [NodeID: String] = [:]
    for id in Set(healing.cluster.nodeIDs).union(healing.cluster.layout?.nodes ?? []) {
      let health = health(of: id, healing)
      if health != "up" { healths[id] = health }
    }
    return healths
  }

  func picture(_ healing: Healing) throws(ReplError) -> ClusterAnswer {
    guard let layout = healing.cluster.layout else { throw .log(.closed) }
    return .spans(layout, health: healths(healing))
  }

  // MARK: - What happened, and what is missing

  func history(_ healing: Healing) throws(ReplError) -> ClusterAnswer {
    let layouts = healing.history
    let rows = layouts.enumerated().map { index, layout in
      FactTable.Row(
        "\(layout.epoch)",
        [
          Fact("from", .position(layout.firstTail)),
          Fact(
            "what changed",
            .text(
              index == 0 && layout.epoch > Epoch(1)
                ? "in force when this session began"
                : LayoutWords.changes(
                  from: index > 0 ? layouts[index - 1] : nil,
                  to: layout,
                  declared: healing.goal.lost
                )
            )
          ),
        ]
      )
    }
    let table = FactTable(of: "epoch", rows)
    let overrides: [String]
    do throws(DeviceError) {
      overrides = try OverrideRecord(in: host.folderDevice()).lines()
    } catch {
      throw .refused("\(host.place): \(error)")
    }
    if overrides.isEmpty { return .table(table) }
    return .screen(["decided by hand:"] + overrides.map { "  " + $0 }, table)
  }

  func rebuilds(_ healing: Healing) -> ClusterAnswer {
    .copies(
      of: tasks(healing),
      healing.monitors.compactMap(\.status.rebuild?.news),
      lacking: lacking(healing)
    )
  }

  /// Which chains are too short.
  private func lacking(_ healing: Healing) -> [String] {
    guard let layout = healing.cluster.layout else { return [] }
    let wanted = healing.goal.replicas
    return layout.spans.indices.flatMap { index in
      layout.spans[index].stripes.enumerated().compactMap { stripe, chain in
        let alive = chain.replicas.count { serves($0, healing) }
        guard alive < wanted else { return nil }
        let part = LayoutWords.range(of: index, in: layout)
        return "stripe \(stripe) of \(part) has \(alive) of \(wanted) units"
      }
    }
  }

  func status(_ healing: Healing) async throws(ReplError) -> ClusterAnswer {
    // The monitors look again soon: what has just changed is seen by then.
    if !host.isSimulated { await healing.lookAround() }
    guard let layout = healing.cluster.layout else { throw .log(.closed) }
    let spares = layout.spares.count { serves($0, healing) }
    let units = Set(layout.units.map(\.node)).count
    let stripes = layout.spans.last?.stripes.count ?? 0
    var lines = [
      "epoch \(layout.epoch): \(Numbers.count(units, "unit keeps", "units keep")) entries in "
        + "\(Numbers.count(stripes, "stripe", "stripes")), "
        + (spares == 0 ? "nobody stands by" : Numbers.count(spares, "stands by", "stand by"))
    ]
    lines += verdict(healing) + monitorLines(healing)
    let rows = healing.cluster.nodeIDs.map { id in
      FactTable.Row(
        "\(id)",
        [
          Fact("state", .text(health(of: id, healing))), Fact("does", .text(role(of: id))),
          Fact("votes", .text(layout.acceptors.contains { $0.node == id } ? "yes" : "")),
          Fact("monitor", .text(healing.monitorHosts.contains(id) ? "yes" : "")),
        ]
      )
    }
    return .screen(lines, FactTable(of: "node", rows))
  }

  private func monitorLines(_ healing: Healing) -> [String] {
    let monitors = healing.monitors
    let names = monitors.map(\.host.description).joined(separator: ", ")
    if monitors.isEmpty {
      return [
        healing.monitorHosts.isEmpty
          ? "the monitors are about to begin" : "no monitor is up: nothing is mended by itself"
      ]
    }
    var lines = [
      healing.isAutomatic
        ? "monitors on \(names): they mend what breaks"
        : "monitors on \(names): they look on, as 'monitor off' asked for"
    ]
    lines += monitors.compactMap(\.status.rebuild).map { copy in
      "  \(copy.task.newcomer.node) is given \(LayoutWords.part(copy.task)), up to \(copy.next)"
    }
    return lines
  }

  /// One line that tells whether all is well, and what is not.
  private func verdict(_ healing: Healing) -> [String] {
    let concerns = concerns(healing)
    var lines = [concerns.isEmpty ? "all is well" : "not all is well:"]
    lines += concerns.map { "  " + $0.text }
    if trouble(healing) != nil {
      lines.append("  'help reconfigure' tells what an operator can do")
    }
    let gone = givenUp(healing)
    return gone.isEmpty ? lines : lines + ["given up by hand:"] + gone.map { "  " + $0 }
  }
}

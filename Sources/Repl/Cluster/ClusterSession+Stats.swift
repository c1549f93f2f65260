import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

// The numbers of clients and servers. None of them goes over the network.

extension ClusterSession {
  func stats() async throws(ReplError) -> [Fact] {
    let now = opened.value
    if let outage = now.outage { throw .log(outage) }
    var facts: [Fact] = []
    if let layout = now.cluster.layout {
      facts.append(Fact("epoch", .count(Int(layout.epoch.number))))
      if let tail = await sequencerTail(in: layout) {
        facts.append(Fact("next token", .position(tail)))
      }
    }
    facts += now.notes.rotFacts
    guard let member = now.member else { return facts }
    let counters = member.client.counters
    facts += [
      Fact("client", .text(member.name)),
      Fact("its epoch", .count(Int(member.client.layout.epoch.number))),
      Fact("appends", .count(counters.appends)),
      Fact("positions lost", .count(counters.lostPositions)),
      Fact("unclear appends resolved", .count(counters.resolved)),
      Fact("holes filled", .count(counters.holesFilled)),
      Fact("entries found by a fill", .count(counters.entriesCompleted)),
      Fact("layouts learned", .count(counters.layoutsAdopted)),
      Fact("fill timeout", .time(member.client.fillTimeout)),
    ]
    return facts
  }

  private func sequencerTail(in layout: Layout) async -> Position? {
    guard let node = opened.value.cluster.node(layout.sequencer.node) else { return nil }
    let request = Request.tail(TailRequest(layout: layout.id))
    guard case .tail(let tail) = await node.handle(request) else { return nil }
    return tail
  }

  func details() async throws(ReplError) -> FactTable? { nodes() }

  /// How every node is.
  func nodes() -> FactTable {
    let now = opened.value
    let cluster = now.cluster
    let paused = now.network.paused
    let rows = cluster.nodeIDs.map { id -> FactTable.Row in
      let unit = cluster.node(id)?.unit
      let summary = unit?.store.reader.summary
      var state = cluster.node(id) == nil ? "down" : "up"
      if paused.contains(id) { state = "paused" }
      if unit?.hasFailed == true { state = "stopped" }
      if let healing = now.healing { state = health(of: id, healing) }
      return FactTable.Row(
        "\(id)",
        [
          Fact("state", .text(state)), Fact("does", .text(role(of: id))),
          number("epoch", unit?.installed.map { Int($0.epoch.number) }),
          number("entries", summary?.entries), number("junk", summary?.junk),
          number("trimmed", summary?.trims), number("syncs", unit?.store.counters.syncs),
        ]
      )
    }
    return FactTable(of: "node", rows)
  }

  /// A number, or nothing where nobody knows it.
  private func number(_ name: String, _ count: Int?) -> Fact {
    Fact(name, count.map { .count($0) } ?? .text(""))
  }

  /// What a node does, as the last span has it.
  func role(of node: NodeID) -> String {
    let cluster = opened.value.cluster
    guard let layout = cluster.layout else { return "" }
    let isSequencer = layout.sequencer.node == node
    if isSequencer, !cluster.unitIDs.contains(node) { return "sequencer" }
    let also = isSequencer ? "; sequencer" : ""
    for (index, chain) in (layout.spans.last?.stripes ?? []).enumerated() {
      guard let place = chain.replicas.firstIndex(where: { $0.node == node }) else { continue }
      let isTail = place == chain.replicas.count - 1
      let end = place == 0 ? (isTail ? "" : ", head") : (isTail ? ", tail" : "")
      return "stripe \(index)\(end)\(also)"
    }
    // Also one that has nothing but old positions.
    if layout.units.contains(where: { $0.node == node }) { return "old positions\(also)" }
    let isSpare = layout.spares.contains { $0.node == node } || cluster.sequencerIDs.contains(node)
    return isSequencer ? "sequencer" : isSpare ? "stands by" : ""
  }
}

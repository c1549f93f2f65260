import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror
import CorfuTransactions

// What the nodes say of themselves.

extension ConnectedSession {
  /// What a node answers; `nil` if nothing comes in time.
  func answer(to request: Request, of node: NodeID) async -> Reply? {
    // Silence is what the caller tells of.
    try? await network.call(request, to: node, patience: limits.callPatience)
  }

  /// Asks all nodes, and notes the newest layout that they know.
  ///
  /// - Returns: What they told.
  /// - Throws: ``ReplError/refused(_:)`` where nobody answers, or nobody knows a layout.
  func survey() async throws(ReplError) -> ClusterSurvey {
    let survey = try await ClusterSurvey.take(
      of: nodes,
      via: network,
      patience: limits.callPatience
    )
    note(survey.layout)
    return survey
  }

  private func note(_ layout: Layout) {
    seen.update { seen in
      if let last = seen.last, last.epoch < layout.epoch { seen.append(layout) }
    }
  }

  func picture() async throws(ReplError) -> ClusterAnswer {
    let survey = try await survey()
    let layout = survey.layout
    var healths: [NodeID: String] = [:]
    for node in layout.nodes {
      let health = NodeWords.health(of: node, in: layout, survey.look)
      if health != "up" { healths[node] = health }
    }
    return .spans(layout, health: healths)
  }

  func status() async throws(ReplError) -> ClusterAnswer {
    let survey = try await survey()
    let layout = survey.layout
    // Where nobody tells who is a member, all are that are known.
    let members = survey.wanted == nil ? nodes.union(layout.nodes) : survey.members
    let silent = members.filter { survey.look.statuses[$0] == nil }.sorted()
    let names = silent.map(\.description).joined(separator: ", ")
    let troubles = survey.troubles
    let verdict = HealthVerdict(of: troubles)
    let lines = [
      verdict.headline,
      "epoch \(layout.epoch), from position \(layout.firstTail) on; \(layout.sequencer.node) is "
        + "the sequencer",
      silent.isEmpty
        ? "all \(members.count) nodes answer"
        : "\(members.count - silent.count) of \(members.count) nodes answer; silent: \(names)",
    ]
    return .verdict(
      verdict,
      lines + verdict.reasons.dropFirst() + troubles.wishes + troubles.departed,
      table(of: members, survey, besides: troubles.strangers)
    )
  }

  func nodeTable() async throws(ReplError) -> FactTable {
    let survey = try await survey()
    return table(of: nodes.union(survey.layout.nodes), survey)
  }

  func details() async throws(ReplError) -> FactTable? { try await nodeTable() }

  /// A row for each node; those that are no members come last.
  private func table(
    of nodes: Set<NodeID>,
    _ survey: ClusterSurvey,
    besides strangers: [NodeID] = []
  ) -> FactTable {
    let (layout, look) = (survey.layout, survey.look)
    let rows = (nodes.subtracting(strangers).sorted() + strangers).map { node in
      let unit = look.statuses[node]?.unit
      let epoch = unit?.installed.map { Fact.Value.count(Int($0.epoch.number)) }
      let role =
        strangers.contains(node) ? "is no member" : NodeWords.role(of: node, in: layout)
      return FactTable.Row(
        "\(node)",
        [
          Fact("state", .text(NodeWords.health(of: node, in: layout, look))),
          Fact("does", .text(role)),
          Fact("epoch", epoch ?? .text("")),
          Fact("tail", unit.map { .position($0.tail) } ?? .text("")),
          Fact("damaged", unit.map { .count($0.damage.count) } ?? .text("")),
        ]
      )
    }
    return FactTable(of: "node", rows)
  }

  /// The layouts that were in force, as far as any node remembers them.
  func history() async -> ClusterAnswer {
    // Where nobody answers, what was seen before is still true.
    let survey = try? await survey()
    let answering = Set(survey?.look.statuses.keys.map(\.self) ?? [])
    // Many layouts take longer than one answer does; whoever is silent is not asked once more.
    let told = await Discovery.layouts(
      of: answering,
      via: network,
      patience: limits.callPatience * 5
    )
    return LayoutHistory(
      of: seen.value + told.layouts,
      declared: survey?.wanted?.lost ?? [],
      untold: told.untold,
      silent: (survey?.members ?? nodes).subtracting(answering)
    ).answer
  }

  /// What acceptors have promised and voted for.
  func registers() async -> FactTable {
    func row(_ unit: UnitName, _ base: String, _ promised: String, _ vote: String) -> FactTable.Row
    {
      FactTable.Row(
        "\(unit.node)",
        [
          Fact("decides what follows", .text(base)), Fact("promised", .text(promised)),
          Fact("voted for", .text(vote)),
        ]
      )
    }
    var rows: [FactTable.Row] = []
    for acceptor in layout.acceptors {
      guard case .acceptorStatus(let status)? = await answer(to: .acceptorStatus, of: acceptor.node)
      else {
        rows.append(row(acceptor, "", "does not answer", ""))
        continue
      }
      if status.registers.isEmpty { rows.append(row(acceptor, "", "nothing", "nothing")) }
      for register in status.registers {
        let vote = register.accepted.map { "\($0.ballot): a layout of epoch \($0.value.epoch)" }
        rows.append(
          row(
            acceptor,
            "epoch \(register.base.epoch)",
            register.promised.map(\.description) ?? "nothing",
            vote ?? "nothing"
          )
        )
      }
    }
    return FactTable(of: "acceptor", rows)
  }

  func stats() async throws(ReplError) -> [Fact] {
    let (who, program) = try program()
    let client = program.runtime.log
    let counters = client.counters
    return [
      Fact("epoch", .count(Int(layout.epoch.number))),
      Fact("client", .text(who)),
      Fact("its epoch", .count(Int(client.layout.epoch.number))),
      Fact("appends", .count(counters.appends)),
      Fact("positions lost", .count(counters.lostPositions)),
      Fact("unclear appends resolved", .count(counters.resolved)),
      Fact("holes filled", .count(counters.holesFilled)),
      Fact("entries found by a fill", .count(counters.entriesCompleted)),
      Fact("layouts learned", .count(counters.layoutsAdopted)),
      Fact("fill timeout", .time(client.fillTimeout)),
    ]
  }
}

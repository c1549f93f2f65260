import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStages
import CorfuStripeMirror

// What acceptors have promised and voted for, and a duel of two proposers to watch.

extension ClusterSession {
  func registers(_ healing: Healing) async throws(ReplError) -> ClusterAnswer {
    guard let layout = healing.cluster.layout else { throw .log(.closed) }
    var rows: [FactTable.Row] = []
    for acceptor in layout.acceptors {
      guard case .acceptorStatus(let status)? = try await ask(.acceptorStatus, acceptor) else {
        rows.append(row(acceptor, "", "does not answer", ""))
        continue
      }
      if status.registers.isEmpty { rows.append(row(acceptor, "", "nothing", "nothing")) }
      for register in status.registers {
        rows.append(
          row(
            acceptor,
            name(of: register.base),
            register.promised.map(\.description) ?? "nothing",
            register.accepted.map { vote in "\(vote.ballot): \(what(vote.value, in: register))" }
              ?? "nothing"
          )
        )
      }
    }
    return .table(FactTable(of: "acceptor", rows))
  }

  private func row(
    _ acceptor: UnitName,
    _ register: String,
    _ promised: String,
    _ voted: String
  ) -> FactTable.Row {
    FactTable.Row(
      "\(acceptor.node)",
      [
        Fact("decides what follows", .text(register)), Fact("promised", .text(promised)),
        Fact("voted for", .text(voted)),
      ]
    )
  }

  private func name(of base: LayoutID) -> String {
    Duel.isDuel(base) ? "(duel \(Duel.number(of: base)))" : "epoch \(base.epoch)"
  }

  private func what(_ layout: Layout, in register: RegisterStatus) -> String {
    guard Duel.isDuel(register.base) else { return "a layout of epoch \(layout.epoch)" }
    guard let duel = duel.value, duel.base == register.base else { return "a layout" }
    return "\(duel.owner(of: layout))'s layout"
  }

  private func ask(_ request: Request, _ acceptor: UnitName) async throws(ReplError) -> Reply? {
    let (network, patience) = (opened.value.cluster.network, limits.callPatience)
    return try await host.run {
      // Silence is what is told then.
      try? await network.call(request, to: acceptor.node, patience: patience)
    }
  }

  // MARK: - The duel

  func fight(
    _ step: HealingCommand.DuelStep,
    _ healing: Healing
  ) async throws(ReplError) -> ClusterAnswer {
    var now: Duel
    if case .begin = step { duel.update { $0 = nil } }
    if let known = duel.value { now = known } else { now = try await newDuel(healing) }
    defer { duel.update { [now] duel in duel = now } }
    switch step {
    case .begin:
      return .told(
        "a and b want different layouts in one register of "
          + now.members.map(\.node.description).joined(separator: ", ")
          + ": 'paxos prepare a' asks for promises",
        []
      )
    case .prepare(let name, let nodes):
      let members = try members(nodes, of: now)
      guard let ballot = now.prepare(name) else { throw .refused("there is no \(name)") }
      var lines = ["\(name) asks for promises, in ballot \(ballot)"]
      for member in members {
        let request = PrepareRequest(
          base: now.base,
          acceptor: member.incarnation,
          ballot: ballot
        )
        let reply = try await ask(.prepare(request), member)
        lines.append("  \(member.node): " + words(reply, now))
        if let reply { now.hear(reply, from: member, to: name) }
      }
      return .told((lines + [conclusion(name, now)]).joined(separator: "\n"), [])
    case .accept(let name, let nodes):
      let members = try members(nodes, of: now)
      guard let vote = now.proposers[name]?.vote else {
        throw .refused("\(name) has no majority of promises: 'paxos prepare \(name)' asks for them")
      }
      var lines = [
        "\(name) asks for votes for \(now.owner(of: vote.value))'s layout, in ballot \(vote.ballot)"
      ]
      for member in members {
        let request = AcceptRequest(base: now.base, acceptor: member.incarnation, vote: vote)
        let reply = try await ask(.accept(request), member)
        lines.append("  \(member.node): " + words(reply, now))
        if let reply { now.hear(reply, from: member, to: name) }
      }
      return .told((lines + [conclusion(name, now)]).joined(separator: "\n"), [])
    }
  }

  /// A register that nobody has used yet.
  private func newDuel(_ healing: Healing) async throws(ReplError) -> Duel {
    guard let layout = healing.cluster.layout else { throw .log(.closed) }
    var number: UInt64 = 1
    for acceptor in layout.acceptors {
      guard case .acceptorStatus(let status)? = try await ask(.acceptorStatus, acceptor) else {
        continue
      }
      for register in status.registers where Duel.isDuel(register.base) {
        number = max(number, Duel.number(of: register.base) + 1)
      }
    }
    return Duel(number: number, after: layout)
  }

  private func members(_ names: [String], of duel: Duel) throws(ReplError) -> [UnitName] {
    if names.isEmpty { return duel.members }
    var members: [UnitName] = []
    for name in names {
      let node = try node(name)
      guard let member = duel.members.first(where: { $0.node == node }) else {
        let all = duel.members.map(\.node.description).joined(separator: ", ")
        throw .refused("\(node) has no vote there: \(all) have")
      }
      members.append(member)
    }
    return members
  }

  private func words(_ reply: Reply?, _ duel: Duel) -> String {
    switch reply {
    case .prepared(.promised(nil)): "promised, and it never voted"
    case .prepared(.promised(let vote?)):
      "promised, and it voted for \(duel.owner(of: vote.value))'s layout in \(vote.ballot)"
    case .prepared(.refused(let ballot)), .voted(.refused(let ballot)):
      "no: it has promised \(ballot)"
    case .voted(.accepted): "voted for it"
    case .refused(let refusal): "no: \(refusal)"
    case nil: "does not answer"
    default: "answers something else"
    }
  }

  private func conclusion(_ name: String, _ duel: Duel) -> String {
    guard let proposer = duel.proposers[name], let round = proposer.round else { return "" }
    if let layout = round.chosen {
      return "\(duel.owner(of: layout))'s layout is chosen, for ever"
    }
    if let highest = proposer.highest, highest > round.ballot {
      return "\(name) is too late: 'paxos prepare \(name)' begins again above \(highest)"
    }
    guard let vote = proposer.vote else {
      return "\(name) needs promises of \(round.majority) of \(round.members.count)"
    }
    if vote.value != proposer.own {
      return "\(name) must go on with what may be chosen already: "
        + "\(duel.owner(of: vote.value))'s layout"
    }
    return "\(name) needs votes of \(round.majority) of \(round.members.count) for its own layout"
  }
}

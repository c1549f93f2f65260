import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

// What can be done to the servers.

extension ClusterSession {
  func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    if !command.needsNoPower, let outage = opened.value.outage { throw .log(outage) }
    switch command {
    case .node(.restart, let name), .node(.resume, let name), .healing(.wipe(let name, _)):
      chronicle.expectReturn(of: try node(name))
    case .net: chronicle.expectReturn(of: nil)
    default: break
    }
    switch command {
    case .token(let count): return try await takeToken(count)
    case .useToken(let payload): return try await useToken(for: payload)
    case .layout: return try layout()
    case .seal: return try await seal()
    case .nodes: return .table(nodes())
    case .node(let action, let name):
      let node = try node(name)
      if action == .restart, name == "seq" { try checkIsDown(node) }
      return try await change(node, action)
    case .killSurely(let name): return try await change(try node(name), .kill)
    case .net(let action): return try change(action)
    case .disk(let action, let name): return try change(try node(name), action)
    case .client(let action): return try change(action)
    case .compact(let name): return try await compact(name)
    case .crashClient(let point): return try crash(point)
    case .healing(let command): return try await perform(command)
    case .objects(let command): return try await perform(command)
    case .trace(let isOn):
      recorder.isOn = isOn
      recorder.showsChatter = false
      return .told("messages are \(isOn ? "drawn" : "drawn no more")", [])
    }
  }

  /// The node of this name.
  func node(_ name: String) throws(ReplError) -> NodeID {
    let cluster = opened.value.cluster
    if name == "seq" { return cluster.sequencerID }
    let known = cluster.nodeIDs
    if let node = known.first(where: { $0.description == name }) { return node }
    if kind.stage > 5 {
      let names = known.map(\.description).joined(separator: ", ")
      throw .refused(
        "there is no node '\(name)': there are \(names), and seq is whoever is the sequencer"
      )
    }
    throw .refused(
      "there is no node '\(name)': there are n1 to \(cluster.sequencerID), "
        + "and that last one, the sequencer, is also called seq"
    )
  }

  func shown(_ node: NodeID) -> String {
    node == opened.value.cluster.sequencerID ? "\(node), the sequencer," : "\(node)"
  }

  // MARK: - Tokens

  private func takeToken(_ count: Int) async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    guard let member = now.member else { throw .log(.closed) }
    let layout = member.client.layout
    let request = Request.reserve(TokenRequest(layout: layout.id, count: count))
    let reply = try await ask(request, layout.sequencer.node, as: member)
    switch reply {
    case .token(let token):
      opened.update { opened in
        for position in token.positions {
          opened.spares.append(
            Spare(owner: member.name, epoch: layout.id, layout: layout, position: position)
          )
        }
      }
      return .told(
        "took \(token), and will not write there",
        [
          Fact("first", .position(token.first)), Fact("count", .count(token.count)),
          Fact("epoch", .count(Int(token.epoch.number))),
        ]
      )
    case .refused(.sequencer(.notInstalled)):
      throw .refused("seq is nobody: 'seal' appoints it")
    case .refused(.sequencer(.sealed(let epoch))):
      throw .refused(
        "seq: epoch \(epoch) is sealed, and \(member.name) has not heard of the next: "
          + "an append or a read tells it"
      )
    case .refused(let refusal):
      throw .refused("seq refuses: \(refusal)")
    default: throw .refused("seq answers something else than a token")
    }
  }

  /// Writes down a chain with an old token, as its owner would that was asleep.
  private func useToken(for payload: [UInt8]) async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    guard let member = now.member else { throw .log(.closed) }
    guard let spare = now.spares.first(where: { $0.owner == member.name }) else {
      throw .refused("\(member.name) has no unused token: 'token' takes one")
    }
    opened.update { opened in
      opened.spares.removeAll { $0.position == spare.position && $0.epoch == spare.epoch }
    }
    let chain = Kit.Mapping().chain(of: spare.position, in: spare.layout)
    let way = Way(endpoint: now.network.endpoint(member.name), fate: member.fate)
    let replicas = chain.replicas.map { unit in
      RemoteReplica(
        unit,
        layout: spare.epoch,
        network: way,
        patience: limits.callPatience
      )
    }
    let mark = TraceWords.lateMark(of: member.client.id, at: spare.position)
    let value = PlacedValue(.data(Entry(mark: mark, payload: payload)), at: spare.position)
    let outcome = try await host.run { await Kit.Writer().write([value], to: replicas).first }
    let position = spare.position
    if let death = obituary("and had begun to write at position \(position)") { throw death }
    switch outcome {
    case .complete:
      return .told("written at \(position)", [Fact("position", .position(position))])
    case .lost(let slot):
      throw .refused("too late for position \(position): \(Self.words(for: slot)) stands there")
    case .trimmed: throw .refused("too late for position \(position): it is trimmed")
    case .failed(.wrongEpoch(let unit, let refusal), _) where unit == chain.replicas.first:
      throw .refused("\(unit): \(refusal); the token is worth nothing any more")
    case .failed(_, mayStand: true): throw explained(.indefinite(position))
    case .failed(let error, _):
      // Nothing was written, so the owner may try again.
      opened.update { $0.spares.insert(spare, at: 0) }
      throw explained(.unavailable("\(error)"))
    case .inconsistent, nil: throw .log(.inconsistent(position))
    }
  }

  private static func words(for slot: Slot) -> String {
    switch slot {
    case .data: "another entry"
    case .junk: "junk"
    case .empty: "nothing"
    case .trimmed: "nothing any more"
    }
  }

  private func ask(
    _ request: Request,
    _ node: NodeID,
    as member: Member
  ) async throws(ReplError) -> Reply {
    let way = Way(endpoint: opened.value.network.endpoint(member.name), fate: member.fate)
    let patience = limits.callPatience
    let result = try await host.run { () -> Result<Reply, TransportError> in
      do throws(TransportError) {
        return .success(try await way.call(request, to: node, patience: patience))
      } catch {
        return .failure(error)
      }
    }
    do {
      return try result.get()
    } catch {
      if let death = obituary("and has the token in its hand") { throw death }
      throw explained(.unavailable("the sequencer \(node) does not answer"))
    }
  }

  // MARK: - Layouts

  private func layout() throws(ReplError) -> ClusterAnswer {
    if let healing = opened.value.healing { return try picture(healing) }
    let cluster = opened.value.cluster
    guard let layout = cluster.layout else { throw ReplError(.notOpen) }
    let nodes = layout.units.map(\.node) + [layout.sequencer.node]
    return .layout(layout, down: nodes.filter { cluster.node($0) == nil })
  }

  private func seal() async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    let result = try await host.run { () -> Result<Layout, ClusterError> in
      do throws(ClusterError) {
        if let healing = now.healing { return .success(try await healing.reconfigure()) }
        return .success(try await now.cluster.seal())
      } catch {
        return .failure(error)
      }
    }
    do {
      let layout = try result.get()
      return .told(
        "epoch \(layout.epoch.number - 1) is sealed; "
          + "epoch \(layout.epoch) begins at position \(layout.firstTail)",
        [
          Fact("epoch", .count(Int(layout.epoch.number))),
          Fact("first tail", .position(layout.firstTail)),
        ]
      )
    } catch .notHandedOver(.silent(let node)) where now.network.paused.contains(node) {
      throw .refused(
        "\(shown(node)) is paused and does not answer: 'node resume \(node)' lets it go on, "
          + "then 'seal' again"
      )
    } catch .notHandedOver(.silent(let node)) where cluster(of: now, isUp: node) {
      // It is there, so to restart it would not help.
      let help = advice(now)
      throw .refused(
        "\(node) did not answer in time. "
          + (help.isEmpty
            ? "The epoch may be closed on some nodes: 'seal' tries again" : help)
      )
    } catch {
      throw explained(error)
    }
  }

  private func cluster(of now: Opened, isUp node: NodeID) -> Bool {
    now.cluster.node(node) != nil && !now.network.paused.contains(node)
  }

  // MARK: - Nodes

  private func change(
    _ node: NodeID,
    _ action: ClusterCommand.NodeAction
  ) async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    let cluster = now.cluster
    let name = shown(node)
    if cluster.node(node) == nil {
      switch action {
      case .kill: throw .refused("\(name) is down already")
      case .pause, .resume:
        throw .refused("\(name) is down: 'node restart \(node)' starts it again")
      case .restart: break
      }
    }
    switch action {
    case .pause:
      try await host.run {
        now.network.pause(node)
        now.healing?.setAsleep(true, node)
      }
      return .told("\(name) is paused: what it is sent waits", [])
    case .resume:
      if !now.network.paused.contains(node) { throw .refused("\(node) is not paused") }
      try await host.run {
        now.network.resume(node)
        now.healing?.setAsleep(false, node)
      }
      return .told("\(name) goes on", [])
    case .kill:
      // A process that ends hears nothing more, also of what was waiting for it.
      try await attempt { () throws(ClusterError) in
        if let healing = now.healing { return try await healing.kill(node) }
        try await cluster.kill(node)
      }
      try await host.run { now.network.resume(node) }
      now.healing?.setAsleep(false, node)
      return .told("\(name) is dead", [])
    case .restart:
      if cluster.node(node)?.unit?.hasFailed == true {
        throw .refused("\(node) has stopped, and is still there: 'node kill \(node)' first")
      }
      if cluster.node(node) == nil, now.healing == nil {
        let unit = cluster.layout?.units.first { $0.node == node }
        try unit?.checkPresence(on: host.view(of: node))
      }
      let seed = host.draw()
      try await attempt { () throws(ClusterError) in
        var random = SeededGenerator(seed: seed)
        if let healing = now.healing { return try await healing.start(node, using: &random) }
        try await cluster.start(node, using: &random)
      }
      let isSequencer = node == cluster.sequencerID && now.healing == nil
      let note = isSequencer ? ", and nobody: it forgot all, and 'seal' appoints it anew" : ""
      return .told("\(name) is up" + note, [])
    }
  }

  func attempt(
    _ body: @escaping @Sendable () async throws(ClusterError) -> some Sendable
  ) async throws(ReplError) {
    let failure = try await host.run { () -> ClusterError? in
      do throws(ClusterError) {
        _ = try await body()
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw explained(failure) }
  }

  private func change(
    _ node: NodeID,
    _ action: ClusterCommand.DiskAction
  ) throws(ReplError) -> ClusterAnswer {
    let breakage = breakages.of(node)
    if opened.value.cluster.sequencerIDs.contains(node) {
      throw .refused("\(shown(node)) has no disk: it keeps all it knows in memory")
    }
    switch action {
    case .fail:
      breakage.ill = .failing
      return .told("\(node)'s disk fails from now on: it will stop at its next write", [])
    case .fill:
      breakage.ill = .full
      return .told("\(node)'s disk is full: it takes entries until its segments are full", [])
    case .slow(let pause):
      breakage.ill = .slow(pause)
      return .told("each sync of \(node) takes \(Numbers.time(pause)) longer", [])
    case .mend:
      breakage.ill = .none
      let now = opened.value
      let unit = now.cluster.node(node)?.unit
      let isDown = now.cluster.node(node) == nil
      let help =
        now.outage != nil
        ? "'reopen' goes on"
        : isDown
          ? "'node restart \(node)' brings it back"
          : "'node kill \(node)' and 'node restart \(node)' bring it back"
      let note = unit?.hasFailed == false ? "" : "; " + help
      return .told("\(node)'s disk works again\(note)", [])
    }
  }

  // MARK: - Clients

  private func change(_ action: ClusterCommand.ClientAction) throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    switch action {
    case .list:
      return .table(
        FactTable(
          of: "client",
          now.members.map { member in
            FactTable.Row(
              member.name,
              [
                Fact("in use", .text(member.name == now.current ? "yes" : "")),
                Fact("epoch", .count(Int(member.client.layout.epoch.number))),
                Fact("appends", .count(member.client.counters.appends)),
              ]
            )
          }
        )
      )
    case .new(let name):
      if !now.isFree(name) { throw .refused("the name '\(name)' is taken: choose another") }
      var next = now
      try next.addClient(name, of: host, limits)
      let added = next
      opened.update { $0 = added }
      return .told("you are \(name) now", [Fact("client", .text(name))])
    case .use(let name):
      guard now.members.contains(where: { $0.name == name }) else {
        let names = now.members.map(\.name).joined(separator: ", ")
        throw .refused("there is no client '\(name)': there are \(names)")
      }
      opened.update { $0.current = name }
      return .told("you are \(name) now", [Fact("client", .text(name))])
    }
  }

  private func crash(_ point: ClusterCommand.CrashPoint) throws(ReplError) -> ClusterAnswer {
    guard let member = opened.value.member else { throw .log(.closed) }
    member.fate.plan(point)
    switch point {
    case .now:
      let next = try bury(member.name)
      return .told("\(member.name) is dead; \(next) goes on in its place", [])
    case .afterToken:
      return .told("\(member.name) will die when its next append has its token", [])
    case .afterHead:
      return .told("\(member.name) will die when its next append has written a head", [])
    }
  }
}

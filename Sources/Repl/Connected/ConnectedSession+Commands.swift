import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuTransactions
import CorfuWriteOnce

// What can be done to servers without a hand on their processes.

extension ConnectedSession {
  /// What to do instead where a command needs a hand on processes.
  static var handsOff: String {
    "the nodes are processes of their own: 'corfu cluster up' and 'corfu cluster down' start and "
      + "stop them"
  }

  func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    if crowd.value.isClosed { throw .log(.closed) }
    switch command {
    case .token(let count): return try await takeToken(count)
    case .useToken(let payload): return try await useToken(for: payload)
    case .layout: return try await picture()
    case .nodes: return .table(try await nodeTable())
    case .client(let action): return try change(action)
    case .objects(let command): return try await perform(command)
    case .healing(let command): return try await perform(command)
    case .seal:
      throw .refused("the nodes' own monitors change the layout: 'status' tells how it is")
    case .node(let action, let name):
      guard let hands else { throw .refused(Self.handsOff) }
      return .told(try await hands.perform(action, on: try node(name)), [])
    case .killSurely(let name):
      guard let hands else { throw .refused(Self.handsOff) }
      return .told(try await hands.perform(.kill, on: try node(name)), [])
    case .crashClient: throw .refused(Self.handsOff)
    case .net:
      throw .refused("the network is a real one: what it does is not up to this session")
    case .disk: throw .refused("the disks are where the nodes are, and real ones")
    case .compact: throw .refused("each node compacts its own disk, without being asked")
    case .trace: throw .refused("messages are drawn where the nodes are in one process: --stage 7")
    }
  }

  private func perform(_ command: HealingCommand) async throws(ReplError) -> ClusterAnswer {
    switch command {
    case .status: return try await status()
    case .history: return await history()
    case .paxos: return .table(await registers())
    case .add:
      guard let hands else {
        throw .refused("'corfu cluster add' makes another node known to the cluster")
      }
      return .told(try await hands.add(), [])
    case .remove(let name):
      guard let hands else { throw .refused("'corfu cluster remove \(name)' lets it go") }
      return .told(try await hands.remove(try node(name)), [])
    case .replace(let name):
      guard let hands else {
        throw .refused("'corfu cluster replace \(name)' lets a spare take over")
      }
      return .told(try await hands.replace(try node(name)), [])
    case .stripes(let count):
      guard let hands else { throw .refused("'corfu cluster stripes \(count)' does that") }
      return .told(try await hands.setStripes(count), [])
    case .monitor(nil):
      let isOn = await membership()?.isAutomatic ?? true
      return .told(
        isOn
          ? "the nodes' monitors mend what breaks"
          : "the nodes' monitors look on, as 'monitor off' asked for",
        []
      )
    case .monitor(let isAutomatic?):
      guard let hands else {
        throw .refused("'corfu cluster monitors \(isAutomatic ? "on" : "off")' does that")
      }
      return .told(try await hands.setAutomatic(isAutomatic), [])
    case .remap(let names):
      guard let hands else {
        throw .refused("'corfu cluster remap \(names.joined(separator: " "))' does that")
      }
      let nodes = try names.map { (name) throws(ReplError) in try node(name) }
      return try await remap(nodes, by: hands)
    case .remapPolicy(let share):
      guard let hands else { throw .refused("'corfu cluster remap --below PERCENT' does that") }
      return .told(try await hands.remap(below: share.map { Int(($0 * 100).rounded()) }), [])
    case .rebuild: return try await rebuilds()
    case .wipe(let name, _):
      throw .refused("'node replace \(name)' has it emptied, once others have what it has")
    case .reconfigure, .lost, .appoint:
      throw .refused("the nodes' own monitors do that: 'corfu cluster' has what an operator can do")
    case .wait(let duration): return try await wait(duration)
    case .duel, .traceAll:
      throw .refused("that is for a cluster in one process: --stage 7 has one")
    }
  }

  /// The node of a name.
  private func node(_ name: String) throws(ReplError) -> NodeID {
    if name == "seq" { return layout.sequencer.node }
    guard name.first == "n", let number = UInt32(name.dropFirst()), number > 0 else {
      let names = nodes.sorted().map(\.description).joined(separator: ", ")
      throw .refused("there is no node '\(name)': there are \(names)")
    }
    return NodeID(number)
  }

  // MARK: - Clients

  private func change(_ action: ClusterCommand.ClientAction) throws(ReplError) -> ClusterAnswer {
    let crowd = crowd.value
    switch action {
    case .list:
      let rows = crowd.members.map { member in
        FactTable.Row(
          member.name,
          [
            Fact("in use", .text(member.name == crowd.current ? "yes" : "")),
            Fact("epoch", .count(Int(member.client.layout.epoch.number))),
            Fact("appends", .count(member.client.counters.appends)),
          ]
        )
      }
      return .table(FactTable(of: "client", rows))
    case .new(let name): try goOn(asNew: name)
    case .use(let name):
      guard crowd.members.contains(where: { $0.name == name }) else {
        let names = crowd.members.map(\.name).joined(separator: ", ")
        throw .refused("there is no client '\(name)': there are \(names)")
      }
      self.crowd.update { $0.current = name }
    }
    return .told("you are \(nameInUse) now", [Fact("client", .text(nameInUse))])
  }

  // MARK: - Tokens

  private func takeToken(_ count: Int) async throws(ReplError) -> ClusterAnswer {
    let (who, program) = try program()
    let layout = program.runtime.log.layout
    let request = Request.reserve(TokenRequest(layout: layout.id, count: count))
    switch await answer(to: request, of: layout.sequencer.node) {
    case .token(let token)?:
      crowd.update { crowd in
        crowd.spares += token.positions.map { Spare(owner: who, layout: layout, position: $0) }
      }
      return .told(
        "took \(token), and will not write there",
        [
          Fact("first", .position(token.first)), Fact("count", .count(token.count)),
          Fact("epoch", .count(Int(token.epoch.number))),
        ]
      )
    case .refused(let refusal)?:
      throw .refused(
        "the sequencer \(layout.sequencer.node) refuses: \(refusal); an append or a read tells "
          + "\(who) what is in force"
      )
    case nil: throw explained(.unavailable("\(layout.sequencer.node) does not answer"))
    default: throw .refused("the sequencer answers something else than a token")
    }
  }

  /// Writes down a chain with an old token, as its owner would that was asleep.
  private func useToken(for payload: [UInt8]) async throws(ReplError) -> ClusterAnswer {
    let (who, program) = try program()
    let spare = crowd.update { crowd -> Spare? in
      guard let index = crowd.spares.firstIndex(where: { $0.owner == who }) else { return nil }
      return crowd.spares.remove(at: index)
    }
    guard let spare else { throw .refused("\(who) has no unused token: 'token' takes one") }
    let position = spare.position
    let chain = Kit.Mapping().chain(of: position, in: spare.layout)
    let replicas = chain.replicas.map { unit in
      RemoteReplica(
        unit,
        layout: spare.layout.id,
        network: network,
        patience: limits.callPatience
      )
    }
    let mark = TraceWords.lateMark(of: program.runtime.log.id, at: position)
    let value = PlacedValue(.data(Entry(mark: mark, payload: payload)), at: position)
    switch await Kit.Writer().write([value], to: replicas).first {
    case .complete: return .told("written at \(position)", [Fact("position", .position(position))])
    case .lost(let slot):
      throw .refused("too late for position \(position): \(slot) stands there")
    case .trimmed: throw .refused("too late for position \(position): it is trimmed")
    case .failed(.wrongEpoch(let unit, let refusal), mayStand: false):
      throw .refused("\(unit): \(refusal); the token is worth nothing any more")
    case .failed(_, mayStand: true): throw explained(.indefinite(position))
    case .failed(let error, _):
      // Nothing was written, so the owner may try again.
      crowd.update { $0.spares.insert(spare, at: 0) }
      throw explained(.unavailable("\(error)"))
    case .inconsistent, nil: throw .log(.inconsistent(position))
    }
  }
}

import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror

// What can be done to the units, and told of them.

extension MirrorSession {
  func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    if !command.needsNoPower, let outage = opened.value.outage { throw .log(outage) }
    switch command {
    case .token(let count): return try await takeToken(count)
    case .useToken(let payload): return try await useToken(for: payload)
    case .layout:
      let mirror = opened.value.mirror
      let down = mirror.units.filter { $0.condition == .down }.map(\.name.node)
      return .layout(mirror.layout, down: down)
    case .nodes: return .table(await units())
    case .node(.kill, let name):
      let node = try node(name)
      try checkOthersAreWhole(node)
      return try await kill(node)
    case .killSurely(let name): return try await kill(try node(name))
    case .node(.restart, let name): return try await restart(try node(name))
    case .disk(let action, let name): return try change(try node(name), action)
    case .compact(let name): return try await compact(name)
    case .node, .seal, .net, .client, .crashClient, .trace, .healing, .objects:
      throw .refused(
        "in stage \(stage) all units are in this process, with no network between: "
          + "--stage 5 has one"
      )
    }
  }

  /// The unit of this name.
  func node(_ name: String) throws(ReplError) -> NodeID {
    let nodes = opened.value.mirror.units.map(\.name.node)
    if let node = nodes.first(where: { $0.description == name }) { return node }
    let last = nodes.last.map(\.description) ?? ""
    throw .refused("there is no unit '\(name)': they are n1 to \(last)")
  }

  // MARK: - Tokens

  private func takeToken(_ count: Int) async throws(ReplError) -> ClusterAnswer {
    let token: CorfuSequencer.Token
    do {
      token = try await ask { client throws(LogError) in try await client.reserve(count) }
    } catch {
      throw explained(error)
    }
    opened.update { $0.unused += token.positions }
    return .told(
      "took \(token), and will not write there",
      [
        Fact("first", .position(token.first)), Fact("count", .count(token.count)),
        Fact("epoch", .count(Int(token.epoch.number))),
      ]
    )
  }

  /// Writes with the oldest token, as its owner would that was asleep.
  private func useToken(for payload: [UInt8]) async throws(ReplError) -> ClusterAnswer {
    let first = opened.update { $0.unused.isEmpty ? nil : $0.unused.removeFirst() }
    guard let first else { throw .refused("there is no unused token: 'token' takes one") }
    do {
      let stands = try await ask { client throws(LogError) in
        try await client.write(payload, at: first)
      }
      if stands { return .told("written at \(first)", [Fact("position", .position(first))]) }
    } catch {
      // Where nothing was written, its owner may try again.
      if case .unavailable = error { opened.update { $0.unused.insert(first, at: 0) } }
      throw explained(error)
    }
    throw .refused("too late for position \(first): something else stands there")
  }

  // MARK: - Units

  /// Refuses to take a unit out of a chain whose other units have lost something.
  private func checkOthersAreWhole(_ node: NodeID) throws(ReplError) {
    for chain in opened.value.mirror.layout.chains {
      let others = chain.replicas.map(\.node).filter { $0 != node }
      guard others.count < chain.replicas.count, let first = others.first,
        others.allSatisfy(hasLosses)
      else { continue }
      let names = others.map(\.description).joined(separator: " and ")
      let help =
        stage < 4
        ? "'node kill \(first)' takes that out instead"
        : "'node kill \(first)' and 'node restart \(first)' fill that again first"
      throw .refused(
        "\(names) lost records to damage, and nobody but \(node) may have them: \(help); "
          + "'node kill \(node) --yes' gives them up"
      )
    }
  }

  private func hasLosses(_ node: NodeID) -> Bool {
    guard let store = opened.value.mirror.unit(node)?.store else { return false }
    let lost = store.reader.summary.lost - store.counters.repairs
    return isInDoubt(node) || watch.damage(of: node) > 0 || lost > 0
  }

  private func kill(_ node: NodeID) async throws(ReplError) -> ClusterAnswer {
    let mirror = opened.value.mirror
    let isUsed = mirror.layout.units.contains { $0.node == node }
    let isOut = try await change { () throws(MirrorError) in try await mirror.kill(node) }
    let epoch = mirror.layout.epoch
    let fate =
      isOut
      ? "epoch \(epoch) begins without it"
      : isUsed
        ? "nobody else has what it keeps, so its chain waits for it"
        : "nobody asked it any more"
    return .told(
      "\(node) is dead; \(fate)",
      [
        Fact("node", .text("\(node)")), Fact("taken out", .flag(isOut)),
        Fact("epoch", .count(Int(epoch.number))),
      ]
    )
  }

  private func restart(_ node: NodeID) async throws(ReplError) -> ClusterAnswer {
    let mirror = opened.value.mirror
    let seed = host.draw()
    if let care = opened.value.care { return try await restart(node, of: care, seed: seed) }
    let serves = try await change { () throws(MirrorError) in
      var random = SeededGenerator(seed: seed)
      return try await mirror.restart(node, using: &random)
    }
    return .told(
      serves
        ? "\(node) is back, and serves"
        : "\(node) is back; it may have missed entries, so it stays out of the layout",
      [Fact("node", .text("\(node)")), Fact("serves", .flag(serves))]
    )
  }

  /// Changes something about the units, and lets time pass meanwhile.
  func change<Answer: Sendable>(
    _ body: @escaping @Sendable () async throws(MirrorError) -> Answer
  ) async throws(ReplError) -> Answer {
    let result = try await host.run { () -> Result<Answer, MirrorError> in
      do throws(MirrorError) {
        return .success(try await body())
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let answer): return answer
    case .failure(let error): throw ReplError(error, place: place)
    }
  }

  // MARK: - Disks

  private func change(
    _ node: NodeID,
    _ action: ClusterCommand.DiskAction
  ) throws(ReplError) -> ClusterAnswer {
    guard let breakage = breakages[node] else { throw .refused("\(node) has no disk") }
    switch action {
    case .fail:
      breakage.ill = .failing
      return .told("\(node)'s disk fails from now on: it will stop at its next write", [])
    case .fill:
      breakage.ill = .full
      return .told("\(node)'s disk is full: it takes entries until its segments are full", [])
    case .slow(let pause):
      breakage.ill = .slow(pause)
      return .told("every sync of \(node) takes \(Numbers.time(pause)) longer", [])
    case .mend:
      breakage.ill = .none
      let now = opened.value
      let isUp = now.mirror.unit(node)?.isAlive == true
      let help =
        now.outage == nil ? "'node restart \(node)' brings it back" : "'reopen' goes on"
      let note = isUp ? "" : "; " + help
      return .told("\(node)'s disk works again\(note)", [])
    }
  }

  // MARK: - Numbers

  func stats() async throws(ReplError) -> [Fact] {
    let now = opened.value
    if let outage = now.outage { throw .log(outage) }
    let counters = now.client.counters
    return [
      Fact("epoch", .count(Int(now.mirror.layout.epoch.number))),
      Fact("next token", .position(now.mirror.tail)),
      Fact("stripes", .count(shape.stripes)),
      Fact("appends", .count(now.appends + counters.appends)),
      Fact("positions lost", .count(now.lostPositions + counters.lostPositions)),
      Fact("layouts learned", .count(counters.layoutChanges)),
    ] + now.notes.rotFacts
  }

  func details() async throws(ReplError) -> FactTable? { await units() }

  /// How every unit is.
  private func units() async -> FactTable {
    let mirror = opened.value.mirror
    let layout = mirror.layout
    var rows: [FactTable.Row] = []
    for unit in mirror.units {
      let store = mirror.unit(unit.name.node)?.store
      let summary = store?.reader.summary
      var facts = [
        Fact("state", .text(unit.condition.shown)),
        Fact("does", .text(layout.role(of: unit.name))),
        number("entries", summary?.entries), number("junk", summary?.junk),
        number("trimmed", summary?.trims), number("syncs", store?.counters.syncs),
      ]
      if stage > 3 { facts += Fact.facts(of: await mirror.space(of: unit.name.node)) }
      rows.append(FactTable.Row("\(unit.name)", facts))
    }
    return FactTable(of: "unit", rows)
  }

  /// A number, or nothing where nobody knows it.
  private func number(_ name: String, _ count: Int?) -> Fact {
    Fact(name, count.map { .count($0) } ?? .text(""))
  }
}

extension MirrorCondition {
  /// For people.
  fileprivate var shown: String {
    switch self {
    case .up: "up"
    case .down: "down"
    case .out: "up, out of date"
    case .gone: "down, taken out"
    }
  }
}

extension Layout {
  /// What a unit does, as the last span has it.
  func role(of unit: UnitName) -> String {
    for (index, chain) in (spans.last?.stripes ?? []).enumerated() {
      guard let place = chain.replicas.firstIndex(of: unit) else { continue }
      let isTail = place == chain.replicas.count - 1
      let end = place == 0 ? (isTail ? "" : ", head") : (isTail ? ", tail" : "")
      return "stripe \(index)\(end)"
    }
    return ""
  }
}

extension ReplError {
  /// No log over many units can be read in a folder.
  static func noMirrors(stage: Int, in folder: String) -> ReplError {
    do throws(ReplError) {
      // Units without a layout, or with one that is damaged.
      if case .mirrors = try FolderContent(of: folder) {
        return .refused(MirrorError.layoutLost(folder: folder).description)
      }
    } catch {
      return error
    }
    return .refused(
      "\(folder): there is no log here; "
        + "'corfu append --stage \(stage) --data \(folder)' makes one"
    )
  }

  /// What went wrong with a log over many units, in words that say what to do.
  init(_ error: MirrorError, place: String) {
    switch error {
    case .folder(.inUse), .notOpened(_, .device(.inUse)):
      self = .refused("\(place): another process has this log open; close it there first")
    case .folder(.powerOff): self = .log(.failed(.powerOff))
    case .alreadyUp(let node): self = .refused("\(node) is up already: nothing to restart")
    case .notCopied(let node, .unreadable(let position, _)):
      self = .refused(
        "\(error); 'trim \(position)' gives it up, then 'node restart \(node)' tries again"
      )
    case .notCopied(let node, .source(.unavailable(let reason))):
      self = .refused(
        "\(node) stays out of the layout: \(reason), and has what \(node) missed; "
          + "once it is back, 'node restart \(node)' tries again"
      )
    case .notCopied(let node, _):
      self = .refused("\(error); 'node restart \(node)' tries again")
    default: self = .refused(error.description)
    }
  }
}

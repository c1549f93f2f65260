import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

// What chapter 6 brings: a layout that changes, and monitors who change it.

extension ClusterSession {
  func perform(_ command: HealingCommand) async throws(ReplError) -> ClusterAnswer {
    guard let healing = opened.value.healing else {
      throw .refused("the layout of this cluster does not change: --stage 6 has one whose does")
    }
    switch command {
    case .status: return try await status(healing)
    case .history: return try history(healing)
    case .rebuild: return rebuilds(healing)
    case .paxos: return try await registers(healing)
    case .duel(let step): return try await fight(step, healing)
    case .traceAll:
      recorder.isOn = true
      recorder.showsChatter = true
      return .told("messages are drawn, and what monitors ask all the time as well", [])
    case .monitor(let isOn): return switchMonitors(isOn, healing)
    case .wait(let duration): return try await wait(duration, healing)
    case .reconfigure, .stripes, .lost, .appoint: return try await change(command, healing)
    case .wipe, .add, .remove, .replace, .remap, .remapPolicy:
      return try await changeNodes(command, healing)
    }
  }

  private func switchMonitors(_ isOn: Bool?, _ healing: Healing) -> ClusterAnswer {
    if let isOn { healing.isAutomatic = isOn }
    let names = healing.monitorHosts.map(\.description)
    let hosts = names.joined(separator: ", ")
    let place = hosts.isEmpty ? "which are about to begin" : "on \(hosts)"
    let what = healing.isAutomatic ? "mend what breaks" : "look on, and change nothing"
    return .told(
      "the monitors, \(place), \(what)",
      [
        Fact("monitors", .list(names)), Fact("automatic", .flag(healing.isAutomatic)),
      ]
    )
  }

  private func wait(
    _ duration: Duration?,
    _ healing: Healing
  ) async throws(ReplError) -> ClusterAnswer {
    let clock = host.clock
    let (isAtRest, passed) = try await host.run { () -> (Bool, Duration) in
      let begin = clock.now
      if let duration {
        _ = await healing.settle(within: duration, isPatient: true)
      } else {
        _ = await healing.settle(within: .seconds(60))
      }
      return (healing.isAtRest, begin.duration(to: clock.now))
    }
    if Task.isCancelled { throw .cancelled }
    let what =
      isAtRest ? "nothing is left to do" : "something is still to be done: 'status' tells what"
    return .told(
      "\(Numbers.time(passed)) later \(what)",
      [Fact("waited", .time(passed)), Fact("at rest", .flag(isAtRest))]
    )
  }

  func news(after command: Command) async -> [News] {
    let now = opened.value
    guard let healing = now.healing else { return [] }
    if host.isSimulated, command.letsTimePass, now.outage == nil {
      // A world that stopped is told of by the next command.
      _ = try? await host.run { await healing.settle(within: .seconds(30)) }
    }
    return chronicle.take()
  }

  /// What keeps an operation from being done, and what would help.
  func advice(_ healing: Healing) -> String {
    if !healing.isAutomatic {
      return "the monitors only look on: 'reconfigure' mends it by hand, 'monitor on' lets them"
    }
    let troubles = troubles(healing).map(\.line)
    let obstacles = concerns(healing).filter(\.isObstacle).map(\.text)
    // What an operator cannot do follows from what is broken, and that is what can be mended.
    let broken = obstacles.filter { !troubles.contains($0) }
    guard var advice = broken.first ?? obstacles.first else { return "" }
    var told = 1
    for cause in broken.dropFirst() where told < Self.causesMax {
      if advice.count + cause.count > Self.adviceMax { break }
      advice += "; " + cause
      told += 1
    }
    return advice + (told < obstacles.count ? "; 'status' tells the rest" : "")
  }

  /// More reasons in one sentence nobody reads.
  private static var causesMax: Int { 3 }

  /// Nor a longer sentence.
  private static var adviceMax: Int { 100 }

  // MARK: - By hand

  private func change(
    _ command: HealingCommand,
    _ healing: Healing
  ) async throws(ReplError) -> ClusterAnswer {
    let before = healing.cluster.layout
    let layout: Layout
    switch command {
    case .stripes(let count):
      let now = before?.spans.last?.stripes.count ?? 0
      let replicas = healing.goal.replicas
      guard count >= now else {
        throw .refused("there are \(now) stripes; chains can be added, and not taken away")
      }
      let (wanted, found) = ((count - now) * replicas, before?.spares.count ?? 0)
      if wanted > found {
        throw explained(.notReconfigured(.plan(.tooFewSpares(wanted: wanted, found: found))))
      }
      try await attempt { () throws(ClusterError) in try await healing.setStripes(count) }
      layout = try await result { () throws(ClusterError) in try await healing.reconfigure() }
    case .lost(let names, let isSure):
      layout = try await giveUp(names, isSure: isSure, healing)
    case .appoint(let isSure):
      if !isSure {
        throw .refused(
          "new acceptors would be appointed without asking the old ones: if those are only away, "
            + "entries may be lost. If most of their disks will never come back, say "
            + "'reconfigure appoint --yes'"
        )
      }
      let old = (before?.acceptors ?? []).map(\.node.description).joined(separator: ", ")
      try await record("acceptors appointed without asking \(old)", in: before)
      layout = try await result { () throws(ClusterError) in
        try await healing.appointAcceptors()
      }
    default:
      layout = try await result { () throws(ClusterError) in try await healing.reconfigure() }
    }
    return .told(
      "epoch \(layout.epoch) begins at position \(layout.firstTail)",
      [
        Fact("epoch", .count(Int(layout.epoch.number))),
        Fact("first tail", .position(layout.firstTail)),
      ]
    )
  }

  /// Gives up the disks of nodes, with all that only they had.
  private func giveUp(
    _ names: [String],
    isSure: Bool,
    _ healing: Healing
  ) async throws(ReplError) -> Layout {
    let before = healing.cluster.layout
    var nodes: Set<NodeID> = []
    for name in names { nodes.insert(try node(name)) }
    let chosen = nodes
    if !isSure {
      throw .refused(
        "every entry that only \(names.joined(separator: " and ")) had would be gone for good, "
          + "also acknowledged ones: say "
          + "'reconfigure lost \(names.joined(separator: " ")) --yes' "
          + "if the disks will never come back"
      )
    }
    let named = (before?.units ?? []) + (before?.spares ?? []) + (before?.acceptors ?? [])
    let disks = Set(named.filter { chosen.contains($0.node) })
    for id in chosen.sorted() where !disks.contains(where: { $0.node == id }) {
      throw .refused("\(id) has no disk that the layout names: nothing would be given up with it")
    }
    if let disk = disks.sorted().first(where: { serves($0, healing) }) {
      throw .refused(
        "\(disk.node) is up, with its disk: only disks that will never come back can be given up"
      )
    }
    let declared = disks.sorted().map { "\($0.node) (disk \($0.incarnation))" }
    try await record("declared lost: \(declared.joined(separator: ", "))", in: before)
    chronicle.expectLoss(of: disks)
    do throws(ReplError) {
      return try await result { () throws(ClusterError) in
        try await healing.declareLost(chosen)
      }
    } catch {
      let spares = healing.cluster.layout?.spares ?? []
      let isAlone = !spares.contains { serves($0, healing) && !chosen.contains($0.node) }
      throw .refused(
        "\(names.joined(separator: ", ")): noted as lost, unless they come back before; but "
          + (isAlone
            ? "nobody stands by who could take over: 'node add' makes somebody, and the monitors "
              + "go on by themselves"
            : "\(error)")
      )
    }
  }

  /// Keeps for good what somebody decides against the rules.
  private func record(_ decision: String, in layout: Layout?) async throws(ReplError) {
    let host = host
    let line =
      [host.date, "epoch \(layout?.epoch ?? .zero)"].compactMap { $0 }
      .joined(separator: ", ") + ": " + decision
    let trouble = try await host.run { () -> DeviceError? in
      do throws(DeviceError) {
        try await OverrideRecord(in: host.folderDevice()).add(line)
        return nil
      } catch {
        return error
      }
    }
    guard let trouble else { return }
    throw .refused("nothing was done, since what is decided by hand could not be kept: \(trouble)")
  }

  private func result<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(ClusterError) -> Value
  ) async throws(ReplError) -> Value {
    let result = try await host.run { () -> Result<Value, ClusterError> in
      do throws(ClusterError) {
        return .success(try await body())
      } catch {
        return .failure(error)
      }
    }
    do {
      return try result.get()
    } catch {
      throw explained(error)
    }
  }

  // MARK: - Nodes

  private func changeNodes(
    _ command: HealingCommand,
    _ healing: Healing
  ) async throws(ReplError) -> ClusterAnswer {
    let seed = host.draw()
    switch command {
    case .add:
      let node = try await result { () throws(ClusterError) in
        var random = SeededGenerator(seed: seed)
        return try await healing.add(using: &random)
      }
      return .told("\(node) is up, with an empty disk", [Fact("node", .text("\(node)"))])
    case .wipe(let name, let isSure):
      let node = try node(name)
      if healing.cluster.sequencerIDs.contains(node) {
        throw .refused("\(node) has no disk: it keeps all it knows in memory")
      }
      if !isSure { try checkThatOthersKnow(whatIsOn: node, named: name, healing) }
      try await attempt { () throws(ClusterError) in
        var random = SeededGenerator(seed: seed)
        try await healing.wipe(node, using: &random)
      }
      return .told("\(node) is up with an empty disk: what it knew is gone", [])
    case .remove(let name):
      let node = try node(name)
      try await attempt { () throws(ClusterError) in try await healing.remove(node) }
      return .told("\(node) is to go, once others have what it has", [])
    case .replace(let name):
      let node = try node(name)
      try checkThatItKeeps(node, healing)
      try await attempt { () throws(ClusterError) in try await healing.replace(node) }
      return .told("a spare is to take over from \(node), which will be emptied then", [])
    case .remap(let names):
      var nodes: [NodeID] = []
      for name in names {
        let node = try node(name)
        if !nodes.contains(node) { nodes.append(node) }
      }
      let chosen = nodes
      for node in nodes { try checkThatItKeeps(node, healing) }
      try await attempt { () throws(ClusterError) in try await healing.remap(chosen) }
      let order = chosen.map(\.description).joined(separator: ", then ")
      return .told("spares are to take over from \(order)", [])
    case .remapPolicy(let share):
      try await attempt { () throws(ClusterError) in try await healing.setRemapShare(share) }
      let percent = share.map { "\(Int(($0 * 100).rounded())) percent" }
      return .told(
        percent.map { "a unit of which less than \($0) is alive is remapped by itself" }
          ?? "units are remapped only when you ask for it",
        []
      )
    default: throw .refused("this is no command about nodes")
    }
  }

  private func checkThatItKeeps(_ node: NodeID, _ healing: Healing) throws(ReplError) {
    guard healing.cluster.sequencerIDs.contains(node) else { return }
    throw .refused(
      "\(shown(node)) keeps no entries, so nobody need take over: 'node remove \(node)' lets it go"
    )
  }

  /// Refuses to empty a disk that has the last copy of something, or a vote without which too few
  /// acceptors know how they voted.
  private func checkThatOthersKnow(
    whatIsOn node: NodeID,
    named name: String,
    _ healing: Healing
  ) throws(ReplError) {
    if let part = lastCopy(on: node, healing) {
      throw .refused(
        "nobody else who is up has \(part): say 'node wipe \(name) --yes' if that is to be gone"
      )
    }
    if let rest = lastVotes(without: node, healing) {
      throw .refused(
        "\(rest) would be left who know how they voted, too few to decide anything: say "
          + "'node wipe \(name) --yes' if its vote is to be gone"
      )
    }
  }

  /// How many acceptors would be left with a node's disk gone, if they are too few; `nil` if they
  /// are enough, or if no vote goes with it.
  ///
  /// Entries have copies, votes have not: of each acceptor only its own disk tells how it voted
  /// (R27).
  private func lastVotes(without node: NodeID, _ healing: Healing) -> String? {
    guard let acceptors = healing.cluster.layout?.acceptors,
      let acceptor = acceptors.first(where: { $0.node == node })
    else { return nil }
    // One that is down has the disk that voted, as far as anybody knows.
    if let disk = healing.cluster.node(node)?.unitName, disk != acceptor { return nil }
    let left = acceptors.count { other in
      other != acceptor && serves(other, healing)
        && healing.cluster.node(other.node)?.unit?.store.reader.isInDoubt == false
    }
    if left > acceptors.count / 2 { return nil }
    return "\(left) of \(Numbers.count(acceptors.count, "acceptor", "acceptors"))"
  }

  /// What would be gone with a node's disk; `nil` if others have all of it.
  private func lastCopy(on node: NodeID, _ healing: Healing) -> String? {
    guard let layout = healing.cluster.layout else { return nil }
    // Somebody mixed up folders: it may be the only one, whoever has it (R29).
    let disk = healing.cluster.node(node)?.unitName
    if let owner = layout.owner(of: disk), let disk {
      let isCopy = healing.cluster.node(owner)?.unitName?.incarnation == disk.incarnation
      return isCopy ? nil : "the disk of \(owner)"
    }
    // Of a node that is down nobody knows how much it has.
    if let unit = healing.cluster.node(node)?.unit, unit.tail == .zero { return nil }
    for (index, span) in layout.spans.enumerated() {
      for (stripe, chain) in span.stripes.enumerated() {
        let others = chain.replicas.filter { $0.node != node }
        if others.count == chain.replicas.count || others.contains(where: { serves($0, healing) }) {
          continue
        }
        return "stripe \(stripe) of \(LayoutWords.range(of: index, in: layout))"
      }
    }
    return nil
  }
}

extension Command {
  /// Whether monitors get the time, after it, to do what it gave them to do.
  fileprivate var letsTimePass: Bool {
    switch self {
    // As much as it says, and no more.
    case .cluster(.healing(.wait)): false
    case .reopen: true
    default: need == .writing
    }
  }
}

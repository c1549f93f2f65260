internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// All that is done to a cluster from outside: by bad luck, and by the operator who puts it right.
final class ClusterTroubles: Sendable {
  let nodes: ClusterNodes
  /// Who changes the layout in chapter 6, in place of a hand.
  private let monitors: ClusterMonitors?
  private let state: Mutex<State>
  var world: World { nodes.world }
  var network: ClusterNetwork { nodes.network }
  var configuration: ClusterConfiguration { nodes.configuration }

  private struct State: Sendable {
    var random: SeededGenerator
    var counts: [ClusterFault: Int] = [:]
    var layout: Layout?
    var hands = 0
    /// The last hand failed: the epoch may be sealed, and nothing come after it.
    var isHalfDone = false
    /// When nodes that are down come back.
    var returns: [NodeID: Duration] = [:]
    /// Nodes that do not, before somebody says so.
    var gone: Set<NodeID> = []
    /// Where rot would take more than a record, if it struck again.
    var scars: Set<RotScar> = []
  }

  init(_ nodes: ClusterNodes, _ monitors: ClusterMonitors?, random: SeededGenerator) {
    self.nodes = nodes
    self.monitors = monitors
    state = Mutex(State(random: random))
  }

  /// What was done so far.
  var counts: [ClusterFault: Int] { state.withLock { $0.counts } }

  /// The newest layout that the operator knows of.
  var layout: Layout? {
    let known = state.withLock { $0.layout }
    guard let newest = nodes.newestLayout else { return known }
    return newest.epoch > known?.epoch ?? .zero ? newest : known
  }

  /// The operator learns of a layout, whether or not any node has heard of it.
  func learn(_ layout: Layout) {
    state.withLock { state in
      if layout.epoch > state.layout?.epoch ?? .zero { state.layout = layout }
    }
  }

  func count(_ fault: ClusterFault) {
    state.withLock { $0.counts[fault, default: 0] += 1 }
  }

  /// Notes where rot struck, unless it struck there before.
  ///
  /// - Returns: Whether it had not.
  func isFresh(_ scar: RotScar) -> Bool {
    state.withLock { $0.scars.insert(scar).inserted }
  }

  func draw<Value: Sendable>(
    _ body: @Sendable (inout SeededGenerator) -> Value
  ) -> Value {
    state.withLock { body(&$0.random) }
  }

  // MARK: - Troubles

  /// How long a calm is, in which much can be appended.
  private static let calm = Duration.milliseconds(100)...(.milliseconds(500))

  /// Makes trouble, again and again.
  func run() async {
    let faults = ClusterFault.allCases.flatMap { fault in
      [ClusterFault](repeating: fault, count: configuration.weights[fault, default: 0])
    }
    while !Task.isCancelled {
      let isCalm = draw { $0.chance(0.2) }
      await world.sleep(
        for: draw { $0.duration(in: isCalm ? Self.calm : self.configuration.respite) }
      )
      guard let fault = draw({ $0.element(of: faults) }), !Task.isCancelled else { return }
      world.note("trouble: \(fault)")
      // Where nothing stands yet, nothing rots.
      if fault == .rot {
        rot()
        continue
      }
      if await strike(fault) { count(fault) }
    }
  }

  /// - Returns: Whether it struck.
  private func strike(_ fault: ClusterFault) async -> Bool {
    guard let unit = draw({ $0.element(of: self.nodes.units) }) else { return false }
    let node = draw { $0.element(of: self.nodes.all) } ?? unit
    switch fault {
    case .kill, .powerCut:
      if draw({ $0.chance(0.4) }) {
        let call = draw { $0.number(in: 1...12) }
        nodes.device(unit)?.inject(fault == .kill ? .kill : .powerCut, atCall: call)
        return false  // The disk counts it, if that call ever comes.
      }
      return nodes.kill(unit, withPower: fault == .powerCut)
    case .powerCutOfAll:
      return nodes.units.map { nodes.kill($0, withPower: true) }.contains(true)
    case .pause:
      return await pause(node, .milliseconds(1)...(.milliseconds(80)))
    case .longPause: return await pause(node, longTime)
    case .longDeath:
      let wasUp = nodes.kill(node, withPower: draw { $0.chance(0.5) })
      stayAway(node, longTime)
      return wasUp
    case .chainDeath: return killChains()
    case .lostDisk:
      guard let lost = nodes.units.first(where: { $0 == unit && mayLose($0) }) else { return false }
      nodes.loseDisk(of: lost)
      world.note("\(lost) has lost its disk")
    case .oldDisk:
      return ageDisk()
    case .monitorDeath:
      monitors?.kill(draw { $0.number(below: max(1, self.configuration.monitors)) })
    case .takeover: return takeOver(unit, forGood: false)
    case .removal: return takeOver(unit, forGood: true)
    case .growth:
      guard let layout else { return false }
      return monitors?.grow(layout) ?? false
    case .cut, .oneWayCut: return await cut(fault)
    case .split: return await split()
    case .sequencerRestart:
      return nodes.kill(draw { $0.element(of: self.nodes.sequencers) } ?? nodes.sequencer)
    case .hole: return await dropToken()
    case .seal: return await change()
    case .twoHands: return await changeTwice()
    case .lostMessage, .repeatedMessage, .diskError, .stall, .outOfSpace, .rot, .compaction,
      .clientDeath, .staleClient, .lie, .lostChain, .lostAcceptors:
      preconditionFailure("\(fault) strikes by itself")
    }
    return true
  }

  /// - Returns: Whether anybody had to wait for it.
  private func pause(_ node: NodeID, _ time: ClosedRange<Duration>) async -> Bool {
    let before = network.heldByPauses
    network.pause(node)
    await world.sleep(for: draw { $0.duration(in: time) })
    network.resume(node)
    return network.heldByPauses > before
  }

  /// How long somebody is away if the others are to go on without it.
  private var longTime: ClosedRange<Duration> {
    let silence = configuration.monitorLimits.silenceMax
    return silence...(silence * 5)
  }

  /// Has spares take over from a unit, and sometimes from as many as there are spares.
  private func takeOver(_ unit: NodeID, forGood: Bool) -> Bool {
    guard let layout, let monitors else { return false }
    let others = draw { random in
      random.chance(0.5) ? self.nodes.all.filter { $0 != unit && random.chance(0.5) } : []
    }
    return monitors.letGo([unit] + others, of: layout, forGood: forGood)
  }

  func stayAway(_ node: NodeID, _ time: ClosedRange<Duration>) {
    let until = world.now + draw { $0.duration(in: time) }
    state.withLock { $0.returns[node] = until }
  }

  /// Lets a node that is down stay away for a time, and come back then.
  func stayAway(_ node: NodeID, for time: Duration) {
    let until = world.now + time
    state.withLock { state in
      state.gone.remove(node)
      state.returns[node] = until
    }
  }

  /// Lets a node that is down stay away until ``stayAway(_:for:)`` says how long.
  func stayAway(_ node: NodeID) {
    state.withLock { _ = $0.gone.insert(node) }
  }

  /// Kills all units but one of a chain, or of each chain.
  private func killChains() -> Bool {
    let chains = layout?.chains.filter { $0.replicas.count > 1 } ?? []
    if draw({ $0.chance(0.3) }) {
      // All of them, whatever the first one says.
      return chains.map { killChain($0) }.contains(true)
    }
    return draw { $0.element(of: chains) }.map { killChain($0) } ?? false
  }

  private func killChain(_ chain: Chain) -> Bool {
    let survivor = draw { $0.number(below: chain.replicas.count) }
    let isLong = draw { $0.chance(0.7) }
    var hasStruck = false
    for (index, unit) in chain.replicas.enumerated() where index != survivor {
      if nodes.kill(unit.node, withPower: draw { $0.chance(0.5) }) { hasStruck = true }
      if isLong { stayAway(unit.node, longTime) }
    }
    return hasStruck
  }

  /// Whether a disk may be lost: of all that it keeps another disk has a copy, and most of the
  /// acceptors keep their promises (the fault model).
  ///
  /// Only while nobody has sealed it, as is done to all that keep entries or stand by: the next
  /// layout, decided already perhaps, cannot rest on it alone then (R22).
  func mayLose(_ id: NodeID) -> Bool {
    guard let layout, let node = nodes.node(id), let unit = node.unit, let name = node.unitName,
      unit.installed == layout.id, unit.sealed < layout.epoch,
      (layout.units + layout.spares).contains(name)
    else { return false }
    let isIntact = { (other: UnitName) in other != name && self.nodes.has(other) }
    let hasCopies = layout.chains.allSatisfy { chain in
      !chain.replicas.contains(name) || chain.replicas.contains(where: isIntact)
    }
    let voices = layout.acceptors.count(where: isIntact)
    return hasCopies && voices >= layout.acceptors.count / 2 + 1
  }

  /// - Returns: Whether any message was lost by it.
  private func cut(_ fault: ClusterFault) async -> Bool {
    let before = network.lostToCuts
    let all = nodes.all
    let some = draw { random in all.filter { _ in random.chance(0.4) } }
    let clients = draw { random in
      (0..<self.configuration.clients).filter { _ in random.chance(0.6) }
    }
    let hosts = monitors?.hosts ?? []
    let watchers = draw { random in hosts.filter { _ in random.chance(0.6) } }
    let left =
      clients.map { ClusterNetwork.Party.client("c\($0)") }
      + watchers.map { ClusterNetwork.Party.node($0) }
    let right = some.map { ClusterNetwork.Party.node($0) }
    if fault == .cut {
      network.partition(left, from: right)
    } else {
      let isThere = draw { $0.chance(0.5) }
      for one in left {
        for other in right where other != one {
          network.cut(from: isThere ? one : other, to: isThere ? other : one)
        }
      }
    }
    await world.sleep(for: draw { $0.duration(in: .milliseconds(2)...(.milliseconds(120))) })
    network.heal()
    return network.lostToCuts > before
  }

  /// Takes a token and writes nothing there.
  ///
  /// - Returns: Whether there was one to take.
  @discardableResult
  func dropToken(_ count: Int = 1) async -> Bool {
    guard let layout else { return false }
    do {
      let reply = try await network.endpoint("the dead").call(
        .reserve(TokenRequest(layout: layout.id, count: count)),
        to: layout.sequencer.node,
        patience: configuration.clientLimits.callPatience
      )
      if case .token = reply { return true }
    } catch {
      world.note("nobody hands out a hole: \(error)")
    }
    return false
  }

  // MARK: - The operator

  /// Looks after the nodes: brings back what is down, and gives the sequencer an epoch to serve.
  func operate() async {
    while !Task.isCancelled {
      await world.sleep(for: .milliseconds(3))
      await restartNodes(atOnce: false)
      if !configuration.isVoted && needsHand && draw({ $0.chance(0.2) }) { _ = await handOver() }
    }
  }

  /// Whether the sequencer that is up is nobody, or a hand stopped half-way.
  var needsHand: Bool {
    guard let layout, let name = nodes.sequencerName else { return false }
    return layout.sequencer != name || state.withLock { $0.isHalfDone }
  }

  /// Brings back nodes whose time has come.
  func restartNodes(atOnce: Bool) async {
    for id in nodes.ended {
      world.note("\(id) ended by itself")
      nodes.kill(id)
    }
    let gone: Set<NodeID> = atOnce ? [] : state.withLock { $0.gone }
    for id in nodes.all where !nodes.isUp(id) && !gone.contains(id) {
      let time = state.withLock { state in
        if let time = state.returns[id] { return time }
        let time = world.now + state.random.duration(in: .zero ... .milliseconds(30))
        state.returns[id] = time
        return time
      }
      guard atOnce || world.now >= time else { continue }
      state.withLock { $0.returns[id] = nil }
      // A fault may meet the opening too.
      _ = await nodes.start(id)
    }
  }

  /// Ends the epoch and begins the next, by hand or by a vote.
  ///
  /// - Returns: Whether that was done.
  func change(
    without shunned: Set<NodeID> = [],
    stalling stall: Duration = .zero
  ) async -> Bool {
    guard let monitors else { return await handOver() }
    guard let layout else { return false }
    return await monitors.reconfigure(from: layout, without: shunned, stalling: stall)
  }

  /// Ends the epoch and begins the next.
  ///
  /// - Returns: Whether it has begun.
  func handOver() async -> Bool {
    guard let layout, let name = nodes.sequencerName else { return false }
    let number = state.withLock { state in
      state.hands += 1
      return state.hands
    }
    let hand = Handover<ClusterWay, SimulatedParts>(
      network: network.endpoint("hand \(number)"),
      patience: configuration.clientLimits.callPatience
    )
    do {
      let next = try await hand.run(from: layout, to: name)
      world.note("hand \(number): epoch \(next.epoch) begins at \(next.firstTail)")
      learn(next)
      state.withLock { $0.isHalfDone = false }
      return true
    } catch {
      world.note("hand \(number) from epoch \(layout.epoch): \(error)")
      state.withLock { $0.isHalfDone = true }
      return false
    }
  }

  /// Brings the first layout into force.
  func begin() async throws(HandoverError) -> Layout? {
    let names = nodes.units.compactMap { nodes.node($0)?.unitName }
    guard let sequencer = nodes.sequencerName, names.count == nodes.units.count else { return nil }
    var layout = Layout.first(
      of: names,
      stripes: configuration.stripes,
      replicas: configuration.replicas,
      acceptors: configuration.acceptors,
      sequencer: sequencer
    )
    if configuration.isVoted {
      for name in names { layout.openings[name] = nodes.node(name.node)?.opening }
    }
    let hand = Handover<ClusterWay, SimulatedParts>(
      network: network.endpoint("hand 0"),
      patience: .seconds(1)
    )
    try await hand.begin(layout)
    state.withLock { $0.layout = layout }
    return layout
  }
}

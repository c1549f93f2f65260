internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

typealias ClusterNetwork = SimulatedNetwork<SimulatedClock>
typealias ClusterWay = ClusterNetwork.Endpoint

/// The processes and disks of a simulated cluster, which die and come back.
final class ClusterNodes: Sendable {
  typealias SimulatedNode = Node<SimulatedDevice, SimulatedParts>

  let world: World
  let network: ClusterNetwork
  let configuration: ClusterConfiguration
  let history: ClusterHistory
  let objects: ObjectHistory?
  /// The storage units.
  let units: [NodeID]
  let sequencer: NodeID
  /// All that can be sequencers, the first one included.
  let sequencers: [NodeID]
  /// What disks can be brought back to.
  let images = OldImages()
  private let onEvent: @Sendable (NodeID, UnitEvent) -> Void
  private let state: Mutex<State>

  private struct State: Sendable {
    var random: SeededGenerator
    var running: [NodeID: Running] = [:]
    /// The last device on each disk, alive or not.
    var devices: [NodeID: SimulatedDevice] = [:]
    var memories: [NodeID: UnitMemory] = [:]
    var starting: [Running] = []
    var runner: UnsafeContinuation<Void, Never>?
    var isClosed = false
    var mayLie: Bool
    var issued = Position.zero
  }

  /// A process.
  private final class Running: Sendable {
    let node: SimulatedNode
    let device: SimulatedDevice?
    private let ended = Mutex(false)

    init(_ node: SimulatedNode, on device: SimulatedDevice?) {
      self.node = node
      self.device = device
    }

    var hasEnded: Bool { ended.withLock { $0 } || device?.isAlive == false }

    func end() { ended.withLock { $0 = true } }
  }

  init(
    world: World,
    network: ClusterNetwork,
    configuration: ClusterConfiguration,
    history: ClusterHistory,
    objects: ObjectHistory? = nil,
    random: SeededGenerator,
    onEvent: @escaping @Sendable (NodeID, UnitEvent) -> Void
  ) {
    self.world = world
    self.network = network
    self.configuration = configuration
    self.history = history
    self.objects = objects
    self.onEvent = onEvent
    let count = UInt32(configuration.unitCount)
    units = (1...count).map { NodeID($0) }
    sequencer = NodeID(count + 1)
    sequencers = configuration.isVoted ? [sequencer, NodeID(count + 2)] : [sequencer]
    state = Mutex(State(random: random, mayLie: !configuration.isHonest))
    for id in units { renewDisk(of: id) }
  }

  /// Every node.
  var all: [NodeID] { units + sequencers }

  /// An empty disk, in place of the one before.
  private func renewDisk(of id: NodeID) {
    let device = SimulatedDevice(world: world, name: "\(id)")
    // Not `self`, which keeps the memory: the two would keep each other for ever.
    let memory = UnitMemory(of: id) { [history] in history.fail($0) }
    state.withLock { state in
      state.devices[id] = device
      state.memories[id] = memory
    }
  }

  /// Whether a node's disk is still the one that a layout names, up or not.
  func has(_ unit: UnitName) -> Bool {
    state.withLock { $0.memories[unit.node]?.incarnation == unit.incarnation }
      && !images.isOld(unit)
  }

  /// Loses a disk with all that is on it.
  func loseDisk(of id: NodeID) {
    kill(id)
    images.forget(id)
    renewDisk(of: id)
  }

  /// Puts an older image in the place of a disk.
  func ageDisk(of id: NodeID, to image: DiskImage) {
    guard let last = device(id) else { return }
    kill(id)
    let device = SimulatedDevice(
      world: world,
      name: "\(id)",
      capacityBytes: last.capacityBytes,
      faults: last.faults,
      image: image
    )
    // What the disk has said it must not unsay: its memory stays.
    state.withLock { $0.devices[id] = device }
    images.age(id)
  }

  /// Whether an image was taken before an opening was written down.
  ///
  /// One taken later, before the disk served, is left out: it says the same opening, so nobody can
  /// tell it from the disk.
  private func isFromBefore(_ opening: DiskOpening?, _ image: DiskImage) -> Bool {
    let device = SimulatedDevice(world: world, name: "image", image: image)
    do {
      // Without any it is no image of this disk: an empty one is somebody new, and one that was
      // being emptied as well.
      guard let known = try NodeFolder.opening(in: device) else { return false }
      return known != opening
    } catch {
      return false
    }
  }

  /// An operator gives all disks more room.
  func addRoom() {
    for id in units {
      guard let device = device(id), let capacity = device.capacityBytes else { continue }
      device.capacityBytes = capacity + 4 * configuration.limits.segmentBytes
    }
    world.note("the disks have more room")
  }

  /// Carries the nodes' work until the cluster is closed.
  func run() async {
    await withDiscardingTaskGroup { group in
      while let running = await nextStart() {
        group.addTask {
          await running.node.run()
          running.end()
          running.device?.unlock()
        }
      }
    }
  }

  private func nextStart() async -> Running? {
    while true {
      let (next, isClosed) = state.withLock { state in
        (state.starting.isEmpty ? nil : state.starting.removeFirst(), state.isClosed)
      }
      if let next { return next }
      if isClosed { return nil }
      await withUnsafeContinuation { continuation in
        let mustWait = state.withLock { state in
          let mustWait = state.starting.isEmpty && !state.isClosed
          if mustWait { state.runner = continuation }
          return mustWait
        }
        if !mustWait { continuation.resume() }
      }
    }
  }

  /// Ends everything where it is.
  func close() {
    for id in all { kill(id) }
    let runner = state.withLock { state in
      state.isClosed = true
      return state.runner.take()
    }
    runner?.resume()
  }

  // MARK: - What is up

  func isUp(_ id: NodeID) -> Bool { state.withLock { $0.running[id] != nil } }

  func node(_ id: NodeID) -> SimulatedNode? { state.withLock { $0.running[id]?.node } }

  func device(_ id: NodeID) -> SimulatedDevice? { state.withLock { $0.devices[id] } }

  /// Processes that ended by themselves: a failed disk, or a fault injected into a call.
  var ended: [NodeID] {
    units.filter { id in state.withLock { $0.running[id]?.hasEnded == true } }
  }

  /// One past the highest position that a sequencer handed out, or began at.
  var issued: Position { state.withLock { $0.issued } }

  /// The newest layout that any node has heard of.
  var newestLayout: Layout? {
    all.compactMap { node($0)?.newestLayout }.max { $0.epoch < $1.epoch }
  }

  /// Whom a layout would have to name as the sequencer.
  var sequencerName: SequencerName? {
    node(sequencer)?.sequencer.map { SequencerName(node: sequencer, boot: $0.boot) }
  }

  // MARK: - Life and death

  /// Starts a node that is down.
  ///
  /// - Returns: Whether it is up.
  func start(_ id: NodeID) async -> Bool {
    if isUp(id) { return true }
    if sequencers.contains(id) {
      startSequencer(id)
      return true
    }
    guard let last = device(id), let memory = state.withLock({ $0.memories[id] }) else {
      return false
    }
    let device = last.isAlive ? last : last.restart()
    var random = state.withLock { state in
      state.devices[id] = device
      return state.random.split()
    }
    let image = configuration.weights[.oldDisk].map { _ in device.snapshot() }
    do {
      let onEvent = onEvent
      let node = try await SimulatedNode.open(
        id,
        in: device,
        limits: configuration.limits,
        upkeep: configuration.upkeep(by: world.clock),
        using: &random
      ) { event in onEvent(id, event) }
      guard let unit = node.unit else { return false }
      memory.attend(unit.incarnation)
      if let image, isFromBefore(node.opening, image) { images.keep(image, of: id) }
      if !images.open(id, unit.incarnation) {
        memory.revisit(
          sealed: unit.sealed,
          installed: unit.installed?.epoch ?? .zero,
          trimMark: unit.store.reader.trimMark
        )
        proveStreams(of: unit, on: id)
      }
      let witness = UnitWitness(node, memory: memory) { node.unit?.incarnation }
      enter(Running(node, on: device), as: id, behind: witness)
      world.note("\(id) is up, tail \(unit.tail), sealed \(unit.sealed)")
      return true
    } catch {
      world.note("\(id) does not open: \(error)")
      // A file system that went read-only stays so until the power goes.
      device.powerCut()
      return false
    }
  }

  private func startSequencer(_ id: NodeID) {
    let boot = state.withLock { state in
      let lies = state.mayLie && state.random.chance(0.8)
      return BootID(
        high: lies ? LyingSequencer.liar : state.random.next() | 1 << 63,
        low: state.random.next()
      )
    }
    let role = SequencerRole<SimulatedParts>(
      boot: boot,
      streamsMax: configuration.streamsMax,
      writesMax: configuration.writesMax
    )
    let node = SimulatedNode(id, sequencer: role)
    let witness = SequencerWitness(node, boot: boot, objects: objects) { end in
      self.state.withLock { $0.issued = max($0.issued, end) }
    }
    enter(Running(node, on: nil), as: id, behind: witness)
    world.note("sequencer \(id) is up\(boot.high == LyingSequencer.liar ? ", and lies" : "")")
  }

  private func enter(_ running: Running, as id: NodeID, behind handler: any RequestHandler) {
    network.connect(handler, as: id)
    let runner = state.withLock { state in
      state.running[id] = running
      if running.device != nil { state.starting.append(running) }
      return state.runner.take()
    }
    runner?.resume()
  }

  /// Ends a process as `kill -9` does, or with its power.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  func kill(_ id: NodeID, withPower: Bool = false) -> Bool {
    let running = state.withLock { $0.running.removeValue(forKey: id) }
    if let device = running?.device ?? device(id) {
      if withPower { device.powerCut() }
      if device.isAlive { device.kill() }
    }
    network.disconnect(id)
    running?.node.stop()
    return running != nil
  }

  /// From now on disks are well, and sequencers tell the truth.
  func heal() {
    for id in units {
      guard let device = device(id) else { continue }
      device.faults = .none
      device.capacityBytes = nil
      device.removeInjections()
    }
    state.withLock { $0.mayLie = false }
  }

  /// What went wrong on the disks.
  var diskCounts: [DiskCounts] { units.compactMap { device($0)?.counts } }

  // MARK: - Looking at units from outside

  /// What a unit has at a position, durably; `nil` if it is down or cannot say.
  ///
  /// Of an older image nothing is demanded until the end. By then the layout has done without it,
  /// or has taken it in as an empty disk and had it filled (D12).
  func slot(_ position: Position, on unit: UnitName, isFinal: Bool = false) -> Slot? {
    guard isFinal || !images.isOld(unit), let node = node(unit.node), node.unitName == unit,
      let reader = node.unit?.store.reader
    else { return nil }
    do {
      return try reader.read(position)
    } catch {
      return nil
    }
  }

  /// Holds a value that a client was given, in an epoch or later, against every replica that is up:
  /// it must be complete (R14, R18).
  func proveComplete(_ slot: Slot, at position: Position, in epoch: Epoch, as what: String) {
    guard slot.isTaken, let layout = newestLayout, !history.isGivenUp(position, in: epoch) else {
      return
    }
    for unit in RoundRobin().chain(of: position, in: layout).replicas {
      guard let found = self.slot(position, on: unit) else { continue }
      if found == slot || found == .trimmed && configuration.trims { continue }
      history.fail("R18: \(what) \(position) gave \(slot), and \(unit) has \(found) there")
    }
  }

  /// Whether all replicas have the same at a position.
  func isEven(_ position: Position) -> Bool {
    guard let layout = newestLayout else { return false }
    let units = RoundRobin().chain(of: position, in: layout).replicas
    return Set(units.map { slot(position, on: $0) }).count == 1
  }

  /// The replicas of each chain, head first: whatever one has, all before it have (I7).
  ///
  /// Of one that is down, or damaged at the position, nothing is demanded but that it is put right
  /// in the end: what it had is known by those around it.
  ///
  /// - Parameters:
  ///   - end: Where to stop.
  ///   - isFinal: Whether everything is repaired, so that all must be equal (I12), and nothing be
  ///     damaged any more (D6).
  func proveOrder(upTo end: Position, isFinal: Bool) {
    guard let layout = newestLayout else { return }
    for position in Position.zero..<end {
      let chain = RoundRobin().chain(of: position, in: layout).replicas
      var found: [(unit: UnitName, slot: Slot)] = []
      for unit in chain {
        if let slot = slot(position, on: unit, isFinal: isFinal) {
          found.append((unit, slot))
        } else if isFinal {
          history.fail("D6: \(position) is damaged on \(unit), and nobody put it right")
        }
      }
      for ((left, one), (right, other)) in zip(found, found.dropFirst()) {
        if one == other || !isFinal && (other == .empty || one == .trimmed) { continue }
        history.fail(
          "I7: \(position) has \(one) on \(left), and \(other) on \(right) behind it"
        )
      }
    }
  }
}

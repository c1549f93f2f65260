internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuSimulation
internal import CorfuStages
internal import CorfuStripeMirror

/// Clients of chapter 3 on simulated disks of fixed speed, each with one operation under way, in
/// virtual time.
struct StripedWorkload: Sendable {
  /// What the clients do.
  enum Kind: Sendable {
    case append, read
  }

  let stripes: Int
  let clients: Int
  var replicas = 2
  var payloadBytes = 4096
  var speed = DiskSpeed()

  /// Runs for some virtual time.
  ///
  /// - Returns: How many operations were done in it.
  func run(_ kind: Kind, for duration: Duration) throws -> Measurement {
    let world = World(seed: 1)
    let tally = Tally()
    switch kind {
    case .append: try appends(in: world, for: duration, tally)
    case .read: try reads(in: world, for: duration, tally)
    }
    let operations = tally.operations
    return Measurement(
      operations: operations,
      bytes: operations * payloadBytes,
      duration: duration
    )
  }

  // MARK: - Appends: the whole of stage 3

  private func appends(
    in world: World,
    for duration: Duration,
    _ tally: Tally
  ) throws {
    let timing = DiskTiming(sync: .fixed(speed.access), bytesPerSecond: speed.bytesPerSecond)
    try world.run {
      var random = world.random.split()
      let stage = try await Stage3<SimulatedDevice, ReferenceMirrorParts>.open(
        MirrorShape(stripes: stripes, replicas: replicas),
        in: SimulatedDevice(world: world, name: "folder"),
        limits: Self.limits,
        using: &random,
        makeDevice: { SimulatedDevice(world: world, name: "\($0)", timing: timing) }
      )
      let logs = (0..<clients).map { _ in stage.client(using: &random) }
      let payload = [UInt8](repeating: 3, count: payloadBytes)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await stage.run() }
        try await atOnce(logs, in: world, for: duration, tally) { log in
          _ = try await log.append(payload)
        }
        try await stage.close()
      }
    }
  }

  private static var limits: StoreLimits {
    var limits = StoreLimits()
    // One segment holds all of a run: making files is not what is measured here.
    limits.segmentBytes = 256 << 20
    limits.zeroAheadBytes = 0
    return limits
  }

  // MARK: - Reads: the client over units that have everything

  private func reads(
    in world: World,
    for duration: Duration,
    _ tally: Tally
  ) throws {
    let unitCount = stripes * replicas
    let names = (1...UInt32(unitCount)).map {
      UnitName(node: NodeID($0), incarnation: Incarnation(high: 0, low: 0))
    }
    let chains = (0..<stripes).map { Chain(Array(names[$0 * replicas..<($0 + 1) * replicas])) }
    let boot = BootID(high: 0, low: 0)
    let layout = Layout(
      epoch: Epoch(1),
      spans: [Span(begin: .zero, stripes: chains)],
      sequencer: SequencerName(node: NodeID(0), boot: boot),
      acceptors: Array(names.prefix(1))
    )
    let reign = Reign(epoch: Epoch(1), boot: boot, firstTail: .zero)
    let sequencer = try LocalSequencer(Sequencer(boot: boot), serving: reign)
    let units = names.map { name in
      (name, FullUnit(name: name, payloadBytes: payloadBytes, speed: speed, in: world))
    }
    let view = Roster<FullUnit, Sequencer>.View(
      layout: layout,
      sequencer: sequencer,
      units: Dictionary(uniqueKeysWithValues: units)
    )
    let roster = Roster(view)
    let logs = (0..<clients).map { number in
      MirroredLog<FullUnit, ReferenceMirrorParts>(
        roster: roster,
        client: ClientID(high: 0, low: UInt64(number))
      )
    }
    try world.run {
      // All read the same log from its beginning, as those do that follow it.
      try await atOnce(logs, in: world, for: duration, tally) { log in
        _ = try await log.read(Position(UInt64(tally.nextTurn())))
      }
    }
  }

  /// Lets every client do one thing after the other, until the time is over.
  private func atOnce<Log: SharedLog>(
    _ logs: [Log],
    in world: World,
    for duration: Duration,
    _ tally: Tally,
    _ body: @escaping @Sendable (Log) async throws -> Void
  ) async throws {
    let end = world.now + duration
    try await withThrowingTaskGroup(of: Void.self) { group in
      for log in logs {
        group.addTask {
          while world.now < end {
            try await body(log)
            if world.now <= end { tally.finish() }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// A unit that has an entry at every position, on a disk of fixed speed.
private struct FullUnit: Replica {
  let name: UnitName
  private let entry: Slot
  private let time: Duration
  private let disk: DiskQueue

  init(name: UnitName, payloadBytes: Int, speed: DiskSpeed, in world: World) {
    self.name = name
    let mark = EntryMark(client: ClientID(high: 0, low: 0), sequence: 0)
    entry = .data(Entry(mark: mark, payload: [UInt8](repeating: 3, count: payloadBytes)))
    time = speed.time(for: payloadBytes)
    disk = DiskQueue(in: world)
  }

  func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    for _ in positions { await disk.occupy(for: time) }
    return positions.map { _ in .success(entry) }
  }

  func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    values.map { _ in .taken(entry) }
  }

  func trim(_ positions: [Position]) async throws(ReplicaError) {}

  func trimPrefix(before mark: Position) async throws(ReplicaError) {}
}

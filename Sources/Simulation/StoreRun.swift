internal import CorfuGlobalLog
internal import Synchronization

/// One seed of the store's simulation: a store lives, dies and lives again, on a disk that loses
/// what was not synced, while clients do all they may and a history is kept of what they heard.
public final class StoreRun: Sendable {
  /// What a seed showed.
  public struct Outcome: Sendable {
    /// The seed.
    public var seed: UInt64
    /// What it drew.
    public var configuration: Configuration
    /// The same for every run of the seed.
    public var fingerprint: UInt64
    /// Operations acknowledged.
    public var acknowledged: Int
    /// Appends among them.
    public var appends: Int
    /// Faults that struck, by kind.
    public var counts: DiskCounts
    /// How often each kind of event was seen.
    public var probes: [String: Int]
    /// What went wrong, or `nil`.
    public var failure: String?
    /// The last events.
    public var events: [String]
    /// Whether the fault to inject was never struck, because there were fewer calls.
    public var wasMissed = false
  }

  private let world: World
  private let configuration: Configuration
  private let injection: Injection?
  private let history = StoreHistory()
  private let probes = Mutex<[String: Int]>([:])
  private let missed = Mutex(false)
  /// How many appends had been acknowledged when the store opened; `nil` once it is closed.
  private let appendsAtOpening = Mutex<Int?>(nil)

  private init(world: World, configuration: Configuration, injection: Injection?) {
    self.world = world
    self.configuration = configuration
    self.injection = injection
  }

  /// Runs a seed.
  ///
  /// - Parameters:
  ///   - seed: What everything is drawn from.
  ///   - injection: A fault to strike instead of those that the seed draws.
  ///   - compacts: Whether somebody compacts meanwhile; `nil` for what the seed draws.
  ///   - eventsMax: How many of the last events to keep.
  /// - Returns: What came of it.
  public static func run(
    seed: UInt64,
    injecting injection: Injection? = nil,
    compacts: Bool? = nil,
    eventsMax: Int = 30
  ) -> Outcome {
    let world = World(seed: seed, eventsMax: eventsMax)
    var random = world.random.split()
    var configuration = Configuration(using: &random)
    if let compacts { configuration.compacts = compacts }
    if injection != nil { configuration.calm() }
    return StoreRun(world: world, configuration: configuration, injection: injection).outcome()
  }

  private func outcome() -> Outcome {
    var failure: String?
    var counts = DiskCounts()
    do {
      counts = try world.run { try await self.live() }
    } catch {
      failure = error.description
    }
    failure = history.violation?.description ?? failure
    return Outcome(
      seed: world.seed,
      configuration: configuration,
      fingerprint: world.fingerprint,
      acknowledged: history.acknowledged,
      appends: history.appends,
      counts: counts,
      probes: probes.withLock { $0 },
      failure: failure,
      events: world.events,
      wasMissed: missed.withLock { $0 }
    )
  }

  private func live() async throws -> DiskCounts {
    var device = SimulatedDevice(
      world: world,
      capacityBytes: configuration.capacityBytes,
      faults: configuration.faults
    )
    if let injection {
      device.inject(injection.effect, atCall: injection.number, of: injection.call)
    }
    var random = world.random.split()
    var life = 0
    while life < configuration.lives || life < configuration.livesMax && !isTelling(device.counts) {
      world.note("life \(life)")
      // A disk that fails at every tenth call lets nothing happen; so it has its good days.
      device.faults = random.chance(0.4) ? .none : configuration.faults
      history.allowReadErrors(device.faults[.readError] > 0)
      if configuration.isShared && life > 0 { device.capacityBytes = room(&random) }
      await liveOnce(on: device, &random)
      life += 1
      if device.isAlive && random.chance(0.7) { device.powerCut() }
      if device.isAlive { device.exit() }
      device = device.restart()
      if history.violation != nil { return device.counts }
    }
    // Whatever is not durable by now is lost before the last look.
    device.powerCut()
    device = device.restart()
    device.faults = .none
    device.capacityBytes = configuration.capacityBytes
    history.allowReadErrors(false)
    let isMissed = device.removeInjections() > 0
    world.note("the last life")
    try await check(device)
    missed.withLock { $0 = isMissed }
    return device.counts
  }

  /// Whether enough happened for the seed to tell anything.
  private func isTelling(_ counts: DiskCounts) -> Bool {
    history.appends >= SeedSummary.appendsWanted && SeedSummary.isTelling(counts)
  }

  /// What others leave of the disk, which may be less than the store has already.
  private func room(_ random: inout SeededGenerator) -> Int? {
    configuration.capacityBytes.map { random.chance(0.4) ? $0 : random.number(in: 0...$0) }
  }

  /// Opens the store, lets clients work on it, and ends it in some way.
  private func liveOnce(on device: SimulatedDevice, _ random: inout SeededGenerator) async {
    let store: GroupCommit<SimulatedDevice>
    do {
      store = try await open(device, &random)
    } catch {
      world.note("not opened: \(error)")
      let wasOpened = probes.withLock { $0["opened"] != nil }
      if error == .device(.outOfSpace) && wasOpened {
        history.fail("the log does not open, because its disk is full")
      }
      return
    }
    if random.chance(0.2) { await letAnotherOpen(device, &random) }
    let span = random.duration(in: .milliseconds(1)...(.milliseconds(60)))
    let ending = random.number(below: 10)
    let roomLater = configuration.isShared ? room(&random) : configuration.capacityBytes
    let compaction = StoreCompaction(world: world, store: store, history: history, device: device)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      group.addTask { await self.scrub(store.reader) }
      if configuration.compacts {
        let generator = random.split()
        group.addTask { await compaction.run(generator) }
      }
      await work(on: store, &random) {
        await self.world.sleep(for: span / 2)
        device.capacityBytes = roomLater
        await self.world.sleep(for: span / 2)
        switch ending {
        case 0..<5: device.powerCut()
        case 5..<8: device.kill()
        default: await self.close(store)
        }
        self.world.note("ended: \(ending)")
      }
      group.cancelAll()
    }
  }

  /// Another process that wants the same folder has to be refused (D12).
  private func letAnotherOpen(_ device: SimulatedDevice, _ random: inout SeededGenerator) async {
    let other = device.secondProcess()
    do {
      _ = try await SegmentStore.open(other, limits: configuration.limits, using: &random)
      history.fail("two processes have the folder open")
    } catch {
      if error == .device(.inUse(device.name)) { count("secondOwnerRefused") }
    }
    other.exit()
  }

  /// Reads all closed segments in the background, while they come and go (D13).
  private func scrub(_ reader: StoreReader<SimulatedDevice>) async {
    do {
      while !Task.isCancelled {
        try await reader.scrub(
          bytesPerSecond: configuration.scrubBytesPerSecond,
          clock: world.clock
        ) { note($0) }
        await world.sleep(for: .milliseconds(2))
      }
    } catch {
      world.note("scrub: \(error)")
    }
  }

  /// Lets the clients work until they are done or the store is at an end.
  private func work(
    on store: GroupCommit<SimulatedDevice>,
    _ random: inout SeededGenerator,
    until end: @escaping @Sendable () async -> Void
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await end() }
      for number in 0..<configuration.clients {
        let client = client(of: store, &random, trims: configuration.trims)
        let operations = configuration.operations
        group.addTask {
          await client.run(operations: operations)
          self.world.note("client \(number) is done")
        }
      }
    }
  }

  private func client(
    of store: GroupCommit<SimulatedDevice>,
    _ random: inout SeededGenerator,
    trims: Bool
  ) -> StoreClient {
    StoreClient(
      world: world,
      store: store,
      history: history,
      client: ClientID(using: &random),
      payloadBytesMax: configuration.limits.payloadBytesMax,
      trims: trims,
      sharesDisk: configuration.isShared
    )
  }

  private func open(
    _ device: SimulatedDevice,
    _ random: inout SeededGenerator
  ) async throws(StoreOpenError) -> GroupCommit<SimulatedDevice> {
    let store = try await GroupCommit.open(
      device,
      limits: configuration.limits,
      using: &random
    ) { self.note($0) }
    history.inspectOpened(store.reader)
    appendsAtOpening.withLock { $0 = history.appends }
    return store
  }

  private func note(_ event: StoreEvent) {
    // To spell an event out costs more than most of what a life does: once is enough.
    let text = "\(event)"
    world.note(text)
    count(String(text.prefix { $0 != "(" }))
    history.saw(event)
    if case .kept = event, !configuration.isShared { judgeRoom() }
  }

  /// Recovery found no room for a fresh file, and nobody else took it.
  ///
  /// Whoever takes data has a spare, and it is still there after a crash (D11). Only a log that was
  /// closed and opened again may find itself without one.
  private func judgeRoom() {
    guard let before = appendsAtOpening.withLock({ $0 }), history.appends > before else { return }
    history.fail("recovery finds no room after a life that took data")
  }

  private func count(_ probe: String) {
    probes.withLock { $0[probe, default: 0] += 1 }
  }

  private func close(_ store: GroupCommit<SimulatedDevice>) async {
    do {
      try await store.close()
      appendsAtOpening.withLock { $0 = nil }
    } catch {
      world.note("not closed: \(error)")
    }
  }

  /// The disk is well again: everything must be there, and an append must go through.
  private func check(_ device: SimulatedDevice) async throws {
    var random = world.random.split()
    let store = try await open(device, &random)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      await client(of: store, &random, trims: true).run(operations: 20)
      try await proveProgress(of: store, by: ClientID(using: &random))
      history.inspect(store.reader)
      if configuration.compacts { await compactAll(store, on: device) }
      try await store.close()
    }
    guard configuration.compacts else { return }
    _ = try await open(device, &random)
  }

  /// After compaction everything is where it was, and it takes little room.
  private func compactAll(
    _ store: GroupCommit<SimulatedDevice>,
    on device: SimulatedDevice
  ) async {
    let compaction = StoreCompaction(world: world, store: store, history: history, device: device)
    guard await compaction.compact() else {
      return history.fail("compaction comes to no end, and the disk is well")
    }
    history.inspect(store.reader)
  }

  private func proveProgress(
    of store: GroupCommit<SimulatedDevice>,
    by client: ClientID
  ) async throws(LogError) {
    let entry = Entry(mark: EntryMark(client: client, sequence: 1), payload: [1, 2, 3])
    for _ in 0..<3 {
      let position = store.tail()
      do {
        history.began(.data(entry), at: position)
        if try await store.write([entry], at: position).written == 1 {
          return history.acknowledged(.data(entry), at: position)
        }
      } catch .outOfSpace {
        history.refused(.data(entry), at: position)
        history.beganPrefixTrim(before: position)
        try await store.trimPrefix(before: position)
        history.trimmedPrefix(before: position)
      }
    }
    history.fail("no append goes through, and the disk is well")
  }
}

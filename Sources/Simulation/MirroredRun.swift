public import CorfuStripeMirror
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuStages
import Synchronization

/// One seed of the log of chapters 3 and 4: clients append, read, fill and trim over many disks,
/// while units are killed and join again, segments are compacted, disks fail or are lost, and the
/// power of all goes at once.
public final class MirroredRun<Parts: MirrorParts>: Sendable {
  typealias Stage = Stage4<SimulatedDevice, WithCompaction<Parts>>

  /// What a seed draws.
  struct Configuration: Sendable, CustomStringConvertible {
    var shape: MirrorShape
    var clients: Int
    var operations: Int
    var lives: Int
    var fills: Bool
    var trims: Bool
    var kills: Bool
    var losesDisks: Bool
    var faults: DiskFaults
    /// Whether units that come back get what they missed.
    var joins: Bool
    var compacts: Bool

    init(using random: inout SeededGenerator) {
      shape = MirrorShape(
        stripes: random.number(in: 1...4),
        replicas: random.element(of: [1, 2, 2, 2, 3, 3]) ?? 2
      )
      clients = random.number(in: 1...5)
      operations = random.number(in: 10...40)
      lives = random.number(in: 2...4)
      fills = random.chance(0.5)
      trims = random.chance(0.4)
      kills = random.chance(0.7)
      losesDisks = random.chance(0.3)
      faults = .swarm(using: &random, among: [.stall])
      if random.chance(0.3) {
        faults = .swarm(using: &random, among: [.writeError, .syncError])
        // The log opens only if all of its disks do: what often befalls one of many disks befalls
        // some disk at every opening, and nothing would ever be appended.
        let unitCount = Double(shape.unitCount)
        for kind in [DiskFault.writeError, .syncError] {
          faults[kind] = min(faults[kind], Self.openingErrors / unitCount)
        }
      }
      // Something must go wrong besides the power of all.
      if faults[.writeError] < 0.001 && faults[.syncError] < 0.001 { kills = true }
      joins = random.chance(0.7)
      compacts = random.chance(0.6)
    }

    /// How many errors at most an opening meets, were each unit to make one call.
    private static var openingErrors: Double { 0.08 }

    func upkeep(by clock: SimulatedClock) -> UpkeepSettings {
      var settings = UpkeepSettings(clock: clock)
      settings.compaction.stepBytesMax = 500
      settings.compaction.pause = compacts ? .milliseconds(2) : .seconds(1000)
      return settings
    }

    var description: String {
      "\(shape), \(clients) clients, \(operations) operations, \(lives) lives"
        + (fills ? ", fills" : "") + (trims ? ", trims" : "") + (kills ? ", kills" : "")
        + (losesDisks ? ", loses disks" : "") + (joins ? ", joins" : "")
        + (compacts ? ", compacts" : "")
    }
  }

  /// What a seed showed.
  public struct Outcome: SeedOutcome, Sendable {
    /// The seed.
    public var seed: UInt64
    /// The same for every run of the seed.
    public var fingerprint: UInt64
    /// Entries that were acknowledged.
    public var acknowledged: Int
    /// Slots that were read and held against the history.
    public var reads: Int
    /// What went wrong around the log, and how often.
    public var faults: [MirrorFault: Int]
    /// How often each kind of thing happened: "join", "position lost" and others.
    public var probes: [String: Int]
    /// What went wrong, or `nil`.
    public var failure: String?
    /// The last events.
    public var events: [String]
  }

  let world: World
  let configuration: Configuration
  let history = MirrorHistory()
  let disks: MirrorDisks
  private let probes = Mutex<[String: Int]>([:])
  private let faults = Mutex<[MirrorFault: Int]>([:])
  private let names = Mutex(0)

  private init(world: World, configuration: Configuration) {
    self.world = world
    self.configuration = configuration
    disks = MirrorDisks(
      of: configuration.shape.unitCount,
      faults: configuration.faults,
      in: world
    )
  }

  /// Runs a seed.
  ///
  /// - Parameters:
  ///   - seed: What everything is drawn from.
  ///   - eventsMax: How many of the last events to keep.
  /// - Returns: What came of it.
  public static func run(seed: UInt64, eventsMax: Int = 30) -> Outcome {
    let world = World(seed: seed, eventsMax: eventsMax)
    var random = world.random.split()
    let configuration = Configuration(using: &random)
    world.note("\(configuration)")
    return MirroredRun(world: world, configuration: configuration).outcome()
  }

  private func outcome() -> Outcome {
    var failure: String?
    do {
      try world.run(stepsMax: 2_000_000) { try await self.live() }
    } catch {
      failure = error.description
    }
    return Outcome(
      seed: world.seed,
      fingerprint: world.fingerprint,
      acknowledged: history.acknowledged,
      reads: history.reads,
      faults: faultsSoFar,
      probes: probes.withLock { $0 },
      failure: history.violation ?? failure,
      events: world.events
    )
  }

  func count(_ probe: String) {
    probes.withLock { $0[probe, default: 0] += 1 }
  }

  func count(_ fault: MirrorFault) {
    faults.withLock { $0[fault, default: 0] += 1 }
  }

  private var faultsSoFar: [MirrorFault: Int] {
    var faults = faults.withLock { $0 }
    faults[.stall] = disks.count(of: [.stall])
    faults[.diskError] = disks.count(of: [.writeError, .syncError])
    return faults
  }

  private var isEnough: Bool {
    RunSummary.isEnough(acknowledged: history.acknowledged, faults: faultsSoFar)
  }

  func nextName() -> String {
    names.withLock { names in
      names += 1
      return "c\(names)"
    }
  }

  // MARK: - Lives

  private func live() async throws {
    var random = world.random.split()
    var life = 0
    while life < configuration.lives || !isEnough && life < Self.livesMax {
      life += 1
      world.note("life \(life)")
      await liveOnce(&random)
      end(byPowerCut: random.chance(0.7))
      if history.violation != nil { return }
    }
    disks.heal()
    world.note("the last life")
    try await checkAll(&random)
  }

  /// When a seed in which hardly anything succeeds is over.
  private static var livesMax: Int { 200 }

  /// Ends all that is alive.
  private func end(byPowerCut: Bool) {
    if disks.endAll(byPowerCut: byPowerCut) { count(byPowerCut ? .powerCutOfAll : .killOfAll) }
  }

  /// Opens the log, lets clients and an operator work on it, and ends it in some way.
  private func liveOnce(_ random: inout SeededGenerator) async {
    let stage: Stage
    do {
      stage = try await open(&random)
    } catch {
      world.note("not opened: \(error)")
      return
    }
    let span = random.duration(in: .milliseconds(1)...(.milliseconds(40)))
    let ending = random.number(below: 10)
    let client = stage.client(using: &random)
    let workers = (0..<configuration.clients).map { _ in
      MirrorClient(run: self, log: stage.client(using: &random), name: nextName())
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      await self.inspect(client)
      await withTaskGroup(of: Void.self) { tasks in
        for worker in workers { tasks.addTask { await worker.work() } }
        tasks.addTask { await self.operate(stage, for: span) }
        tasks.addTask {
          await self.world.sleep(for: span)
          switch ending {
          case 0..<6: self.end(byPowerCut: true)
          case 6: self.end(byPowerCut: false)
          default: await self.close(stage)
          }
        }
      }
      group.cancelAll()
    }
  }

  func open(_ random: inout SeededGenerator) async throws(MirrorError) -> Stage {
    if configuration.losesDisks, random.chance(0.5), loseDisk(&random) { count(.lostDisk) }
    disks.startAll()
    let stage = try await Stage.open(
      configuration.shape,
      in: disks.folder,
      limits: .small(segmentBytes: 8 << 10),
      upkeep: configuration.upkeep(by: world.clock),
      using: &random,
      makeDevice: { self.disks.start($0) },
      onEvent: { self.hear($0) }
    )
    disks.chains = stage.mirrors.layout.chains.map { $0.replicas.map(\.node) }
    return stage
  }

  private func hear(_ event: Stage.Mirrors.Event) {
    world.note("\(event)")
    if case .store(_, .retired) = event { count(.compaction) }
  }

  /// Puts an empty disk in the place of one that its chain can do without.
  private func loseDisk(_ random: inout SeededGenerator) -> Bool {
    let spare = disks.chains.filter { $0.count > 1 }
    guard let chain = random.element(of: spare), let node = random.element(of: chain) else {
      return false
    }
    world.note("the disk of \(node) is lost")
    disks.replace(node)
    // The log may not get so far as to note it, and its chain can do without no other one then.
    disks.chains = disks.chains.map { $0.filter { $0 != node } }
    return true
  }

  private func inspect(_ log: Stage.Mirrors.Log) async {
    do {
      try await history.inspect(log)
    } catch {
      world.note("not inspected: \(error)")
    }
  }

  private func close(_ stage: Stage) async {
    do {
      try await stage.close()
      count("close")
    } catch {
      world.note("not closed: \(error)")
    }
  }

  // MARK: - The end

  /// The disks are well again: everything must be there, on every replica, and an append must go
  /// through.
  private func checkAll(_ random: inout SeededGenerator) async throws {
    let stage = try await open(&random)
    let client = stage.client(using: &random)
    let worker = MirrorClient(run: self, log: client, name: "last")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      try await history.inspect(client)
      let isAppended = await worker.append(number: 0, count: 3)
      if !isAppended { history.fail("no append goes through, and the disks are well") }
      try await history.inspect(client)
      try compareReplicas(of: stage)
      try await stage.close()
    }
  }

  /// Once everything was read, what stands on one replica stands on all of its chain.
  ///
  /// Only a trim may have come part of the way: it was never acknowledged.
  private func compareReplicas(of stage: Stage) throws {
    let mapping = Parts.Mapping()
    for position in Position.zero..<stage.mirrors.tail.advanced(by: 3) {
      var before: Slot?
      for name in mapping.chain(of: position, in: stage.mirrors.layout).replicas {
        guard let unit = stage.mirrors.unit(name.node) else { continue }
        let slot = try unit.store.reader.read(position)
        if let before, before != slot, before != .trimmed {
          history.fail("\(position) is \(slot) on \(name), and \(before) before it")
        }
        before = slot
      }
    }
  }
}

/// The parts of chapters 2 and 3, with the reference's of chapter 4.
enum WithCompaction<Base: MirrorParts>: CopyParts {
  typealias Tokens = Base.Tokens
  typealias Mapping = Base.Mapping
  typealias Writer = Base.Writer
  typealias Reader = Base.Reader
  typealias Sharing = Base.Sharing
}

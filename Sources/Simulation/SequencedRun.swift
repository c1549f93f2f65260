public import CorfuSequencer
import CorfuGlobalLog
import CorfuStages
import Synchronization

/// One seed of chapter 2's log: clients take tokens and write beside each other, some die with a
/// token in hand, the power goes, and a new sequencer begins at the tail of what is there.
public final class SequencedRun<Source: TokenSource>: Sendable {
  /// What a seed draws.
  private struct Configuration: Sendable {
    var clients: Int
    var operations: Int
    var lives: Int
    /// When a seed in which hardly anything succeeds is over.
    var livesMax: Int
    /// Whether somebody fills and trims, so that positions may be lost.
    var fills: Bool
    var faults: DiskFaults

    init(isSmall: Bool, using random: inout SeededGenerator) {
      clients = random.number(in: 1...(isSmall ? 3 : 6))
      operations = random.number(in: isSmall ? 2...8 : 5...40)
      lives = random.number(in: isSmall ? 1...3 : 2...5)
      livesMax = isSmall ? 0 : 200
      fills = random.chance(0.4)
      faults = .swarm(using: &random, among: [.writeError, .syncError, .nameError, .stall])
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
    /// Tokens that were taken and never used.
    public var abandoned: Int
    /// Positions that clients lost to a filler or trimmer.
    public var lostPositions: Int
    /// Faults that struck on the disk, by kind.
    public var counts: DiskCounts
    /// What went wrong around the log, and how often.
    public var faults: [SequencerFault: Int]
    /// How often each kind of event was seen.
    public var probes: [String: Int]
    /// What went wrong, or `nil`.
    public var failure: String?
    /// The last events.
    public var events: [String]
  }

  private struct Tally: Sendable {
    var abandoned = 0
    var late = 0
    var lostPositions = 0
    var names = 0
  }

  private let world: World
  private let configuration: Configuration
  private let history: AppendHistory
  private let isTrusted: Bool
  private let tally = Mutex(Tally())

  private init(world: World, configuration: Configuration, isTrusted: Bool) {
    self.world = world
    self.configuration = configuration
    self.isTrusted = isTrusted
    history = AppendHistory(keepsTime: isTrusted)
  }

  /// Runs a seed.
  ///
  /// - Parameters:
  ///   - seed: What everything is drawn from.
  ///   - isTrusted: Whether the sequencer keeps its promises; of one that does not, less can be
  ///     asked (R13).
  ///   - isSmall: Whether little happens, so that a story is short.
  ///   - eventsMax: How many of the last events to keep.
  /// - Returns: What came of it.
  public static func run(
    seed: UInt64,
    isTrusted: Bool = true,
    isSmall: Bool = false,
    eventsMax: Int = 30
  ) -> Outcome {
    let world = World(seed: seed, eventsMax: eventsMax)
    var random = world.random.split()
    let configuration = Configuration(isSmall: isSmall, using: &random)
    return SequencedRun(world: world, configuration: configuration, isTrusted: isTrusted).outcome()
  }

  private func outcome() -> Outcome {
    var failure: String?
    var counts = DiskCounts()
    do {
      counts = try world.run { try await self.live() }
    } catch {
      failure = error.description
    }
    let tally = tally.withLock { $0 }
    return Outcome(
      seed: world.seed,
      fingerprint: world.fingerprint,
      acknowledged: history.acknowledged,
      abandoned: tally.abandoned,
      lostPositions: tally.lostPositions,
      counts: counts,
      faults: faults(on: counts),
      probes: ["position lost": tally.lostPositions],
      failure: history.violation ?? failure,
      events: world.events
    )
  }

  private func faults(on counts: DiskCounts) -> [SequencerFault: Int] {
    let tally = tally.withLock { $0 }
    return [
      .powerCut: counts[.powerCut],
      .kill: counts[.kill],
      .diskError: counts[.writeError] + counts[.syncError] + counts[.nameError],
      .stall: counts[.stall],
      .abandonedToken: tally.abandoned,
      .lateToken: tally.late,
    ]
  }

  private func isEnough(_ counts: DiskCounts) -> Bool {
    RunSummary.isEnough(acknowledged: history.acknowledged, faults: faults(on: counts))
  }

  private func live() async throws -> DiskCounts {
    var device = SimulatedDevice(world: world, faults: configuration.faults)
    var random = world.random.split()
    var life = 0
    while life < configuration.lives || !isEnough(device.counts) && life < configuration.livesMax {
      life += 1
      world.note("life \(life)")
      await liveOnce(on: device, &random)
      if device.isAlive, random.chance(0.6) { device.powerCut() }
      if device.isAlive { device.kill() }
      device = device.restart()
      if history.violation != nil { return device.counts }
    }
    // A disk that failed is well again after a power cut only, and not after a kill.
    device.powerCut()
    device = device.restart()
    device.faults = .none
    world.note("the last life")
    let stage = try await open(device, &random)
    let client = stage.client(using: &random)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      try await history.inspect(client)
      await append(by: client, "last", count: 2)
      try await history.inspect(client)
      try await stage.close()
    }
    return device.counts
  }

  private func open(
    _ device: SimulatedDevice,
    _ random: inout SeededGenerator
  ) async throws -> Stage2<SimulatedDevice, Source> {
    try await Stage2.open(device, limits: .small(segmentBytes: 16 << 10), using: &random) { event in
      self.world.note("\(event)")
    }
  }

  /// Opens the log, lets clients work on it, and ends it in some way.
  private func liveOnce(on device: SimulatedDevice, _ random: inout SeededGenerator) async {
    let stage: Stage2<SimulatedDevice, Source>
    do {
      stage = try await open(device, &random)
      try await history.inspect(stage.client(using: &random))
    } catch {
      world.note("not opened: \(error)")
      return
    }
    let span = random.duration(in: .milliseconds(1)...(.milliseconds(30)))
    let ending = random.number(below: 10)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      await withTaskGroup(of: Void.self) { clients in
        for _ in 0..<configuration.clients {
          let client = stage.client(using: &random)
          let name = tally.withLock { tally in
            tally.names += 1
            return "c\(tally.names)"
          }
          clients.addTask { await self.work(name, client, stage) }
        }
        clients.addTask {
          await self.world.sleep(for: span)
          switch ending {
          case 0..<5: device.powerCut()
          case 5..<7: device.kill()
          default: await self.close(stage)
          }
        }
      }
      group.cancelAll()
    }
  }

  private func close(_ stage: Stage2<SimulatedDevice, Source>) async {
    do {
      try await stage.close()
    } catch {
      world.note("not closed: \(error)")
    }
  }

  private func work(
    _ name: String,
    _ client: SequencedLog<SimulatedDevice, Source>,
    _ stage: Stage2<SimulatedDevice, Source>
  ) async {
    var random = world.random.split()
    for number in 0..<configuration.operations {
      await world.sleep(for: random.duration(in: .zero ... .microseconds(300)))
      let isAlive: Bool
      switch random.number(below: 12) {
      case 0...1: isAlive = await dawdle(name, number, stage, &random)
      case 2...3 where configuration.fills: isAlive = await fill(client, &random)
      case 4 where configuration.fills && random.chance(0.3):
        isAlive = await trim(client, &random)
      case 5: isAlive = await look(client)
      default:
        isAlive = await append(by: client, "\(name)#\(number)", count: random.number(in: 1...4))
      }
      guard isAlive else { break }
    }
    lose(client.counters.lostPositions, by: name)
  }

  @discardableResult
  private func append(
    by client: SequencedLog<SimulatedDevice, Source>,
    _ name: String,
    count: Int
  ) async -> Bool {
    let payloads = (0..<count).map { "\(name).\($0)" }
    let attempt = history.begin(payloads)
    do {
      let positions = try await client.append(batch: payloads.map { Array($0.utf8) })
      history.acknowledge(attempt, at: positions)
      world.note("\(name) stands at \(positions)")
      return true
    } catch {
      world.note("\(name): \(error)")
      return false
    }
  }

  /// A client takes a token and falls asleep; it writes late, or never.
  private func dawdle(
    _ name: String,
    _ number: Int,
    _ stage: Stage2<SimulatedDevice, Source>,
    _ random: inout SeededGenerator
  ) async -> Bool {
    let payload = "\(name)#\(number) late"
    let attempt = history.begin([payload])
    do {
      let token = try stage.sequencer.reserve(1)
      guard random.chance(0.5) else {
        tally.withLock { $0.abandoned += 1 }
        world.note("\(token) will not be used")
        return true
      }
      tally.withLock { $0.late += 1 }
      await world.sleep(for: random.duration(in: .zero ... .milliseconds(4)))
      // A client of its own each time, so that no mark is used twice.
      let mark = EntryMark(client: ClientID(using: &random), sequence: 0)
      let entry = Entry(mark: mark, payload: Array(payload.utf8))
      let outcome = try await stage.store.write([entry], at: token.first, epoch: token.epoch)
      if outcome.written == 1 {
        history.acknowledge(attempt, at: [token.first])
      } else {
        lose(1, by: name)
      }
      world.note("\(payload) at \(token.first): \(outcome)")
      return true
    } catch {
      world.note("\(payload): \(error)")
      return false
    }
  }

  /// Positions that were lost must have been filled or trimmed by somebody.
  private func lose(_ count: Int, by name: String) {
    tally.withLock { $0.lostPositions += count }
    if isTrusted, !configuration.fills, count > 0 {
      history.fail("\(name) found \(count) of its positions taken, and nobody fills or trims")
    }
  }

  private func look(_ client: SequencedLog<SimulatedDevice, Source>) async -> Bool {
    do {
      history.saw(tail: try await client.tail())
      return true
    } catch {
      return false
    }
  }

  private func fill(
    _ client: SequencedLog<SimulatedDevice, Source>,
    _ random: inout SeededGenerator
  ) async -> Bool {
    do {
      // A reader that follows the log comes to a hole, or somebody fills what is not one.
      let tail = try await client.tail()
      let begin = Position(tail.number - min(tail.number, 30))
      let slots = try await client.read(begin..<tail)
      let hole = slots.firstIndex(of: .empty) ?? random.number(below: slots.count + 3)
      let position = begin.advanced(by: hole)
      history.filled(position)
      _ = try await client.fill(position)
      return true
    } catch .beyondTail {
      return true
    } catch {
      return false
    }
  }

  private func trim(
    _ client: SequencedLog<SimulatedDevice, Source>,
    _ random: inout SeededGenerator
  ) async -> Bool {
    do {
      let mark = Position(UInt64(random.number(in: 0...Int(try await client.tail().number))))
      history.trimming(before: mark)
      try await client.trimPrefix(before: mark)
      return true
    } catch {
      return false
    }
  }
}

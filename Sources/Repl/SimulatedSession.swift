public import CorfuGlobalLog
public import CorfuSimulation
public import CorfuStages

/// The log of chapter 1 or 2 on a simulated disk, whose power can be cut.
///
/// The same seed makes the same session.
///
/// All of it happens in a simulated world, which runs for as long as a command takes.
public final class SimulatedSession<Stage: SingleStore>: ReplSession
where Stage.Storage == SimulatedDevice {
  private struct Opened: Sendable {
    var device: SimulatedDevice
    var stage: Stage
    var client: Stage.Client
    var sleeper: Sleeper
    /// The store at work.
    ///
    /// It goes on in the next command's run, so no scope holds it.
    var work: Task<Void, Never>
    var notes: RecoveryNotes
    var appends = 0
    var retries = 0
  }

  private let world: World
  private let opened: Guarded<Opened>

  /// A log on an empty disk.
  public init(seed: UInt64) throws(ReplError) {
    world = World(seed: seed)
    let device = SimulatedDevice(world: world, name: "memory")
    opened = Guarded(try Self.open(device, in: world))
  }

  private static func open(
    _ device: SimulatedDevice,
    in world: World
  ) throws(ReplError) -> Opened {
    let notes = RecoveryNotes()
    return try run(in: world) {
      var random = world.random.split()
      var limits = StoreLimits()
      limits.segmentBytes = 4 << 20
      let stage = try await Stage.open(
        device,
        limits: limits,
        using: &random
      ) { event in notes.note(event) }
      return Opened(
        device: device,
        stage: stage,
        client: stage.client(using: &random),
        sleeper: Sleeper(ClientID(using: &random)),
        work: Task(executorPreference: world) { await stage.run(on: nil) },
        notes: notes
      )
    }
  }

  /// Runs a piece of work in the world, and time with it.
  private static func run<Value: Sendable>(
    in world: World,
    _ body: @escaping @Sendable () async throws -> Value
  ) throws(ReplError) -> Value {
    do {
      return try world.run(body)
    } catch {
      throw .refused("the simulation stopped: \(error.reason)")
    }
  }

  /// The chapter whose log it is.
  public var stage: Int { Stage.number }
  /// Always "memory".
  public var place: String { "memory, on a simulated disk" }
  /// The disk's power can be cut.
  public var isSimulated: Bool { true }
  /// This session's client.
  public var log: any SharedLog { self }

  /// Whether damage may have taken records without a trace.
  public var isEndInDoubt: Bool { opened.value.stage.store.reader.isInDoubt }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position {
    opened.value.stage.store.reader.trimMark
  }

  /// The store's numbers, and the clients'.
  public func stats() async throws(ReplError) -> [Fact] {
    let now = opened.value
    guard now.device.isAlive else { throw .log(.failed(.powerOff)) }
    return now.stage.facts(client: now.client, appends: now.appends, retries: now.retries)
  }

  /// Takes tokens, and uses them late.
  public func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    guard now.device.isAlive else { throw .log(.failed(.powerOff)) }
    let result = try Self.run(in: world) {
      do throws(ReplError) {
        return Result<ClusterAnswer, ReplError>.success(
          try await now.stage.perform(command, by: now.sleeper)
        )
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Reads every byte of the disk.
  public func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    try VerifyReport(of: opened.value.device, onFile: onFile)
  }

  /// Cuts the disk's power.
  public func crash() async throws(ReplError) -> [Fact] {
    let device = opened.value.device
    guard device.isAlive else { throw .log(.failed(.powerOff)) }
    let before = device.counts
    device.powerCut()
    let lost = device.counts[.lostSector] - before[.lostSector]
    return [Fact("unsynced sectors lost", .count(lost))]
  }

  /// Turns the power on, or closes the log if it is on, and opens the log again.
  public func reopen() async throws(ReplError) -> [Fact] {
    await close()
    let old = opened.value.device
    if old.isAlive { old.kill() }
    let next = try Self.open(old.restart(), in: world)
    opened.update { $0 = next }
    return next.notes.facts(tail: next.stage.store.tail())
  }

  /// Lets clients race for the end of the log, in an order that the seed decides.
  public func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] {
    let now = opened.value
    guard now.device.isAlive else { throw .log(.failed(.powerOff)) }
    let world = world
    let racers = try Self.run(in: world) {
      var random = world.random.split()
      let racers = (0..<clients).map { _ in now.stage.client(using: &random) }
      try await RaceOfClients.run(racers, appends: appends)
      return racers
    }
    let results = now.stage.racers(racers)
    opened.update { opened in
      opened.appends += results.reduce(0) { $0 + $1.appends }
      opened.retries += results.reduce(0) { $0 + $1.retries }
    }
    return results
  }

  /// Closes the log; the disk ends with the session.
  public func close() async {
    let now = opened.value
    let world = world
    do {
      try Self.run(in: world) {
        do {
          try await now.stage.close()
        } catch {
          // The power is off: there is nothing to close.
          now.work.cancel()
        }
        await now.work.value
      }
    } catch {
      // A world that stopped has nothing left to close.
      return
    }
  }
}

extension SimulatedSession: SharedLog {
  /// Appends at the tail.
  public func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try inWorld { client throws(LogError) in try await client.append(payload) }
  }

  /// Appends in order at the tail.
  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try inWorld { client throws(LogError) in try await client.append(batch: batch) }
  }

  /// What stands at a position.
  public func read(_ position: Position) async throws(LogError) -> Slot {
    try inWorld { client throws(LogError) in try await client.read(position) }
  }

  /// What stands at each position of a range.
  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try inWorld { client throws(LogError) in try await client.read(range) }
  }

  /// Fills a hole.
  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try inWorld { client throws(LogError) in try await client.fill(position) }
  }

  /// Forgets a position.
  public func trim(_ position: Position) async throws(LogError) {
    try inWorld { client throws(LogError) in try await client.trim(position) }
  }

  /// Forgets every position before `mark`.
  public func trimPrefix(before mark: Position) async throws(LogError) {
    try inWorld { client throws(LogError) in try await client.trimPrefix(before: mark) }
  }

  /// One past the last position that is not empty.
  public func tail() async throws(LogError) -> Position {
    try inWorld { client throws(LogError) in try await client.tail() }
  }

  private func inWorld<Value: Sendable>(
    _ body: @escaping @Sendable (Stage.Client) async throws(LogError) -> Value
  ) throws(LogError) -> Value {
    let now = opened.value
    guard now.device.isAlive else { throw .failed(.powerOff) }
    let result: Result<Value, LogError>
    do {
      result = try world.run {
        do throws(LogError) {
          return .success(try await body(now.client))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw .failed(.failed("the simulation stopped: \(error.reason)"))
    }
    return try result.get()
  }
}

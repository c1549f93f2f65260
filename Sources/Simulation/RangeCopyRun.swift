internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import Synchronization

/// One seed of a range copy: a unit is copied to another while clients write, fill and trim, copies
/// are broken off, the target's disk fails or loses power, and it forgets a write now and then.
public enum RangeCopyRun {
  /// Runs a seed.
  ///
  /// - Returns: What went wrong, or `nil`.
  public static func failure(seed: UInt64) -> String? {
    let world = World(seed: seed)
    let history = StoreHistory()
    do {
      try world.run { try await run(world, history) }
    } catch {
      return history.violation?.description ?? error.description
    }
    return history.violation?.description
  }

  private static func run(_ world: World, _ history: StoreHistory) async throws {
    var random = world.random.split()
    let device = SimulatedDevice(world: world)
    let limits = StoreLimits.small(segmentBytes: 8192 << random.number(below: 2))
    let source = try await GroupCommit.open(device, limits: limits, using: &random)
    let client = StoreClient(
      world: world,
      store: source,
      history: history,
      client: ClientID(using: &random),
      payloadBytesMax: limits.payloadBytesMax / 4,
      trims: true
    )
    let copier = Copier(world: world, history: history, source: source, limits: limits)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await source.run() }
      await client.run(operations: 60)
      let end = source.tail()
      // Holes first (R28): a late write would otherwise be at one unit only.
      for position in Position.zero..<end {
        history.began(.junk, at: position)
        history.saw(try await source.fill(position), at: position)
      }
      let stripes = random.number(in: 1...3)
      let range = CopyRange(
        .zero..<end,
        stripe: random.number(below: stripes),
        of: stripes
      )
      let copying = random.split()
      async let copied = copier.begin(range, copying)
      await client.run(operations: 40)
      // From here on nobody trims, as under a seal.
      await copier.finish(range, await copied)
      try await source.close()
    }
  }
}

/// Brings a copy to its end, whatever comes in between, and compares the two units.
private struct Copier: Sendable {
  let world: World
  let history: StoreHistory
  let source: GroupCommit<SimulatedDevice>
  let limits: StoreLimits

  /// How far a copy came, and what goes on with it.
  struct Progress: Sendable {
    var device: SimulatedDevice
    var next: Position
    var random: SeededGenerator
  }

  /// Copies in several lives of a target whose disk fails.
  func begin(_ range: CopyRange, _ random: SeededGenerator) async -> Progress {
    var progress = Progress(
      device: SimulatedDevice(world: world),
      next: range.positions.lowerBound,
      random: random
    )
    for _ in 0..<4 {
      progress.device.faults = [.syncError: 0.02, .writeError: 0.02]
      await live(range, isLast: false, &progress)
    }
    return progress
  }

  /// Copies the rest, and the trims, on a disk that is well again, and compares.
  func finish(_ range: CopyRange, _ progress: Progress) async {
    var progress = progress
    progress.device.faults = .none
    await live(range, isLast: true, &progress)
  }

  /// One life of the target.
  private func live(_ range: CopyRange, isLast: Bool, _ progress: inout Progress) async {
    do {
      progress.next = try await copy(range, isLast: isLast, &progress)
    } catch {
      world.note("the target was not opened: \(error)")
    }
    let device = progress.device
    if device.isAlive { progress.random.chance(0.5) ? device.powerCut() : device.kill() }
    progress.device = device.restart()
  }

  /// - Returns: Where to go on.
  private func copy(
    _ range: CopyRange,
    isLast: Bool,
    _ progress: inout Progress
  ) async throws(StoreOpenError) -> Position {
    let target = try await GroupCommit.open(
      progress.device,
      limits: limits,
      using: &progress.random
    )
    let stepsMax = isLast ? Int.max : progress.random.number(below: 6)
    let slots = progress.random.number(in: 1...40)
    let forgetful = ForgetfulTarget(target, progress.random.split())
    let next = progress.next
    return await withTaskGroup(of: Void.self) { group in
      group.addTask { await target.run() }
      defer { group.cancelAll() }
      var copy = RangeCopy(
        of: range,
        from: source,
        to: forgetful,
        next: next,
        slotsPerStep: slots
      )
      await takeSteps(stepsMax, &copy)
      if isLast { await finish(copy, target) }
      return copy.next
    }
  }

  private func takeSteps(
    _ stepsMax: Int,
    _ copy: inout RangeCopy<GroupCommit<SimulatedDevice>, ForgetfulTarget, PositionSet>
  ) async {
    var failures = 0
    for _ in 0..<stepsMax {
      await world.sleep(for: .microseconds(200))
      do throws(RangeCopyError) {
        guard try await copy.step() else { return }
      } catch {
        world.note("a step failed: \(error)")
        switch error {
        case .notCopied: failures += 1
        case .target: return
        case .unreadable, .hole, .conflict, .source:
          return history.fail("the copy stopped: \(error)")
        }
        if failures > 100 { return history.fail("the copy comes to no end: \(error)") }
      }
    }
  }

  private func finish(
    _ copy: RangeCopy<GroupCommit<SimulatedDevice>, ForgetfulTarget, PositionSet>,
    _ target: GroupCommit<SimulatedDevice>
  ) async {
    do throws(RangeCopyError) {
      try await copy.copyLateTrims()
    } catch {
      return history.fail("the trims were not copied: \(error)")
    }
    for position in copy.range.positions {
      let isOurs = Int(position.number) % copy.range.stripes == copy.range.stripe
      do throws(LogError) {
        let (there, here) = (try source.reader.read(position), try target.reader.read(position))
        // Others may stay empty, or be trimmed with those of ours.
        if isOurs && there != here {
          history.fail("\(position) holds \(there), and its copy \(here)")
        }
        if !isOurs && here != .empty && here != .trimmed {
          history.fail("\(position) is another chain's, and holds \(here) here")
        }
      } catch {
        history.fail("\(position) cannot be read: \(error)")
      }
    }
  }
}

/// A target that says "written" now and then, and has not.
private final class ForgetfulTarget: CopyTarget {
  private let target: GroupCommit<SimulatedDevice>
  private let random: Mutex<SeededGenerator>

  init(_ target: GroupCommit<SimulatedDevice>, _ random: SeededGenerator) {
    self.target = target
    self.random = Mutex(random)
  }

  func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>] {
    try await target.read(positions)
  }

  func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>] {
    try await target.trims(in: range)
  }

  func write(_ values: [PlacedValue]) async throws(LogError) -> [WriteAnswer] {
    let forgets = random.withLock { $0.chance(0.1) }
    guard forgets else { return try await target.write(values) }
    return try await target.write(Array(values.dropLast())) + [.written]
  }

  func trim(_ ranges: [Range<Position>]) async throws(LogError) {
    try await target.trim(ranges)
  }
}

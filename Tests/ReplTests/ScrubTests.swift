// Goal: a log scrubs itself while it is open, and says what it found (D13). Method: a simulated
// disk that rots under stage 1; a real folder, spoilt while nobody had it open, under a session
// whose clock tells when a pass is over.
import CorfuGlobalLog
import CorfuRepl
import CorfuSimulation
import CorfuStages
import Synchronization
import Testing

struct ScrubTests {
  @Test("D13: stage 1 finds rot that nobody asked for, also such as comes while it runs")
  func stage() throws {
    let world = World(seed: 1)
    let found = try world.run {
      var random = SeededGenerator(seed: 1)
      let device = SimulatedDevice(world: world)
      let stage = try await Stage1<SimulatedDevice, TailRace>.open(
        device,
        limits: .small(segmentBytes: 16 << 10),
        using: &random
      )
      let client = stage.client(using: &random)
      let events = EventList()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await stage.run() }
        for _ in 0..<100 { _ = try await client.append([UInt8](repeating: 7, count: 400)) }
        group.addTask {
          var limits = ScrubLimits()
          limits.bytesPerSecond = 1 << 20
          limits.pause = .seconds(60)
          await stage.store.reader.keepScrubbing(limits, clock: world.clock) { events.append($0) }
        }
        await world.sleep(for: .seconds(30))
        #expect(events.value.count == 1, "a first pass found nothing")
        try device.flipBit(file: "00000001.seg", offset: 3000, bit: 2)
        await world.sleep(for: .seconds(60))
        group.cancelAll()
      }
      return events.value
    }
    try #require(found.count == 3)
    guard case .scrubbed(let segments, _) = found[0],
      case .rotFound(let rotten, let position?) = found[1]
    else {
      Issue.record("\(found)")
      return
    }
    #expect(segments > 2 && rotten == 1 && position > Position(20))
    #expect(found[2] == found[0])
  }

  @Test("D13: a session scrubs its folder, and 'stats' tells what that found")
  func session() async throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    let payload = [UInt8](repeating: 7, count: 1 << 20)
    let first = try await FileSession<Stage1<FileDevice, TailRace>>(
      folder: log,
      clock: StillClock()
    )
    // More than the next session would write anew at its beginning.
    for _ in 0..<6 { _ = try await first.log.append(payload) }
    try await first.close()
    var bytes = try folder.read("log/00000000.seg")
    bytes[2 << 20] ^= 4
    _ = try folder.write("log/00000000.seg", bytes)

    let clock = PassClock()
    let session = try await FileSession<Stage1<FileDevice, TailRace>>(folder: log, clock: clock)
    await clock.passIsOver()
    let facts = try await session.stats()
    #expect(facts.contains(Fact("damage found by the scrub", .count(1))))
    try await session.close()
  }
}

/// Events that a scrub told.
private final class EventList: Sendable {
  private let events = Mutex<[StoreEvent]>([])
  var value: [StoreEvent] { events.withLock { $0 } }
  func append(_ event: StoreEvent) { events.withLock { $0.append(event) } }
}

/// A clock on which short sleeps take no time and long ones no end: the scrub's rest after a pass.
private final class PassClock: Clock {
  typealias Instant = StillClock.Instant

  private let still = StillClock()
  private let passes: AsyncStream<Void>
  private let pass: AsyncStream<Void>.Continuation

  init() {
    (passes, pass) = AsyncStream.makeStream()
  }

  var now: Instant { still.now }
  var minimumResolution: Duration { still.minimumResolution }

  /// Waits until somebody rests.
  func passIsOver() async {
    for await _ in passes { return }
  }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    guard now.duration(to: deadline) >= .seconds(60) else {
      return try await still.sleep(until: deadline, tolerance: tolerance)
    }
    pass.yield()
    let (never, _) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    throw CancellationError()
  }
}

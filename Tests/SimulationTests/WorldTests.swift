import CorfuSimulation
import Testing

// Goal: a world runs all of Swift's structured concurrency, in an order that its seed alone
// decides. Method: small programs whose notes tell the order, run twice per seed and compared.

private actor Tally {
  private(set) var events: [Int] = []

  func append(_ event: Int) {
    events.append(event)
  }
}

/// Twenty tasks that sleep by chance and meet in an actor: the fingerprint and the order.
private func play(seed: UInt64) throws -> (fingerprint: UInt64, order: [Int]) {
  let world = World(seed: seed)
  let order = try world.run {
    let tally = Tally()
    await withTaskGroup { group in
      for client in 0..<20 {
        group.addTask {
          for round in 0..<5 {
            await tally.append(client * 100 + round)
            world.note("client \(client) round \(round)")
            await world.sleep(for: .nanoseconds(1 + world.random.number(below: 100)))
          }
        }
      }
    }
    return await tally.events
  }
  return (world.fingerprint, order)
}

@Test func aSeedReplaysAndSeedsDiffer() throws {
  var fingerprints: Set<UInt64> = []
  var orders: Set<[Int]> = []
  for seed in UInt64(1)...200 {
    let first = try play(seed: seed)
    let second = try play(seed: seed)
    #expect(first == second, "seed \(seed)")
    #expect(first.order.count == 100, "seed \(seed)")
    fingerprints.insert(first.fingerprint)
    orders.insert(first.order)
  }
  #expect(fingerprints.count == 200)
  #expect(orders.count == 200)
}

@Test func readyTasksRunInAnyOrder() throws {
  // Three tasks without a timer: all six orders must come up.
  var seen: Set<[Int]> = []
  for seed in UInt64(0)..<100 {
    let order = try simulate(seed: seed) { _ in
      await withTaskGroup(of: Int.self) { group in
        for number in 0..<3 { group.addTask { number } }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
    seen.insert(order)
  }
  #expect(seen.count == 6)
}

@Test func timeJumpsAndStandsStillWhileAnythingIsReady() throws {
  let world = World(seed: 1)
  let notes = try world.run {
    await withTaskGroup(of: Void.self) { group in
      for hours in [3, 1, 2] {
        group.addTask {
          await world.sleep(for: .seconds(3600 * hours))
          for _ in 0..<10 { await Task.yield() }
          world.note("\(hours) \(world.now == .seconds(3600 * hours))")
        }
      }
    }
    return world.events.map { $0.split(separator: "µs ")[1] }
  }
  #expect(notes == ["1 true", "2 true", "3 true"])
  #expect(world.now == .seconds(3 * 3600))
}

@Test func timersFireInOrderOfTimeAndThenOfSetting() throws {
  // Against the obvious way to do it: sort by time, leave out the ones called off.
  for seed in UInt64(0)..<20 {
    let world = World(seed: seed)
    var random = SeededGenerator(seed: seed)
    var expected: [(time: Int, number: Int)] = []
    for number in 0..<300 {
      let time = random.number(below: 50)
      let timer = world.schedule(after: .nanoseconds(time)) { world.note("timer \(number)") }
      if random.chance(0.6) {
        world.cancel(timer)
      } else {
        expected.append((time, number))
      }
    }
    expected.sort { ($0.time, $0.number) < ($1.time, $1.number) }
    try world.run {}
    let lines = expected.suffix(30).map { timer in
      "0.0\(timer.time < 10 ? "0" : "")\(timer.time) µs timer \(timer.number)"
    }
    #expect(world.events == lines, "seed \(seed)")
  }
}

@Test func aSleepEndsWhenItsTaskIsCancelled() throws {
  let world = World(seed: 1)
  try world.run {
    await withTaskGroup { group in
      group.addTask { await world.sleep(for: .seconds(1000)) }
      group.addTask { await world.sleep(for: .seconds(1)) }
      await group.next()
      group.cancelAll()
      // And one that is cancelled before it begins.
      group.addTask { await world.sleep(for: .seconds(1000)) }
    }
  }
  #expect(world.now == .seconds(1))
}

@Test func timersCalledOffTakeNoMemoryAndNoTime() throws {
  let world = World(seed: 1)
  try world.run {
    for _ in 0..<10_000 {
      let timer = world.schedule(after: .seconds(3600)) {}
      await world.sleep(for: .nanoseconds(1))
      world.cancel(timer)
    }
  }
  #expect(world.now == .microseconds(10))
}

@Test func structuredConcurrencyStaysInTheWorld() throws {
  let world = World(seed: 3)
  let sum = try world.run {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    async let total = stream.reduce(0, +)
    await withDiscardingTaskGroup { group in
      for number in 1...10 {
        group.addTask {
          await world.sleep(for: .milliseconds(number))
          continuation.yield(number)
        }
      }
    }
    continuation.finish()
    return await total
  }
  #expect(sum == 55)
}

private actor Pinned {
  private let world: World
  private var count = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { world.asUnownedSerialExecutor() }

  init(_ world: World) {
    self.world = world
  }

  func increment() async -> Int {
    count += 1
    await world.sleep(for: .nanoseconds(1))
    return count
  }

  nonisolated func peek() -> Int {
    assumeIsolated { $0.count }
  }
}

@Test func anActorCanBePinned() throws {
  let count = try simulate { world in
    let actor = Pinned(world)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<10 { group.addTask { _ = await actor.increment() } }
    }
    return actor.peek()
  }
  #expect(count == 10)
}

@Test func aWorldRunsSeveralBodiesAndGoesOnInTime() throws {
  let world = World(seed: 1)
  #expect(
    try world.run {
      await world.sleep(for: .seconds(1)); return 7
    } == 7
  )
  #expect(
    try world.run {
      await world.sleep(for: .seconds(1)); return world.now
    } == .seconds(2)
  )
}

@Test func aDeadlockIsTold() {
  let failure = failure { world in
    world.note("before")
    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
  }
  #expect(failure?.reason == .deadlock)
  #expect(failure?.events == ["0.000 µs before"])
}

@Test(arguments: [false, true]) func aLivelockIsTold(sleeps: Bool) {
  let failure = failure(stepsMax: 1000) { world in
    while true {
      if sleeps { await world.sleep(for: .microseconds(1)) } else { await Task.yield() }
      world.note("again")
    }
  }
  #expect(failure?.reason == .livelock(stepsMax: 1000))
  #expect(failure?.steps == 1000)
}

@Test func aFailureShowsTheLastThirtyEvents() {
  struct Odd: Error {}
  let failure = failure(seed: 99) { world in
    for number in 1...100 {
      world.note("event \(number)")
      await world.sleep(for: .nanoseconds(1500))
    }
    throw Odd()
  }
  #expect(failure?.reason == .threw("Odd()"))
  #expect(failure?.events.count == 30)
  #expect(failure?.events.first == "105.000 µs event 71")
  #expect(failure?.description.contains("seed 99") == true)
  #expect(failure?.description.hasSuffix("148.500 µs event 100") == true)
}

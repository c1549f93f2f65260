import CorfuSimulation
import Testing

// Goal: code that takes any clock works with this one, and waits in virtual time.

private func timeOf<C: Clock>(
  _ clock: C,
  _ body: () async throws -> Void
) async rethrows -> C.Duration {
  let start = clock.now
  try await body()
  return start.duration(to: clock.now)
}

@Test func aClockShowsVirtualTime() throws {
  let slept = try simulate { world in
    try await timeOf(world.clock) {
      try await world.clock.sleep(for: .seconds(3600))
      try await world.clock.sleep(until: world.clock.now.advanced(by: .seconds(60)))
    }
  }
  #expect(slept == .seconds(3660))
}

@Test func aDeadlineInThePastIsNow() throws {
  let now = try simulate { world in
    await world.sleep(for: .seconds(10))
    try await world.clock.sleep(until: .init(sinceStart: .seconds(1)))
    return world.now
  }
  #expect(now == .seconds(10))
}

@Test func anAlarmNeverRingsEarly() throws {
  let now = try simulate { world in
    try await world.clock.sleep(for: Duration(secondsComponent: 0, attosecondsComponent: 1))
    return world.now
  }
  #expect(now == .nanoseconds(1))
}

@Test func aCancelledSleepThrowsAtOnce() throws {
  let (now, wasCancelled) = try simulate { world in
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          try await world.clock.sleep(for: .seconds(1000))
          return false
        } catch {
          return error is CancellationError
        }
      }
      await world.sleep(for: .seconds(1))
      group.cancelAll()
      let wasCancelled = await group.next() == true
      return (world.now, wasCancelled)
    }
  }
  #expect(now == .seconds(1))
  #expect(wasCancelled)
}

import CorfuSimulation
import Synchronization
import Testing

// Goal: no run passes that a job left, for its seed would not replay it.
// Method: each way out, once; and the ways that only look like one.

private final class Flag: Sendable {
  let value = Mutex(false)
}

@Test func anUnstructuredTaskEscapes() {
  #expect(failure { _ in Task {} }?.reason == .escaped(.globalPool))
}

@Test func aDetachedTaskEscapesAndIsNotLetLoose() {
  let ran = Flag()
  let failure = failure { world in
    world.note("before")
    Task.detached { ran.value.withLock { $0 = true } }
    await world.sleep(for: .seconds(1))
    world.note("after")
  }
  #expect(failure?.reason == .escaped(.globalPool))
  #expect(failure?.events == ["0.000 µs before"])
  #expect(!ran.value.withLock { $0 })
}

@Test func aSleepOnRealTimeEscapesOnceItComesBack() {
  let failure = failure(stepsMax: .max / 2) { world in
    async let sleeper: Void = Task.sleep(for: .milliseconds(1))
    while !Task.isCancelled { await world.sleep(for: .seconds(1)) }
    try await sleeper
  }
  #expect(failure?.reason == .escaped(.foreignThread))
}

@Test func aSleepOnRealTimeIsADeadlockIfNothingElseHappens() {
  let failure = failure { _ in try await Task.sleep(for: .seconds(5)) }
  #expect(failure?.reason == .deadlock)
  #expect(failure?.description.contains("Task.sleep") == true)
}

@Test func theMainActorIsOutOfTheWorld() {
  #expect(failure { _ in await MainActor.run {} } != nil)
}

@Test func aWorldDoesNotMindOtherTasksOfTheProcess() async throws {
  // The hook is the process's; jobs of threads that run no world must pass.
  let outside = Task.detached {
    var count = 0
    for _ in 0..<100 { count += await Task { 1 }.value }
    return count
  }
  for seed in UInt64(0)..<20 {
    try simulate(seed: seed) { world in await world.sleep(for: .seconds(1)) }
  }
  #expect(await outside.value == 100)
}

@Test func aTaskPreferringTheWorldDoesNotEscape() throws {
  let value = try simulate { world in
    await Task(executorPreference: world) {
      await world.sleep(for: .seconds(1)); return 5
    }.value
  }
  #expect(value == 5)
}

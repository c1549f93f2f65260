import CorfuGlobalLog
import Testing

@testable import CorfuTransactions

/// Goal: checkpoints are written and what comes before them forgotten without being asked, and what
/// somebody looks at stays (R38).
///
/// Method: runtimes over one log in memory.
@Suite("Upkeep of objects")
struct UpkeepTests {
  let log = ModelStreams()

  @Test("R38: a policy writes checkpoints of what has grown, trims, and leaves the rest alone")
  func policy() async throws {
    let runtime = Runtime(over: log)
    let map = try await runtime.object("map", of: MapState<Int>.self)
    for number in 0..<50 { try await map.update(.put(.integer(Int64(number % 7)), number)) }
    try await runtime.sync()
    #expect(try await runtime.checkpointAll(entriesMin: 1000).isEmpty)
    var policy = CheckpointPolicy()
    policy.entriesMin = 20
    await withTaskGroup(of: Void.self) { [policy] group in
      group.addTask { await runtime.run(policy) }
      while runtime.counters.checkpoints < 3 { await Task.yield() }
      group.cancelAll()
    }
    #expect(runtime.counters.failedUpkeep == 0)
    let late = Runtime(over: log.client(2))
    let opened = try await late.object("map", of: MapState<Int>.self)
    #expect(try await opened.read { $0.count } == 7)
    #expect(late.counters.entriesPlayed < 20, "it begins with the checkpoint")
  }

  @Test("R38: a process that does nothing else plays what others write, and checkpoints that")
  func keeperOfItsOwn() async throws {
    let map = try await Runtime(over: log).object("map", of: MapState<Int>.self)
    let keeper = Runtime(over: log.client(2))
    _ = try await keeper.object("map", of: MapState<Int>.self)
    for number in 0..<50 { try await map.update(.put(.integer(Int64(number % 7)), number)) }
    var policy = CheckpointPolicy()
    policy.entriesMin = 20
    policy.trims = false
    #expect(try await keeper.keepUp(policy).map { $0.name } == ["", "map"])
    #expect(try await log.read(.zero) != .trimmed)
    // So little came since that nothing is due.
    #expect(try await keeper.keepUp(policy).isEmpty)
    let late = Runtime(over: log.client(3))
    let opened = try await late.object("map", of: MapState<Int>.self)
    #expect(try await opened.read { $0.count } == 7)
    #expect(late.counters.entriesPlayed < 20, "it begins with the checkpoint")
    policy.trims = true
    policy.entriesMin = 1
    #expect(try await keeper.keepUp(policy).isEmpty == false)
    #expect(try await log.read(.zero) == .trimmed)
  }

  @Test("R38: what somebody else wrote down is not written once more, whoever opens it, and when")
  func othersCheckpoints() async throws {
    let runtime = Runtime(over: log)
    let map = try await runtime.object("map", of: MapState<Int>.self)
    let early = Runtime(over: log.client(2))
    _ = try await early.object("map", of: MapState<Int>.self)
    for number in 0..<50 { try await map.update(.put(.integer(Int64(number % 7)), number)) }
    #expect(try await runtime.checkpointAll().map { $0.name } == ["", "map"])
    var policy = CheckpointPolicy()
    policy.entriesMin = 20
    policy.trims = false
    // One opens it from the checkpoint, the other has played everything, and hears of it.
    let late = Runtime(over: log.client(3))
    _ = try await late.object("map", of: MapState<Int>.self)
    #expect(try await late.keepUp(policy).isEmpty)
    try await early.checkpoint(try await early.directory())
    #expect(try await early.keepUp(policy).isEmpty)
    // Once it has grown it is due, with all of them, until one of them has done it.
    for number in 0..<50 { try await map.update(.put(.integer(Int64(number % 7)), number)) }
    #expect(try await late.keepUp(policy).map { $0.name } == ["", "map"])
    #expect(try await early.keepUp(policy).map { $0.name } == [""])
    #expect(try await late.keepUp(policy).isEmpty)
    // Whoever asks for it gets it.
    #expect(try await late.checkpointAll().map { $0.name } == ["", "map"])
  }

  @Test("R34, R38: objects agree at a moment of the past, and a trim here leaves it alone")
  func pastMoment() async throws {
    let runtime = Runtime(over: log)
    let left = try await runtime.object("left", of: CounterState.self)
    let right = try await runtime.object("right", of: CounterState.self)
    for _ in 0..<10 {
      try await runtime.transaction { tx in
        try tx.update(left, .add(1))
        try tx.update(right, .add(-1))
      }
    }
    let middle = try await left.update(.add(1)).advanced(by: -8)
    try await right.update(.add(-1))
    try await runtime.snapshot(at: middle) { moment in
      for _ in 0..<2 {
        let sum = try await moment.read(left) { $0.value } + moment.read(right) { $0.value }
        #expect(sum == 0)
        try await runtime.checkpointAll()
        #expect(try await runtime.trim() == .zero)
      }
    }
    // Nobody looks at it any more.
    #expect(try await runtime.trim() > middle)
    await #expect(throws: ObjectError.self) { try await left.state(at: middle) }
  }
}

// Goal: the checks of the contract fail a log that breaks it. (The reference passes in
// AppendRaceTests.) Method: ModelLog behind a lock, with one thing wrong at a time.
import CorfuChecks
import CorfuGlobalLog
import CorfuSimulation
import Synchronization
import Testing

@Suite struct SharedLogTests {
  @Test("The contract holds over a disk that takes its time and loses its power between operations")
  func powerCutsKeepTheContract() throws {
    let deaths = Mutex(0)
    let comparison = Self.mortalChecks { count in deaths.withLock { $0 += count } }[0]
    try comparison.run(seeds: 1..<31)
    #expect(deaths.withLock { $0 } > 150)
    for check in Self.crowdChecks { try check.run(seeds: 1..<41) }
  }

  @Test("A disk that forgets does not keep the contract")
  func forgettingIsCaught() {
    #expect(throws: SeedFailure.self) {
      try Self.mortalChecks(forgets: true)[0].run(seeds: 1..<6)
    }
  }

  /// One client of a log that dies and is opened again, against ``ModelLog``.
  private static func mortalChecks(
    forgets: Bool = false,
    onEnd: @escaping @Sendable (_ deaths: Int) -> Void = { _ in }
  ) -> [Check] {
    SharedLogChecks<MortalLog>(exercise: "0.2") { _, world, body in
      let log = try await MortalLog(in: world, forgets: forgets)
      try await running(log) { try await body([log]) }
      onEnd(log.deaths)
    }.checks
  }

  /// Many clients at once, on a disk whose syncs take time.
  private static var crowdChecks: [Check] {
    SharedLogChecks<MortalLog.Client>(exercise: "0.3") { clients, world, body in
      let log = try await MortalLog(in: world, forgets: false)
      try await running(log) { try await body(log.peers(clients)) }
    }.checks
  }

  private static func running(
    _ log: MortalLog,
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        await withTaskGroup(of: Void.self) { lives in
          for await store in log.stores { lives.addTask { await store.run() } }
        }
      }
      do {
        try await body()
      } catch {
        try await log.close()
        throw error
      }
      try await log.close()
    }
  }

  enum Fault: CaseIterable {
    case none, losesEverySeventh, staleTail, fillsAnything, forgetsTrims, doublesBatches
  }

  @Test(arguments: Fault.allCases)
  func faultIsCaught(fault: Fault) {
    let checks = SharedLogChecks<FaultyLog>(exercise: "0.1") { clients, world, body in
      let log = FaultyLog(fault)
      try await body([FaultyLog](repeating: log, count: clients))
    }.checks
    let passed = checks.filter { check in
      do throws(SeedFailure) {
        try check.run(seeds: 1..<31)
        return true
      } catch {
        return false
      }
    }
    #expect((passed.count == checks.count) == (fault == .none))
  }
}

/// A log in memory, right but for one fault.
final class FaultyLog: SharedLog {
  private struct State {
    var model = ModelLog()
    var appends: UInt64 = 0
    var tailBefore = Position.zero
  }

  private let fault: SharedLogTests.Fault
  private let state = Mutex(State())

  init(_ fault: SharedLogTests.Fault) {
    self.fault = fault
  }

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    state.withLock { state in
      state.appends += 1
      state.tailBefore = state.model.tail
      if fault == .losesEverySeventh, state.appends.isMultiple(of: 7) { return state.model.tail }
      return state.model.append(entry(payload, state.appends))
    }
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    var positions: [Position] = []
    for payload in batch {
      if fault == .doublesBatches { _ = try await append(payload) }
      positions.append(try await append(payload))
    }
    return positions
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    state.withLock { $0.model.read(position) }
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    state.withLock { state in range.map { state.model.read($0) } }
  }

  func fill(_ position: Position) async throws(LogError) -> Slot {
    if fault != .fillsAnything { try check(position) }
    return state.withLock { $0.model.fill(position) }
  }

  func trim(_ position: Position) async throws(LogError) {
    try check(position)
    if fault != .forgetsTrims { state.withLock { $0.model.trim(position) } }
  }

  func trimPrefix(before mark: Position) async throws(LogError) {
    let tail = state.withLock { $0.model.tail }
    if mark > tail { throw .beyondTail(mark, tail: tail) }
    state.withLock { $0.model.trimPrefix(before: mark) }
  }

  func tail() async throws(LogError) -> Position {
    state.withLock { fault == .staleTail ? $0.tailBefore : $0.model.tail }
  }

  private func check(_ position: Position) throws(LogError) {
    let tail = state.withLock { $0.model.tail }
    if position >= tail { throw .beyondTail(position, tail: tail) }
  }

  private func entry(_ payload: [UInt8], _ sequence: UInt64) -> Entry {
    Entry(
      mark: EntryMark(client: ClientID(high: 0, low: 1), sequence: sequence),
      payload: payload
    )
  }
}

// Goal: chapter 2's log keeps the contract of every log, and needs its sequencer for speed only.
// Method: the checks of SharedLog; seeds with crashes; a sequencer that lies (R13).
import CorfuChecks
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import Testing

private typealias Stage = Stage2<MemoryDevice, Sequencer>

@Suite struct SequencedLogTests {
  @Test("The log keeps the contract of every log", arguments: 1...15 as ClosedRange<UInt64>)
  func conformance(seed: UInt64) throws {
    let checks = SharedLogChecks<SequencedLog<MemoryDevice, Sequencer>>(exercise: "2") {
      clients,
      world,
      body in
      try await withStage(in: world) { stage, random in
        try await body((0..<clients).map { _ in stage.client(using: &random) })
      }
    }
    for check in checks.checks { _ = try check.run(seed: seed) }
  }

  @Test("Clients that write at once lose no position, and syncs are shared")
  func nobodyIsInTheWay() throws {
    let world = World(seed: 5)
    try world.run {
      try await withStage(in: world) { stage, random in
        let clients = (0..<16).map { _ in stage.client(using: &random) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          for client in clients {
            group.addTask { for _ in 0..<20 { _ = try await client.append([1]) } }
          }
          try await group.waitForAll()
        }
        #expect(clients.allSatisfy { $0.counters.appends == 20 && $0.counters.lostPositions == 0 })
        #expect(stage.sequencer.counters.tokens == 320)
        #expect(stage.store.tail() == Position(320))
        #expect(stage.store.counters.refusals == 0)
        #expect(stage.store.counters.syncs < 320)
      }
    }
  }

  @Test("A payload that is refused takes no token, so it leaves no hole")
  func refusedPayload() throws {
    let world = World(seed: 1)
    try world.run {
      try await withStage(in: world) { stage, random in
        let client = stage.client(using: &random)
        _ = try await client.append([1])
        let large = [UInt8](repeating: 0, count: stage.store.payloadBytesMax + 1)
        await #expect(throws: LogError.self) { _ = try await client.append(batch: [[2], large]) }
        #expect(stage.sequencer.counters.positions == 1)
        #expect(try await client.append([3]) == Position(1))
      }
    }
  }

  @Test(
    "A token that nobody uses is a hole, which may be filled up to the last token and not beyond"
  )
  func hole() throws {
    let world = World(seed: 1)
    try world.run {
      try await withStage(in: world) { stage, random in
        let client = stage.client(using: &random)
        let token = try stage.sequencer.reserve(2)
        #expect(token.positions == Position(0)..<Position(2))
        #expect(try await client.append([3]) == Position(2))
        #expect(try await client.read(Position(0)) == .empty)
        #expect(try await client.fill(Position(0)) == .junk)
        await #expect(throws: LogError.beyondTail(Position(3), tail: Position(3))) {
          _ = try await client.fill(Position(3))
        }
        // Who comes late with a token finds the position taken.
        let late = Entry(mark: EntryMark(client: client.client, sequence: 99), payload: [9])
        let outcome = try await stage.store.write([late], at: token.first, epoch: token.epoch)
        #expect(outcome == RunOutcome(written: 0, obstacle: .junk))
      }
    }
  }

  @Test("A batch moves up where positions of its token were filled, and stays in order")
  func lostPositions() throws {
    let world = World(seed: 1)
    try world.run {
      try await withStage(in: world) { stage, random in
        let client = stage.client(using: &random)
        // Somebody fills positions that the next tokens will be for.
        _ = try await stage.store.fill(Position(1))
        _ = try await stage.store.fill(Position(3))
        let positions = try await client.append(batch: [[0], [1], [2]])
        #expect(positions == [0, 2, 4].map { Position($0) })
        #expect(client.counters.lostPositions == 2)
        #expect(client.counters.appends == 3)
        #expect(try await client.append([5]) == Position(5))
      }
    }
  }

  @Test("Nothing is handed out after the log was closed")
  func closed() throws {
    let world = World(seed: 1)
    try world.run {
      var random = world.random.split()
      let stage = try await Stage.open(MemoryDevice(), using: &random)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await stage.run() }
        let client = stage.client(using: &random)
        try await stage.close()
        await #expect(throws: LogError.closed) { _ = try await client.append([1]) }
        #expect(throws: SequencerRefusal.sealed(stage.sequencer.epoch)) {
          try stage.sequencer.reserve(1)
        }
      }
    }
  }

  @Test("Seeds with crashes", arguments: 1...40 as ClosedRange<UInt64>)
  func seeds(seed: UInt64) {
    let outcome = SequencedRun<Sequencer>.run(seed: seed)
    #expect(outcome.failure == nil, "\(outcome.events)")
  }

  @Test("The seeds see abandoned tokens, lost positions, faults and appends")
  func seedsAreTelling() {
    let outcomes = (1...40).map { SequencedRun<Sequencer>.run(seed: $0) }
    #expect(outcomes.count { $0.abandoned > 0 } > 20)
    #expect(outcomes.count { $0.lostPositions > 0 } > 5)
    #expect(outcomes.count { $0.counts[.powerCut] > 0 } > 20)
    #expect(outcomes.reduce(0) { $0 + $1.acknowledged } > 2000)
    #expect(SequencedRun<Sequencer>.run(seed: 3).fingerprint == outcomes[2].fingerprint)
  }

  @Test(
    "R13: a sequencer that lies costs no acknowledged entry",
    arguments: 1...20 as ClosedRange<UInt64>
  )
  func liar(seed: UInt64) {
    let outcome = SequencedRun<LyingSequencer>.run(seed: seed, isTrusted: false)
    #expect(outcome.failure == nil, "\(outcome.events)")
  }

  @Test("R13: what the lies cost is seen")
  func liesCost() {
    let outcomes = (1...20).map { SequencedRun<LyingSequencer>.run(seed: $0, isTrusted: false) }
    #expect(outcomes.count { $0.lostPositions > 0 } > 10)
    #expect(outcomes.reduce(0) { $0 + $1.acknowledged } > 500)
    // Held against what an honest one promises, it fails.
    #expect((1...20).contains { SequencedRun<LyingSequencer>.run(seed: $0).failure != nil })
  }
}

@Suite struct SequencerRunTests {
  @Test("R9, R11, R12: a sequencer keeps its promises whatever dies", arguments: [0, 3, 9])
  func restarts(streams: Int) {
    var shape = SequencerRun<Sequencer>.Shape()
    shape.restarts = true
    shape.streams = streams
    shape.streamsMax = streams == 9 ? 4 : StreamTails.streamsMaxDefault
    shape.events = 20...80
    var tokens = 0
    var reigns = 0
    for seed in 1...400 as ClosedRange<UInt64> {
      let outcome = SequencerRun<Sequencer>.run(seed: seed, shape: shape)
      #expect(outcome.violations == [], "\(outcome.events)")
      tokens += outcome.tokens
      reigns += outcome.reigns
    }
    #expect(tokens > 2000)
    #expect(reigns > 1000)
  }
}

/// Repeats positions, skips some, and begins a reign wherever it likes.
private struct LyingSequencer: TokenSource {
  private var truth: Sequencer
  private var asked = 0

  init(boot: BootID, streamsMax: Int) {
    truth = Sequencer(boot: boot, streamsMax: streamsMax)
  }

  init(serving reign: Reign, streamsMax: Int) {
    truth = Sequencer(serving: reign, streamsMax: streamsMax)
  }

  mutating func reserve(
    _ count: Int,
    for streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> Token {
    asked += 1
    if asked % 5 == 0 { _ = try truth.reserve(3, for: [], in: epoch) }
    let token = try truth.reserve(count, for: streams, in: epoch)
    guard asked % 3 == 0 else { return token }
    let first = Position(token.first.number - min(token.first.number, 2))
    return Token(epoch: epoch, first: first, count: count)
  }

  func tail(in epoch: Epoch) throws(SequencerRefusal) -> Position { try truth.tail(in: epoch) }

  func streamTails(of streams: [StreamID], in epoch: Epoch) throws(SequencerRefusal) -> [StreamLink]
  {
    streams.map { StreamLink(stream: $0, previous: []) }
  }

  mutating func install(_ reign: Reign) throws(SequencerRefusal) { try truth.install(reign) }

  mutating func seal(_ epoch: Epoch) -> Position? { nil }

  static func firstTail(after end: ReignEnd) -> Position {
    let honest = Sequencer.firstTail(after: end)
    return Position(honest.number - min(honest.number, 4))
  }
}

/// Opens a log in memory, lets a body use it, and closes it.
private func withStage(
  in world: World,
  _ body: (Stage, inout SeededGenerator) async throws -> Void
) async throws {
  var random = world.random.split()
  let limits = StoreLimits.small(segmentBytes: 16 << 10)
  let stage = try await Stage.open(MemoryDevice(), limits: limits, using: &random)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await stage.run() }
    do {
      try await body(stage, &random)
    } catch {
      try await stage.close()
      throw error
    }
    try await stage.close()
  }
}

import CorfuGlobalLog
import CorfuSimulation

/// One client does what a seed draws, on a log and on ``ModelLog``; both must answer alike.
struct ModelComparison<Log: SharedLog>: Sendable {
  private static var operations: Int { 40 }

  private let log: Log
  private let world: World
  private var model = ModelLog()
  private var random: SeededGenerator
  private var sequence: UInt64 = 0

  private init(log: Log, world: World, random: SeededGenerator) {
    self.log = log
    self.world = world
    self.random = random
  }

  /// Runs one comparison.
  static func run(
    seed: UInt64,
    open: @escaping SharedLogChecks<Log>.Opening
  ) throws(CheckFailure) -> CheckTrace {
    let world = World(seed: seed, eventsMax: 400)
    let failure = Notebook<CheckFailure?>(nil)
    let random = world.random.split()
    do {
      try world.run {
        try await open(1, world) { logs in
          guard let log = logs.first else { return }
          var comparison = ModelComparison(log: log, world: world, random: random)
          do throws(CheckFailure) {
            try await comparison.run()
          } catch {
            failure.write { $0 = error }
          }
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    let trace = CheckTrace(world)
    if let failure = failure.content {
      throw CheckFailure(failure.finding, events: trace.events)
    }
    return trace
  }

  private mutating func run() async throws(CheckFailure) {
    for _ in 0..<Self.operations {
      switch random.number(below: 10) {
      case 0...2: try await append(count: 1)
      case 3: try await append(count: random.number(in: 0...5))
      case 4...5: try await read(anyPosition())
      case 6: try await readRange()
      case 7: try await fill(anyPosition())
      case 8: try await trim(anyPosition())
      default: try await trimPrefix(before: anyPosition())
      }
      let tail = try await answer("tail()") { log throws(LogError) in try await log.tail() }
      try expect("tail()", "\(model.tail)", "\(tail)")
    }
  }

  /// A position of the log, or a little beyond.
  private mutating func anyPosition() -> Position {
    Position(UInt64(random.number(in: 0...(Position.zero.distance(to: model.tail) + 2))))
  }

  private mutating func append(count: Int) async throws(CheckFailure) {
    var payloads: [[UInt8]] = []
    var expected: [Position] = []
    for _ in 0..<count {
      sequence += 1
      let payload = Array("entry \(sequence)".utf8)
      payloads.append(payload)
      let mark = EntryMark(client: ClientID(high: 0, low: 1), sequence: sequence)
      expected.append(model.append(Entry(mark: mark, payload: payload)))
    }
    let positions: [Position]
    let call: String
    if count == 1, let payload = payloads.first {
      call = "append(entry \(sequence))"
      positions = [
        try await answer(call) { log throws(LogError) in try await log.append(payload) }
      ]
    } else {
      call = "append(batch of \(count))"
      let batch = payloads
      positions = try await answer(call) { log throws(LogError) in
        try await log.append(batch: batch)
      }
    }
    try expect(call, "\(expected)", "\(positions)")
  }

  private func read(_ position: Position) async throws(CheckFailure) {
    let call = "read(\(position))"
    let slot = try await answer(call) { log throws(LogError) in try await log.read(position) }
    try expect(call, model.read(position).content, slot.content)
  }

  private mutating func readRange() async throws(CheckFailure) {
    let one = anyPosition()
    let other = anyPosition()
    let range = min(one, other)..<max(one, other)
    let call = "read(\(range.lowerBound)..<\(range.upperBound))"
    let slots = try await answer(call) { log throws(LogError) in try await log.read(range) }
    let expected = range.map { model.read($0).content }
    try expect(call, "\(expected)", "\(slots.map(\.content))")
  }

  private mutating func fill(_ position: Position) async throws(CheckFailure) {
    let call = "fill(\(position))"
    if position >= model.tail {
      return try await expectRefusal(call, at: position) { log throws(LogError) in
        _ = try await log.fill(position)
      }
    }
    let slot = try await answer(call) { log throws(LogError) in try await log.fill(position) }
    try expect(call, model.fill(position).content, slot.content)
  }

  private mutating func trim(_ position: Position) async throws(CheckFailure) {
    let call = "trim(\(position))"
    if position >= model.tail {
      return try await expectRefusal(call, at: position) { log throws(LogError) in
        try await log.trim(position)
      }
    }
    try await answer(call) { log throws(LogError) in try await log.trim(position) }
    model.trim(position)
  }

  private mutating func trimPrefix(before mark: Position) async throws(CheckFailure) {
    let call = "trimPrefix(before: \(mark))"
    if mark > model.tail {
      return try await expectRefusal(call, at: mark) { log throws(LogError) in
        try await log.trimPrefix(before: mark)
      }
    }
    try await answer(call) { log throws(LogError) in try await log.trimPrefix(before: mark) }
    model.trimPrefix(before: mark)
  }

  private func answer<Value: Sendable>(
    _ call: String,
    _ body: (Log) async throws(LogError) -> Value
  ) async throws(CheckFailure) -> Value {
    do {
      let value = try await body(log)
      world.note(Value.self == Void.self ? call : "\(call)  <- \(value)")
      return value
    } catch {
      world.note("\(call)  <- \(error)")
      throw CheckFailure("\(call) threw an error: \(error)")
    }
  }

  /// Nothing beyond the tail may be filled or trimmed: an append may still land there.
  private func expectRefusal(
    _ call: String,
    at position: Position,
    _ body: (Log) async throws(LogError) -> Void
  ) async throws(CheckFailure) {
    do {
      try await body(log)
    } catch {
      world.note("\(call)  <- \(error)")
      if error == .beyondTail(position, tail: model.tail) { return }
      throw CheckFailure("\(call) is beyond the tail, \(model.tail), but the answer was: \(error)")
    }
    throw CheckFailure("\(call) was done, though the log ends at \(model.tail)")
  }

  private func expect(_ call: String, _ expected: String, _ actual: String) throws(CheckFailure) {
    if expected == actual { return }
    throw CheckFailure("\(call) must answer \(expected), and answered \(actual)")
  }
}

extension Slot {
  /// What a reader sees: the bytes, not whose they are.
  var content: String {
    guard case .data(let entry) = self else { return description }
    return String(decoding: entry.payload, as: UTF8.self)
  }
}

public import CorfuGlobalLog
import CorfuSimulation
import Synchronization

/// A session over the model: the runnable specification in memory, without disk or concurrency.
///
/// For tests of the prompt, and a yardstick for the sessions over real logs: they must show the
/// same.
public final class ModelSession: ReplSession {
  private struct State {
    var log = ModelLog()
    var isPowered = true
    var appends = 0
    var retries = 0
    var sequence: UInt64 = 0
    var generator: SeededGenerator
    let client: ClientID

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      client = ClientID(using: &generator)
      self.generator = generator
    }

    mutating func entry(_ payload: [UInt8]) -> Entry {
      sequence += 1
      return Entry(mark: EntryMark(client: client, sequence: sequence), payload: payload)
    }
  }

  /// The stage.
  public let stage: Int
  /// The largest payload in bytes.
  public let payloadBytesMax: Int
  private let state: Mutex<State>

  /// An empty log.
  ///
  /// The same seed makes the same session.
  public init(
    stage: Int = 1,
    seed: UInt64 = 0,
    payloadBytesMax: Int = Entry.payloadBytesMaxDefault
  ) {
    self.stage = stage
    self.payloadBytesMax = payloadBytesMax
    state = Mutex(State(seed: seed))
  }

  /// Always "memory".
  public var place: String { "memory" }
  /// There is no disk to lose.
  public var isSimulated: Bool { true }
  /// The model itself.
  public var log: any SharedLog { self }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position {
    state.withLock { $0.log.trimMark }
  }

  /// The numbers of the model.
  public func stats() async throws(ReplError) -> [Fact] {
    try state.withLock { state throws(ReplError) in
      guard state.isPowered else { throw .log(.failed(.powerOff)) }
      let log = state.log
      var entries = 0
      var bytes = 0
      for position in log.trimMark..<log.tail {
        guard case .data(let entry) = log.read(position) else { continue }
        entries += 1
        bytes += entry.payload.count
      }
      return [
        Fact("entries", .count(entries)), Fact("tail", .position(log.tail)),
        Fact("trim mark", .position(log.trimMark)), Fact("payload bytes", .bytes(bytes)),
        Fact("appends", .count(state.appends)), Fact("retries", .count(state.retries)),
      ]
    }
  }

  /// The model is always sound.
  public func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    state.withLock { state in
      var records = 0
      var bytes = 0
      for position in state.log.trimMark..<state.log.tail {
        guard case .data(let entry) = state.log.read(position) else { continue }
        records += 1
        bytes += entry.payload.count
      }
      return VerifyReport(files: [
        .init(name: "model", records: records, bytes: bytes, state: "open")
      ])
    }
  }

  /// Turns the power off; the model loses nothing.
  public func crash() async throws(ReplError) -> [Fact] {
    try state.withLock { state throws(ReplError) in
      guard state.isPowered else { throw .log(.failed(.powerOff)) }
      state.isPowered = false
      return [Fact("writes lost", .count(0))]
    }
  }

  /// Turns the power on.
  public func reopen() async throws(ReplError) -> [Fact] {
    state.withLock { state in
      state.isPowered = true
      state.appends = 0
      state.retries = 0
      return [Fact("tail", .position(state.log.tail)), Fact("writes cut off", .count(0))]
    }
  }

  /// Lets clients race, in an order that the seed decides.
  public func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] {
    try state.withLock { state throws(ReplError) in
      guard state.isPowered else { throw .log(.failed(.powerOff)) }
      var appended = [Int](repeating: 0, count: clients)
      var retries = [Int](repeating: 0, count: clients)
      var racing = Array(0..<clients)
      // Each round all look at the same tail and write there: one is first, the others try again.
      while let winner = racing.randomElement(using: &state.generator) {
        appended[winner] += 1
        let text = "client \(winner + 1), entry \(appended[winner])"
        _ = state.log.append(state.entry(Array(text.utf8)))
        for client in racing where client != winner { retries[client] += 1 }
        racing.removeAll { appended[$0] == appends }
      }
      state.appends += clients * appends
      state.retries += retries.reduce(0, +)
      return (0..<clients).map {
        Racer(name: "client \($0 + 1)", appends: appended[$0], retries: retries[$0])
      }
    }
  }

  /// Nothing is held.
  public func close() async {}
}

extension ModelSession: UnitInspector {
  /// Hands out every position.
  public func dump(_ body: (DumpedRecord) throws(ReplError) -> Void) async throws(ReplError) {
    let log = state.withLock { $0.log }
    for position in log.trimMark..<log.tail {
      try body(
        DumpedRecord(
          file: "model",
          offset: 0,
          bytes: 0,
          position: position,
          epoch: .zero,
          slot: log.read(position)
        )
      )
    }
  }
}

extension ModelSession: SharedLog {
  /// Appends at the tail.
  public func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try appendAll([payload], limit: payloadBytesMax)[0]
  }

  /// Appends in order at the tail.
  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try appendAll(batch, limit: payloadBytesMax)
  }

  private func appendAll(_ batch: [[UInt8]], limit: Int) throws(LogError) -> [Position] {
    try state.withLock { state throws(LogError) in
      guard state.isPowered else { throw .failed(.powerOff) }
      var positions: [Position] = []
      for payload in batch {
        guard payload.count <= limit else {
          throw .entryTooLarge(bytes: payload.count, bytesMax: limit)
        }
        positions.append(state.log.append(state.entry(payload)))
        state.appends += 1
      }
      return positions
    }
  }

  /// What stands at a position.
  public func read(_ position: Position) async throws(LogError) -> Slot {
    try powered { log in log.read(position) }
  }

  /// What stands at each position of a range.
  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try powered { log in range.map { log.read($0) } }
  }

  /// Fills a hole.
  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try powered { log throws(LogError) in
      guard position < log.tail else { throw .beyondTail(position, tail: log.tail) }
      return log.fill(position)
    }
  }

  /// Forgets a position.
  public func trim(_ position: Position) async throws(LogError) {
    try powered { log throws(LogError) in
      guard position < log.tail else { throw .beyondTail(position, tail: log.tail) }
      log.trim(position)
    }
  }

  /// Forgets every position before `mark`.
  public func trimPrefix(before mark: Position) async throws(LogError) {
    try powered { log throws(LogError) in
      guard mark <= log.tail else { throw .beyondTail(mark, tail: log.tail) }
      log.trimPrefix(before: mark)
    }
  }

  /// One past the last position that is not empty.
  public func tail() async throws(LogError) -> Position {
    try powered { log in log.tail }
  }

  private func powered<Answer: Sendable>(
    _ body: (inout ModelLog) throws(LogError) -> Answer
  ) throws(LogError) -> Answer {
    try state.withLock { state throws(LogError) in
      guard state.isPowered else { throw .failed(.powerOff) }
      return try body(&state.log)
    }
  }
}

internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStages

/// Tokens taken one after the other from a sequencer in this process, and nothing done with them.
struct TokenWorkload: Sendable {
  /// Positions per token.
  let count: Int
  /// Streams per token, out of a thousand.
  let streams: Int
  let clock = ContinuousClock()

  /// Takes tokens.
  func run(for duration: Duration) throws -> Measurement {
    let boot = BootID(high: 1, low: 1)
    let epoch = Epoch(1)
    var sequencer = Sequencer(boot: boot)
    try sequencer.install(
      Reign(epoch: epoch, boot: boot, firstTail: .zero, streams: .empty)
    )
    let sets = (0..<1000).map { set in
      (0..<streams).map { StreamID(UInt64((set * 7 + $0) % 1000)) }
    }
    let deadline = clock.now.advanced(by: duration)
    let time = ProcessorTime()
    var tokens = 0
    // Once at least: on a busy machine the time may be over before it began.
    repeat {
      for set in sets { _ = try sequencer.reserve(count, for: set, in: epoch) }
      tokens += sets.count
    } while clock.now < deadline
    let elapsed = time.elapsed
    // What was handed out is looked at, so that handing it out cannot be left away.
    guard try sequencer.tail(in: epoch) == Position(UInt64(tokens * count)) else {
      throw BenchError.wrongAnswer("\(tokens) tokens of \(count) do not make the tail")
    }
    return Measurement(operations: tokens, bytes: 0, duration: elapsed)
  }

  /// A counter that anybody may raise by one: what a token could cost at least.
  static func counter(for duration: Duration) -> Measurement {
    let clock = ContinuousClock()
    let counter = SharedCounter()
    let deadline = clock.now.advanced(by: duration)
    let time = ProcessorTime()
    // Once at least: on a busy machine the time may be over before it began.
    repeat {
      for _ in 0..<1000 { _ = counter.next() }
    } while clock.now < deadline
    return Measurement(operations: counter.count, bytes: 0, duration: time.elapsed)
  }
}

/// Clients of chapter 2 that take tokens and write beside each other, one append under way each.
struct SequencedWorkload: Sendable {
  let clients: Int
  let payloadBytes: Int
  let clock = ContinuousClock()

  /// Appends to a fresh log.
  func run(in folder: BenchFolder, for duration: Duration) async throws -> Measurement {
    var random = BenchRandom(seed: 1)
    let stage = try await Stage2<FileDevice, Sequencer>.open(
      FileDevice(path: folder.path),
      using: &random
    )
    let logs = (0..<clients).map { _ in stage.client(using: &random) }
    let thread = try ThreadExecutor()
    defer { thread.stop() }
    let measurement = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run(on: thread) }
      do {
        let measurement = try await append(to: logs, for: duration)
        try await stage.close()
        return measurement
      } catch {
        try await stage.close()
        throw error
      }
    }
    try folder.remove()
    return measurement
  }

  private func append(
    to logs: [SequencedLog<FileDevice, Sequencer>],
    for duration: Duration
  ) async throws -> Measurement {
    let latencies = SharedLatencies()
    let payload = [UInt8](repeating: 6, count: payloadBytes)
    let begin = clock.now
    let deadline = begin.advanced(by: duration)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for log in logs {
        group.addTask {
          var now = clock.now
          // Once at least: on a busy machine the time may be over before it began.
          repeat {
            _ = try await log.append(payload)
            let end = clock.now
            latencies.record(now.duration(to: end))
            now = end
          } while now < deadline
        }
      }
      try await group.waitForAll()
    }
    let appends = logs.reduce(0) { $0 + $1.counters.appends }
    return Measurement(
      operations: appends,
      bytes: appends * payloadBytes,
      duration: begin.duration(to: clock.now),
      latencies: latencies.take()
    )
  }
}

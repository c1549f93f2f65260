internal import CorfuGlobalLog

/// Tasks that append, each one entry at a time, at positions that a counter hands out.
///
/// No two want the same, so what is measured is the store and not the race for its tail.
struct AppendWorkload: Sendable {
  /// How many appends are under way at any time.
  let outstanding: Int
  let payloadBytes: Int
  let clock = ContinuousClock()

  /// Appends to a fresh log.
  func run(in folder: BenchFolder, for duration: Duration) async throws -> Measurement {
    let log = LogFolder(folder: folder)
    let measurement = try await log.with { try await run(on: $0, for: duration) }
    try folder.remove()
    return measurement
  }

  /// Appends to a log from its tail on.
  func run(on store: LogFolder.Log, for duration: Duration) async throws -> Measurement {
    let latencies = SharedLatencies()
    let places = SharedCounter()
    let first = store.tail()
    let payloads = Self.payloads(bytes: payloadBytes)
    let begin = clock.now
    let deadline = begin.advanced(by: duration)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<outstanding {
        group.addTask {
          let client = ClientID(high: 1, low: UInt64(task))
          var sequence: UInt64 = 0
          var now = clock.now
          // Once at least: on a busy machine the time may be over before it began.
          repeat {
            let place = places.next()
            let entry = Entry(
              mark: EntryMark(client: client, sequence: sequence),
              payload: payloads[place % payloads.count]
            )
            let outcome = try await store.write([entry], at: first.advanced(by: place))
            guard outcome.written == 1 else {
              throw BenchError.wrongAnswer("an append was refused: \(outcome)")
            }
            let end = clock.now
            latencies.record(now.duration(to: end))
            now = end
            sequence += 1
          } while now < deadline && !Task.isCancelled
        }
      }
      try await group.waitForAll()
    }
    let count = places.count
    return Measurement(
      operations: count,
      bytes: count * payloadBytes,
      duration: begin.duration(to: clock.now),
      latencies: latencies.take()
    )
  }

  /// A mebibyte of different payloads, or 256 of them where they are small: what clients send is
  /// not always in the nearest cache.
  static func payloads(bytes: Int) -> [[UInt8]] {
    (0..<min(256, max(1, (1 << 20) / max(1, bytes)))).map {
      [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: bytes)
    }
  }
}

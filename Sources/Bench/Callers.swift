/// Tasks that do one thing after the other, all of them at once, for a while.
struct Callers: Sendable {
  let count: Int
  let payloadBytes: Int

  /// Runs them.
  ///
  /// - Parameters:
  ///   - duration: For how long.
  ///   - body: What each does: it is told who it is and how often it did so.
  /// - Returns: How often it was done, and how long each time took.
  /// - Throws: What `body` throws.
  func run(
    for duration: Duration,
    _ body: @escaping @Sendable (_ caller: Int, _ turn: Int) async throws -> Void
  ) async throws -> Measurement {
    let clock = ContinuousClock()
    let latencies = SharedLatencies()
    let begin = clock.now
    let deadline = begin.advanced(by: duration)
    let operations = try await withThrowingTaskGroup(of: Int.self) { group in
      for caller in 0..<count {
        group.addTask {
          var turn = 0
          var now = clock.now
          // Once at least: on a busy machine the time may be over before it began.
          repeat {
            try await body(caller, turn)
            let end = clock.now
            latencies.record(now.duration(to: end))
            now = end
            turn += 1
          } while now < deadline && !Task.isCancelled
          return turn
        }
      }
      return try await group.reduce(0, +)
    }
    return Measurement(
      operations: operations,
      bytes: operations * payloadBytes,
      duration: begin.duration(to: clock.now),
      latencies: latencies.take()
    )
  }
}

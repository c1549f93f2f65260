internal import CorfuGlobalLog

/// Reads of what is there, while writers keep the disk busy: a read must not wait for their syncs.
struct ReadBesideWriters: Sendable {
  let store: LogFolder.Log
  let reads: ReadWorkload
  /// What is read: everything before this position.
  let end: Position

  /// Reads with nobody else about.
  func runIdle(for duration: Duration) async throws -> Measurement {
    try await onThread { try reads.readRandomly(before: end, for: duration) }
  }

  /// Reads while writers append as fast as they can.
  func run(beside writers: AppendWorkload, for duration: Duration) async throws -> Measurement {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        // They outlast the reads, so that no read is without them.
        _ = try await writers.run(on: store, for: duration + .seconds(3600))
      }
      let measurement = try await onThread {
        try reads.readRandomly(before: end, for: duration)
      }
      group.cancelAll()
      try await group.waitForAll()
      return measurement
    }
  }

  /// The reader has a thread of its own: in the pool it would wait for the writers' tasks.
  private func onThread(
    _ body: @Sendable @escaping () throws -> Measurement
  ) async throws -> Measurement {
    let thread = try ThreadExecutor()
    defer { thread.stop() }
    return try await withThrowingTaskGroup(of: Measurement.self) { group in
      group.addTask(executorPreference: thread) { try body() }
      guard let measurement = try await group.next() else {
        throw BenchError.failed("the reader ended without a word")
      }
      return measurement
    }
  }
}

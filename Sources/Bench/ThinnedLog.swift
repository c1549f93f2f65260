internal import CorfuCopyCompaction
internal import CorfuGlobalLog

/// A log of which a part was trimmed, here and there: what compaction is made for.
struct ThinnedLog: Sendable {
  let folder: BenchFolder
  let payloadBytes: Int
  let entries: Int
  /// How many of a hundred entries are kept.
  let percentKept: Int
  let segmentBytes: Int

  private var limits: StoreLimits {
    var limits = StoreLimits()
    limits.segmentBytes = segmentBytes
    limits.payloadBytesMax = payloadBytes
    limits.reserveBytes = segmentBytes / 16
    limits.resumeBytesMax = 0
    return limits
  }

  /// Makes the log and hands it to a body, with the positions that were kept; removes it in the
  /// end.
  func with<Result: Sendable>(
    _ body: @Sendable (LogFolder.Log, [Position]) async throws -> Result
  ) async throws -> Result {
    let log = LogFolder(folder: folder, limits: limits)
    try await log.load(entries: entries, payloadBytes: payloadBytes)
    let result = try await log.with { store in
      var random = BenchRandom(seed: 3)
      var kept: [Position] = []
      var trimmed = PositionSet()
      for number in 0..<entries {
        let position = Position(UInt64(number))
        if random.below(100) < percentKept {
          kept.append(position)
        } else {
          trimmed.insert(position)
        }
      }
      try await store.trim(trimmed.ranges)
      return try await body(store, kept)
    }
    try folder.remove()
    return result
  }
}

/// Appends or reads, while nobody else is about or beside compaction.
struct CompactionWorkload: Sendable {
  /// Who is measured.
  enum Foreground: Sendable {
    /// Appends, so many outstanding.
    case appends(outstanding: Int)
    /// Random reads of what is live.
    case reads
  }

  let log: ThinnedLog
  let foreground: Foreground

  /// Measures.
  ///
  /// - Parameters:
  ///   - compacts: Whether compaction works meanwhile.
  ///   - duration: For how long.
  /// - Returns: What was measured.
  /// - Throws: What the log says.
  func run(compacts: Bool, for duration: Duration) async throws -> Measurement {
    try await log.with { store, kept in
      guard compacts else { return try await measure(store, kept, for: duration) }
      let clock = ContinuousClock()
      let compactor = Compactor(of: store, clock: clock)
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          do throws(CompactionError) {
            try await compactor.runForever()
          } catch {
            guard error == .cancelled else { throw error }
          }
        }
        while compactor.counters.copiedBytes == 0 {
          try await clock.sleep(for: .milliseconds(1))
        }
        let measurement = try await measure(store, kept, for: duration)
        group.cancelAll()
        try await group.waitForAll()
        return measurement
      }
    }
  }

  private func measure(
    _ store: LogFolder.Log,
    _ kept: [Position],
    for duration: Duration
  ) async throws -> Measurement {
    switch foreground {
    case .appends(let outstanding):
      let workload = AppendWorkload(outstanding: outstanding, payloadBytes: log.payloadBytes)
      return try await workload.run(on: store, for: duration)
    case .reads:
      let thread = try ThreadExecutor()
      defer { thread.stop() }
      return try await withThrowingTaskGroup(of: Measurement.self) { group in
        group.addTask(executorPreference: thread) { try read(kept, of: store, for: duration) }
        guard let measurement = try await group.next() else {
          throw BenchError.failed("the reader ended without a word")
        }
        return measurement
      }
    }
  }

  private func read(
    _ kept: [Position],
    of store: LogFolder.Log,
    for duration: Duration
  ) throws -> Measurement {
    let clock = ContinuousClock()
    var random = BenchRandom(seed: 11)
    var latencies = Latencies()
    var operations = 0
    let begin = clock.now
    var last = begin
    while begin.duration(to: last) < duration {
      let position = kept[random.below(kept.count)]
      guard case .data = try store.reader.read(position) else {
        throw BenchError.wrongAnswer("position \(position) is gone")
      }
      let now = clock.now
      latencies.record(last.duration(to: now))
      last = now
      operations += 1
    }
    return Measurement(
      operations: operations,
      bytes: operations * log.payloadBytes,
      duration: begin.duration(to: last),
      latencies: latencies
    )
  }
}

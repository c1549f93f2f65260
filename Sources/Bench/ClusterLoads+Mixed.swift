internal import CorfuClient
internal import CorfuCluster
internal import CorfuGlobalLog

// Reads from the disk, reads and appends together, and a reader beside writers.

extension ClusterLoads {
  /// Reads of what the system has forgotten, each entry once: until all were read, or time is over.
  func coldReads(callers count: Int, for duration: Duration) async throws -> Measurement {
    try PageCache.forget(below: cluster.local.folder)
    let client = cluster.client()
    let (clock, latencies, turns) = (ContinuousClock(), SharedLatencies(), SharedCounter())
    let order = ScatteredOrder(count: readable)
    let begin = clock.now
    let deadline = begin.advanced(by: duration)
    try await withTaskExecutorPreference(cluster.network.executor) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<count {
          group.addTask {
            var now = clock.now
            var turn = turns.next()
            while turn < order.count {
              try await read(at: order.place(turn), by: client)
              let end = clock.now
              latencies.record(now.duration(to: end))
              if end >= deadline { break }
              now = end
              turn = turns.next()
            }
          }
        }
        try await group.waitForAll()
      }
    }
    return Self.measurement(latencies, begin.duration(to: clock.now))
  }

  private static func measurement(
    _ latencies: SharedLatencies,
    _ duration: Duration
  ) -> Measurement {
    let latencies = latencies.take()
    return Measurement(
      operations: latencies.count,
      bytes: latencies.count * entryBytes,
      duration: duration,
      latencies: latencies
    )
  }

  /// Reads of what is there, and appends behind it, so many at once together.
  ///
  /// - Parameters:
  ///   - readPercent: How many of a hundred are reads.
  ///   - count: How many are under way at any time.
  ///   - duration: For how long.
  /// - Returns: All of them; the parts are the reads, and the appends.
  /// - Throws: What a read or an append throws.
  func mixed(
    readPercent: Int,
    callers count: Int,
    for duration: Duration
  ) async throws -> Measurement {
    let client = cluster.client()
    let (clock, reads, appends) = (ContinuousClock(), SharedLatencies(), SharedLatencies())
    let payloads = AppendWorkload.payloads(bytes: Self.entryBytes)
    let callers = Callers(count: count, payloadBytes: Self.entryBytes)
    var measurement = try await looking(after: [client]) {
      try await onConnections(callers, duration) { caller, turn in
        let begin = clock.now
        if Self.isRead(caller, turn, percent: readPercent) {
          try await read(at: place(caller, turn), by: client)
          reads.record(begin.duration(to: clock.now))
        } else {
          _ = try await client.append(payloads[turn % payloads.count])
          appends.record(begin.duration(to: clock.now))
        }
      }
    }
    let whole = measurement.duration
    measurement.parts = [reads, appends].map { Self.measurement($0, whole) }
    return measurement
  }

  /// Whether a caller reads: of its hundred next turns so many, spread evenly.
  static func isRead(_ caller: Int, _ turn: Int, percent: Int) -> Bool {
    (turn * 61 + caller * 37) % 100 < percent
  }

  /// Reads one entry after the other by a program that has nothing else to do, while nobody writes.
  func lonelyReads(for duration: Duration) async throws -> Measurement {
    let reader = cluster.client(apart: true)
    let callers = Callers(count: 1, payloadBytes: Self.entryBytes)
    return try await withTaskExecutorPreference(cluster.apart.executor) {
      try await callers.run(for: duration) { caller, turn in
        try await read(at: place(caller, turn), by: reader)
      }
    }
  }

  /// The same, while others append as fast as they can.
  ///
  /// - Parameters:
  ///   - writers: How many appends they have under way at any time.
  ///   - payloadBytes: The size of each payload.
  ///   - duration: For how long.
  /// - Returns: The reads; besides, how much was appended meanwhile.
  /// - Throws: What a read or an append throws.
  func reads(
    beside writers: Int,
    of payloadBytes: Int,
    for duration: Duration
  ) async throws -> Measurement {
    let client = cluster.client()
    let (appended, stop) = (SharedCounter(), StopSign())
    return try await looking(after: [client]) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        // Whatever happens to the reader, the writers come to an end.
        defer { stop.set() }
        group.addTask {
          try await append(by: client, writers, of: payloadBytes, appended, until: stop)
        }
        try await ContinuousClock().sleep(for: .milliseconds(50))
        let before = appended.count
        var measurement = try await lonelyReads(for: duration)
        measurement.besides = appended.count - before
        stop.set()
        try await group.waitForAll()
        return measurement
      }
    }
  }

  private func append(
    by client: ProcessCluster.Log,
    _ writers: Int,
    of payloadBytes: Int,
    _ appended: SharedCounter,
    until stop: StopSign
  ) async throws {
    let payloads = AppendWorkload.payloads(bytes: payloadBytes)
    try await withTaskExecutorPreference(cluster.network.executor) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<writers {
          group.addTask {
            var turn = writer
            while !stop.isSet {
              _ = try await client.append(payloads[turn % payloads.count])
              _ = appended.next()
              turn += 1
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }
}

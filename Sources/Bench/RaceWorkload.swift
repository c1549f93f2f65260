internal import CorfuGlobalLog

/// Clients of chapter 1 that race for the tail of one log, each with one append under way.
struct RaceWorkload: Sendable {
  let clients: Int
  let payloadBytes: Int
  let clock = ContinuousClock()

  /// Appends to a fresh log.
  func run(in folder: BenchFolder, for duration: Duration) async throws -> Measurement {
    let measurement = try await LogFolder(folder: folder).with { store in
      try await run(on: store, for: duration)
    }
    try folder.remove()
    return measurement
  }

  private func run(on store: LogFolder.Log, for duration: Duration) async throws -> Measurement {
    let latencies = SharedLatencies()
    let payload = [UInt8](repeating: 6, count: payloadBytes)
    let begin = clock.now
    let deadline = begin.advanced(by: duration)
    return try await withThrowingTaskGroup(
      of: RacingLog<FileDevice, TailRace>.Counters.self
    ) { group in
      for client in 0..<clients {
        group.addTask {
          let log = RacingLog<FileDevice, TailRace>(
            store: store,
            client: ClientID(high: 2, low: UInt64(client))
          )
          var now = clock.now
          // Once at least: on a busy machine the time may be over before it began.
          repeat {
            _ = try await log.append(payload)
            let end = clock.now
            latencies.record(now.duration(to: end))
            now = end
          } while now < deadline
          return log.counters
        }
      }
      var measurement = Measurement(operations: 0, bytes: 0, duration: .zero)
      for try await counters in group {
        measurement.operations += counters.appends
        measurement.bytes += counters.appends * payloadBytes
        measurement.lostRaces += counters.lostRaces
      }
      measurement.duration = begin.duration(to: clock.now)
      measurement.latencies = latencies.take()
      return measurement
    }
  }
}

import CorfuGlobalLog
import CorfuSimulation

extension AppendRaceChecks {
  /// Several clients of one real store, in memory, each appending by the race under test.
  @Sendable static func withLogs(
    _ clients: Int,
    in world: World,
    _ body: @escaping @Sendable ([RacingLog<MemoryDevice, Race>]) async throws -> Void
  ) async throws {
    var random = world.random.split()
    // Segments so small that runs of entries are cut in two.
    let limits = StoreLimits.small(segmentBytes: 8 << 10)
    let store = try await GroupCommit.open(MemoryDevice(), limits: limits, using: &random)
    let logs = (0..<clients).map { _ in
      RacingLog<MemoryDevice, Race>(store: store, client: ClientID(using: &random))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      do {
        try await body(logs)
      } catch {
        try await store.close()
        throw error
      }
      try await store.close()
    }
  }
}

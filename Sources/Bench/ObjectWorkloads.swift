internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStages
internal import CorfuTransactions

/// Programs that keep their state in a cluster's log, each with a client and objects of its own.
struct ObjectPrograms: Sendable {
  typealias Program = Runtime<BenchCluster.BenchClient>

  let cluster: BenchCluster
  let programs: Int
  /// How many things each program does at once.
  let callers: Int

  /// Nobody gives up: what was off is tried again, and counted.
  private static var limits: RuntimeLimits {
    var limits = RuntimeLimits()
    limits.attemptsMax = .max
    return limits
  }

  /// Runs something on fresh programs over a fresh cluster.
  func with<Result: Sendable>(
    _ body: ([Program]) async throws -> Result
  ) async throws -> Result {
    try await cluster.with { cluster in
      let clients = try BenchCluster.clients(programs, of: cluster)
      return try await withThrowingTaskGroup(of: Void.self) { group in
        for client in clients { group.addTask { await client.run() } }
        defer { group.cancelAll() }
        return try await body(clients.map { Program(over: $0, limits: Self.limits) })
      }
    }
  }

  /// All callers of all programs at once, for a while.
  func measure(
    for duration: Duration,
    _ body: @escaping @Sendable (_ program: Int, _ random: inout BenchRandom) async throws -> Void
  ) async throws -> Measurement {
    let all = Callers(count: programs * callers, payloadBytes: 0)
    return try await all.run(for: duration) { [programs] caller, turn in
      var random = BenchRandom(seed: UInt64(caller) << 32 | UInt64(turn))
      try await body(caller % programs, &random)
    }
  }
}

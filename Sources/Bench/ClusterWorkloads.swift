internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStages
internal import CorfuStripeMirror

/// Clients that append to a cluster at once, each one entry at a time.
struct ClusterAppends: Sendable {
  let cluster: BenchCluster
  let clients: Int
  let payloadBytes: Int

  func run(for duration: Duration) async throws -> Measurement {
    try await cluster.with { cluster in
      let clients = try BenchCluster.clients(clients, of: cluster)
      // Each once before the clock runs: segments are there, and everybody knows the layout.
      for client in clients.prefix(16) { _ = try await client.append([0]) }
      return try await measure(clients, for: duration)
    }
  }

  private func measure(
    _ clients: [BenchCluster.BenchClient],
    for duration: Duration
  ) async throws -> Measurement {
    let clock = ContinuousClock()
    let latencies = SharedLatencies()
    let payloads = AppendWorkload.payloads(bytes: payloadBytes)
    let begin = clock.now
    let deadline = begin.advanced(by: duration)
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for client in clients {
        group.addTask {
          var count = 0
          var now = clock.now
          while now < deadline && !Task.isCancelled {
            _ = try await client.append(payloads[count % payloads.count])
            let end = clock.now
            latencies.record(now.duration(to: end))
            now = end
            count += 1
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    return Measurement(
      operations: count,
      bytes: count * payloadBytes,
      duration: begin.duration(to: clock.now),
      latencies: latencies.take()
    )
  }
}

/// A client that fills holes, one after the other: what a reader pays once it no longer waits.
struct HoleFilling: Sendable {
  let cluster: BenchCluster

  private static let holesMax = 256

  func run(for duration: Duration) async throws -> Measurement {
    try await cluster.with { cluster in
      let clients = try BenchCluster.clients(1, of: cluster)
      guard let client = clients.first, let layout = cluster.layout else {
        throw BenchError.failed("the cluster has no layout")
      }
      _ = try await client.append([0])
      let clock = ContinuousClock()
      var latencies = Latencies()
      var operations = 0
      let begin = clock.now
      while begin.duration(to: clock.now) < duration {
        for hole in try await holes(in: layout, of: cluster) {
          let start = clock.now
          guard try await client.fill(hole) == .junk else {
            throw BenchError.wrongAnswer("somebody wrote at a position that nobody has")
          }
          latencies.record(start.duration(to: clock.now))
          operations += 1
        }
      }
      return Measurement(
        operations: operations,
        bytes: 0,
        duration: begin.duration(to: clock.now),
        latencies: latencies
      )
    }
  }

  /// Positions that a client took, and will not write.
  private func holes(
    in layout: Layout,
    of cluster: BenchCluster.Cluster
  ) async throws -> Range<Position> {
    let reply = try await cluster.network.call(
      .reserve(TokenRequest(layout: layout.id, count: Self.holesMax)),
      to: layout.sequencer.node,
      patience: .seconds(1)
    )
    guard case .token(let token) = reply else {
      throw BenchError.wrongAnswer("the sequencer gave no token: \(reply)")
    }
    return token.positions
  }
}

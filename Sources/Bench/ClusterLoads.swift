internal import Corfu
internal import CorfuCluster
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

/// What clients do to a cluster of processes.
struct ClusterLoads: Sendable {
  private let cluster: ProcessCluster
  private let readable = 20_000

  init(_ cluster: ProcessCluster) {
    self.cluster = cluster
  }

  /// Writes what is read later: entries of 4 KiB.
  func prepareReads() async throws {
    let client = cluster.client()
    let payload = [UInt8](repeating: 5, count: 4096)
    var written = 0
    while written < readable {
      let batch = min(500, readable - written)
      _ = try await client.append(batch: [[UInt8]](repeating: payload, count: batch))
      written += batch
    }
  }

  func tokens(inFlight: Int, for duration: Duration) async throws -> Measurement {
    let (network, layout) = (cluster.network, cluster.layout)
    let request = Request.reserve(TokenRequest(layout: layout.id, count: 1))
    return try await onConnections(Callers(count: inFlight, payloadBytes: 0), duration) { _, _ in
      let reply = try await network.call(
        request,
        to: layout.sequencer.node,
        patience: .seconds(10)
      )
      guard case .token = reply else { throw BenchError.wrongAnswer("\(reply)") }
    }
  }

  func appends(
    clients count: Int,
    outstanding: Int,
    payloadBytes: Int,
    for duration: Duration
  ) async throws -> Measurement {
    let clients = (0..<count).map { _ in cluster.client() }
    let payloads = AppendWorkload.payloads(bytes: payloadBytes)
    let callers = Callers(count: count * outstanding, payloadBytes: payloadBytes)
    return try await withThrowingTaskGroup(of: Measurement?.self) { group in
      for client in clients {
        group.addTask {
          await client.run()
          return nil
        }
      }
      group.addTask {
        try await onConnections(callers, duration) { caller, turn in
          _ = try await clients[caller % count].append(payloads[turn % payloads.count])
        }
      }
      for try await case let measurement? in group {
        group.cancelAll()
        return measurement
      }
      throw BenchError.failed("nothing was measured")
    }
  }

  /// Has callers do their work on the thread of the connections, as a program would that wants it
  /// done fast.
  private func onConnections(
    _ callers: Callers,
    _ duration: Duration,
    _ body: @escaping @Sendable (_ caller: Int, _ turn: Int) async throws -> Void
  ) async throws -> Measurement {
    try await withTaskExecutorPreference(cluster.network.executor) {
      try await callers.run(for: duration, body)
    }
  }

  func randomReads(callers count: Int, for duration: Duration) async throws -> Measurement {
    let client = cluster.client()
    let readable = UInt64(readable)
    let callers = Callers(count: count, payloadBytes: 4096)
    return try await onConnections(callers, duration) { caller, turn in
      // As good as chance, and the same in every round.
      let place = (UInt64(caller) &* 0x9e37_79b9 &+ UInt64(turn) &* 0x85eb_ca6b) % readable
      guard case .data = try await client.read(Position(place)) else {
        throw BenchError.wrongAnswer("there is no entry at \(place)")
      }
    }
  }

  func scan(for duration: Duration) async throws -> Measurement {
    let client = cluster.client()
    let readable = readable
    let step = 256
    let callers = Callers(count: 1, payloadBytes: 0)
    var measurement = try await onConnections(callers, duration) { _, turn in
      let begin = turn % (readable / step) * step
      _ = try await client.read(Position(UInt64(begin))..<Position(UInt64(begin + step)))
    }
    measurement.operations *= step
    measurement.bytes = measurement.operations * 4096
    return measurement
  }
}

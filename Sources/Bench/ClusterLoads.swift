internal import CorfuClient
internal import CorfuCluster
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

/// What clients do to a cluster of processes.
struct ClusterLoads: Sendable {
  let cluster: ProcessCluster
  /// How many entries there are to be read, from the first position on.
  let readable: Int

  init(_ cluster: ProcessCluster, readable: Int = 20_000) {
    self.cluster = cluster
    self.readable = readable
  }

  /// How many bytes are in each entry that is read.
  static let entryBytes = 4096
  /// How many positions a scan asks for at once.
  private static let step = 256

  // MARK: - Tokens and appends

  /// Tokens by the calls that programs use, so many at once.
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

  /// Tokens over a connection of its own, without calls.
  func rawTokens(inFlight: Int, for duration: Duration) async throws -> Measurement {
    let layout = cluster.layout
    let node = cluster.members.first { $0.node == layout.sequencer.node }
    guard let node else { throw BenchError.failed("the sequencer is on no node of this machine") }
    let tokens = RawTokens(address: node.address, layout: layout.id, inFlight: inFlight)
    return try await tokens.run(for: duration)
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
    return try await looking(after: clients) {
      try await onConnections(callers, duration) { caller, turn in
        _ = try await clients[caller % count].append(payloads[turn % payloads.count])
      }
    }
  }

  /// Measures something while clients do their part besides.
  func looking(
    after clients: [ProcessCluster.Log],
    _ body: @escaping @Sendable () async throws -> Measurement
  ) async throws -> Measurement {
    try await withThrowingTaskGroup(of: Measurement?.self) { group in
      for client in clients {
        group.addTask {
          await client.run()
          return nil
        }
      }
      group.addTask { try await body() }
      for try await case let measurement? in group {
        group.cancelAll()
        return measurement
      }
      throw BenchError.failed("nothing was measured")
    }
  }

  /// Has callers do their work on the thread of the connections, as a program would that wants it
  /// done fast.
  func onConnections(
    _ callers: Callers,
    _ duration: Duration,
    _ body: @escaping @Sendable (_ caller: Int, _ turn: Int) async throws -> Void
  ) async throws -> Measurement {
    try await withTaskExecutorPreference(cluster.network.executor) {
      try await callers.run(for: duration, body)
    }
  }

  // MARK: - Reads

  /// Writes what is read later.
  func prepareReads() async throws {
    let client = cluster.client()
    let payload = [UInt8](repeating: 5, count: Self.entryBytes)
    var written = 0
    while written < readable {
      let batch = min(500, readable - written)
      _ = try await client.append(batch: [[UInt8]](repeating: payload, count: batch))
      written += batch
    }
  }

  /// Reads all that is there to be read, so that the system has it in its page cache.
  func warm() async throws {
    let client = cluster.client()
    for begin in stride(from: 0, to: readable, by: Self.step) {
      let end = min(readable, begin + Self.step)
      _ = try await client.read(Position(UInt64(begin))..<Position(UInt64(end)))
    }
  }

  func randomReads(callers count: Int, for duration: Duration) async throws -> Measurement {
    let client = cluster.client()
    let callers = Callers(count: count, payloadBytes: Self.entryBytes)
    return try await onConnections(callers, duration) { caller, turn in
      try await read(at: place(caller, turn), by: client)
    }
  }

  /// Where a caller reads: as good as chance, and the same in every round.
  func place(_ caller: Int, _ turn: Int) -> Int {
    Int((UInt64(caller) &* 0x9e37_79b9 &+ UInt64(turn) &* 0x85eb_ca6b) % UInt64(readable))
  }

  func read(at place: Int, by client: ProcessCluster.Log) async throws {
    guard case .data = try await client.read(Position(UInt64(place))) else {
      throw BenchError.wrongAnswer("there is no entry at \(place)")
    }
  }

  func scan(for duration: Duration) async throws -> Measurement {
    let client = cluster.client()
    let (readable, step) = (readable, min(Self.step, readable))
    let callers = Callers(count: 1, payloadBytes: 0)
    var measurement = try await onConnections(callers, duration) { _, turn in
      let begin = turn % (readable / step) * step
      _ = try await client.read(Position(UInt64(begin))..<Position(UInt64(begin + step)))
    }
    measurement.operations *= step
    measurement.bytes = measurement.operations * Self.entryBytes
    return measurement
  }
}

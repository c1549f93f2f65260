internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What the handler of a connection tells the benchmark that made it: when it began, what was
/// answered, and what went wrong.
final class ConnectionTally: Sendable {
  private struct State: Sendable {
    var begin: ContinuousClock.Instant?
    var count = 0
    var latencies = Latencies()
    var failure: String?
  }

  private let peer: String
  private let clock = ContinuousClock()
  private let state = Mutex(State())

  /// How long the other side may take until it begins.
  private static let patience = Duration.seconds(30)

  /// Nothing yet.
  ///
  /// - Parameter peer: Who is at the other end, for people.
  init(of peer: String) {
    self.peer = peer
  }

  // MARK: - For the handler

  /// What is answered counts from now on.
  func begin(at now: ContinuousClock.Instant) { state.withLock { $0.begin = now } }

  /// So many were answered, and nobody looked how long that took.
  func acknowledge(_ count: Int) { state.withLock { $0.count += count } }

  /// These were answered, each after its time.
  func acknowledge(_ times: [Duration]) {
    state.withLock { state in
      state.count += times.count
      for time in times { state.latencies.record(time) }
    }
  }

  /// It is over; the first reason is the one to tell.
  func fail(_ reason: String) { state.withLock { $0.failure = $0.failure ?? reason } }

  // MARK: - For the benchmark

  /// Connects, lets a handler do its work, and closes the connection.
  ///
  /// - Parameters:
  ///   - host: Where to connect.
  ///   - port: Its port.
  ///   - payloadBytes: How many bytes each that is answered had.
  ///   - duration: For how long, from when it begins.
  ///   - handler: Makes the handler.
  /// - Returns: What was answered.
  /// - Throws: ``BenchError``, if it did not begin in time, or broke.
  func measure(
    host: String,
    port: Int,
    payloadBytes: Int,
    for duration: Duration,
    with handler: @escaping @Sendable () -> some ChannelHandler
  ) async throws -> Measurement {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(handler())
        }
      }
      .connect(host: host, port: port).get()
    do {
      try await waitForBeginning()
      try await clock.sleep(for: duration)
      let measurement = try measurement(at: clock.now, payloadBytes: payloadBytes)
      try await channel.close()
      return measurement
    } catch {
      // It may have been closed by what went wrong.
      channel.close(promise: nil)
      throw error
    }
  }

  private func waitForBeginning() async throws {
    let deadline = clock.now.advanced(by: Self.patience)
    while state.withLock({ $0.begin == nil && $0.failure == nil }) {
      if clock.now > deadline {
        throw BenchError.failed("\(peer) does not answer for \(Int(Self.patience.seconds)) s")
      }
      try await clock.sleep(for: .milliseconds(1))
    }
  }

  private func measurement(
    at now: ContinuousClock.Instant,
    payloadBytes: Int
  ) throws(BenchError) -> Measurement {
    let state = state.withLock { $0 }
    if let failure = state.failure { throw .failed(failure) }
    guard let begin = state.begin else { throw .failed("\(peer) did not answer") }
    return Measurement(
      operations: state.count,
      bytes: state.count * payloadBytes,
      duration: begin.duration(to: now),
      latencies: state.latencies
    )
  }
}

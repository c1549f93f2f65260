internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Appends to a stream of a Redis server, through one connection, with so many on their way at
/// once: each is answered when it is synced.
struct RedisAppends: Sendable {
  let server: RedisServer
  let outstanding: Int
  let payloadBytes: Int

  /// How long the server may take to forget what was appended before.
  private static let patience = Duration.seconds(30)

  func run(for duration: Duration) async throws -> Measurement {
    let payload = [UInt8](repeating: UInt8(ascii: "x"), count: payloadBytes)
    let command = RedisCommand.append(payload, to: "log")
    let (window, tally) = (outstanding, RedisTally())
    let proof = RedisCommand.prove(server.password)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            RedisSender(command, window, tally, proof: proof)
          )
        }
      }
      .connect(host: "127.0.0.1", port: server.port).get()
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: Self.patience)
    while !tally.isOver, !tally.hasBegun {
      if clock.now > deadline {
        throw BenchError.failed("redis-server does not answer for \(Int(Self.patience.seconds)) s")
      }
      try await clock.sleep(for: .milliseconds(1))
    }
    try await clock.sleep(for: duration)
    let measurement = try tally.measurement(at: clock.now, payloadBytes: payloadBytes)
    try await channel.close()
    return measurement
  }
}

/// What a connection's handler tells the benchmark.
private final class RedisTally: Sendable {
  private struct State: Sendable {
    var begin: ContinuousClock.Instant?
    var count = 0
    var latencies = Latencies()
    var failure: String?
  }

  private let state = Mutex(State())

  var hasBegun: Bool { state.withLock { $0.begin != nil } }
  var isOver: Bool { state.withLock { $0.failure != nil } }

  func begin(at now: ContinuousClock.Instant) { state.withLock { $0.begin = now } }

  func acknowledge(_ times: [Duration]) {
    state.withLock { state in
      state.count += times.count
      for time in times { state.latencies.record(time) }
    }
  }

  /// The first reason is the one to tell.
  func fail(_ reason: String) { state.withLock { $0.failure = $0.failure ?? reason } }

  func measurement(
    at now: ContinuousClock.Instant,
    payloadBytes: Int
  ) throws(BenchError) -> Measurement {
    let state = state.withLock { $0 }
    if let failure = state.failure { throw .failed(failure) }
    guard let begin = state.begin else { throw .failed("redis-server did not answer") }
    return Measurement(
      operations: state.count,
      bytes: state.count * payloadBytes,
      duration: begin.duration(to: now),
      latencies: state.latencies
    )
  }
}

/// Makes sure that the server is the right one, has it forget what there was, then sends a window
/// of commands, and one more for each reply.
private final class RedisSender: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// What it waits for.
  private enum Stage {
    /// The server takes the password.
    case proof
    /// The server has forgotten what there was.
    case forgetting
    /// Appends are answered.
    case appends
  }

  private let proof: [UInt8]
  private let command: [UInt8]
  private let window: Int
  private let tally: RedisTally
  private let clock = ContinuousClock()
  private var replies = RedisReplies()
  /// When those were sent that have no reply yet.
  private var sent = CircularBuffer<ContinuousClock.Instant>()
  private var stage = Stage.proof

  init(_ command: [UInt8], _ window: Int, _ tally: RedisTally, proof: [UInt8]) {
    self.proof = proof
    self.command = command
    self.window = window
    self.tally = tally
  }

  func channelActive(context: ChannelHandlerContext) {
    context.channel.writeAndFlush(ByteBuffer(bytes: proof), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    replies.take(unwrapInboundIn(data).readableBytesView)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    do throws(BenchError) {
      try answer(context)
    } catch {
      tally.fail("\(error)")
      context.close(promise: nil)
    }
  }

  private func answer(_ context: ChannelHandlerContext) throws(BenchError) {
    let now = clock.now
    var times: [Duration] = []
    var count = 0
    while let reply = try replies.next() {
      if stage != .proof, case .refusal(let reason) = reply {
        throw .failed("redis-server refuses: \(reason)")
      }
      switch stage {
      case .proof:
        guard reply == .text(ArraySlice("OK".utf8)) else { throw Self.stranger }
        stage = .forgetting
        context.channel.writeAndFlush(ByteBuffer(bytes: RedisCommand.forget), promise: nil)
      case .forgetting:
        stage = .appends
        tally.begin(at: now)
        count += window
      case .appends:
        if let begin = sent.popFirst() { times.append(begin.duration(to: now)) }
        count += 1
      }
    }
    tally.acknowledge(times)
    send(count, context, at: now)
  }

  private static var stranger: BenchError {
    .failed(
      "what listens on redis-server's port is another program: nothing was changed there; measure "
        + "again"
    )
  }

  private func send(
    _ count: Int,
    _ context: ChannelHandlerContext,
    at now: ContinuousClock.Instant
  ) {
    if count == 0 { return }
    var buffer = context.channel.allocator.buffer(capacity: count * command.count)
    for _ in 0..<count {
      buffer.writeBytes(command)
      sent.append(now)
    }
    context.channel.writeAndFlush(buffer, promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    tally.fail("the connection to redis-server broke: \(error)")
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    tally.fail("redis-server closed the connection")
  }
}

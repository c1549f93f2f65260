internal import NIOCore

/// Appends to a stream of a Redis server, through one connection, with so many on their way at
/// once: each is answered when it is synced, or all of them when the replica has them as well.
struct RedisAppends: Sendable {
  let server: RedisServer
  let outstanding: Int
  let payloadBytes: Int

  func run(for duration: Duration) async throws -> Measurement {
    let tally = ConnectionTally(of: RedisServer.program)
    return try await tally.measure(
      host: "127.0.0.1",
      port: server.port,
      payloadBytes: payloadBytes,
      for: duration
    ) { RedisSender(self, tally) }
  }
}

/// Says what it is its turn to say, and tells how long it takes until an append is acknowledged.
private final class RedisSender: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let proof: [UInt8]
  private let command: [UInt8]
  private let tally: ConnectionTally
  private let clock = ContinuousClock()
  private var turns: RedisTurns
  private var replies = RedisReplies()
  /// When those were sent that are not acknowledged yet.
  private var sent = CircularBuffer<ContinuousClock.Instant>()

  init(_ appends: RedisAppends, _ tally: ConnectionTally) {
    let payload = [UInt8](repeating: UInt8(ascii: "x"), count: appends.payloadBytes)
    proof = RedisCommand.prove(appends.server.password)
    command = RedisCommand.append(payload, to: "log")
    turns = RedisTurns(window: appends.outstanding, isReplicated: appends.server.isReplicated)
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
      switch try turns.hear(reply) {
      case .listen: break
      case .forget: forget(context)
      case .begin(let first):
        tally.begin(at: now)
        count += first
      case .goOn(let more):
        for _ in 0..<more {
          if let begin = sent.popFirst() { times.append(begin.duration(to: now)) }
        }
        count += more
      }
    }
    tally.acknowledge(times)
    send(count, context, at: now)
  }

  private func forget(_ context: ChannelHandlerContext) {
    let wait = turns.isReplicated ? RedisCommand.wait : []
    context.channel.writeAndFlush(ByteBuffer(bytes: RedisCommand.forget + wait), promise: nil)
  }

  private func send(
    _ count: Int,
    _ context: ChannelHandlerContext,
    at now: ContinuousClock.Instant
  ) {
    if count == 0 { return }
    var buffer = context.channel.allocator.buffer(capacity: count * command.count + 64)
    for _ in 0..<count {
      buffer.writeBytes(command)
      sent.append(now)
    }
    if turns.isReplicated { buffer.writeBytes(RedisCommand.wait) }
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

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Messages of 64 bytes that go round through one connection on loopback, so many at once: what the
/// network can do with nothing behind it.
final class EchoBaseline: Sendable {
  private let inFlight: Int

  init(inFlight: Int) {
    self.inFlight = inFlight
  }

  static var messageBytes: Int { 64 }

  func run(for duration: Duration) async throws -> Measurement {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(EchoHandler())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let window = inFlight
    let counter = EchoCounter()
    let client = try await ClientBootstrap(group: group)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(EchoSender(window, counter))
        }
      }
      .connect(host: "127.0.0.1", port: server.localAddress?.port ?? 0).get()
    let clock = ContinuousClock()
    let begin = clock.now
    try await clock.sleep(for: duration)
    let count = counter.value
    let end = clock.now
    try await client.close()
    try await server.close()
    return Measurement(
      operations: count,
      bytes: count * Self.messageBytes,
      duration: begin.duration(to: end)
    )
  }
}

private final class EchoCounter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add(_ more: Int) { count.withLock { $0 += more } }
}

/// Sends back what came.
private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
}

/// Sends a message for each that comes back.
private final class EchoSender: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let inFlight: Int
  private let counter: EchoCounter
  private var bytes = 0

  init(_ inFlight: Int, _ counter: EchoCounter) {
    self.inFlight = inFlight
    self.counter = counter
  }

  func channelActive(context: ChannelHandlerContext) { send(inFlight, context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytes
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    let count = bytes / EchoBaseline.messageBytes
    bytes %= EchoBaseline.messageBytes
    counter.add(count)
    send(count, context)
  }

  private func send(_ count: Int, _ context: ChannelHandlerContext) {
    if count == 0 { return }
    let message = ByteBuffer(repeating: 7, count: count * EchoBaseline.messageBytes)
    context.channel.writeAndFlush(message, promise: nil)
  }
}

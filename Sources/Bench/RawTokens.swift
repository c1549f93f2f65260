internal import CorfuProtocol
internal import CorfuStripeMirror
internal import NIOCore

/// Tokens over one connection, with so many requests on their way at once, and no task for any of
/// them: a read's replies are counted, and as many requests go out in one piece.
///
/// What the wire and the sequencer can do, without what a program's calls cost.
struct RawTokens: Sendable {
  /// Where the sequencer's node listens.
  let address: NodeAddress
  /// The layout that names it.
  let layout: LayoutID
  let inFlight: Int

  func run(for duration: Duration) async throws -> Measurement {
    let tally = ConnectionTally(of: "the sequencer's node")
    let frames = try TokenFrames(layout: layout, count: inFlight)
    return try await tally.measure(
      host: address.host,
      port: Int(address.port),
      payloadBytes: 0,
      for: duration
    ) { RawTokenSender(frames, tally) }
  }
}

/// The bytes of what is said: of a greeting, and of requests for a token each, numbered from 1.
///
/// A request is sent again, as it is, once the one before with its number was answered.
struct TokenFrames: Sendable {
  let hello: [UInt8]
  /// All requests, one behind the other.
  let requests: [UInt8]
  /// How many there are.
  let count: Int

  /// The bytes for a sequencer that a layout names.
  init(layout: LayoutID, count: Int) throws(FrameError) {
    let codec = FrameCodec()
    var hello: [UInt8] = []
    try codec.encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &hello)
    let request = Request.reserve(TokenRequest(layout: layout, count: 1))
    var requests: [UInt8] = []
    for number in 1...UInt64(count) {
      try codec.encode(Frame(id: number, .request(request)), into: &requests)
    }
    self.hello = hello
    self.requests = requests
    self.count = count
  }

  /// The bytes of the request with a number.
  func request(_ number: UInt64) -> ArraySlice<UInt8> {
    // They are all as long.
    let size = requests.count / count
    let begin = Int(number - 1) * size
    return requests[begin..<begin + size]
  }
}

/// Sends a request for each that is answered.
private final class RawTokenSender: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let frames: TokenFrames
  private let tally: ConnectionTally
  private var replies: TokenReplies

  init(_ frames: TokenFrames, _ tally: ConnectionTally) {
    self.frames = frames
    self.tally = tally
    replies = TokenReplies(window: frames.count)
  }

  func channelActive(context: ChannelHandlerContext) {
    context.channel.writeAndFlush(ByteBuffer(bytes: frames.hello), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    replies.receive(unwrapInboundIn(data))
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
    var bytes = context.channel.allocator.buffer(capacity: frames.requests.count)
    var count = 0
    while let event = try replies.next() {
      switch event {
      case .welcome:
        tally.begin(at: ContinuousClock().now)
        bytes.writeBytes(frames.requests)
      case .token(let number):
        count += 1
        bytes.writeBytes(frames.request(number))
      }
    }
    if count > 0 { tally.acknowledge(count) }
    if bytes.readableBytes > 0 { context.channel.writeAndFlush(bytes, promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    tally.fail("the connection to the sequencer's node broke: \(error)")
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    tally.fail("the sequencer's node closed the connection")
  }
}

// Goal: whoever asks and does not read makes a server hold no more than it may; others are served
// meanwhile, and whoever reads at last is told everything. Method: connections that ask many
// questions at once, and read when they are let.
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Answers short questions at length, and counts what it works on.
final class FloodHandler: PeerRequestHandler {
  private struct State {
    var count = 0
    var most = 0
  }

  private let state = Mutex(State())
  private let entry: Entry

  init(answerBytes: Int) {
    entry = Entry(
      mark: EntryMark(client: ClientID(high: 1, low: 2), sequence: 3),
      payload: [UInt8](repeating: 7, count: answerBytes)
    )
  }

  /// How many requests it worked on at the same time, at most.
  var most: Int { state.withLock { $0.most } }

  func answerAtOnce(_ request: Request, of peer: Peer) -> Reply? {
    switch request {
    case .newestLayout: .slots([.success(.data(entry))])
    case .tail: .tail(Position(7))
    default: nil
    }
  }

  func handle(_ request: Request, of peer: Peer) async -> Reply {
    state.withLock { state in
      state.count += 1
      state.most = max(state.most, state.count)
    }
    // Nobody cancels it, and it does not matter.
    try? await Task.sleep(for: .milliseconds(1))
    state.withLock { $0.count -= 1 }
    guard case .read(let read) = request else { return .trimmed }
    return .slots(read.positions.map { _ in .success(.data(entry)) })
  }
}

/// A server that can be asked for much with few words.
struct FloodServer {
  static let node = NodeID(7)
  let handler: FloodHandler
  let server: TCPServer
  let address: NodeAddress

  init(
    _ limits: NetworkLimits,
    answerBytes: Int = 16 << 10,
    onEvent: @escaping @Sendable (ServerEvent) -> Void = { _ in }
  ) async throws {
    let handler = FloodHandler(answerBytes: answerBytes)
    let server = try await TCPServer.start(
      on: try #require(NodeAddress(host: "127.0.0.1", port: 0)),
      as: Self.node,
      of: try #require(ClusterName("orders")),
      security: .open,
      limits: limits,
      onEvent: onEvent,
      serving: handler
    )
    address = try #require(NodeAddress(host: "127.0.0.1", port: server.port))
    self.handler = handler
    self.server = server
  }

  /// Looks for a while how much it holds, and how many requests it works on.
  func watch() async throws -> (heldBytes: Int, requests: Int) {
    var (heldBytes, requests) = (0, 0)
    for _ in 0..<100 {
      heldBytes = max(heldBytes, server.heldBytes)
      requests = max(requests, server.requestCount)
      try await Task.sleep(for: .milliseconds(2))
    }
    return (heldBytes, requests)
  }

  /// Asks as any client does, some times.
  func askAsOthersDo() async throws {
    let transport = TCPTransport(as: Hello(cluster: nil, role: .client), security: .open)
    transport.learn([Self.node: address])
    let tail = Request.tail(TailRequest(layout: LayoutID(epoch: Epoch(1), hash: 1)))
    for _ in 0..<20 {
      let reply = try await transport.call(tail, to: Self.node, patience: .seconds(10))
      #expect(reply == .tail(Position(7)))
      let slow = try await transport.call(.space, to: Self.node, patience: .seconds(10))
      #expect(slow == .trimmed)
    }
    await transport.close()
  }
}

/// The numbers of the answers that came on a connection, in that order.
final class FloodAnswers: Sendable {
  private let numbers = Mutex<[UInt64]>([])
  var all: [UInt64] { numbers.withLock { $0 } }
  var count: Int { numbers.withLock { $0.count } }
  func add(_ number: UInt64) { numbers.withLock { $0.append(number) } }
}

/// Hears answers.
final class AnswerReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var inbox = FrameInbox(frameBytesMax: 32 << 20)
  private let answers: FloodAnswers

  init(_ answers: FloodAnswers) { self.answers = answers }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    inbox.receive(unwrapInboundIn(data))
    do throws(FrameError) {
      while let frame = try inbox.next() {
        if case .reply = frame.message { answers.add(frame.id) }
      }
    } catch {
      Issue.record("\(error)")
      context.close(promise: nil)
    }
  }
}

/// A connection that asks all it wants to know at once, and reads when it is let.
struct Flooder {
  let channel: any Channel
  let answers: FloodAnswers

  init(at address: NodeAddress) async throws {
    let answers = FloodAnswers()
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false)
      // What the system takes in its stead is not what is looked at.
      .channelOption(.socketOption(.so_rcvbuf), value: 256 << 10)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AnswerReader(answers))
        }
      }
      .connect(host: address.host, port: Int(address.port)).get()
    self.answers = answers
  }

  /// Asks a question so many times; the numbers begin with 1.
  func ask(_ request: Request, times: UInt64) throws {
    var bytes: [UInt8] = []
    try FrameCodec().encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &bytes)
    for id in 1...times { try FrameCodec().encode(Frame(id: id, .request(request)), into: &bytes) }
    // The other side does not take all of it before its answers are read.
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
  }

  /// Asks, and goes on with what is no question.
  func askAndTalkNonsense(_ request: Request, times: UInt64) throws {
    var bytes: [UInt8] = []
    try FrameCodec().encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &bytes)
    for id in 1...times { try FrameCodec().encode(Frame(id: id, .request(request)), into: &bytes) }
    bytes += [1, 2, 3, 4, 5, 6, 7, 8]
    // It may be closed by then.
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
  }

  func read() async throws {
    try await channel.setOption(.autoRead, value: true).get()
  }

  func close() async {
    // The server may have closed it.
    try? await channel.close()
  }
}

private func wait(for what: String, until isSo: () -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while !isSo() {
    guard ContinuousClock.now < deadline else { throw TestTimeout(what: what) }
    try await Task.sleep(for: .milliseconds(5))
  }
}

@Suite(.timeLimit(.minutes(3))) struct FloodTests {
  @Test func noMoreRequestsAreUnderWayThanMayBeHoweverManyComeAtOnce() async throws {
    var limits = NetworkLimits()
    limits.requestsMax = 16
    let flood = try await FloodServer(limits)
    let flooder = try await Flooder(at: flood.address)
    try flooder.ask(.space, times: 3000)
    try await flooder.read()
    let most = try await flood.watch()
    #expect(most.requests <= 16)
    try await wait(for: "all answers") { flooder.answers.count == 3000 }
    #expect((1...16).contains(flood.handler.most))
    // Each is answered, and once.
    #expect(flooder.answers.all.sorted() == Array(1...3000))
    try await wait(for: "nothing is held") { flood.server.heldBytes == 0 }
    await flooder.close()
    await flood.server.close()
  }

  @Test func whatIsNotTakenIsLeftToTheNetwork() async throws {
    var limits = NetworkLimits()
    limits.requestsMax = 16
    limits.receiveBytesMax = 64 << 10
    let echo = try await EchoServer(limits)
    let flooder = try await Flooder(at: try #require(echo.address))
    // A megabyte of them.
    try flooder.ask(.space, times: 40_000)
    try await wait(for: "all that may be under way are") { echo.handler.waitingCount == 16 }
    for _ in 0..<50 {
      try await Task.sleep(for: .milliseconds(2))
      #expect(echo.handler.waitingCount == 16)
      #expect(echo.server.requestCount == 16)
      #expect((1...(65 << 10)).contains(echo.server.untakenBytes))
    }
    await flooder.close()
    try await wait(for: "the end of the connection") {
      echo.handler.release()
      return echo.server.connectionCount == 0 && echo.handler.waitingCount == 0
    }
    try await wait(for: "nothing is held") {
      echo.handler.release()
      return echo.server.heldBytes == 0 && echo.server.untakenBytes == 0
    }
    await echo.server.close()
  }

  @Test func whoDoesNotReadIsToldNoMoreAndEverythingInTheEnd() async throws {
    var limits = NetworkLimits()
    limits.roomBytes = 256 << 10
    let heard = Heard()
    let flood = try await FloodServer(limits, onEvent: { heard.add($0) })
    let flooder = try await Flooder(at: flood.address)
    // 10 MiB of answers, on the spot.
    try flooder.ask(.newestLayout, times: 640)
    try await wait(for: "answers that are not taken") { flood.server.heldBytes > 192 << 10 }
    // One more is begun below the limit, and what is told in steps may be a step behind.
    let most = try await flood.watch()
    #expect(most.heldBytes <= (256 + 32) << 10)
    try await flood.askAsOthersDo()
    #expect(flooder.answers.count == 0)
    try await flooder.read()
    try await wait(for: "all answers") { flooder.answers.count == 640 }
    // What is answered on the spot is answered in turn.
    #expect(flooder.answers.all == Array(1...640))
    #expect(heard.all == [])
    try await wait(for: "nothing is held") { flood.server.heldBytes == 0 }
    await flooder.close()
    await flood.server.close()
  }

  @Test func manyTogetherMakeANodeHoldNoMoreThanItMay() async throws {
    var limits = NetworkLimits()
    limits.heldBytesMax = 2 << 20
    let heard = Heard()
    let flood = try await FloodServer(limits, onEvent: { heard.add($0) })
    var flooders: [Flooder] = []
    for _ in 0..<8 {
      let flooder = try await Flooder(at: flood.address)
      try flooder.ask(.newestLayout, times: 640)
      flooders.append(flooder)
    }
    try await wait(for: "half of it is used up") { flood.server.heldBytes > 1 << 20 }
    let most = try await flood.watch()
    #expect(most.heldBytes <= (2 << 20) + 8 * (32 << 10))
    // Who takes what it is told is not held up.
    try await flood.askAsOthersDo()
    for flooder in flooders { try await flooder.read() }
    for flooder in flooders {
      try await wait(for: "all answers") { flooder.answers.count == 640 }
      #expect(flooder.answers.all == Array(1...640))
    }
    #expect(heard.all == [])
    try await wait(for: "nothing is held") { flood.server.heldBytes == 0 }
    for flooder in flooders { await flooder.close() }
    await flood.server.close()
  }

  @Test func readsOfMuchWaitForThePeerOneByOne() async throws {
    var limits = NetworkLimits()
    limits.roomBytes = 1 << 20
    limits.unsentBytesMax = 8 << 20
    let heard = Heard()
    let flood = try await FloodServer(limits, answerBytes: 64 << 10, onEvent: { heard.add($0) })
    let flooder = try await Flooder(at: flood.address)
    let layout = LayoutID(epoch: Epoch(1), hash: 1)
    let read = ReadRequest(layout: layout, positions: (0..<4).map { Position($0) })
    // 25 MiB of answers.
    try flooder.ask(.read(read), times: 100)
    try await wait(for: "answers that are not taken") { flood.server.heldBytes > 1 << 20 }
    // Seven tasks have found room at the same time, at most.
    let most = try await flood.watch()
    #expect(most.heldBytes <= 4 << 20)
    try await flood.askAsOthersDo()
    try await flooder.read()
    try await wait(for: "all answers") { flooder.answers.count == 100 }
    #expect(flooder.answers.all.sorted() == Array(1...100))
    #expect(heard.all == [])
    await flooder.close()
    await flood.server.close()
  }

  @Test func nothingIsHeldForWhoAskedAndThenTalkedNonsense() async throws {
    let heard = Heard()
    let flood = try await FloodServer(NetworkLimits(), onEvent: { heard.add($0) })
    let layout = LayoutID(epoch: Epoch(1), hash: 1)
    let read = ReadRequest(layout: layout, positions: (0..<1000).map { Position($0) })
    for count in 1...3 {
      let flooder = try await Flooder(at: flood.address)
      try flooder.askAndTalkNonsense(.read(read), times: 20)
      try await wait(for: "its end") {
        heard.all.count { if case .closed = $0 { true } else { false } } == count
      }
      await flooder.close()
    }
    try await wait(for: "nothing is held") {
      flood.server.connectionCount == 0 && flood.server.heldBytes == 0
    }
    #expect(flood.server.requestCount == 0)
    await flood.server.close()
  }

  @Test func whoNeverReadsIsClosed() async throws {
    var limits = NetworkLimits()
    limits.roomBytes = 256 << 10
    limits.unsentPatience = .milliseconds(100)
    let heard = Heard()
    let flood = try await FloodServer(limits, onEvent: { heard.add($0) })
    let flooder = try await Flooder(at: flood.address)
    try flooder.ask(.newestLayout, times: 640)
    try await wait(for: "its end") { heard.all.contains(.closed(.deaf)) }
    try await wait(for: "nothing is left of it") {
      flood.server.connectionCount == 0 && flood.server.heldBytes == 0
        && flood.server.untakenBytes == 0
    }
    let told = heard.all.compactMap { event -> String? in
      if case .complained(let complaint) = event { complaint.words } else { nil }
    }
    #expect(told == ["it has taken nothing of what it was told for too long"])
    try await flood.askAsOthersDo()
    await flooder.close()
    await flood.server.close()
  }

  @Test func memoryOfALargeBatchIsGivenBack() async throws {
    // Takes all that comes, and forgets it.
    let sink = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(sink.localAddress?.port)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port).get()
    let outbox = FrameOutbox(to: channel, NetworkLimits(), frameBytesMax: 32 << 20)
    let entry = Entry(
      mark: EntryMark(client: ClientID(high: 1, low: 2), sequence: 3),
      payload: [UInt8](repeating: 7, count: 8 << 20)
    )
    outbox.send([(id: 1, reply: .slots([.success(.data(entry))]))])
    #expect(outbox.memoryBytes > 8 << 20)
    // What comes meanwhile is sent after it.
    try outbox.send(Frame(id: 2, .reply(.trimmed)))
    var frames: [UInt8] = []
    try FrameCodec().encode(
      Frame(id: 1, .reply(.slots([.success(.data(entry))]))),
      into: &frames
    )
    try FrameCodec().encode(Frame(id: 2, .reply(.trimmed)), into: &frames)
    let all = FrameOutbox.Progress(takenBytes: frames.count, isSending: false)
    try await wait(for: "all of it is taken") { outbox.tick() == all }
    #expect(outbox.memoryBytes <= 128 << 10)
    try await channel.close()
    try await sink.close()
  }
}

// Goal: a call is answered by the right reply, or ends by its patience with an error that says
// what is known. Method: a server of this process on a free port, which answers what was asked.
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import NIOCore
import NIOPosix
import Testing

@Suite struct TransportTests {
  private func tail(_ number: UInt64) -> Request {
    .tail(TailRequest(layout: LayoutID(epoch: Epoch(1), hash: number)))
  }

  @Test func eachOfManyCallsGetsItsOwnReply() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    await withTaskGroup(of: (UInt64, Reply?).self) { group in
      for number in 0..<2000 as Range<UInt64> {
        group.addTask {
          let request = tail(number)
          let patience = Duration.seconds(10)
          // No reply is what is looked for.
          let reply = try? await transport.call(request, to: EchoServer.node, patience: patience)
          return (number, reply)
        }
      }
      for await (number, reply) in group { #expect(reply == .tail(Position(number))) }
    }
    #expect(echo.server.connectionCount == 1)
    #expect(echo.handler.seen.allSatisfy { $0 == Peer(role: .client) })
    await transport.close()
    await echo.server.close()
  }

  @Test func aSlowReplyDoesNotHoldUpOthers() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    async let slow = transport.call(.space, to: EchoServer.node, patience: .seconds(10))
    let fast = try await transport.call(tail(3), to: EchoServer.node, patience: .seconds(10))
    #expect(fast == .tail(Position(3)))
    while echo.handler.waitingCount == 0 { await Task.yield() }
    echo.handler.release()
    #expect(try await slow == .trimmed)
    await transport.close()
    await echo.server.close()
  }

  @Test func patienceEnds() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    let begin = ContinuousClock.now
    await #expect(throws: TransportError.timedOut) {
      try await transport.call(.space, to: EchoServer.node, patience: .milliseconds(50))
    }
    #expect(ContinuousClock.now - begin < .seconds(5))
    echo.handler.release()
    await transport.close()
    await echo.server.close()
  }

  @Test func aCancelledCallEndsAtOnce() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    await withTaskGroup(of: TransportError?.self) { group in
      group.addTask {
        do throws(TransportError) {
          _ = try await transport.call(.space, to: EchoServer.node, patience: .seconds(60))
          return nil
        } catch {
          return error
        }
      }
      while echo.handler.waitingCount == 0 { await Task.yield() }
      group.cancelAll()
      #expect(await group.next() == .timedOut)
    }
    echo.handler.release()
    await transport.close()
    await echo.server.close()
  }

  @Test func nobodyThereIsUnreachable() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    await echo.server.close()
    await #expect(throws: TransportError.unreachable) {
      try await transport.call(tail(1), to: EchoServer.node, patience: .seconds(10))
    }
    #expect(transport.trouble(with: EchoServer.node) == "nobody listens there")
    await #expect(throws: TransportError.unreachable) {
      try await transport.call(tail(1), to: NodeID(99), patience: .seconds(10))
    }
    #expect(transport.trouble(with: NodeID(99)) == "nobody has said where n99 is")
    await transport.close()
  }

  @Test("Patience that ends before the greeting leaves no doubt: nothing was sent")
  func whatWasNeverSentIsNotInDoubt() async throws {
    // Takes connections and says nothing, as the system does for a process that was stopped.
    let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = UInt16(try #require(silent.localAddress?.port))
    let transport = TCPTransport(as: Hello(cluster: nil, role: .client), security: .open)
    transport.learn([EchoServer.node: try #require(NodeAddress(host: "127.0.0.1", port: port))])
    await #expect(throws: TransportError.unreachable) {
      try await transport.call(tail(1), to: EchoServer.node, patience: .milliseconds(50))
    }
    await transport.close()
    try await silent.close()
  }

  @Test func whatWasAskedBeforeTheEndMayBeDone() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    await withTaskGroup(of: TransportError?.self) { group in
      group.addTask {
        do throws(TransportError) {
          _ = try await transport.call(.space, to: EchoServer.node, patience: .seconds(10))
          return nil
        } catch {
          return error
        }
      }
      while echo.handler.waitingCount == 0 { await Task.yield() }
      await echo.server.close()
      #expect(await group.next() == .timedOut)
    }
    echo.handler.release()
    await transport.close()
  }

  @Test func aConnectionIsMadeAnew() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    _ = try await transport.call(tail(1), to: EchoServer.node, patience: .seconds(10))
    await echo.server.close()
    let other = try await EchoServer()
    transport.learn([EchoServer.node: try #require(other.address)])
    var reply: Reply?
    for _ in 0..<100 where reply == nil {
      // The first call may still meet the end of the old connection.
      reply = try? await transport.call(tail(5), to: EchoServer.node, patience: .seconds(10))
    }
    #expect(reply == .tail(Position(5)))
    await transport.close()
    await other.server.close()
  }

  @Test func whatIsTooLargeIsSaid() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    let id = LayoutID(epoch: Epoch(1), hash: 1)
    // A megabyte each, and a frame has at most 32.
    let many = (0..<40).map { Position($0) }
    let reply = try await transport.call(
      .read(ReadRequest(layout: id, positions: many)),
      to: EchoServer.node,
      patience: .seconds(20)
    )
    #expect(reply == .refused(.tooLarge))
    // A replica asks again for less, until it fits.
    let replica = RemoteReplica(
      UnitName(node: EchoServer.node, incarnation: Incarnation(high: 1, low: 1)),
      layout: id,
      network: transport,
      patience: .seconds(20)
    )
    #expect(try await replica.read(many).count == 40)
    let entry = Entry(
      mark: EntryMark(client: ClientID(high: 1, low: 2), sequence: 3),
      payload: [UInt8](repeating: 7, count: 1 << 20)
    )
    let values = many.map { PlacedValue(.data(entry), at: $0) }
    let whole = try await transport.call(
      .write(WriteRequest(layout: id, values: values)),
      to: EchoServer.node,
      patience: .seconds(20)
    )
    #expect(whole == .refused(.tooLarge))
    #expect(try await replica.write(values).count == 40)
    await transport.close()
    await echo.server.close()
  }
}

@Suite struct GreetingTests {
  @Test func whoIsThereIsFoundOut() async throws {
    let echo = try await EchoServer()
    let transport = TCPTransport(as: Hello(cluster: nil, role: .client), security: .open)
    let welcome = try await transport.meet(try #require(echo.address))
    #expect(welcome.node == EchoServer.node)
    #expect(welcome.cluster == echo.cluster)
    #expect(transport.addresses == [EchoServer.node: try #require(echo.address)])
    await transport.close()
    await echo.server.close()
  }

  @Test func whoHasMovedIsCalledWhereItWasMet() async throws {
    let echo = try await EchoServer()
    let address = try #require(echo.address)
    let old = try #require(NodeAddress(host: "127.0.0.1", port: 1))
    let told = Membership(
      of: echo.cluster,
      members: [EchoServer.node: old, NodeID(8): old],
      replicas: 1,
      acceptors: 1,
      stripes: 1,
      author: 1
    )
    echo.handler.tell(told)
    let connection = try await ClusterConnection.open(to: [address], as: .client, security: .open)
    #expect(connection.membership == told)
    #expect(connection.network.addresses == [EchoServer.node: address, NodeID(8): old])
    await connection.network.close()
    await echo.server.close()
  }

  @Test("R8: who means another cluster is turned away, and told which one this is")
  func aStrangersClusterIsRejected() async throws {
    let echo = try await EchoServer()
    let other = TCPTransport(
      as: Hello(cluster: ClusterName("payments"), role: .client),
      security: .open
    )
    let address = try #require(echo.address)
    let error = await #expect(throws: MeetingError.self) { try await other.meet(address) }
    #expect(error?.reason == "this is a node of the cluster 'orders'")
    await other.close()
    await echo.server.close()
  }

  @Test("R8: another node than the expected one is not talked to")
  func anotherNodeThanExpectedIsNotTalkedTo() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport()
    transport.learn([NodeID(8): try #require(echo.address)])
    await #expect(throws: TransportError.unreachable) {
      try await transport.call(.status, to: NodeID(8), patience: .seconds(10))
    }
    #expect(transport.trouble(with: NodeID(8)) == "n7 is there, and not n8")
    await transport.close()
    await echo.server.close()
  }

  @Test func aClientMayNotDoWhatNodesDo() async throws {
    let echo = try await EchoServer()
    let client = try echo.transport()
    let node = try echo.transport(.node)
    let request = Request.sealUnit(SealRequest(epoch: Epoch(3)))
    let refused = try await client.call(request, to: EchoServer.node, patience: .seconds(10))
    #expect(refused == .refused(.notAllowed))
    let taken = try await node.call(request, to: EchoServer.node, patience: .seconds(10))
    #expect(taken == .reigning)
    await client.close()
    await node.close()
    await echo.server.close()
  }

  @Test func moreConnectionsThanAreServedAreTurnedAway() async throws {
    var limits = NetworkLimits()
    limits.connectionsMax = 1
    let echo = try await EchoServer(limits)
    let first = try echo.transport()
    let second = try echo.transport()
    _ = try await first.call(.status, to: EchoServer.node, patience: .seconds(10))
    await #expect(throws: TransportError.unreachable) {
      try await second.call(.status, to: EchoServer.node, patience: .seconds(10))
    }
    let trouble = try #require(second.trouble(with: EchoServer.node))
    #expect(trouble.hasPrefix("the node serves no more connections"))
    await first.close()
    await second.close()
    await echo.server.close()
  }
}

@Suite struct HostilePeerTests {
  /// Connects, says something, and waits for the end of the connection.
  private func ending(of bytes: [UInt8], at address: NodeAddress) async throws -> Bool {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: Int(address.port)).get()
    // It may be closed by then.
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    try await channel.closeFuture.get()
    return true
  }

  @Test(.timeLimit(.minutes(1))) func nonsenseEndsTheConnection() async throws {
    var limits = NetworkLimits()
    limits.greetingPatience = .milliseconds(200)
    let echo = try await EchoServer(limits)
    let address = try #require(echo.address)
    var hello: [UInt8] = []
    try FrameCodec().encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &hello)
    var request: [UInt8] = []
    try FrameCodec().encode(Frame(id: 1, .request(.status)), into: &request)
    let attempts: [[UInt8]] = [
      Array("GET / HTTP/1.1\r\n\r\n".utf8), request, hello + hello, hello + [0], [],
      Array(hello.dropLast()), hello + request.map { $0 ^ 1 },
      // A frame that says that it is longer than anything may be.
      hello + Array(request.prefix(8)) + [0xff, 0xff, 0xff, 0xff] + Array(request.dropFirst(12)),
    ]
    for bytes in attempts {
      #expect(try await ending(of: bytes, at: address))
    }
    // The others are not hurt.
    let transport = try echo.transport()
    let reply = try await transport.call(.status, to: EchoServer.node, patience: .seconds(10))
    #expect(reply == .reigning)
    await transport.close()
    await echo.server.close()
  }

  private func hello() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try FrameCodec().encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &bytes)
    return bytes
  }

  /// A connection that never reads.
  private func deafPeer(at address: NodeAddress) async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false)
      .connect(host: address.host, port: Int(address.port)).get()
  }

  @Test(.timeLimit(.minutes(1))) func whoDoesNotReadIsNotReadFor() async throws {
    let echo = try await EchoServer()
    let channel = try await deafPeer(at: try #require(echo.address))
    var bytes = try hello()
    let layout = LayoutID(epoch: Epoch(1), hash: 1)
    let request = ReadRequest(layout: layout, positions: (0..<8).map { Position($0) })
    for id in 1...300 {
      try FrameCodec().encode(Frame(id: UInt64(id), .request(.read(request))), into: &bytes)
    }
    try await channel.writeAndFlush(channel.allocator.buffer(bytes: bytes)).get()
    try await Task.sleep(for: .seconds(1))
    // 8 MiB each: what has room, what the system takes, and one for each task.
    let count = echo.handler.readCount
    #expect((1...60).contains(count), "\(count) of 300 were read")
    let transport = try echo.transport()
    let reply = try await transport.call(.status, to: EchoServer.node, patience: .seconds(10))
    #expect(reply == .reigning)
    await transport.close()
    // Once it is gone nobody works for it any more.
    do {
      try await channel.close()
    } catch {
      // The server gives up on whoever leaves more unsent than it keeps for anybody.
      #expect(error as? ChannelError == .alreadyClosed)
    }
    let deadline = ContinuousClock.now + .seconds(20)
    while echo.server.requestCount > 0, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(echo.server.requestCount == 0)
    #expect(echo.handler.readCount <= count + 40)
    await echo.server.close()
  }

  @Test(.timeLimit(.minutes(1))) func halfMessagesOfManyAreBounded() async throws {
    var limits = NetworkLimits()
    limits.partialBytesMax = 1 << 20
    let echo = try await EchoServer(limits)
    let address = try #require(echo.address)
    // Most of a message of 8 MiB.
    let value = PlacedValue(
      .data(
        Entry(
          mark: EntryMark(client: ClientID(high: 1, low: 1), sequence: 1),
          payload: [UInt8](repeating: 1, count: 8 << 20)
        )
      ),
      at: .zero
    )
    let write = WriteRequest(layout: LayoutID(epoch: Epoch(1), hash: 1), values: [value])
    var bytes: [UInt8] = []
    try FrameCodec().encode(Frame(id: 1, .request(.write(write))), into: &bytes)
    let half = try hello() + bytes.prefix(700 << 10)
    let first = try await deafPeer(at: address)
    try await first.writeAndFlush(first.allocator.buffer(bytes: half)).get()
    // It may be closed while it is written.
    #expect(try await ending(of: half, at: address))
    // Nobody else is hurt, and who was there first may go on.
    #expect(first.isActive)
    let transport = try echo.transport()
    let reply = try await transport.call(.status, to: EchoServer.node, patience: .seconds(10))
    #expect(reply == .reigning)
    await transport.close()
    try await first.close()
    await echo.server.close()
  }
}

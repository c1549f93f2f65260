// Goal: a connection on which a node says nothing any more is given up and made anew, and one of a
// node that merely takes its time is not. Method: the decider alone, look by look; then servers of
// this process that fall silent, or are slow.
@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import NIOCore
import NIOPosix
import Testing

struct SilenceWatchTests {
  /// What was to be done, and when.
  private struct Step: Equatable {
    let milliseconds: Int
    let verdict: SilenceWatch.Verdict

    init(_ milliseconds: Int, _ verdict: SilenceWatch.Verdict) {
      self.milliseconds = milliseconds
      self.verdict = verdict
    }
  }

  /// Looks every ten milliseconds, with a patience of 800, until it is given up or time is over.
  private func steps(
    until end: Int,
    _ look: (_ milliseconds: Int) -> SilenceWatch.Look
  ) -> [Step] {
    var watch = SilenceWatch(patience: .milliseconds(800))
    var steps: [Step] = []
    for milliseconds in stride(from: 0, through: end, by: 10) {
      let verdict = watch.look(look(milliseconds), at: .milliseconds(5000 + milliseconds))
      if verdict != .wait { steps.append(Step(milliseconds, verdict)) }
      if verdict == .giveUp { break }
    }
    return steps
  }

  @Test func whoSaysNothingIsAskedAndThenGivenUp() {
    let steps = steps(until: 5000) { _ in SilenceWatch.Look(heardBytes: 100) }
    #expect(steps == [Step(200, .ask), Step(800, .giveUp)])
  }

  @Test func whoSaysSomethingIsNot() {
    let answering = steps(until: 5000) { SilenceWatch.Look(heardBytes: $0 / 700) }
    #expect(answering.prefix(2) == [Step(200, .ask), Step(900, .ask)])
    #expect(answering.allSatisfy { $0.verdict == .ask })
    let busy = steps(until: 5000) { SilenceWatch.Look(heardBytes: $0 / 200) }
    #expect(busy == [])
  }

  @Test func whatTheSystemTakesIsNoSignOfLife() {
    // During a cut whoever tries again and again has the system take a little more each time.
    let steps = steps(until: 5000) { SilenceWatch.Look(takenBytes: $0 * 10) }
    #expect(steps == [Step(200, .ask), Step(810, .giveUp)])
  }

  @Test func whatItTakesThatItHadNoRoomForIsOne() {
    let moving = steps(until: 5000) { milliseconds in
      let left = 1_000_000 - milliseconds / 100 * 1000
      return SilenceWatch.Look(leftBytes: left)
    }
    #expect(moving == [])
    let stuck = steps(until: 5000) { _ in SilenceWatch.Look(leftBytes: 1_000_000) }
    #expect(stuck == [Step(200, .ask), Step(800, .giveUp)])
    // The last of it goes, and what comes next has no room again.
    let turns = steps(until: 5000) { milliseconds in
      SilenceWatch.Look(takenBytes: milliseconds / 100 * 1000, leftBytes: 1000)
    }
    #expect(turns == [])
  }

  @Test func whatIsOnItsWayOverASlowLinkIsWaitedFor() {
    let some = steps(until: 9000) { SilenceWatch.Look(takenBytes: $0 > 0 ? 1 << 20 : 0) }
    #expect(some == [Step(200, .ask), Step(800 + 1030, .giveUp)])
    let much = steps(until: 9000) { SilenceWatch.Look(takenBytes: $0 > 0 ? 1 << 30 : 0) }
    #expect(much == [Step(200, .ask), Step(800 + 1600, .giveUp)])
  }

  @Test func aProgramThatStandsStillTakesNobodyForSilent() {
    var watch = SilenceWatch(patience: .milliseconds(800))
    let look = SilenceWatch.Look(heardBytes: 5)
    #expect(watch.look(look, at: .zero) == .wait)
    #expect(watch.look(look, at: .seconds(60)) == .wait)
    #expect(watch.look(look, at: .seconds(120)) == .ask)
    // What it was told meanwhile it has only to read.
    #expect(watch.look(look, at: .seconds(180)) == .wait)
    #expect(watch.look(SilenceWatch.Look(heardBytes: 6), at: .seconds(181)) == .wait)
    #expect(watch.look(SilenceWatch.Look(heardBytes: 6), at: .seconds(300)) == .wait)
  }
}

@Suite(.timeLimit(.minutes(1))) struct SilentNodeTests {
  private var limits: NetworkLimits {
    var limits = NetworkLimits()
    limits.answerPatience = .milliseconds(400)
    return limits
  }

  /// Calls until there is a reply, or it takes too long.
  private func call(_ transport: TCPTransport) async -> Reply? {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      // Silence, or no connection for a moment.
      let reply = try? await transport.call(
        .space,
        to: MuteServer.node,
        patience: .milliseconds(150)
      )
      if let reply { return reply }
    }
    return nil
  }

  @Test func whoFallsSilentIsCalledOnAnotherConnection() async throws {
    let server = try await MuteServer()
    let transport = server.transport(limits)
    #expect(await call(transport) == .trimmed)
    #expect(server.board.connectionCount == 1)
    server.board.mute()
    await #expect(throws: TransportError.timedOut) {
      try await transport.call(.space, to: MuteServer.node, patience: .milliseconds(20))
    }
    // One call that nobody answers is no reason.
    #expect(server.board.connectionCount == 1)
    #expect(await call(transport) == .trimmed)
    #expect(server.board.connectionCount == 2)
    #expect(transport.trouble(with: MuteServer.node) == nil)
    await transport.close()
    try await server.close()
  }

  @Test("R16: what was asked on a connection that is given up may be done")
  func callsThatWaitEndInDoubt() async throws {
    let server = try await MuteServer()
    let transport = server.transport(limits)
    #expect(await call(transport) == .trimmed)
    server.board.mute()
    let before = server.board.questionCount
    let begin = ContinuousClock.now
    await #expect(throws: TransportError.timedOut) {
      try await transport.call(.space, to: MuteServer.node, patience: .seconds(50))
    }
    #expect(ContinuousClock.now - begin < .seconds(20))
    // Besides it there was the question that takes no time.
    #expect(server.board.questionCount == before + 2)
    await transport.close()
    try await server.close()
  }

  @Test func whoIsSlowKeepsItsConnection() async throws {
    let echo = try await EchoServer()
    let transport = try echo.transport(limits: limits)
    async let slow = transport.call(.space, to: EchoServer.node, patience: .seconds(30))
    while echo.handler.waitingCount == 0 { await Task.yield() }
    // Its disk takes several times as long as a node may be silent.
    let asked = echo.handler.seen.count
    try await Task.sleep(for: .seconds(2))
    #expect(echo.handler.seen.count > asked)
    #expect(echo.server.connectionCount == 1)
    echo.handler.release()
    #expect(try await slow == .trimmed)
    #expect(Set(echo.handler.seen) == [Peer(role: .client)])
    await transport.close()
    await echo.server.close()
  }
}

@Suite(.timeLimit(.minutes(1))) struct BusyNodeTests {
  @Test func whoTakesNoMoreForNowIsNotTakenForSilent() async throws {
    var limits = NetworkLimits()
    limits.requestsMax = 1
    let echo = try await EchoServer(limits)
    let transport = try echo.transport(limits: NetworkLimits())
    async let slow = transport.call(.space, to: EchoServer.node, patience: .seconds(30))
    while echo.handler.waitingCount == 0 { await Task.yield() }
    let asked = echo.handler.seen.count
    // More than twice as long as a node may be silent; and nothing more was read.
    try await Task.sleep(for: .seconds(5))
    #expect(echo.handler.seen.count == asked)
    #expect(echo.server.connectionCount == 1)
    echo.handler.release()
    #expect(try await slow == .trimmed)
    await transport.close()
    await echo.server.close()
  }
}

struct SocketPatienceTests {
  @Test func theSystemIsToldHowLongToWait() async throws {
    let echo = try await EchoServer()
    var limits = NetworkLimits()
    limits.unsentPatience = .seconds(7)
    let setting = NodeLink.Setting(
      hello: Hello(cluster: nil, role: .client),
      security: .open,
      limits: limits
    )
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: (any Channel).self)
    Dialer.dial(try #require(echo.address), setting, expecting: nil, on: loop) { channel, _, _ in
      promise.succeed(channel)
    } onReply: { _, _ in
    } onEnd: { _ in
      promise.fail(ChannelError.ioOnClosedChannel)
    }
    let channel = try await promise.futureResult.get()
    #expect(try await channel.getOption(.socketOption(.so_keepalive)).get() != 0)
    #if os(Linux)
    let userTimeout = try await channel.getOption(.tcpOption(SocketPatience.userTimeout)).get()
    #expect(userTimeout == 12_000)
    #expect(try await channel.getOption(.tcpOption(SocketPatience.keepIdle)).get() == 15)
    #endif
    try await channel.close()
    await echo.server.close()
  }
}

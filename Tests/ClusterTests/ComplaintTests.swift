// Goal: whoever connects again and again with nonsense fills no log and no memory, and is counted
// each time. Method: a limit that is told what time it is; a server that many send garbage to.
@testable import CorfuCluster
import CorfuProtocol
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Keeps what a server tells.
final class Heard: Sendable {
  private let events = Mutex<[ServerEvent]>([])
  var all: [ServerEvent] { events.withLock { $0 } }
  func add(_ event: ServerEvent) { events.withLock { $0.append(event) } }
}

@Suite struct ComplaintTests {
  private let start = ContinuousClock.now

  private func closing(
    _ host: String,
    _ reason: ClosingReason = .nonsense,
    port: Int = 1
  ) -> Closing {
    Closing(peer: "\(host):\(port)", host: host, reason: reason, words: "it is \(reason)")
  }

  @Test func theFirstOfAKindIsToldAndThenHowManyMore() {
    var limit = ComplaintLimit()
    let first = limit.hear(closing("a"), at: start)
    #expect(first?.description == "a connection was closed: it is nonsense")
    for port in 2...1001 {
      #expect(limit.hear(closing("a", port: port), at: start + .milliseconds(port)) == nil)
    }
    // Another reason, and another machine, are something else.
    #expect(limit.hear(closing("a", .notAllowed), at: start)?.peer == "a:1")
    #expect(limit.hear(closing("b"), at: start)?.peer == "b:1")
    #expect(limit.due(at: start + .seconds(29)) == [])
    let due = limit.due(at: start + .seconds(30))
    #expect(due.map(\.description) == ["1000 more connections were closed: it is nonsense"])
    #expect(due.map(\.peer) == ["a"])
    // Who was quiet is forgotten, and who was not is told of again, not before its time.
    #expect(limit.subjectCount == 1)
    #expect(limit.hear(closing("a"), at: start + .seconds(31)) == nil)
    #expect(limit.due(at: start + .seconds(59)) == [])
    let one = limit.due(at: start + .seconds(60)).map(\.description)
    #expect(one == ["one more connection was closed: it is nonsense"])
    #expect(limit.due(at: start + .seconds(90)) == [])
    #expect(limit.subjectCount == 0)
    #expect(limit.hear(closing("a"), at: start + .seconds(91))?.peer == "a:1")
  }

  @Test func whatIsDueIsNotForgottenIfNobodyAsks() {
    var limit = ComplaintLimit()
    _ = limit.hear(closing("a"), at: start)
    for second in [1, 100] {
      #expect(limit.hear(closing("a"), at: start + .seconds(second)) == nil)
    }
    #expect(limit.rest(at: start + .seconds(101)).map(\.more) == [2])
    #expect(limit.rest(at: start + .seconds(102)) == [])
  }

  @Test func manyAddressesTakeNoMoreRoomThanSome() {
    var limit = ComplaintLimit()
    var told = 0
    for number in 0..<10_000 {
      let reason = ClosingReason.allCases[number % ClosingReason.allCases.count]
      if limit.hear(closing("host \(number)", reason), at: start) != nil { told += 1 }
    }
    let most = ComplaintLimit.subjectsMax + ClosingReason.allCases.count
    #expect(limit.subjectCount == most)
    #expect(told == most)
    let due = limit.due(at: start + .seconds(30))
    #expect(due.count == ClosingReason.allCases.count)
    #expect(due.allSatisfy { $0.peer == "others" })
    #expect(due.reduce(0) { $0 + ($1.more ?? 0) } == 10_000 - told)
  }

  /// A connection that says nothing.
  private func silentPeer(of echo: EchoServer) async throws -> any Channel {
    let address = try #require(echo.address)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: Int(address.port)).get()
  }

  @Test(.timeLimit(.minutes(1))) func whoNeverGreetsIsToldAndCounted() async throws {
    var limits = NetworkLimits()
    limits.greetingPatience = .milliseconds(50)
    let heard = Heard()
    let echo = try await EchoServer(limits, onEvent: { heard.add($0) })
    try await silentPeer(of: echo).closeFuture.get()
    await echo.server.close()
    #expect(heard.all.count == 2)
    #expect(heard.all.first == .closed(.silent))
    guard case .complained(let complaint)? = heard.all.last else {
      throw TestTimeout(what: "nothing was told")
    }
    #expect(complaint.words == "it did not greet in time")
    #expect(complaint.peer.contains("127.0.0.1"))
  }

  @Test(.timeLimit(.minutes(1))) func oneTooManyIsToldAndCountedBeforeItGreets() async throws {
    var limits = NetworkLimits()
    (limits.connectionsMax, limits.strangersMax) = (1, 0)
    let heard = Heard()
    let echo = try await EchoServer(limits, onEvent: { heard.add($0) })
    let transport = try echo.transport()
    _ = try await transport.call(.status, to: EchoServer.node, patience: .seconds(10))
    try await silentPeer(of: echo).closeFuture.get()
    #expect(heard.all.first == .closed(.full))
    guard case .complained(let complaint)? = heard.all.last else {
      throw TestTimeout(what: "nothing was told")
    }
    #expect(complaint.words.hasPrefix("rejected: the node serves no more connections"))
    #expect(complaint.peer.contains("127.0.0.1"))
    // Who merely goes away is no reason to say anything.
    await transport.close()
    await echo.server.close()
    #expect(heard.all.count == 2)
  }

  @Test(.timeLimit(.minutes(1))) func aFloodOfGarbageIsALineAndIsCounted() async throws {
    let heard = Heard()
    let echo = try await EchoServer(onEvent: { heard.add($0) })
    let address = try #require(echo.address)
    for _ in 0..<50 {
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: address.host, port: Int(address.port)).get()
      // It may be closed by then.
      let garbage = channel.allocator.buffer(string: "GET / HTTP/1.1\r\n\r\n")
      channel.writeAndFlush(garbage, promise: nil)
      try await channel.closeFuture.get()
    }
    await echo.server.close()
    let all = heard.all
    #expect(all.count { $0 == .closed(.nonsense) } == 50)
    let told = all.compactMap { event -> Complaint? in
      if case .complained(let complaint) = event { complaint } else { nil }
    }
    // When the server ends it says what it has kept to itself.
    #expect(told.map(\.more) == [nil, 49])
    #expect(told.last?.peer == "127.0.0.1")
    #expect(told.allSatisfy { $0.words == "this is not CORFU's protocol" })
  }
}

import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import NIOCore
import Synchronization
import Testing

@testable import CorfuBench

// Goal: tokens on a raw connection are asked for as the protocol has it, and only tokens count.
// Method: bytes by hand, cut everywhere; a server of this process, an honest one and others.

private let layout = LayoutID(epoch: Epoch(3), hash: 5)

private func bytes(of frames: [Frame]) throws -> [UInt8] {
  var bytes: [UInt8] = []
  for frame in frames { try FrameCodec().encode(frame, into: &bytes) }
  return bytes
}

private func token(_ position: UInt64, count: Int = 1) -> Reply {
  .token(Token(epoch: layout.epoch, first: Position(position), count: count))
}

private func welcome() throws -> Frame {
  let name = try #require(ClusterName("orders"))
  let welcome = Welcome(cluster: name, node: NodeID(7), frameBytesMax: 1024, requestsMax: 10)
  return Frame(.welcome(welcome))
}

@Suite struct TokenFramesTests {
  @Test func eachRequestIsAFrameWithItsNumber() throws {
    let frames = try TokenFrames(layout: layout, count: 300)
    for number in [1, 2, 299, 300] as [UInt64] {
      let bytes = Array(frames.request(number))
      let decoded = try FrameCodec().decode(bytes.span.bytes)
      let found = try #require(decoded)
      #expect(found.byteCount == bytes.count)
      let request = Request.reserve(TokenRequest(layout: layout, count: 1))
      #expect(found.frame == Frame(id: number, .request(request)))
    }
    let decoded = try FrameCodec().decode(frames.hello.span.bytes)
    let hello = try #require(decoded)
    #expect(hello.frame.message == .hello(Hello(cluster: nil, role: .client)))
  }
}

@Suite struct TokenRepliesTests {
  @Test func tokensAreTheSameWhereverTheyAreCut() throws {
    // In any order: a reply says which request it answers.
    let frames = [
      try welcome(), Frame(id: 2, .reply(token(8))), Frame(id: 1, .reply(token(7))),
      Frame(id: 2, .reply(token(9))),
    ]
    let bytes = try bytes(of: frames)
    for cut in 0...bytes.count {
      var replies = TokenReplies(window: 2)
      var events: [TokenReplies.Event] = []
      for part in [bytes[..<cut], bytes[cut...]] {
        replies.receive(ByteBuffer(bytes: part))
        while let event = try replies.next() { events.append(event) }
      }
      #expect(events == [.welcome, .token(2), .token(1), .token(2)], "cut before byte \(cut)")
    }
  }

  @Test(arguments: [
    Frame(id: 3, .reply(token(1))), Frame(id: 0, .reply(token(1))),
    Frame(id: 1, .reply(token(1, count: 2))), Frame(id: 1, .reply(.refused(.noSuchRole))),
    Frame(.rejected(.ending)),
  ])
  func whatIsNoTokenThatWasAskedForIsNotCounted(frame: Frame) throws {
    var replies = TokenReplies(window: 2)
    replies.receive(ByteBuffer(bytes: try bytes(of: [try welcome(), frame])))
    #expect(try replies.next() == .welcome)
    #expect(throws: BenchError.self) { try replies.next() }
  }

  @Test func noTwoTokensAreForTheSamePosition() throws {
    var replies = TokenReplies(window: 2)
    let frames = [
      try welcome(), Frame(id: 1, .reply(token(4))), Frame(id: 2, .reply(token(5))),
      Frame(id: 1, .reply(token(5))),
    ]
    replies.receive(ByteBuffer(bytes: try bytes(of: frames)))
    for _ in 0..<3 { _ = try replies.next() }
    #expect(throws: BenchError.self) { try replies.next() }
  }

  @Test func beforeTheGreetingNothingIsTaken() throws {
    var replies = TokenReplies(window: 2)
    replies.receive(ByteBuffer(bytes: try bytes(of: [Frame(id: 1, .reply(token(4)))])))
    #expect(throws: BenchError.self) { try replies.next() }
    var rejected = TokenReplies(window: 2)
    rejected.receive(ByteBuffer(bytes: try bytes(of: [Frame(.rejected(.ending))])))
    #expect(throws: BenchError.self) { try rejected.next() }
  }
}

/// Hands out positions, each once or the same again and again.
private final class TokenHandler: PeerRequestHandler {
  private let count = Atomic<UInt64>(0)
  private let isHonest: Bool

  init(isHonest: Bool) {
    self.isHonest = isHonest
  }

  /// How many requests there were.
  var requests: UInt64 { count.load(ordering: .relaxed) }

  func answerAtOnce(_ request: Request, of peer: Peer) -> Reply? {
    guard case .reserve(let request) = request, request.layout == layout, request.count == 1
    else { return .refused(.noSuchRole) }
    let position = count.wrappingAdd(1, ordering: .relaxed).oldValue
    return token(isHonest ? position : 0)
  }

  func handle(_ request: Request, of peer: Peer) async -> Reply { .refused(.noSuchRole) }
}

@Suite(.timeLimit(.minutes(1))) struct RawTokensTests {
  private func measure(_ handler: TokenHandler) async throws -> Measurement {
    let server = try await TCPServer.start(
      on: try #require(NodeAddress(host: "127.0.0.1", port: 0)),
      as: NodeID(7),
      of: try #require(ClusterName("orders")),
      security: .open,
      serving: handler
    )
    let result: Result<Measurement, any Error>
    do {
      let address = try #require(NodeAddress(host: "127.0.0.1", port: server.port))
      let tokens = RawTokens(address: address, layout: layout, inFlight: 64)
      result = .success(try await tokens.run(for: .milliseconds(50)))
    } catch {
      result = .failure(error)
    }
    await server.close()
    return try result.get()
  }

  @Test func asManyAreOnTheirWayAsWereAskedFor() async throws {
    let handler = TokenHandler(isHonest: true)
    let measurement = try await measure(handler)
    #expect(measurement.operations > 0)
    // What the server was asked beyond what was counted was on its way, or answered meanwhile.
    #expect(handler.requests >= UInt64(measurement.operations))
    #expect(measurement.duration >= .milliseconds(50))
  }

  @Test func aSequencerThatRepeatsItselfIsFound() async throws {
    let error = await #expect(throws: BenchError.self) {
      try await measure(TokenHandler(isHonest: false))
    }
    #expect("\(try #require(error))".contains("some are for the same"))
  }

  @Test func nobodyThereIsNoMeasurement() async throws {
    let address = try #require(NodeAddress(host: "127.0.0.1", port: 1))
    await #expect(throws: (any Error).self) {
      try await RawTokens(address: address, layout: layout, inFlight: 1).run(for: .milliseconds(1))
    }
  }
}

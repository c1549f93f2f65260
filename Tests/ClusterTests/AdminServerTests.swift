// Goal: whoever asks how a node is gets the answer, and whoever sends anything else does no harm.
// Method: a server on a free port, and raw bytes.
@testable import CorfuCluster
import CorfuProtocol
import Foundation
import Synchronization
import Testing

/// Says what a test wants to hear.
private final class Answers: AdminSource {
  let state = Mutex<(ailment: String?, unreadiness: String?)>((nil, nil))
  let note = Mutex<String?>(nil)

  func ailment() async -> String? { state.withLock { $0.ailment } }
  func unreadiness() async -> String? { state.withLock { $0.unreadiness } }
  func remark() async -> String? { note.withLock { $0 } }
  func metrics() async -> String { "x 1\n" }
}

@Suite(.timeLimit(.minutes(2))) struct AdminServerTests {
  private let answers = Answers()

  /// A server on a free port, for as long as a test goes on.
  private func serving(
    _ limits: AdminLimits = AdminLimits(),
    _ body: (AdminServer, UInt16) async throws -> Void
  ) async throws {
    let anywhere = try #require(NodeAddress("127.0.0.1:0"))
    let server = try await AdminServer.start(on: anywhere, source: answers, limits: limits)
    try await body(server, server.port)
    await server.close()
  }

  @Test func questionsAreAnswered() async throws {
    try await serving { _, port async throws in
      #expect(try await RawHTTP.get("/health", port: port) == "200 ok\n")
      #expect(try await RawHTTP.get("/ready?verbose=1", port: port) == "200 ok\n")
      answers.note.withLock { $0 = "the disk is full" }
      // Nobody is to restart it for that, nor to leave it out.
      #expect(try await RawHTTP.get("/health", port: port) == "200 ok; the disk is full\n")
      #expect(try await RawHTTP.get("/ready", port: port) == "200 ok; the disk is full\n")
      answers.state.withLock { $0 = ("the disk failed", "starting") }
      #expect(try await RawHTTP.get("/health", port: port) == "503 the disk failed\n")
      #expect(try await RawHTTP.get("/ready", port: port) == "503 starting\n")
      for path in ["/", "/healthy", "/metrics/", "http://x/health", "/%68ealth"] {
        #expect(
          try await RawHTTP.get(path, port: port)
            == "404 there are /health, /ready and /metrics\n"
        )
      }
    }
  }

  @Test func theWholeAnswer() async throws {
    try await serving { _, port async throws in
      let request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      #expect(
        try await RawHTTP.exchange(request, port: port)
          == "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"
          + "content-length: 4\r\nconnection: close\r\n\r\nx 1\n"
      )
    }
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
  func otherMethodsAreNone(method: String) async throws {
    try await serving { _, port async throws in
      let request = "\(method) /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      let text = try await RawHTTP.exchange(request, port: port)
      #expect(text.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
      #expect(text.contains("\r\nallow: GET\r\n"))
      #expect(text.hasSuffix("\r\n\r\n") == (method == "HEAD"))
    }
  }

  @Test func manyQuestionsOnOneConnectionAreAnsweredInOrder() async throws {
    try await serving { _, port async throws in
      let paths = (0..<100).map { ["/health", "/metrics", "/nothing"][$0 % 3] }
      // All at once, and the last one says that it is the last.
      var text = paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
      text += "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      let heard = try await RawHTTP.exchange(text, port: port)
      let codes = heard.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
      #expect(codes == (0..<100).map { $0 % 3 == 2 ? "404" : "200" } + ["200"])
    }
  }

  @Test func aConnectionOfOldHTTPClosesUnlessAsked() async throws {
    try await serving { _, port async throws in
      let old = try await RawHTTP.exchange("GET /health HTTP/1.0\r\n\r\n", port: port)
      #expect(old.hasPrefix("HTTP/1.0 200 OK\r\n") || old.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(old.hasSuffix("ok\n"))
      let kept = try await RawHTTP.exchange(
        "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /ready HTTP/1.0\r\n\r\n",
        port: port
      )
      #expect(kept.components(separatedBy: "ok\n").count == 3)
    }
  }

  static let nonsense: [(what: String, bytes: String, answer: String?)] = [
    ("no HTTP", "hello\r\n\r\n", "400"),
    ("binary", "\u{1}\u{2}\u{3}\r\n\r\n", "400"),
    ("too many fields", head((0..<100).map { "a\($0): b" }), "400"),
    ("a long field", head(["a: " + String(repeating: "x", count: 10_000)]), "400"),
    (
      "long fields", head((0..<30).map { "a\($0): " + String(repeating: "x", count: 1000) }), "400"
    ),
    (
      "a long body",
      "GET /health HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"
        + String(repeating: "x", count: 100_000), "413"
    ),
    ("two lengths", head(["Content-Length: 3", "Content-Length: 4"]), "400"),
    ("a path without end", "GET /" + String(repeating: "x", count: 1 << 20), nil),
  ]

  private static func head(_ fields: [String]) -> String {
    "GET /health HTTP/1.1\r\nHost: x\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
  }

  @Test(arguments: nonsense.indices)
  func nonsenseIsRefusedAndClosed(index: Int) async throws {
    let (what, bytes, answer) = Self.nonsense[index]
    try await serving { server, port async throws in
      let text = try await RawHTTP.exchange(bytes, port: port)
      if let answer {
        // What is cut off while it still speaks may not hear it.
        #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 \(answer) "), "\(what): \(text)")
      } else {
        #expect(!text.contains(" 200 "), "\(what): \(text)")
      }
      #expect(try await RawHTTP.get("/health", port: port) == "200 ok\n")
    }
  }

  @Test func aShortBodyIsPassedOver() async throws {
    try await serving { _, port async throws in
      let text = try await RawHTTP.exchange(
        "GET /health HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
          + "GET /ready HTTP/1.1\r\nConnection: close\r\n\r\n",
        port: port
      )
      #expect(text.components(separatedBy: "ok\n").count == 3)
    }
  }

  @Test func whoTakesTooLongIsCutOff() async throws {
    var limits = AdminLimits()
    limits.patience = .seconds(2)
    try await serving(limits) { server, port async throws in
      let silent = try await RawHTTP(port: port)
      #expect(try await silent.rest() == "")
      let slow = try await RawHTTP(port: port)
      try await slow.send("GET /hea")
      #expect(try await slow.rest() == "")
      // And whoever has been answered once, and says nothing more.
      let idle = try await RawHTTP(port: port)
      try await idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await idle.rest().hasSuffix("ok\n"))
    }
  }

  @Test func thereMayBeSoManyConnections() async throws {
    var limits = AdminLimits()
    limits.connectionsMax = 3
    try await serving(limits) { server, port async throws in
      var open: [RawHTTP] = []
      for _ in 0..<3 { open.append(try await RawHTTP(port: port)) }
      while server.connectionCount < 3 { await Task.yield() }
      #expect(try await RawHTTP(port: port).rest() == "")
      await open.removeLast().close()
      while server.connectionCount == 3 { await Task.yield() }
      #expect(try await RawHTTP.get("/health", port: port) == "200 ok\n")
      for connection in open { await connection.close() }
    }
  }

  @Test func anAddressThatIsTakenIsSaidToBe() async throws {
    try await serving { _, port async throws in
      let taken = try #require(NodeAddress(host: "127.0.0.1", port: port))
      await #expect(throws: ServerError.notBound(taken, "another program listens there")) {
        _ = try await AdminServer.start(on: taken, source: answers)
      }
    }
  }
}

import Foundation
import Testing

@testable import CorfuBench

// Goal: what is said to Redis is said right, and its replies are understood however they arrive.
// Method: the protocol's bytes by hand, cut everywhere; a real server where one is installed.

private let answers = "+OK\r\n$3\r\n1-0\r\n:-7\r\n$-1\r\n$0\r\n\r\n-ERR no\r\n"

private let expected: [RedisReplies.Reply] = [
  .text(ArraySlice("OK".utf8)), .text(ArraySlice("1-0".utf8)), .number(-7), .nothing, .text([]),
  .refusal("ERR no"),
]

@Suite struct RedisRepliesTests {
  @Test func aCommandIsAnArrayOfStrings() {
    let text = String(decoding: RedisCommand.append([65, 66], to: "log"), as: UTF8.self)
    #expect(text == "*5\r\n$4\r\nXADD\r\n$3\r\nlog\r\n$1\r\n*\r\n$1\r\nd\r\n$2\r\nAB\r\n")
  }

  @Test func aPasswordIsSaidFirst() {
    let text = String(decoding: RedisCommand.prove("word"), as: UTF8.self)
    #expect(text == "*2\r\n$4\r\nAUTH\r\n$4\r\nword\r\n")
  }

  @Test func theReplicaIsWaitedForAndNotForEver() {
    let text = String(decoding: RedisCommand.wait, as: UTF8.self)
    #expect(text == "*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$5\r\n20000\r\n")
  }

  @Test func repliesAreTheSameWhereverTheyAreCut() throws {
    let bytes = Array(answers.utf8)
    for cut in 0...bytes.count {
      var replies = RedisReplies()
      var found: [RedisReplies.Reply] = []
      for part in [bytes[..<cut], bytes[cut...]] {
        replies.take(part)
        while let reply = try replies.next() { found.append(reply) }
      }
      #expect(found == expected, "cut before byte \(cut)")
    }
  }

  @Test(arguments: [
    "?\r\n", "$x\r\n", ":\r\n", "$99999999999999999999\r\n", "*1\r\n:1\r\n", "$2\r\nabcd\r\n",
  ])
  func whatIsNoReplyIsRefused(text: String) {
    var replies = RedisReplies()
    replies.take(text.utf8)
    #expect(throws: BenchError.self) { try replies.next() }
  }
}

@Suite struct RedisTurnsTests {
  private func text(_ word: String) -> RedisReplies.Reply { .text(ArraySlice(word.utf8)) }

  @Test func withoutAReplicaEachReplyIsAnAppend() throws {
    var turns = RedisTurns(window: 2, isReplicated: false)
    #expect(try turns.hear(text("OK")) == .forget)
    #expect(try turns.hear(text("OK")) == .begin(2))
    for number in 0..<5 { #expect(try turns.hear(text("\(number)-0")) == .goOn(1)) }
  }

  @Test func aReplicaAcknowledgesAllThatAreOnTheirWay() throws {
    var turns = RedisTurns(window: 2, isReplicated: true)
    #expect(try turns.hear(text("OK")) == .forget)
    #expect(try turns.hear(text("OK")) == .listen)
    #expect(try turns.hear(.number(1)) == .begin(2))
    for batch in 0..<3 {
      #expect(try turns.hear(text("\(batch)-0")) == .listen)
      #expect(try turns.hear(text("\(batch)-1")) == .listen)
      #expect(try turns.hear(.number(1)) == .goOn(2))
    }
  }

  @Test(arguments: [1, 3])
  func aReplicaThatIsGoneIsNoticed(after heard: Int) throws {
    // While it is waited for before all, and behind a batch.
    var turns = RedisTurns(window: 1, isReplicated: true)
    for reply in [text("OK"), text("OK"), .number(1), text("1-0")].prefix(heard + 1) {
      _ = try turns.hear(reply)
    }
    #expect(throws: BenchError.self) { try turns.hear(.number(0)) }
  }

  @Test func anotherServerIsToldFromOneThatRefuses() throws {
    var turns = RedisTurns(window: 1, isReplicated: false)
    let stranger = #expect(throws: BenchError.self) {
      try turns.hear(.refusal("WRONGPASS invalid username-password pair"))
    }
    #expect("\(try #require(stranger))".hasPrefix("what listens on redis-server's port"))
    _ = try turns.hear(text("OK"))
    let refusal = #expect(throws: BenchError.self) { try turns.hear(.refusal("OOM")) }
    #expect(refusal == .failed("redis-server refuses: OOM"))
  }

  @Test(
    arguments: [
      [], [.text(ArraySlice("OK".utf8))], [.text(ArraySlice("OK".utf8)), .number(1)],
    ] as [[RedisReplies.Reply]]
  )
  func whatNobodyAskedForIsNoAnswer(replies: [RedisReplies.Reply]) throws {
    var turns = RedisTurns(window: 1, isReplicated: true)
    _ = try turns.hear(text("OK"))
    for reply in replies { _ = try turns.hear(reply) }
    #expect(throws: BenchError.self) { try turns.hear(.nothing) }
  }
}

@Suite struct RedisServerTests {
  @Test func theFirstFolderThatHasAProgramCounts() {
    let programs: Set<String> = ["/b/redis-server", "/c/redis-server"]
    let found = ProgramSearch.path(of: "redis-server", in: "/a:/b::/c") { programs.contains($0) }
    #expect(found == "/b/redis-server")
    #expect(ProgramSearch.path(of: "redis-server", in: "") { _ in true } == nil)
  }

  @Test func eachAppendIsSyncedBeforeItIsAnswered() {
    let arguments = RedisServer.arguments(port: 7, folder: "here")
    #expect(arguments.first == "here/redis.conf")
    let options = zip(arguments, arguments.dropFirst()).map { "\($0) \($1)" }
    for option in ["--port 7", "--dir here", "--appendonly yes", "--appendfsync always"] {
      #expect(options.contains(option), "\(option)")
    }
    #expect(!arguments.contains("--replicaof"))
  }

  @Test func aReplicaSyncsAsWell() {
    let arguments = RedisServer.arguments(port: 8, folder: "there", after: 7)
    #expect(arguments.suffix(3) == ["--replicaof", "127.0.0.1", "7"])
    #expect(arguments.contains("always") && arguments.contains("8"))
  }

  @Test(.enabled(if: ProgramSearch.path(of: RedisServer.program) != nil, "it is not installed"))
  func appendsAreCounted() async throws {
    let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    // The system empties its folder for temporary files in any case.
    defer { try? FileManager.default.removeItem(atPath: parent) }
    try await BenchFolder.with(in: parent) { folder in
      try await RedisServer.with(in: folder.folder("redis")) { server in
        let server = try #require(server)
        for outstanding in [1, 64] {
          let appends = RedisAppends(server: server, outstanding: outstanding, payloadBytes: 128)
          let measurement = try await appends.run(for: .milliseconds(50))
          #expect(measurement.operations > 0)
          #expect(measurement.latencies.count == measurement.operations)
        }
        // As if somebody else's server had taken the port.
        let other = RedisServer(port: server.port, password: "another", isReplicated: false)
        let appends = RedisAppends(server: other, outstanding: 1, payloadBytes: 128)
        let error = await #expect(throws: BenchError.self) {
          try await appends.run(for: .milliseconds(50))
        }
        #expect("\(try #require(error))".hasPrefix("what listens on redis-server's port"))
      }
    }
  }
}

@Suite(
  .enabled(if: ProgramSearch.path(of: RedisServer.program) != nil, "it is not installed"),
  .timeLimit(.minutes(2))
)
struct RedisReplicaTests {
  @Test func appendsAreCountedThatAReplicaHas() async throws {
    let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    // The system empties its folder for temporary files in any case.
    defer { try? FileManager.default.removeItem(atPath: parent) }
    try await BenchFolder.with(in: parent) { folder in
      try await RedisServer.with(in: folder.folder("redises"), isReplicated: true) { server in
        let server = try #require(server)
        for outstanding in [1, 64] {
          let appends = RedisAppends(server: server, outstanding: outstanding, payloadBytes: 4096)
          let measurement = try await appends.run(for: .milliseconds(100))
          #expect(measurement.operations > 0)
          #expect(measurement.operations % outstanding == 0)
          #expect(measurement.latencies.count == measurement.operations)
        }
      }
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct LeashedProcessTests {
  @Test func itEndsWithItsLeashAlsoForOneThatIsCancelled() async throws {
    // The shell waits for it: once that has ended, so has the program.
    let process = try LeashedProcess("/bin/sleep", ["1000"])
    #expect(process.isRunning)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await process.end() }
      group.cancelAll()
    }
    #expect(!process.isRunning)
  }

  @Test func itsOwnEndIsNoticed() async throws {
    let process = try LeashedProcess("/bin/sh", ["-c", "exit 3"])
    let clock = ContinuousClock()
    while process.isRunning { try await clock.sleep(for: .milliseconds(5)) }
    await process.end()
  }
}

// Goal: a node has as many files open as it needs, serves fewer connections where it may not, and
// outlives the moment in which there are no more. Method: the deciders alone; then real processes
// that a shell allows little.
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import NIOCore
import NIOPosix
import Testing

struct OpenFilesTests {
  private func settings() throws -> NodeSettings {
    NodeSettings(
      cluster: try #require(ClusterName("test")),
      node: NodeID(1),
      folder: "/nowhere",
      listen: try #require(NodeAddress("127.0.0.1:0"))
    )
  }

  @Test func aProcessAllowsItselfWhatItNeedsAndMay() {
    let shell = OpenFiles(limit: 1024, limitMax: 524_288)
    #expect(shell.raised(to: 5000) == OpenFiles(limit: 5000, limitMax: 524_288))
    #expect(shell.raised(to: 600) == shell)
    let poor = OpenFiles(limit: 1024, limitMax: 4096)
    #expect(poor.raised(to: 5000) == OpenFiles(limit: 4096, limitMax: 4096))
    let unbound = OpenFiles(limit: .max, limitMax: .max)
    #expect(unbound.raised(to: 5000) == unbound)
  }

  @Test func thisProcessHasLimits() throws {
    let files = try #require(OpenFiles.current)
    #expect(files.limit > 0 && files.limit <= files.limitMax)
    // Nothing changes where there is enough.
    #expect(OpenFiles.allow(1) == files)
  }

  @Test func whereThereAreEnoughNothingChanges() throws {
    var settings = try settings()
    let needed = settings.openFilesNeeded
    #expect(needed > 4096 + 256 + 128)
    #expect(settings.fit(into: OpenFiles(limit: needed, limitMax: needed)) == nil)
    #expect(settings.network == NetworkLimits())
    var idle = try self.settings()
    idle.roles = [.monitor]
    #expect(idle.openFilesNeeded == needed - 128)
  }

  @Test(arguments: [3000, 1024, 512, 64, 40, 4])
  func whereThereAreFewerFewerConnectionsAreServed(limit: Int) throws {
    var settings = try settings()
    let needed = settings.openFilesNeeded
    let besides = needed - 4096 - 256
    let words = settings.fit(into: OpenFiles(limit: limit, limitMax: limit))
    let (served, strangers) = (settings.network.connectionsMax, settings.network.strangersMax)
    #expect(served >= 1 && strangers >= 1)
    // What the node needs for itself comes first; but somebody must be served in any case.
    #expect(served + strangers <= max(limit - besides, limit / 4, 2))
    #expect(
      words
        == "\(limit) files may be open, and \(needed) would be needed: no more than \(served) "
        + "connections are served instead of 4096; raise the limit ('ulimit -Hn', LimitNOFILE), "
        + "or lower network.connectionsMax"
    )
  }
}

struct AcceptRestTests {
  @Test func whoHasNoFilesRestsAndSaysSoOnceInAWhile() {
    var rest = AcceptRest()
    let begin = ContinuousClock.now
    let pause = AcceptRest.pause
    #expect(rest.hear(EMFILE, at: begin) == AcceptRest.Verdict(pause: pause, isNews: true))
    #expect(rest.hear(ENFILE, at: begin + pause) == AcceptRest.Verdict(pause: pause, isNews: false))
    #expect(
      rest.hear(EMFILE, at: begin + .seconds(29)) == AcceptRest.Verdict(pause: pause, isNews: false)
    )
    #expect(
      rest.hear(EMFILE, at: begin + .seconds(30)) == AcceptRest.Verdict(pause: pause, isNews: true)
    )
  }

  @Test func whoIsGoneBeforeItWasTakenHoldsUpNobody() {
    var rest = AcceptRest()
    #expect(rest.hear(ECONNABORTED, at: .now) == AcceptRest.Verdict(pause: nil, isNews: false))
  }
}

#if os(Linux)
@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .serialized,
  .timeLimit(.minutes(2))
)
struct FewFilesTests {
  /// A node that a shell has started, with what it allows.
  private struct Started {
    let process: Process
    let address: NodeAddress
    let admin: NodeAddress
    let log: String

    var number: Int32 { process.processIdentifier }

    /// How many files it has open.
    var descriptors: Int {
      get throws {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(number)/fd").count
      }
    }

    /// How much processor time it has used, in hundredths of a second.
    func ticks() throws -> Int {
      let words =
        try String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
        // Its name may have spaces in it.
        .split(separator: ")").last?.split(separator: " ") ?? []
      guard words.count > 12, let user = Int(words[11]), let system = Int(words[12]) else {
        throw TestTimeout(what: "the system does not tell")
      }
      return user + system
    }

    func words() throws -> String { try String(contentsOfFile: log, encoding: .utf8) }

    func end() {
      process.terminate()
      process.waitUntilExit()
    }
  }

  /// Starts a node of its own folder, with a line of the shell before it.
  private func start(_ line: String, in folder: TestFolder, _ name: String) async throws -> Started
  {
    let port = try FreePort.find(besides: [])
    let adminPort = try FreePort.find(besides: [port])
    let (listen, admin) = ("127.0.0.1:\(port)", "127.0.0.1:\(adminPort)")
    let log = "\(folder.path)/\(name).log"
    let node = [
      Programs.path(of: "corfu"), "node", "--cluster", "test", "--node", "1", "--folder",
      "\(folder.path)/\(name)", "--listen", listen, "--admin", admin,
    ]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(line) && exec \"$@\" 2>'\(log)'", "sh"] + node
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let started = Started(
      process: process,
      address: try #require(NodeAddress(listen)),
      admin: try #require(NodeAddress(admin)),
      log: log
    )
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !answers(started), process.isRunning, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(20))
    }
    return started
  }

  private func answers(_ node: Started) async throws -> Bool {
    let transport = TCPTransport(as: Hello(cluster: nil, role: .client), security: .open)
    // It may not listen yet, or serve no more at this moment.
    let welcome = try? await transport.meet(node.address)
    await transport.close()
    return welcome?.node == NodeID(1)
  }

  /// The limits of a process, now and at most.
  private func limits(of node: Started) throws -> [Int] {
    let words = try String(contentsOfFile: "/proc/\(node.number)/limits", encoding: .utf8)
    let line = words.split(separator: "\n").first { $0.hasPrefix("Max open files") }
    return (line ?? "").split(separator: " ").compactMap { Int($0) }
  }

  @Test func aNodeAllowsItselfWhatAShellDoesNot() async throws {
    let folder = try TestFolder()
    let node = try await start("ulimit -Sn 256", in: folder, "n1")
    let limits = try limits(of: node)
    let settings = NodeSettings(
      cluster: try #require(ClusterName("test")),
      node: NodeID(1),
      folder: folder.path,
      listen: node.address
    )
    try #require(limits.count == 2)
    #expect(limits[0] == min(settings.openFilesNeeded, limits[1]))
    let isShort = limits[1] < settings.openFilesNeeded
    #expect(try node.words().contains("files may be open") == isShort)
    node.end()
    folder.remove()
  }

  @Test func aNodeOutlivesTheLackOfFilesAndServesAgain() async throws {
    let folder = try TestFolder()
    // As many as it has by itself, and few more.
    let first = try await start("true", in: folder, "n1")
    let own = try first.descriptors
    first.end()
    let node = try await start("ulimit -n \(own + 16)", in: folder, "n2")
    #expect(try node.words().contains("\(own + 16) files may be open"))
    #expect(try await answers(node))
    var channels: [any Channel] = []
    for _ in 0..<40 {
      channels.append(
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connectTimeout(.seconds(5))
          .connect(host: node.admin.host, port: Int(node.admin.port)).get()
      )
    }
    // At its own door it sees that there are none left, and says so.
    _ = try await answers(node)
    let deadline = ContinuousClock.now + .seconds(20)
    while try !node.words().contains("too many open files"), ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try node.words().contains("connections have to wait: too many open files"))
    // It waits, and does nothing else.
    let before = try node.ticks()
    try await Task.sleep(for: .seconds(2))
    #expect(try node.ticks() - before < 20)
    #expect(node.process.isRunning)
    for channel in channels { try await channel.close() }
    let end = ContinuousClock.now + .seconds(20)
    while try await !answers(node), ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try await answers(node))
    node.end()
    #expect(node.process.terminationStatus == 0)
    folder.remove()
  }
}
#endif

// Goal: the programs do with real processes what the texts say: a cluster comes up, survives
// kill -9 and a process that stands still, and ends. Method: run them as users do.
import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .serialized,
  .timeLimit(.minutes(5))
)
struct ClusterProgramTests {
  @Test func aClusterOfProcessesHeals() async throws {
    let folder = try TestFolder()
    let data = folder.path + "/cluster"
    let up = try await Programs.corfu(["cluster", "up", "--data", data, "--detach"])
    #expect(up.status == 0, "\(up.errors)")
    #expect(up.errors.contains("5 nodes are up; --connect 127.0.0.1:"))
    let address = try #require(
      up.errors.split(separator: " ").first { $0.hasPrefix("127.0.0.1:") }.map {
        $0.trimmingCharacters(in: .whitespacesAndNewlines)
      }
    )
    let first = try await Programs.corfu(["repl", "--connect", address, "-c", "append hello"])
    #expect(first.output == "appended at 0\n", "\(first.errors)")
    // A killed unit, then one that stands still: appends go on.
    let script = [
      "cluster", "up", "--data", data, "-c", "node kill n2", "-c", "append there", "-c",
      "node pause n4", "-c", "append again", "-c", "node resume n4", "-c", "scan",
    ]
    let broken = try await Programs.corfu(script)
    #expect(broken.status == 0, "\(broken.errors)")
    for word in ["n2 is dead", "n4 stands still", "n4 goes on", "hello", "there", "again"] {
      #expect(broken.output.contains(word), "\(broken.output)")
    }
    let example = try await Programs.run("corfu-example", [address])
    #expect(example.status == 0)
    for line in [
      "connected to the cluster 'local'", "2 more came after it: true",
      "the log ends behind them: true", "follows 'the last word'", ": a pear",
      "ann has seat 12 now", "30 of 100 went from ann to bob, and there are still 100",
      "ann has too little, and nothing of it is in the log", "stands there once",
      "visits were counted: true",
    ] {
      #expect(example.output.contains(line), "\(example.output)")
    }
    let status = try await Programs.corfu(["cluster", "status", "--data", data, "--json"])
    // n2 is dead.
    #expect(status.status == 1, "\(status.errors)")
    #expect(status.output.hasPrefix(#"{"state":"d"#), "\(status.output)")
    #expect(status.output.contains("n2 does not answer"), "\(status.output)")
    let history = try await Programs.corfu(["cluster", "history", "--data", data])
    #expect(history.status == 0, "\(history.errors)")
    #expect(history.output.hasPrefix("all layouts are known since the log began\n"))
    #expect(history.output.contains("without n2"), "\(history.output)")
    let last = try await Programs.corfu([
      "cluster", "history", "--data", data, "--last", "1", "--json",
    ])
    #expect(!last.output.contains("the log begins"), "\(last.output)")
    let top = try await Programs.corfu([
      "top", "--connect", address, "--interval", "0.2", "--count", "1",
    ])
    #expect(top.status == 0 && top.output.contains("tokens/s"), "\(top.output) \(top.errors)")
    let down = try await Programs.corfu(["cluster", "down", "--data", data])
    #expect(down.output.hasSuffix("nodes were ended; logs stay in \(data)\n"), "\(down.output)")
    // All that was written is there when it comes up again, in another place too.
    let moved = folder.path + "/moved"
    try FileManager.default.moveItem(atPath: data, toPath: moved)
    let again = try await Programs.corfu([
      "cluster", "up", "--data", moved, "--stripes", "3", "-c", "read 0",
    ])
    #expect(again.output == "hello\n", "\(again.errors)")
    #expect(again.errors.contains("it stays as it is: --stripes"), "\(again.errors)")
    #expect(!FileManager.default.fileExists(atPath: data))
    _ = try await Programs.corfu(["cluster", "down", "--data", moved])
    folder.remove()
  }

  @Test func theExampleHasAClusterWithIt() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/visits"
    for visit in 1...2 {
      let example = try await Programs.run("corfu-example", ["--folder", path])
      #expect(example.status == 0)
      #expect(example.output.contains("this is visit \(visit)\n"), "\(example.output)")
    }
    // The prompt looks into the same folder.
    let scan = try await Programs.corfu([
      "repl", "--stage", "7", "--data", path, "-c", "read 0",
    ])
    #expect(scan.output == "hello\n", "\(scan.errors)")
    folder.remove()
  }

  @Test("A node that stands still is told of in a moment, and nobody waits for it again and again")
  func aFrozenNodeKeepsNobodyWaiting() async throws {
    let folder = try TestFolder()
    let data = folder.path + "/cluster"
    let up = try await Programs.corfu(["cluster", "up", "--data", data, "--detach"])
    #expect(up.status == 0, "\(up.errors)")
    let local = LocalCluster(in: data, program: "")
    let members = try local.members()
    let all = members.map(\.address.description).joined(separator: ",")
    #expect(local.signal(NodeID(2), SIGSTOP))
    for (words, told) in [
      (["cluster", "status"], "n2 does not answer"),
      (["cluster", "history"], "n2 does not answer"),
      (["top", "--count", "1", "--interval", "0.1"], "n2    silent"),
    ] {
      let begin = ContinuousClock.now
      let result = try await Programs.corfu(words + ["--connect", all])
      let time = ContinuousClock.now - begin
      #expect(result.output.contains(told), "\(words): \(result.output) \(result.errors)")
      // To meet it, to look, and for top to look once more: a second each.
      #expect(time < .seconds(7), "\(words) took \(time)")
    }
    local.signal(NodeID(2), SIGCONT)
    _ = try await Programs.corfu(["cluster", "down", "--data", data])
    folder.remove()
  }

  @Test func chaosBreaksNoPromise() async throws {
    let folder = try TestFolder()
    let chaos = try await Programs.corfu(["chaos", "--minutes", "0.3", "--data", folder.path])
    #expect(chaos.status == 0, "\(chaos.output) \(chaos.errors)")
    let summary = chaos.output.split(whereSeparator: \.isNewline).last ?? ""
    #expect(summary.hasSuffix("no promise broken"), "\(summary)")
    let harms = [
      "is killed", "is told to end", "stands still", "the power fails", "is cut off", "not hear",
      "gets a new certificate", "gets on slowly", "loses its disk", "is replaced by a spare",
      "another node is added", "is removed", "is restarted",
    ]
    let isHarmed = harms.contains { chaos.output.contains($0) }
    #expect(isHarmed && !summary.contains(" 0 appends"), "\(chaos.output)")
    folder.remove()
  }

  /// Whatever ends a program that has started nodes, they end with it. (SIGHUP is SIGTERM, and
  /// ignored where these tests run under 'nohup'.)
  @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
  func whoStartsNodesEndsThem(signal: Int32) async throws {
    let folder = try TestFolder()
    let chaos = try Programs.start("corfu", ["chaos", "--data", folder.path, "--quiet"])
    let name = "\(folder.path)/corfu-chaos-\(chaos.processIdentifier)"
    let cluster = LocalCluster(in: name, program: "")
    let nodes = (1...5).map { NodeID($0) }
    let deadline = ContinuousClock.now + .seconds(60)
    while !nodes.allSatisfy({ cluster.process(of: $0) != nil }), ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(kill(chaos.processIdentifier, signal) == 0)
    chaos.waitUntilExit()
    if signal != SIGKILL {
      #expect(chaos.terminationReason == .exit)
      #expect(chaos.terminationStatus == 128 + signal)
      // They were ended before, and nothing is left of them.
      #expect(nodes.allSatisfy { cluster.process(of: $0) == nil })
      #expect(!FileManager.default.fileExists(atPath: name))
    }
    for node in nodes {
      #expect(await cluster.waitForEnd(of: node, patience: .seconds(20)), "\(node)")
    }
    folder.remove()
  }

  @Test(arguments: [
    (["tail", "--connect", "127.0.0.1:1"], "127.0.0.1:1: nobody listens there", 1),
    (["tail", "--connect", "nonsense"], "--connect takes HOST:PORT", 2),
    (["cluster", "status", "--data", "/nowhere"], "there is no cluster in /nowhere", 1),
    (["cluster", "status", "--connect", "127.0.0.1:1"], "127.0.0.1:1: nobody listens there", 1),
    (["cluster", "history", "--last", "0"], "--last takes 1 or more", 2),
    (["top", "--connect", "127.0.0.1:1"], "127.0.0.1:1: nobody listens there", 1),
    (["top", "--interval", "0"], "--interval takes 0.1 to 3600 seconds", 2),
    (["mirror", "--to", "127.0.0.1:1", "--lag-max", "0"], "--lag-max takes 1 or more", 2),
    (["mirror", "--to", "a:1", "--lag-seconds-max", "0"], "--lag-seconds-max takes 0.1 to", 2),
    (["mirror", "--to", "a:1", "--admin", "a:1"], "a can be reached by other machines", 2),
    (["mirror", "--to", "a:1", "--admin-open"], "--admin-open is for --admin", 2),
    (["mirror", "--to", "a:1,"], "--to takes HOST:PORT,HOST:PORT,…, and '' is none", 2),
    (["mirror", "--connect", "127.0.0.1:1", "--to", "a:1"], "nobody listens there", 1),
    (["cluster", "down", "--data", "/nowhere"], "there is no cluster in /nowhere", 1),
    (["repl", "--stage", "8"], "'corfu cluster up' starts one", 2),
    // It has two names, and its help stands below the first.
    (["cluster", "certs"], "'corfu help cluster certificate' tells more", 2),
    (["cluster", "lost", "n1", "--connect", "127.0.0.1:1"], "say so with --sure", 1),
  ])
  func mistakesAreSaidInALine(arguments: [String], words: String, status: Int32) async throws {
    let result = try await Programs.corfu(arguments)
    #expect(result.status == status)
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }
}

/// The built programs, run as users do.
enum Programs {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  private static var folder: URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  }

  static var areThere: Bool {
    ["corfu", "corfu-example"].allSatisfy { name in
      FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent(name).path)
    }
  }

  static func corfu(_ arguments: [String]) async throws -> Result {
    try await run("corfu", arguments)
  }

  /// Where a program is.
  static func path(of program: String) -> String { folder.appendingPathComponent(program).path }

  /// Starts a program, whose words nobody reads.
  static func start(_ program: String, _ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Self.folder.appendingPathComponent(program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  static func run(_ program: String, _ arguments: [String]) async throws -> Result {
    let folder = try TestFolder()
    defer { folder.remove() }
    let process = Process()
    process.executableURL = Self.folder.appendingPathComponent(program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: the nodes that it starts would hold them open.
    for name in ["output", "errors"] {
      try Data().write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    process.standardOutput = FileHandle(forWritingAtPath: "\(folder.path)/output")
    process.standardError = FileHandle(forWritingAtPath: "\(folder.path)/errors")
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }
    return Result(
      status: process.terminationStatus,
      output: try text("output"),
      errors: try text("errors")
    )
  }
}

// Goal: real processes on real files keep what they acknowledged, and refuse what they must.
// Method: run the built program, kill it, and look at what it left.
import CorfuSimulation
import Foundation
import Testing

@Suite(.enabled(if: Program.path != nil, "the program is not beside the tests"))
struct StoreProcessTests {
  @Test("A file appended by lines comes back byte for byte")
  func linesComeBack() async throws {
    let folder = try TemporaryFolder()
    let text = (0..<3000).map { "line \($0)\($0 % 7 == 0 ? "" : " with \u{e9}t\u{e9}")\r\n" }
    let lines = "\n\n" + text.joined()
    let append = try await Program.run(["append", "--data", folder.path + "/log"], input: lines)
    #expect(append.status == 0 && append.output == "")
    #expect(append.errors == "appended 3,002 entries at 0...3001\n")
    let scan = try await Program.run(["scan", "--data", folder.path + "/log", "--raw"])
    #expect(scan.status == 0 && scan.output == lines)
  }

  @Test("From stage 7 on a last line without a new line comes back without one")
  func anyFileComesBack() async throws {
    let folder = try TemporaryFolder()
    for (stage, end) in [("1", "\n"), ("7", "")] {
      let log = ["--data", "\(folder.path)/log-\(stage)"]
      let append = try await Program.run(
        ["append", "--stage", stage] + log,
        input: "one\n\ntwo"
      )
      #expect(append.status == 0, "\(append.errors)")
      #expect(append.errors == "appended 3 entries at 0...2\n")
      for order in [[], ["--order", "writer"], ["--order", "log"]] {
        let scan = try await Program.run(["scan", "--raw"] + order + log)
        #expect(scan.status == 0 && scan.output == "one\n\ntwo" + end, "\(scan)")
      }
    }
  }

  @Test("Killed half-way, the log is a prefix that has every acknowledged line", arguments: 1...4)
  func killedHalfWay(round: Int) async throws {
    let folder = try TemporaryFolder()
    let lines = (0..<60_000).map { "entry \($0) of round \(round)" }
    let input = try folder.write("input", Array((lines.joined(separator: "\n") + "\n").utf8))
    let output = try folder.write("output", [])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Program.path))
    process.arguments = ["append", "--data", folder.path + "/log", "--print-positions"]
    process.standardInput = FileHandle(forReadingAtPath: input)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The moment of the kill is set by how much was acknowledged, not by a clock.
    let bytesWanted = round * 30_000
    while process.isRunning, try folder.read("output").count < bytesWanted { sched_yield() }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let acknowledged = try folder.read("output").count { $0 == UInt8(ascii: "\n") }
    #expect(acknowledged > 0)

    let scan = try await Program.run(["scan", "--data", folder.path + "/log", "--raw"])
    #expect(scan.status == 0 && scan.errors == "")
    let found = scan.output.split(separator: "\n").map(String.init)
    #expect(found.count >= acknowledged)
    #expect(found == Array(lines.prefix(found.count)))
    let verify = try await Program.run(["unit", "verify", folder.path + "/log"])
    #expect(verify.status == 0, "\(verify.errors)")
  }

  @Test("While one process appends, others can look on, and none can write")
  func twoProcesses() async throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    let process = Process()
    let input = Pipe()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: try #require(Program.path))
    process.arguments = ["append", "--data", log, "--print-positions"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { process.terminate() }
    input.fileHandleForWriting.write(Data(String(repeating: "x\n", count: 2000).utf8))
    _ = output.fileHandleForReading.availableData

    let second = try await Program.run(["append", "--data", log], input: "y\n")
    #expect(second.status == 1)
    let refusal = "another process has this log open; close it there first"
    #expect(second.errors == "corfu: \(log): \(refusal)\n")
    let tail = try await Program.run(["tail", "--data", log])
    #expect(tail.status == 0)
    #expect(try #require(Int(tail.output.dropLast())) > 0)
    let read = try await Program.run(["read", "--data", log, "0"])
    #expect(read.output.contains("x"))
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test("An append that nobody listens to any more has failed, and says how far it came")
  func closedOutput() async throws {
    let folder = try TemporaryFolder()
    let input = try folder.write("input", Array(String(repeating: "x\n", count: 5000).utf8))
    let output = Pipe()
    let errors = Pipe()
    try output.fileHandleForReading.close()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Program.path))
    process.arguments = ["append", "--data", folder.path + "/log", "--print-positions"]
    process.standardInput = FileHandle(forReadingAtPath: input)
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    let reason = "nobody reads the output any more"
    #expect(text == "corfu: \(reason); before that, 1,024 entries at 0...1023 were appended\n")
  }

  @Test(
    "Results that cannot be written are no success",
    arguments: ["scan", "read 0", "tail", "follow --from 0 --count 1", "unit verify"]
  )
  func closedOutput(command: String) async throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    _ = try await Program.run(["append", "--data", log], input: "x\n")
    let words = command.split(separator: " ").map(String.init)
    let place = command.hasPrefix("unit") ? [log] : ["--data", log]
    let program = [try #require(Program.path)] + words + place
    // The shell closes the descriptor, and then becomes the program.
    let run = try await Program.run(["-c", #"exec "$@" >&-"#, "sh"] + program, program: "/bin/sh")
    #expect(run.status == 1)
    #expect(run.errors == "corfu: standard output: it is closed, so nothing can be written\n")
  }

  @Test("A seed tells the same story in every process")
  func fingerprints() async throws {
    let here = StoreRun.run(seed: 5).fingerprint
    for _ in 0..<2 {
      let run = try await Program.run(["simulate", "--seed", "5", "--narrate"])
      #expect(run.status == 0)
      #expect(run.output.contains("\n  fingerprint \(here)\n"))
    }
  }

  @Test("Folders that cannot be used get one clear line")
  func uselessFolders() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("file", [1])
    let isFile = try await Program.run(["append", "--data", file], input: "x\n")
    #expect(isFile.status == 1)
    #expect(isFile.errors == "corfu: \(file) is a file; a log needs a folder\n")
    let nowhere = try await Program.run(["append", "--data", "/proc/nope"], input: "x\n")
    #expect(nowhere.status == 1)
    #expect(nowhere.errors == "corfu: /proc/nope: no folder can be made there\n")
    let missing = try await Program.run(["scan", "--data", folder.path + "/none"])
    #expect(missing.status == 1 && missing.errors.contains("there is no log here"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/none"))
    let notThere = try await Program.run(["unit", "verify", folder.path + "/none"])
    #expect(notThere.status == 1 && notThere.errors.contains("there is no log here"))
  }

  /// How to run the program as somebody without rights; `nil` if there is no way.
  private static let asNobody: [String]? = {
    guard let program = Program.path else { return nil }
    if getuid() != 0 { return [program] }
    let setpriv = "/usr/bin/setpriv"
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: setpriv)
    process.arguments = nobody + ["test", "-x", program]
    do {
      try process.run()
    } catch {
      return nil
    }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? [setpriv] + nobody + [program] : nil
  }()

  @Test(
    "A folder without rights is refused",
    .enabled(if: asNobody != nil, "root has every right, and the program is not nobody's to run")
  )
  func noRights() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
    let command = try #require(Self.asNobody)
    let result = try await Program.run(
      command.dropFirst() + ["append", "--data", folder.path + "/log"],
      input: "x\n",
      program: command.first
    )
    #expect(result.status == 1)
    #expect(result.errors.contains("permission denied"))
    #expect(result.errors.count { $0 == "\n" } == 1)
  }

  @Test(
    "A log in a folder that may only be read is looked at, and not written",
    .enabled(if: asNobody != nil, "root has every right, and the program is not nobody's to run")
  )
  func readOnlyFolder() async throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    _ = try await Program.run(["append", "--data", log], input: "one\ntwo\n")
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: log) {
      try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: log + "/" + name)
    }
    try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: log)
    defer {
      // So that the folder can be removed, by those who are not root.
      try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: log)
    }
    let command = try #require(Self.asNobody)
    func run(_ words: [String]) async throws -> Program.Result {
      let all = command.dropFirst() + words + ["--data", log]
      return try await Program.run(Array(all), input: "x\n", program: command.first)
    }
    #expect(try await run(["scan", "--raw"]).output == "one\ntwo\n")
    #expect(try await run(["stats"]).status == 0)
    let written = try await run(["repl", "-c", "append x; tail"])
    #expect(written.status == 1 && written.output == "2\n")
    #expect(
      written.errors
        == "error: \(log): permission denied; here the log can only be read\n"
    )
    #expect(try await run(["append"]).errors.contains("permission denied"))
  }

  @Test("A log without its identity names the way to begin anew, and a loss can be told as JSON")
  func lostIdentity() async throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    _ = try await Program.run(["append", "--data", log], input: "one\n")
    let accept = try await Program.run(["unit", "accept-loss", log, "--json"])
    #expect(accept.status == 0)
    #expect(accept.output == #"{"positionsGivenUp":0,"inDoubtBefore":false}"# + "\n")
    try FileManager.default.removeItem(atPath: log + "/identity")
    let lost = try await Program.run(["tail", "--data", log])
    #expect(lost.status == 1 && lost.errors.count { $0 == "\n" } == 1)
    #expect(lost.errors.contains("'mv \(log) \(log).lost'"))
    #expect(lost.errors.contains("'corfu append --data \(log)'"))
  }
}

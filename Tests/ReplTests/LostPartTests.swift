// Goal: what goes missing from a folder behind the program's back is told, with the disk that it is
// on and what helps; and no command gives up the last whole copy of something by the way.
// Method: the built program on real files, some of which are removed or put back between its runs.
import Foundation
import Testing

@Suite(.enabled(if: Program.path != nil, "needs the built program"))
struct LostPartTests {
  private let folder: TemporaryFolder
  private let files = FileManager.default

  init() throws {
    folder = try TemporaryFolder()
  }

  private var log: String { folder.path + "/log" }

  /// Runs commands at the prompt, each of which may fail.
  private func run(_ stage: Int, _ commands: String...) async throws -> Program.Result {
    let words = commands.flatMap { ["-c", $0] }
    return try await Program.run(["repl", "--stage", "\(stage)", "--data", log] + words)
  }

  private func removeSegments(of unit: String) throws {
    let path = log + unit
    for name in try files.contentsOfDirectory(atPath: path) where name.hasSuffix(".seg") {
      try files.removeItem(atPath: path + "/" + name)
    }
  }

  @Test("The last whole copy is not given up by the way, and the mirror that lost its is named")
  func lastWholeCopy() async throws {
    let made = try await run(4, "append a", "append b", "append c", "append d")
    #expect(made.status == 0)
    try removeSegments(of: "/n1")
    let careful = try await run(4, "append e", "node kill n2", "scan")
    #expect(careful.errors.contains("n1 may have lost records without a trace: 'node kill n1'"))
    #expect(careful.errors.contains("nobody but n2 may have them"), "\(careful.errors)")
    #expect(careful.output.contains("4 entries"), "\(careful.output)")
    let mended = try await run(4, "node kill n1", "node restart n1", "node kill n2", "scan")
    #expect(mended.status == 0 && mended.output.contains("4 entries"), "\(mended)")
  }

  @Test("Whoever says so gives it up all the same")
  func givenUp() async throws {
    let made = try await run(3, "append a")
    #expect(made.status == 0)
    try removeSegments(of: "/n1")
    let sure = try await run(3, "node kill n2", "node kill n2 --yes", "read 0")
    #expect(sure.output.contains("n2 is dead; epoch 3 begins without it"), "\(sure.output)")
    #expect(sure.errors.contains("'node kill n1' takes that out instead"), "\(sure.errors)")
    #expect(sure.errors.contains("n1 may have lost records without a trace, and nobody else"))
  }

  @Test("An older copy of the layout is not believed")
  func olderLayout() async throws {
    _ = try await run(4, "append a")
    try files.copyItem(atPath: log + "/layout", toPath: folder.path + "/kept")
    let later = try await run(4, "node kill n1", "append b", "append c")
    #expect(later.status == 0)
    try files.removeItem(atPath: log + "/layout")
    try files.copyItem(atPath: folder.path + "/kept", toPath: log + "/layout")
    for arguments in [["repl", "--stage", "4", "-c", "scan"], ["scan", "--stage", "4"]] {
      let result = try await Program.run(arguments + ["--data", log])
      #expect(result.status == 1)
      #expect(result.errors.contains("layout is an older copy"), "\(result)")
    }
  }

  @Test("A damaged layout is no log that is not there", arguments: [true, false])
  func damagedLayout(isThere: Bool) async throws {
    _ = try await run(3, "append a")
    if isThere {
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: log + "/layout"))
    } else {
      try files.removeItem(atPath: log + "/layout")
    }
    for command in ["scan", "tail", "repl"] {
      var arguments = [command, "--stage", "3", "--data", log]
      if command == "repl" { arguments += ["-c", "read 0"] }
      let result = try await Program.run(arguments)
      #expect(result.status == 1)
      #expect(result.errors.contains("the file 'layout'"), "\(command): \(result)")
    }
  }

  @Test("Where a log may have lost its end, nobody says where it ends", arguments: [1, 2])
  func endInDoubt(stage: Int) async throws {
    _ = try await run(stage, "append a", "append b")
    try removeSegments(of: "")
    for _ in 0..<2 {
      for command in ["tail", "scan", "follow for 0.01"] {
        let result = try await run(stage, command)
        #expect(result.status == 1)
        #expect(result.errors.contains("nobody knows where the log ends"), "\(command): \(result)")
      }
    }
    let scan = try await Program.run(["scan", "--data", log])
    #expect(scan.status == 1 && scan.errors.contains("nobody knows where the log ends"))
    _ = try await Program.run(["unit", "accept-loss", log])
    let settled = try await run(stage, "tail", "append c", "scan")
    #expect(settled.status == 0 && settled.output.contains("1 entry"), "\(settled)")
  }

  @Test("A unit of a cluster that may have lost something is named by each append that fails")
  func doubtInACluster() async throws {
    _ = try await run(5, "append a", "append b")
    try removeSegments(of: "/n1")
    let result = try await run(5, "append c", "append d")
    #expect(result.status == 1)
    let lines = result.errors.split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines { #expect(line.contains("n1 may have lost records"), "\(line)") }
    let healed = try await run(6, "wait", "append e", "scan")
    #expect(healed.status == 0 && healed.output.contains("b"), "\(healed)")
  }

  @Test("A lost folder of a cluster's unit is replaced at stage 6, as stage 5 says")
  func lostFolder() async throws {
    _ = try await run(5, "append a")
    try files.removeItem(atPath: log + "/n1")
    let refused = try await run(5, "tail")
    #expect(refused.status == 1 && refused.errors.contains("open the cluster with --stage 6"))
    let healed = try await run(6, "read 0")
    #expect(healed.status == 0 && healed.output.contains("a"), "\(healed)")
  }

  @Test("A disk that is too slow to open is told from a node that is down")
  func slowDisk() async throws {
    let words = ["append a", "disk slow n1 5", "reopen", "disk mend n1", "reopen", "read 0"]
    let commands = words.flatMap { ["-c", $0] }
    let result = try await Program.run(["repl", "--stage", "5", "--memory"] + commands)
    #expect(result.errors.contains("mend its disk if that is slow"), "\(result.errors)")
    #expect(result.output.hasSuffix("a\n"), "\(result)")
  }
}

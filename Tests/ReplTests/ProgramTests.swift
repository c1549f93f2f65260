// Goal: the built program keeps its manners in a pipe: streams, exit statuses, one line per error.
// Method: run it.
import Foundation
import Testing

@Suite(.enabled(if: Program.path != nil, "the program is not beside the tests"))
struct ProgramTests {
  @Test func aScriptFromAPipe() async throws {
    let result = try await Program.run(["repl", "--memory"], input: "append hello\nscan\n")
    #expect(result.status == 0)
    #expect(result.output == "appended at 0\nposition  entry\n       0  hello\n1 entry\n")
    #expect(result.errors == "")
  }

  @Test func aFailedCommandIsKnownAtTheEnd() async throws {
    let result = try await Program.run(["repl", "--memory"], input: "read x\ntail\n")
    #expect(result.status == 1)
    #expect(result.output == "0\n")
    #expect(result.errors.hasPrefix("error: standard input:1: 'x' at column 6 is not a position"))
  }

  @Test func commandsOfTheCommandLine() async throws {
    let result = try await Program.run(
      ["repl", "--memory", "-c", "append -f -; .mode raw", "-c", "scan"],
      input: "a\n\nb\r\n"
    )
    #expect(result.status == 0)
    #expect(result.output == "appended 3 entries at 0...2\na\n\nb\r\n")
  }

  @Test func aScriptCannotBeItsOwnInput() async throws {
    let result = try await Program.run(["repl", "--memory"], input: "append -f -\nx\n")
    #expect(result.status == 1)
    #expect(result.errors.contains("name a file after -f"))
  }

  @Test(arguments: [
    ["repl", "--bogus"], ["frobnicate"], ["repl", "--memory", "--data", "x"],
    ["repl", "--stage", "0"],
    ["repl", "--stage", "x"], ["scan", "--json", "--raw"], ["read", "abc"], ["read"],
    ["scan", "--count", "0"], ["scan", "--from", "x"], ["scan", "--order", "log"],
    ["scan", "--raw", "--order", "x"],
  ])
  func usageErrors(arguments: [String]) async throws {
    let result = try await Program.run(arguments)
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("corfu: ") && result.errors.count { $0 == "\n" } == 1)
  }

  @Test(arguments: [
    ("scna", "there is no command 'scna': did you mean 'scan'?"),
    ("xyzzy", "there is no command 'xyzzy': 'corfu --help' lists them"),
    ("fill", "'fill' is a command of the prompt: corfu repl --stage 5 -c 'fill 1'"),
    ("paxos", "'paxos' is a command of the prompt: corfu repl --stage 6 -c 'paxos 1'"),
    ("map", "'map' is a command of the prompt: corfu repl --stage 7 -c 'map 1'"),
    ("trim", "'trim' is a command of the prompt: corfu repl --stage 4 -c 'trim 1'"),
    ("race", "'race' is a command of the prompt: corfu repl -c 'race 1'"),
  ])
  func wordsThatAreNoSubcommand(word: String, expected: String) async throws {
    let result = try await Program.run([word, "1"])
    #expect(result.status == 2 && result.output == "")
    #expect(result.errors == "corfu: \(expected)\n")
  }

  @Test(
    "Wrong usage names the help of the subcommand",
    arguments: [
      (["scan", "--bogus"], "unknown option '--bogus'; 'corfu help scan' tells more"),
      (
        ["cluster", "status", "--bogus"],
        "unknown option '--bogus'; 'corfu help cluster status' tells more"
      ),
      (
        ["cluster", "drain"],
        "missing expected argument '<node>'; 'corfu help cluster replace' tells more"
      ),
      (["cluster", "bogus"], "unexpected argument 'bogus'; 'corfu help cluster' tells more"),
      (
        ["unit", "verify"],
        "missing expected argument '<folder>'; 'corfu help unit verify' tells more"
      ),
      (["--bogus"], "unknown option '--bogus'; 'corfu --help' tells more"),
    ] as [([String], String)]
  )
  func wrongUsageNamesTheHelp(arguments: [String], expected: String) async throws {
    let result = try await Program.run(arguments)
    #expect(result.status == 2 && result.output == "")
    #expect(result.errors == "corfu: \(expected)\n")
  }

  @Test(
    "A number below zero is called that, though the parser takes it for an option",
    arguments: [
      (
        ["top", "--count", "-1"],
        "missing value for '--count <count>': numbers are 0 or more, and '-1' is not; "
          + "'corfu help top' tells more"
      ),
      (["top", "--count=-1"], "--count takes 1 or more; 'corfu help top' tells more"),
      (
        ["cluster", "stripes", "-3"],
        "missing expected argument '<count>': numbers are 0 or more, and '-3' is not; "
          + "'corfu help cluster stripes' tells more"
      ),
      (
        ["cluster", "init", "--replicas=-1"],
        "--stripes takes 1 to 64, --replicas 1 to 8, --acceptors 1, 3, 5, 7 or 9; "
          + "'corfu help cluster init' tells more"
      ),
      (
        ["top", "--interval", "--count", "-1"],
        "missing value for '--interval <seconds>'; 'corfu help top' tells more"
      ),
      (
        ["bench", "cluster", "--deaths=-1"],
        "--deaths takes 0 to 100; 'corfu help bench cluster' tells more"
      ),
      (
        ["bench", "cluster", "--deaths", "101"],
        "--deaths takes 0 to 100; 'corfu help bench cluster' tells more"
      ),
    ] as [([String], String)]
  )
  func numbersBelowZero(arguments: [String], expected: String) async throws {
    let result = try await Program.run(arguments)
    #expect(result.status == 2 && result.output == "")
    #expect(result.errors == "corfu: \(expected)\n")
  }

  @Test func aFileThatIsNotThereMakesNoLog() async throws {
    let folder = try TemporaryFolder()
    let result = try await Program.run(["append", "no-file", "--data", folder.path + "/log"])
    #expect(result.status == 1 && result.errors.hasPrefix("corfu: no-file: "), "\(result)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/log"))
  }

  @Test func lossesAreGivenUpUnitByUnit() async throws {
    let folder = try TemporaryFolder()
    let log = ["--data", folder.path]
    _ = try await Program.run(["repl", "--stage", "3", "-c", "append a"] + log)
    let whole = try await Program.run(["unit", "accept-loss", folder.path])
    #expect(whole.status == 1 && whole.errors.contains("name one of them"), "\(whole)")
    // Another disk has what it lost, perhaps.
    let unit = ["unit", "accept-loss", folder.path + "/n1", "--json"]
    let careful = try await Program.run(unit)
    #expect(careful.status == 1 && careful.errors.contains("'node restart n1'"), "\(careful)")
    let one = try await Program.run(unit + ["--despite-copies"])
    #expect(one.status == 0 && one.output.contains("\"inDoubtBefore\":false"), "\(one)")
  }

  @Test func theVersionIsTold() async throws {
    let result = try await Program.run(["--version"])
    #expect(result.status == 0 && result.output.hasPrefix("corfu 0."))
  }

  @Test(
    "Commands that only read make no log, nor do those that need none",
    arguments: [
      (["repl", "-c", "tail; scan"], 1, "there is no log here"),
      (["repl", "-c", "read x"], 1, "is not a position"),
      (["repl", "-c", "help append"], 0, nil),
      (["repl", "-f", "commands"], 1, "commands: no such file"),
      (["stats"], 1, "there is no log here"),
      (["tail"], 1, "there is no log here"),
    ]
  )
  func readersMakeNoLog(arguments: [String], status: Int32, error: String?) async throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    let result = try await Program.run(arguments + ["--data", log])
    #expect(result.status == status)
    if let error { #expect(result.errors.contains(error)) } else { #expect(result.errors == "") }
    #expect(!FileManager.default.fileExists(atPath: log))
  }

  @Test func writersMakeALog() async throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("commands", Array("# a script\nappend x\n".utf8))
    for arguments in [["-c", "tail; append y"], ["-f", script]] {
      let log = folder.path + "/" + (arguments.first ?? "")
      let result = try await Program.run(["repl", "--data", log] + arguments)
      #expect(result.status == 0, "\(result.errors)")
      #expect(FileManager.default.fileExists(atPath: log + "/identity"))
      let stats = try await Program.run(["stats", "--data", log, "--json"])
      #expect(stats.status == 0 && stats.output.contains(#""entries":1"#))
    }
  }

  @Test func helpIsNoError() async throws {
    for arguments in [["--help"], ["repl", "--help"], ["help", "scan"], []] {
      let result = try await Program.run(arguments)
      #expect(result.status == 0 && result.errors == "")
      #expect(result.output.contains("USAGE"))
    }
  }

  @Test func nobodyReadingIsNoError() async throws {
    let script = "append x\\n.mode raw\\n.watch 0.01 times 100000 scan\\n"
    let path = try #require(Program.path)
    let result = try await Program.run(
      ["-c", "printf '\(script)' | ('\(path)' repl --memory; echo $? >&2) | head -1"],
      program: "/bin/sh"
    )
    #expect(result.output == "appended at 0\n")
    #expect(result.errors == "0\n")
  }
}

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
    ["scan", "--count", "0"], ["scan", "--from", "x"],
  ])
  func usageErrors(arguments: [String]) async throws {
    let result = try await Program.run(arguments)
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("corfu: ") && result.errors.count { $0 == "\n" } == 1)
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

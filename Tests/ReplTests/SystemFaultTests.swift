// Goal: whatever call the system refuses, nothing acknowledged is lost, and the program says so.
// Method: the built program under strace, which has one call after the other fail.
import Foundation
import Testing

@Suite(
  .enabled(
    if: Program.path != nil && Strace.isUsable,
    "the program is not beside the tests, or strace is missing"
  ),
  .serialized
)
struct SystemFaultTests {
  /// Appends with the `index`-th call failing; `nil` if there are not so many.
  private static func append(
    to log: String,
    failing call: String,
    with error: String,
    at index: Int
  ) async throws -> Program.Result? {
    let folder = try TemporaryFolder()
    let trace = folder.path + "/trace"
    let inject = "inject=\(call):error=\(error):when=\(index)"
    let program = try #require(Program.path)
    let result = try await Program.run(
      ["-f", "--seccomp-bpf", "-o", trace, "-e", "trace=\(call)", "-e", inject, program]
        + ["append", "--data", log, "--print-positions"],
      input: "new 0\nnew 1\n",
      program: Strace.path
    )
    let text = String(decoding: try folder.read("trace"), as: UTF8.self)
    return text.contains("(INJECTED)") ? result : nil
  }

  private static func filled() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let run = try await Program.run(
      ["append", "--data", folder.path + "/log"],
      input: "old 0\nold 1\nold 2\n"
    )
    try #require(run.status == 0)
    return folder
  }

  @Test(
    "R6, D1, D2, D3: an error at any call costs nothing that was acknowledged",
    arguments: [
      ("getdents64", "EIO"), ("fdatasync", "EIO"), ("fsync", "ENOSPC"), ("rename", "ENOSPC"),
      ("ftruncate", "EIO"),
    ]
  )
  func errors(call: String, error: String) async throws {
    var strikes = 0
    let filled = try await Self.filled()
    for index in 1..<40 {
      let folder = try TemporaryFolder()
      let log = folder.path + "/log"
      try FileManager.default.copyItem(atPath: filled.path + "/log", toPath: log)
      guard let run = try await Self.append(to: log, failing: call, with: error, at: index) else {
        break
      }
      strikes += 1
      let place: Comment = "\(call) \(index): \(run.errors)"
      // With the disk full in a harmless place the log goes on; any other error ends it.
      #expect(run.status == 1 || error == "ENOSPC", place)
      #expect(run.status == 0 || run.errors.contains("corfu: "), place)
      #expect(!run.errors.contains("exists already"), place)
      let scan = try await Program.run(["scan", "--data", log, "--raw"])
      #expect(scan.status == 0, place)
      let found = scan.output.split(separator: "\n")
      #expect(Array(found.prefix(3)) == ["old 0", "old 1", "old 2"], place)
      for (number, position) in run.output.split(separator: "\n").enumerated() {
        let index = try #require(Int(position))
        #expect(index < found.count && found[index] == "new \(number)", place)
      }
    }
    #expect(strikes > 0)
  }

  @Test("D11: on a disk with no room at all the log can still be read, and is not written")
  func noRoomAtAll() async throws {
    let folder = try await Self.filled()
    let log = folder.path + "/log"
    let noRoom = ["-f", "-o", "/dev/null", "-e", "inject=fallocate:error=ENOSPC"]
    let program = noRoom + [try #require(Program.path)]
    let scan = try await Program.run(
      program + ["scan", "--data", log, "--raw"],
      program: Strace.path
    )
    #expect(scan.status == 0 && scan.output == "old 0\nold 1\nold 2\n", "\(scan.errors)")
    let append = try await Program.run(
      program + ["append", "--data", log],
      input: "new\n",
      program: Strace.path
    )
    #expect(append.status == 1 && append.errors.contains("the disk is full: make room on it"))
    let later = try await Program.run(["append", "--data", log], input: "new\n")
    #expect(later.errors == "appended 1 entry at 3\n")
  }

  @Test("A signal that interrupts a call is no failure")
  func interruptedCalls() async throws {
    for index in 1..<10 {
      let folder = try await Self.filled()
      let log = folder.path + "/log"
      let run = try await Self.append(to: log, failing: "fallocate", with: "EINTR", at: index)
      guard let run else { break }
      #expect(run.status == 0 && run.output == "3\n4\n", "\(index): \(run.errors)")
    }
  }
}

/// The tool that has system calls fail.
private enum Strace {
  static let path = "/usr/bin/strace"

  /// Whether it is there and may trace.
  static let isUsable: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [
      "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "inject=sync:error=EIO", "/bin/true",
    ]
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return false
    }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}

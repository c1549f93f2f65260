import Foundation
import Testing

/// Goal: the bootstrap finds, installs or names what is missing.
///
/// Method: run it with stand-ins for the system's commands, which only note what they were asked.
@Suite struct ScriptTests {
  @Test func nothingMissingIsSilent() throws {
    let machine = try Machine()
    try machine.addHeader()
    let result = try machine.bootstrap()
    #expect(result == Result(status: 0, output: "", error: ""))
  }

  @Test func rootInstallsByApt() throws {
    let machine = try Machine(user: 0, apt: true)
    let result = try machine.bootstrap()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error == "Installing libreadline-dev …\n")
    let calls = try machine.calls()
    #expect(calls.count == 1)
    #expect(calls.last?.contains("install -y libreadline-dev") == true, "\(calls)")
  }

  @Test func oldPackageListsAreRenewed() throws {
    let machine = try Machine(user: 0, apt: true, aptNeedsUpdate: true)
    let result = try machine.bootstrap()
    #expect(result.status == 0, "\(result.error)")
    #expect(try machine.calls().count == 3)
  }

  @Test func sudoWithoutPasswordInstalls() throws {
    let machine = try Machine(user: 1000, apt: true, sudo: true)
    let result = try machine.bootstrap()
    #expect(result.status == 0, "\(result.error)")
  }

  @Test(arguments: [true, false])
  func withoutTheRightOneLineNamesThePackage(apt: Bool) throws {
    let machine = try Machine(user: 1000, apt: apt)
    let result = try machine.bootstrap()
    #expect(result.status == 1)
    #expect(result.error.split(separator: "\n").count == 1, "\(result.error)")
    #expect(result.error.contains("libreadline-dev"))
    #expect(try machine.calls() == [])
  }

  @Test func brewInstallsOnMacOS() throws {
    let machine = try Machine(system: "Darwin", brew: true)
    let result = try machine.bootstrap()
    #expect(result.status == 0, "\(result.error)")
    #expect(try machine.calls() == ["brew install --quiet readline"])
  }

  @Test func missingSwiftIsNamed() throws {
    let machine = try Machine(swift: false)
    let result = try machine.bootstrap()
    #expect(result.status == 1)
    #expect(result.error.contains("Swift 6.2 or later is missing"))
  }

  @Test func aFailedStepShowsItsLogAndASucceededOneItsEnd() throws {
    let machine = try Machine()
    let step = Project.root.appending(path: "Scripts/step").path(percentEncoded: false)
    let good = try machine.run("/bin/sh", [step, "-t", "1", "n", "Trying", "printf", "a\\nb\\n"])
    #expect(good == Result(status: 0, output: "b\n", error: "Trying …\n"))
    let bad = try machine.run("/bin/sh", [step, "n", "Trying", "/bin/sh", "-c", "echo no; exit 3"])
    #expect(bad.status == 1)
    #expect(bad.error.contains("no\n"))
    #expect(bad.error.contains("Trying: failed with status 3"))
  }

  @Test func aStepTellsWhatWasSkipped() throws {
    let machine = try Machine()
    let step = Project.root.appending(path: "Scripts/step").path(percentEncoded: false)
    let said =
      "one: passed\\ntwo: skipped (no tool)\\nskipped: install it\\nTest x() skipped.\\n"
      + "1 passed, 0 failed, 2 skipped\\n"
    let result = try machine.run("/bin/sh", [step, "-t", "1", "n", "Trying", "printf", said])
    #expect(
      result
        == Result(
          status: 0,
          output: "1 passed, 0 failed, 2 skipped\n",
          error: "Trying …\ntwo: skipped (no tool)\nskipped: install it\nTest x() skipped.\n"
        )
    )
  }
}

/// A machine as the bootstrap sees it: a folder of commands, and a folder of headers.
private final class Machine {
  private let folder: URL
  private var headers: URL { folder.appending(path: "include") }
  private var log: URL { folder.appending(path: "calls") }

  init(
    system: String = "Linux",
    user: Int = 1000,
    swift: Bool = true,
    apt: Bool = false,
    aptNeedsUpdate: Bool = false,
    sudo: Bool = false,
    brew: Bool = false
  ) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "corfu-\(UUID())")
    let bin = folder.appending(path: "bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    let note = "echo \"${0##*/} $*\" >> '\(path(log))'"
    let install =
      "mkdir -p '\(path(headers))/readline'; : > '\(path(headers))/readline/readline.h'"
    try add("uname", "echo \(system)")
    try add("id", "echo \(user)")
    if swift { try add("swift", ":") }
    if apt {
      let updated = "'\(path(folder))/updated'"
      let ready = aptNeedsUpdate ? "[ -e \(updated) ] || exit 100" : ":"
      try add(
        "apt-get",
        "\(note); case \"$*\" in *update*) : > \(updated);; *) \(ready); \(install);; esac"
      )
    }
    if sudo { try add("sudo", "shift; exec \"$@\"") }
    if brew { try add("brew", "\(note); \(install)") }
    for tool in ["mkdir", "env", "true", "grep", "tail", "printf", "awk"] {
      let real = ["/bin/", "/usr/bin/"].map { $0 + tool }.first(where: isFile)
      try add(tool, "exec \(try #require(real)) \"$@\"")
    }
  }

  deinit {
    // The system empties its folder for temporary files in any case.
    try? FileManager.default.removeItem(at: folder)
  }

  /// Puts the header in its place.
  func addHeader() throws {
    let readline = headers.appending(path: "readline")
    try FileManager.default.createDirectory(at: readline, withIntermediateDirectories: true)
    try Data().write(to: readline.appending(path: "readline.h"))
  }

  func bootstrap() throws -> Result {
    let script = Project.root.appending(path: "Scripts/bootstrap")
    return try run("/bin/sh", [path(script)])
  }

  func run(_ command: String, _ arguments: [String]) throws -> Result {
    let places = ["PATH": path(folder.appending(path: "bin")), "CORFU_INCLUDE_PATH": path(headers)]
    return try execute(command, arguments, in: folder, environment: places)
  }

  /// What was asked of the package managers.
  func calls() throws -> [String] {
    guard isFile(path(log)) else { return [] }
    return try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func add(_ command: String, _ script: String) throws {
    let file = folder.appending(path: "bin").appending(path: command)
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(file))
  }
}

private func path(_ url: URL) -> String { url.path(percentEncoded: false) }

private func isFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

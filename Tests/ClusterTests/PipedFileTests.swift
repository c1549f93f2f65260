// Goal: a file that is piped into a cluster comes back byte for byte, whatever is in it, though
// nodes are killed and replaced meanwhile. Method: real processes, two chains of two and a spare;
// the file goes in parts, and while each is on its way a node is killed, which is started again
// once the part is in the log.
import CorfuCluster
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import Foundation
import Testing

extension ClusterProgramTests {
  @Test func aFileComesBackThoughNodesDie() async throws {
    let folder = try TestFolder()
    let data = folder.path + "/cluster"
    let up = try await Programs.corfu(["cluster", "up", "--data", data, "--detach"])
    #expect(up.status == 0, "\(up.errors)")
    do {
      try await pipeAFile(in: folder, through: data)
    } catch {
      _ = try await Programs.corfu(["cluster", "down", "--data", data])
      throw error
    }
    let down = try await Programs.corfu(["cluster", "down", "--data", data])
    #expect(down.status == 0, "\(down.errors)")
    folder.remove()
  }

  private func pipeAFile(in folder: TestFolder, through data: String) async throws {
    let cluster = LocalCluster(in: data, program: Programs.path(of: "corfu"))
    let addresses = try cluster.members().map(\.address.description).joined(separator: ",")
    let file = try PipedFile(in: folder.path, seed: 17)
    try file.start(to: addresses)
    defer { file.end() }
    for (part, node) in [2, 3, 1].map({ NodeID($0) }).enumerated() {
      let before = try file.acknowledged()
      try file.letGo(part)
      try await wait("a part is on its way", file) { try file.acknowledged() > before + 1000 }
      #expect(cluster.kill(node))
      try await wait("\(node) is dead, and the part is in the log", file) {
        try file.acknowledged() == file.entries[...part].reduce(0, +)
      }
      #expect(await cluster.waitForEnd(of: node, patience: .seconds(10)))
      try cluster.start(node)
      try await wait("all is well with \(node)", file) {
        try await Programs.corfu(["cluster", "status", "--data", data]).status == 0
      }
    }
    #expect(file.waitUntilDone() == 0, "\(file.errors)")
    let back = try file.scan(addresses)
    if back != file.bytes {
      // In a word: millions of bytes are not to be printed.
      let same = zip(back, file.bytes).prefix { $0 == $1 }.count
      Issue.record("of \(file.bytes.count) bytes \(back.count) came back, \(same) of them as sent")
    }
  }

  private func wait(
    _ what: String,
    _ file: PipedFile,
    until isSo: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(90)
    while try await !isSo() {
      guard ContinuousClock.now < deadline else {
        let count = try file.acknowledged()
        throw TestTimeout(what: "\(what); \(count) entries; \(file.errors)")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// A file that a shell pipes into `corfu append`, a part whenever the test lets go of one.
private final class PipedFile {
  /// All of it.
  let bytes: [UInt8]
  /// How many entries each part makes.
  let entries: [Int]
  private let folder: String
  private let process = Process()

  private static let script = """
    for part in 0 1 2; do
      until [ -e "go-$part" ]; do
        if [ -e stop ]; then exit 1; fi
        sleep 0.02
      done
      cat "part-$part"
    done | "$0" append --connect "$1" --print-positions > positions 2> errors
    """

  /// Lines of any bytes, one that is too long for an entry, and a last one without a new line.
  init(in folder: String, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func line(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in
        let byte = UInt8(random.number(in: 0...255))
        return byte == 10 ? 0 : byte
      }
    }
    let long = [[UInt8]](repeating: line(1000), count: 2700).flatMap(\.self)
    let parts = (0..<3).map { (part: Int) -> [UInt8] in
      var bytes: [UInt8] = []
      for _ in 0..<25_000 { bytes += line(random.number(below: 100)) + [10] }
      if part > 0 { bytes += long }
      return part == 1 ? bytes + [10] : bytes
    }
    bytes = parts.flatMap(\.self)
    // A long line stands in three pieces, or in two and a rest.
    entries = [25_000, 25_003, 25_003]
    self.folder = folder
    for (part, bytes) in parts.enumerated() { try write("part-\(part)", bytes) }
    for name in ["positions", "errors"] { try write(name, []) }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  func start(to addresses: String) throws {
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", Self.script, Programs.path(of: "corfu"), addresses]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  func letGo(_ part: Int) throws { try write("go-\(part)", []) }

  /// How many entries are in the log, as far as was said.
  func acknowledged() throws -> Int { try read("positions").count { $0 == 10 } }

  /// What was said besides.
  var errors: String {
    // A test that fails says what it can.
    (try? read("errors")).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Waits for the end.
  ///
  /// - Returns: The exit status of `corfu append`.
  func waitUntilDone() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Ends it, wherever it is.
  func end() {
    // Without a folder nobody waits for a file in it.
    try? write("stop", [])
    process.waitUntilExit()
  }

  /// What is in the log.
  func scan(_ addresses: String) throws -> [UInt8] {
    try write("back", [])
    let scan = Process()
    scan.executableURL = URL(fileURLWithPath: Programs.path(of: "corfu"))
    scan.arguments = ["scan", "--connect", addresses, "--raw"]
    scan.standardInput = FileHandle.nullDevice
    scan.standardOutput = FileHandle(forWritingAtPath: "\(folder)/back")
    try scan.run()
    scan.waitUntilExit()
    #expect(scan.terminationStatus == 0)
    return Array(try read("back"))
  }
}

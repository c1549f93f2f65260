#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A cluster of five real processes in a folder of its own: two chains of two, and a spare.
///
/// It is started, looked at and ended by the program `corfu`.
struct ProcessCluster {
  private let program: String
  private let folder: String

  /// The program, as it was built in the clone that the checks run in; `nil` if it was not.
  static var program: String? {
    // Checks run in Exercises, those of a scratch copy two folders further down.
    let roots = ["..", "../../..", "."]
    let paths = roots.flatMap { root in
      ["release", "debug"].map { "\(root)/.build/\($0)/corfu" }
    }
    return paths.first { access($0, X_OK) == 0 }
  }

  /// A cluster that is not started yet.
  ///
  /// - Throws: ``CheckFailure``, if there is no room for its folder.
  init(running program: String) throws(CheckFailure) {
    self.program = program
    var template = Array("/tmp/corfu-check-XXXXXX".utf8CString)
    let isMade = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) } != nil
    }
    guard isMade else { throw CheckFailure("no folder can be made in /tmp: error \(errno)") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Starts all processes, and waits until they answer.
  func start() throws(CheckFailure) {
    let child = run(["cluster", "up", "--data", folder, "--detach"])
    if child.ending != .exited(0) { throw CheckFailure("no cluster: \(child.output)") }
  }

  private func run(_ arguments: [String]) -> ChildProcess { ChildProcess([program] + arguments) }

  private func text(of path: String) -> String {
    let child = ChildProcess(["cat", "\(folder)/\(path)"])
    return child.ending == .exited(0) ? child.output : ""
  }

  /// Where the nodes listen, as the program wants to be told.
  private var addresses: String {
    (1...5).compactMap { node in
      let lines = text(of: "n\(node)/node.json").split(separator: "\n")
      let words = lines.first { $0.contains("\"listen\"") }?.split(separator: "\"")
      return words.flatMap { $0.count > 3 ? String($0[3]) : nil }
    }.joined(separator: ",")
  }

  /// Kills a node's process.
  func kill(_ node: Int) {
    let number = text(of: "n\(node)/pid").split(separator: "\n").first
    if let process = number.flatMap({ pid_t($0) }), process > 1 {
      _ = signal(SIGKILL, to: process)
    }
  }

  private func signal(_ number: Int32, to process: pid_t) -> Int32 {
    #if canImport(Darwin)
    Darwin.kill(process, number)
    #elseif canImport(Glibc)
    Glibc.kill(process, number)
    #else
    Musl.kill(process, number)
    #endif
  }

  /// Appends entries, and tries again where that fails.
  ///
  /// - Returns: Whether one attempt went through.
  func append(_ entries: [String], attempts: Int) -> Bool {
    let addresses = addresses
    let lines = entries.map { "append '\($0)'" }.joined(separator: "; ")
    for _ in 0..<attempts {
      let child = run(["repl", "--connect", addresses, "-c", lines])
      if child.ending == .exited(0) { return true }
    }
    return false
  }

  /// All entries that are there, in order.
  func scan() -> [String] {
    run(["scan", "--connect", addresses, "--raw"]).output.split(separator: "\n").map(String.init)
  }

  /// Waits until the layout names none of the dead.
  ///
  /// - Returns: Whether it came to that.
  func waitUntilMended(without dead: Set<Int>) -> Bool {
    for _ in 0..<40 {
      let child = run(["cluster", "layout", "--data", folder])
      let words = child.output.split { !$0.isLetter && !$0.isNumber }
      let isNamed = dead.contains { node in words.contains { $0 == "n\(node)" } }
      if child.ending == .exited(0), !isNamed { return true }
      // Real time has to pass, and nobody here has a clock.
      _ = ChildProcess(["sleep", "0.2"])
    }
    return false
  }

  /// The last that its processes said.
  var lastWords: String {
    (1...5).compactMap { text(of: "n\($0)/log").split(separator: "\n").last }
      .joined(separator: "; ")
  }

  /// Ends all processes, and removes the folder.
  func end() {
    _ = run(["cluster", "down", "--data", folder])
    _ = ChildProcess(["rm", "-rf", folder])
  }
}

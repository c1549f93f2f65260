internal import Foundation

/// A network namespace of Linux: as far as the network goes, a machine of its own.
///
/// It has no name. It lasts as long as a process that is in it: here one that does nothing, and
/// ends with the program that made it, be that killed. So nothing is ever left of it.
struct NetworkNamespace: Sendable {
  private let holder: Process

  /// Makes a namespace, in which there is nothing but a loopback that is down.
  ///
  /// - Parameter leash: What ends it with this program.
  /// - Throws: ``NamespaceError``, if this program may not, or the system has none.
  init(on leash: ProcessLeash) throws(NamespaceError) {
    holder = Process()
    let output = Pipe()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // It says a point once it is there, and then waits for what nobody ever writes.
    holder.arguments = ["unshare", "--net", "sh", "-c", "printf .; exec cat"]
    holder.standardInput = leash.input
    holder.standardOutput = output
    holder.standardError = output
    let said: String
    do {
      try holder.run()
      let first = try output.fileHandleForReading.read(upToCount: 1) ?? Data()
      if first == Data(".".utf8) { return }
      let rest = output.fileHandleForReading.readDataToEndOfFile()
      said = String(decoding: first + rest, as: UTF8.self)
    } catch {
      throw NamespaceError(reason: error.localizedDescription)
    }
    holder.waitUntilExit()
    throw Self.failure(holder.terminationStatus, said, "unshare")
  }

  /// The process that holds it, by whose number the system's programs name it.
  var process: Int32 { holder.processIdentifier }

  /// What runs a program in it: a program that becomes the other one, and keeps its number.
  func entering(_ words: [String]) -> [String] {
    ["nsenter", "--net=/proc/\(process)/ns/net"] + words
  }

  /// Changes its network: `ip`, and a line of arguments.
  func ip(_ line: String) throws(NamespaceError) {
    try Self.run(entering(["ip"] + line.split(separator: " ").map(String.init)))
  }

  /// Changes the network that this program is in itself.
  ///
  /// - Parameter line: Arguments of `ip`.
  /// - Returns: What it says.
  /// - Throws: ``NamespaceError``.
  @discardableResult
  static func ipOutside(_ line: String) throws(NamespaceError) -> String {
    try run(["ip"] + line.split(separator: " ").map(String.init))
  }

  @discardableResult
  private static func run(_ words: [String]) throws(NamespaceError) -> String {
    let ending: SystemProgram.Ending
    do {
      ending = try SystemProgram.run(words)
    } catch {
      throw NamespaceError(reason: error.localizedDescription)
    }
    guard ending.status == 0 else { throw failure(ending.status, ending.words, words[0]) }
    return ending.words
  }

  private static func failure(
    _ status: Int32,
    _ words: String,
    _ program: String
  ) -> NamespaceError {
    if status == SystemProgram.missing, program != "nsenter" {
      return NamespaceError(reason: "there is no program '\(program)'")
    }
    let line = words.split(whereSeparator: \.isNewline).joined(separator: "; ")
    return NamespaceError(reason: line.isEmpty ? "'\(program)' fails" : line)
  }

  /// Ends its holder; it goes when all others that are in it have ended, too.
  func end() {
    // Who has ended has no number any more.
    if holder.isRunning { kill(process, SIGKILL) }
    holder.waitUntilExit()
  }
}

/// Why there is no network of namespaces, or it does not do as it is told.
public struct NamespaceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In a line.
  public let reason: String

  public var description: String { reason }
}

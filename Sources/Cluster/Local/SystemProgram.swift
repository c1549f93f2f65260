internal import Foundation

/// Programs of the system that do one thing and end.
enum SystemProgram {
  /// What became of one.
  struct Ending {
    /// Its exit status: ``missing`` if there is no such program.
    let status: Int32
    /// All that it said, in one line.
    let words: String
  }

  /// The exit status that says that there is no such program.
  static let missing: Int32 = 127

  /// Runs a program, and waits for its end.
  ///
  /// - Parameter words: Its name, which is looked for where shells look, and its arguments.
  /// - Returns: What became of it.
  /// - Throws: What the system says, if there is no process for it.
  static func run(_ words: [String]) throws -> Ending {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Ending(
      status: process.terminationStatus,
      words: String(decoding: said, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
    )
  }
}

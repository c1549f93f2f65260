import Dispatch
import Foundation

/// What a program that was run printed, errors included, and how it ended.
struct ShellResult: Equatable {
  let status: Int32
  let output: String

  /// The lines of what it printed.
  var lines: [Substring] { output.split(separator: "\n") }
}

/// Runs a program to its end.
///
/// - Parameters:
///   - words: The program, found on the path unless it is one itself, and its arguments.
///   - folder: Where it runs.
///   - environment: What is added to the environment.
///   - secondsMax: After how long it is ended.
/// - Returns: How it went.
/// - Throws: ``CourseError`` if it could not be started.
func run(
  _ words: [String],
  in folder: URL,
  environment: [String: String] = [:],
  secondsMax: Double? = nil
) throws(CourseError) -> ShellResult {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = words
  process.currentDirectoryURL = folder
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardInput = FileHandle.nullDevice
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  do {
    try process.run()
    let ending = DispatchWorkItem { process.terminate() }
    if let secondsMax {
      DispatchQueue.global().asyncAfter(deadline: .now() + secondsMax, execute: ending)
    }
    defer { ending.cancel() }
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return ShellResult(
      status: process.terminationStatus,
      output: String(decoding: data, as: UTF8.self)
    )
  } catch {
    throw CourseError("\(words.first ?? "") cannot be run: \(error.localizedDescription)")
  }
}

/// Tells what is going on while something takes its time; results go to the standard output.
func tell(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

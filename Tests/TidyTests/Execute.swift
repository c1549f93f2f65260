import Foundation

/// What a command did.
struct Result: Equatable {
  let status: Int32
  let output: String
  let error: String
}

/// Runs a command to its end, without a terminal.
///
/// The output goes to files, so that a command that prints much cannot stall on a full pipe.
func execute(
  _ command: String,
  _ arguments: [String],
  in folder: URL,
  environment: [String: String]? = nil
) throws -> Result {
  let place = FileManager.default.temporaryDirectory.appending(path: "corfu-\(UUID())")
  try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
  // The system empties its folder for temporary files in any case.
  defer { try? FileManager.default.removeItem(at: place) }
  let files = ["output", "error"].map { place.appending(path: $0) }
  for file in files { try Data().write(to: file) }

  let process = Process()
  process.executableURL = URL(filePath: command)
  process.arguments = arguments
  process.currentDirectoryURL = folder
  if let environment { process.environment = environment }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = try FileHandle(forWritingTo: files[0])
  process.standardError = try FileHandle(forWritingTo: files[1])
  try process.run()
  process.waitUntilExit()
  return Result(
    status: process.terminationStatus,
    output: try String(contentsOf: files[0], encoding: .utf8),
    error: try String(contentsOf: files[1], encoding: .utf8)
  )
}

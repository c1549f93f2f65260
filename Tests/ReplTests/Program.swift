import Foundation

/// The built program, run as a user would.
enum Program {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The program, which is built into the folder of the tests; nil if it is not there.
  static let path: String? = {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let path = tests.appendingPathComponent("corfu").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// Runs it to its end.
  static func run(
    _ arguments: [String],
    input: String = "",
    program: String? = path
  ) async throws -> Result {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program ?? "")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    // Files, not pipes: they never fill up while nobody reads.
    let inputFile = try folder.write("input", Array(input.utf8))
    let outputFile = try folder.write("output", [])
    let errorsFile = try folder.write("errors", [])
    process.standardInput = FileHandle(forReadingAtPath: inputFile)
    process.standardOutput = FileHandle(forWritingAtPath: outputFile)
    process.standardError = FileHandle(forWritingAtPath: errorsFile)
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: String(decoding: try folder.read("output"), as: UTF8.self),
      errors: String(decoding: try folder.read("errors"), as: UTF8.self)
    )
  }
}

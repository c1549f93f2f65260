import ArgumentParser
import CorfuClient
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror

/// `corfu backup`.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Write what stands in a cluster's log at one moment to a file.",
    discussion: """
      Others go on writing meanwhile; what they append after it has begun is not in the file. \
      'corfu restore' writes it to a new cluster, at the same positions.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "The file, which must not be there yet.")
  var file: String

  func run() async throws {
    let source = try await options.connection()
    let range = try await copying { () throws(BackupError) in
      try await Backup.save(source.log, to: file)
    }
    await source.close()
    try report("\(text(of: range)) in \(file)")
  }
}

/// `corfu restore`.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Write what is in a backup's file to a new cluster, at the same positions.",
    discussion: """
      The cluster must be new: begun, and nothing written to it. What stopped half-way can be run \
      again, and goes on where it was.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Argument(help: "The file.")
  var file: String

  func run() async throws {
    let target = try await options.connection()
    let range = try await copying { () throws(BackupError) in
      try await Backup.restore(from: file, to: target)
    }
    await target.close()
    try report("\(text(of: range)) in the cluster")
  }
}

extension OperatorOptions {
  /// Connects as programs do.
  func connection() async throws -> LogConnection {
    let addresses = try addresses().map(\.description)
    do {
      return try await LogConnection.open(to: addresses, security: try security())
    } catch let error as LogConnectionError {
      throw ReplError.refused("\(error)")
    }
  }
}

/// Copies a log, and says in words why that failed.
func copying<Value>(
  _ body: () async throws(BackupError) -> Value
) async throws(ReplError) -> Value {
  do {
    return try await body()
  } catch {
    throw .refused("\(error)")
  }
}

private func text(of range: Range<Position>) -> String {
  if range.isEmpty { return "nothing but trimmed positions is" }
  return "positions \(range.lowerBound) to \(range.upperBound.advanced(by: -1)) are"
}

private func report(_ text: String) throws {
  let output = Output.standardOutput()
  try output.line(text)
  try output.flush()
}

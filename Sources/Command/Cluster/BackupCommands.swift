import ArgumentParser
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl

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
    try report("positions \(range.lowerBound) to \(range.upperBound) are in \(file)")
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
    try report("positions \(range.lowerBound) to \(range.upperBound) are in the cluster")
  }
}

/// `corfu mirror`.
struct MirrorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mirror",
    abstract: "Keep a copy of a cluster's log in another cluster, until Ctrl-C.",
    discussion: """
      Nobody else may write to the other cluster. How far the copy is behind is told now and then \
      on standard error. It can be ended and begun again at any time.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Option(help: "Nodes of the cluster that is to be the copy, with commas between them.")
  var to: String

  func run() async throws {
    let source = try await options.connection()
    let addresses = to.split(separator: ",").map(String.init)
    let target: LogConnection
    do {
      target = try await LogConnection.open(to: addresses, security: try options.security())
    } catch let error as LogConnectionError {
      throw ReplError.refused("\(error)")
    }
    let errors = Output.standardError()
    var last: (told: ContinuousClock.Instant, progress: Backup.Progress)?
    try await copying { () throws(BackupError) in
      try await Backup.mirror(source.log, to: target) { progress in
        let now = ContinuousClock.now
        if let last, last.progress == progress || now - last.told < .seconds(1) { return }
        last = (now, progress)
        // Where nobody listens there is nobody to tell.
        try? errors.line(
          "copied up to \(progress.next), \(progress.end.number - progress.next.number) behind"
        )
        try? errors.flush()  // As above.
      }
    }
  }
}

extension OperatorOptions {
  /// Connects as programs do.
  fileprivate func connection() async throws -> LogConnection {
    let addresses = try addresses().map(\.description)
    do {
      return try await LogConnection.open(to: addresses, security: try security())
    } catch let error as LogConnectionError {
      throw ReplError.refused("\(error)")
    }
  }
}

private func copying<Value>(
  _ body: () async throws(BackupError) -> Value
) async throws(ReplError) -> Value {
  do {
    return try await body()
  } catch {
    throw .refused("\(error)")
  }
}

private func report(_ text: String) throws {
  let output = Output.standardOutput()
  try output.line(text)
  try output.flush()
}

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

  @Option(help: "This program's certificate for the copy, PEM, if that has certificates.")
  var toCertificate: String?

  @Option(help: "Its key, PEM.")
  var toKey: String?

  @Option(help: "The certificate of the copy's authority, PEM.")
  var toAuthority: String?

  func validate() throws {
    let given = [toCertificate, toKey, toAuthority].compactMap(\.self).count
    if given != 0, given != 3 {
      throw ValidationError(
        "--to-certificate, --to-key and --to-authority belong together: give all three"
      )
    }
  }

  private func targetSecurity() throws -> Security {
    guard let toCertificate, let toKey, let toAuthority else { return .open }
    return .mutual(
      try Credentials(
        reading: Credentials.Files(
          certificate: toCertificate,
          key: toKey,
          authority: toAuthority
        )
      )
    )
  }

  func run() async throws {
    let source = try await options.connection()
    let addresses = to.split(separator: ",").map(String.init)
    let target: LogConnection
    do {
      target = try await LogConnection.open(to: addresses, security: try targetSecurity())
    } catch let error as LogConnectionError {
      throw ReplError.refused("\(error)")
    } catch let error as CredentialsError {
      throw ReplError.refused("\(error)")
    }
    // Disks have names that no others have.
    if !Set(source.log.layout.units).isDisjoint(with: target.log.layout.units) {
      await source.close()
      await target.close()
      throw ReplError.refused("--to names a node of the cluster itself: a copy is in another one")
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

private func text(of range: Range<Position>) -> String {
  if range.isEmpty { return "nothing but trimmed positions is" }
  return "positions \(range.lowerBound) to \(range.upperBound.advanced(by: -1)) are"
}

private func report(_ text: String) throws {
  let output = Output.standardOutput()
  try output.line(text)
  try output.flush()
}

import ArgumentParser
import CorfuCluster
import CorfuProtocol
import CorfuRepl

/// Which log a command is about.
struct SessionOptions: ParsableArguments {
  /// Where the log is unless somebody says otherwise.
  static let folderDefault = "./corfu-data"

  @Option(
    name: .customLong("stage"),
    help: """
      The stage: the system as it stands after this chapter (default: what the folder holds, or 1).
      """
  )
  var wantedStage: Int?

  @Option(help: "The folder of the log (default: \(folderDefault)).")
  var data: String?

  @OptionGroup var connect: ConnectOptions

  @Flag(help: "Keep the log in memory, on a simulated disk whose power can be cut.")
  var memory = false

  @Option(help: "What chance is seeded with in --memory: the same seed, the same session.")
  var seed: UInt64 = 0

  @Option(help: "From stage 3 on: how many chains positions take turns over (default: 2).")
  var stripes: Int?

  @Option(help: "From stage 3 on: how many units each chain has (default: 2).")
  var replicas: Int?

  @Option(help: "From stage 5 on: how many units stand by (default: 1).")
  var spares: Int?

  /// The folder; nil in memory.
  var folder: String? {
    if memory { return nil }
    return data ?? Self.folderDefault + (wantedStage.map { $0 == 1 ? "" : "-\($0)" } ?? "")
  }

  /// The stage that was asked for, or that fits what is in the folder.
  func stage() throws(ReplError) -> Int {
    if connect.connect != nil { return 8 }
    if let wantedStage { return wantedStage }
    guard let folder else { return 1 }
    let content = try FolderContent(of: folder)
    // Before anybody is told that a command comes later.
    if case .processes = content { try FolderContent.check(folder, fits: stageMax) }
    return content.stageDefault
  }

  /// Where the cluster's nodes are; `nil` if the log is in a folder or in memory.
  func addresses() throws(ReplError) -> [NodeAddress]? {
    do {
      return try connect.addresses()
    } catch {
      throw .refused(error.message)
    }
  }

  /// How strangers are kept out.
  func security() throws(ReplError) -> Security {
    do {
      return try connect.security()
    } catch {
      throw .refused("\(error)")
    }
  }

  /// The arrangement that was asked for, if one was.
  var shape: EmbeddedShape? {
    if stripes == nil, replicas == nil, spares == nil { return nil }
    var shape = EmbeddedShape()
    shape.stripes = stripes ?? shape.stripes
    shape.replicas = replicas ?? shape.replicas
    // Before stage 5 nobody stands by.
    shape.spares = spares ?? ((wantedStage ?? 5) < 5 ? 0 : shape.spares)
    return shape
  }

  func validate() throws {
    if connect.connect != nil, memory || data != nil || wantedStage != nil || stripes != nil {
      throw ValidationError(
        "--connect is for a cluster that runs elsewhere: leave the other options out"
      )
    }
    if memory, data != nil {
      throw ValidationError("--data and --memory exclude each other: give one of them")
    }
    let stage = wantedStage ?? 1
    if stage < 1 || stage > 8 {
      throw ValidationError("there is no stage \(stage): stages are numbered from 1 to 8")
    }
    if !stages.contains(stage) {
      throw ValidationError(
        "stage 8 is a cluster of processes: 'corfu cluster up' starts one and opens the prompt on "
          + "it, and --connect HOST:PORT finds one that runs"
      )
    }
    if stage < 5, spares != nil {
      throw ValidationError("--spares is for stage 5 and later: nobody stands by before")
    }
    if stage < 3, stripes != nil || replicas != nil {
      throw ValidationError("--stripes and --replicas are for stage 3 and later")
    }
    if let shape, !shape.isSensible {
      throw ValidationError(
        "--stripes takes 1 to 64, --replicas 1 to 8, --spares 0 to 8, and 64 units in all"
      )
    }
    if data?.isEmpty == true { throw ValidationError("--data needs the name of a folder") }
  }
}

/// The log of a command of the shell: always on disk.
struct DataOptions: ParsableArguments {
  @Option(help: "The folder of the log (default: \(SessionOptions.folderDefault)).")
  var data: String?

  @Option(
    name: .customLong("stage"),
    help: """
      The stage: the system as it stands after this chapter (default: what the folder holds, or 1).
      """
  )
  var wantedStage: Int?

  @OptionGroup var connect: ConnectOptions

  /// The stage that was asked for, or that fits what is in the folder.
  func stage() throws(ReplError) -> Int { try session.stage() }

  /// The same as options of a session.
  var session: SessionOptions {
    var options = SessionOptions()
    options.wantedStage = wantedStage
    options.data = data
    options.connect = connect
    options.memory = false
    options.seed = 0
    options.stripes = nil
    options.replicas = nil
    options.spares = nil
    return options
  }

  func validate() throws {
    try session.validate()
  }
}

/// How a command of the shell shows what it found.
struct RenderingOptions: ParsableArguments {
  @Flag(help: "Print a JSON document per line.")
  var json = false

  @Flag(help: "Print the entries' bytes alone, each followed by a new line if it was a line.")
  var raw = false

  func validate() throws {
    if json, raw { throw ValidationError("--json and --raw exclude each other: give one of them") }
  }
}

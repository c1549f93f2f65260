import CorfuGlobalLog
import CorfuNode
import CorfuStages

/// What kind of log stands in a folder, which tells the stages that can open it.
public enum FolderContent: Sendable {
  /// No log.
  case nothing
  /// A log on one disk.
  case oneDisk
  /// A log over many disks.
  case mirrors
  /// A cluster, whose layout is changed by hand.
  case cluster
  /// A cluster that looks after itself.
  case healing
  /// One unit of a log over many disks, or of a cluster.
  case unit
  /// A cluster of processes, each with a folder of its own below.
  case processes
  /// The folder of a node's process, or one in it.
  case process

  /// Looks at a folder, which need not exist.
  ///
  /// - Parameter path: The folder.
  /// - Throws: ``ReplError/refused(_:)`` where the disk does not say.
  public init(of path: String) throws(ReplError) {
    let names = try Self.names(in: path)
    if try Self.isInProcess(path) {
      self = .process
      return
    }
    let units = names.filter(Self.isUnit)
    let last = path.split(separator: "/").last ?? ""
    if Self.isUnit(String(last)), names.contains(StoreIdentity.fileName) {
      // The folder above knows better than this one what it is part of.
      let above = try FolderContent(of: path + "/..")
      self = above.hasUnits ? .unit : .oneDisk
    } else if names.contains(ClusterRoster.fileName) {
      self = .healing
    } else if names.contains(MirrorShape.fileName) {
      self = .mirrors
    } else if !units.isEmpty {
      var files: [String] = []
      for unit in units { files += try Self.names(in: "\(path)/\(unit)") }
      self =
        files.contains(Self.settingsFile)
        ? .processes
        : files.contains(where: NodeFolder.fileNames.contains) ? .cluster : .mirrors
    } else {
      self = names.contains(StoreIdentity.fileName) ? .oneDisk : .nothing
    }
  }

  /// What the folder of a node has that 'corfu cluster up' made.
  private static let settingsFile = "node.json"
  /// What the folder of every unit's process has, once it was told of others.
  private static let membershipFile = "membership"
  private static let diskFolder = "disk"

  /// Whether a folder is a node's, or in it: another log in there would harm what the node keeps.
  private static func isInProcess(_ path: String) throws(ReplError) -> Bool {
    var folder = path
    for level in 0...2 {
      let names = try names(in: folder)
      if names.contains(settingsFile) { return true }
      if level < 2, names.contains(membershipFile), names.contains(diskFolder) { return true }
      folder += "/.."
    }
    return false
  }

  /// Whether a folder's name is that of a unit.
  static func isUnit(_ name: String) -> Bool {
    name.hasPrefix("n") && Int(name.dropFirst()) != nil
  }

  /// Whether there are several units in it, each in a folder of its own.
  public var hasUnits: Bool { stages.map { $0.lowerBound >= 3 } ?? false }

  private static func names(in path: String) throws(ReplError) -> [String] {
    do {
      return try FileDevice(path: path).list()
    } catch .notFound, .noPermission {
      return []  // It is not there yet, or opening complains of it.
    } catch .notAFolder {
      throw .refused("\(path) is a file; a log needs a folder")
    } catch {
      throw .refused("\(path): \(error)")
    }
  }

  /// The stages that can open it; `nil` where nothing is.
  public var stages: ClosedRange<Int>? {
    switch self {
    case .nothing, .unit, .processes, .process: nil
    case .oneDisk: 1...2
    case .mirrors: 3...4
    case .cluster: 5...8
    case .healing: 6...8
    }
  }

  /// The stage to open it with unless somebody says otherwise.
  public var stageDefault: Int {
    switch self {
    case .nothing, .oneDisk, .unit, .processes, .process: 1
    case .mirrors: 4
    case .cluster: 5
    case .healing: 7
    }
  }

  /// Refuses a stage that would find nothing there, or make its own log beside what is there.
  ///
  /// - Throws: ``ReplError/refused(_:)``, with the stage to use.
  public static func check(_ path: String, fits stage: Int) throws(ReplError) {
    let content = try FolderContent(of: path)
    if case .unit = content {
      throw .refused("\(path) is one unit of a larger log: open the folder above it")
    }
    if case .processes = content {
      throw .refused(
        "\(path) holds a cluster of processes: 'corfu cluster up --data \(path)' starts it, and "
          + "--connect HOST:PORT reaches it"
      )
    }
    if case .process = content {
      throw .refused(
        "\(path) is of a node of a cluster of processes: start the node, and --connect HOST:PORT "
          + "reaches the cluster"
      )
    }
    guard let stages = content.stages, !stages.contains(stage) else { return }
    throw .refused(
      "\(path) holds \(content.words), and stage \(stage) cannot open that: "
        + "say --stage \(content.stageDefault), or name another folder with --data"
    )
  }

  /// Refuses a folder that is not that of one unit, and says where those are.
  ///
  /// - Parameter path: The folder.
  /// - Returns: What it holds; ``process`` for the disk of a node.
  /// - Throws: ``ReplError/refused(_:)``.
  public static func checkIsUnit(_ path: String) throws(ReplError) -> FolderContent {
    let content = try FolderContent(of: path)
    if content.hasUnits {
      throw .refused("\(path) holds several units: name one of them, such as \(path)/n1")
    }
    if case .processes = content {
      throw .refused(
        "\(path) holds several nodes: name the disk of one, such as \(path)/n1/data/disk"
      )
    }
    guard case .process = content, try !isDisk(path) else { return content }
    for below in ["\(path)/\(diskFolder)", "\(path)/data/\(diskFolder)"] where try isDisk(below) {
      throw .refused("\(path) is the folder of a node, whose disk is in \(below): name that")
    }
    return content
  }

  private static func isDisk(_ path: String) throws(ReplError) -> Bool {
    try names(in: path).contains(StoreIdentity.fileName)
  }

  /// Refuses a folder that has a log, where a cluster of processes is to be made.
  ///
  /// - Throws: ``ReplError/refused(_:)``.
  public static func checkIsFree(_ path: String) throws(ReplError) {
    switch try FolderContent(of: path) {
    case .nothing, .processes: return
    case let content:
      throw .refused("\(path) holds \(content.words): name another folder with --data")
    }
  }

  /// Refuses one disk of several, of which others may have copies.
  ///
  /// - Throws: ``ReplError/refused(_:)``, with what brings back what it lost.
  public static func checkHasNoCopies(_ path: String) throws(ReplError) {
    let content = try FolderContent(of: path)
    if case .process = content {
      throw .refused(
        "\(path) is one disk of several, and the others may have what it lost: start the node, and "
          + "it is given what they have. If none of them has it, --despite-copies gives it up"
      )
    }
    guard case .unit = content else { return }
    let above = try FolderContent(of: path + "/..")
    let unit = path.split(separator: "/").last.map(String.init) ?? path
    let help: String
    if case .mirrors = above {
      help = "'node kill \(unit)' and 'node restart \(unit)' at the prompt fill it up from them"
    } else {
      help = "'corfu repl --stage 7' opens the whole, and copies from them what it can"
    }
    throw .refused(
      "\(path) is one disk of several, and the others may have what it lost: \(help). "
        + "If none of them has it, --despite-copies gives it up"
    )
  }

  private var words: String {
    switch self {
    case .nothing: "no log"
    case .oneDisk: "a log on one disk (stages 1 and 2)"
    case .mirrors: "a log over many disks (stages 3 and 4)"
    case .cluster: "a cluster (stage 5)"
    case .healing: "a cluster that looks after itself (from stage 6 on)"
    case .unit: "a unit"
    case .processes: "a cluster of processes"
    case .process: "what a node of a cluster of processes keeps"
    }
  }
}

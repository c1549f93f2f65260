internal import CPlatform
internal import CorfuGlobalLog
internal import NIOCore

/// How many files and connections a process may have open at once.
public struct OpenFiles: Equatable, Sendable {
  /// How many it may have now.
  public var limit: Int
  /// How many it may allow itself.
  public var limitMax: Int

  /// Some limits.
  public init(limit: Int, limitMax: Int) {
    self.limit = limit
    self.limitMax = limitMax
  }

  /// Those of this process; `nil` where the system does not tell.
  public static var current: OpenFiles? {
    var (limit, limitMax): (Int64, Int64) = (0, 0)
    guard corfu_open_files(&limit, &limitMax) == 0 else { return nil }
    return OpenFiles(limit: Int(limit), limitMax: Int(limitMax))
  }

  /// What the limits are once a process has allowed itself as many as it needs, if it may.
  public func raised(to needed: Int) -> OpenFiles {
    OpenFiles(limit: max(limit, min(needed, limitMax)), limitMax: limitMax)
  }

  /// Allows this process to have as many open as it needs, as far as it may.
  ///
  /// A shell allows 1,024 most often, and far more to whoever asks.
  ///
  /// - Parameter needed: How many it needs.
  /// - Returns: The limits from now on; `nil` where the system does not tell.
  public static func allow(_ needed: Int) -> OpenFiles? {
    guard let before = current else { return nil }
    let wanted = before.raised(to: needed)
    if wanted == before { return before }
    return corfu_allow_open_files(Int64(wanted.limit)) == 0 ? wanted : before
  }
}

extension NodeSettings {
  /// How many files and connections a node has open when as many have connected as it serves.
  public var openFilesNeeded: Int {
    openFilesBesides + network.connectionsMax + network.strangersMax
  }

  /// How many of them are not connections that others have made.
  private var openFilesBesides: Int {
    let segments = roles.contains(.unit) ? store.openFilesMax : 0
    return segments + Self.openFilesOfItsOwn + Self.openFilesPerLoop * System.coreCount
  }

  /// Small files, those who ask how it is, and connections to other nodes.
  private static var openFilesOfItsOwn: Int { 192 }
  private static var openFilesPerLoop: Int { 3 }

  /// Has the node serve fewer connections, where as many as it should serve would take the files
  /// away that its unit needs: a unit that gets none ends.
  ///
  /// - Parameter files: How many it may have open.
  /// - Returns: What somebody should know of it, in a line; `nil` if there are enough.
  public mutating func fit(into files: OpenFiles) -> String? {
    let (needed, wanted) = (openFilesNeeded, network.connectionsMax)
    if files.limit >= needed { return nil }
    let room = max(files.limit - openFilesBesides, files.limit / 4, 2)
    network.strangersMax = max(1, min(network.strangersMax, room / 16))
    network.connectionsMax = max(1, min(wanted, room - network.strangersMax))
    return "\(files.limit) files may be open, and \(needed) would be needed: no more than "
      + "\(network.connectionsMax) connections are served instead of \(wanted); raise the limit "
      + "('ulimit -Hn', LimitNOFILE), or lower network.connectionsMax"
  }
}

public import CorfuProtocol
public import CorfuStripeMirror
internal import Foundation

/// A cluster of real processes on this machine, below one folder: each node has a folder with its
/// settings, its files, what it logs, and the number of its process.
///
///     FOLDER/n1/node.json   how the node is set up
///     FOLDER/n1/data        the node's files
///     FOLDER/n1/log         what its process logs
///     FOLDER/n1/pid         its process
///     FOLDER/ca             certificates, if nodes have some, and their authority
///     FOLDER/lock           the process that makes and starts nodes at this moment
///
/// No file says where the folder is, so it may be moved while no node is up.
public struct LocalCluster: Sendable {
  /// The folder.
  public let folder: String
  private let program: String
  private let leash: ProcessLeash?
  private let network: NamespaceNetwork?
  /// Who makes the nodes' certificates; `nil` if they have none.
  let authority: CertificateAuthority?

  /// A local cluster.
  ///
  /// - Parameters:
  ///   - folder: Its folder, which may not be there yet.
  ///   - program: The program that runs a node: `program node --config FILE`.
  ///   - leash: What ends the nodes' processes when this program ends, however it does; `nil` for
  ///     processes that live on.
  ///   - network: Where the nodes are; `nil` for the network of this program. Where a node tells
  ///     how it is can be reached from its own machine only.
  ///   - isEncrypted: Whether nodes that are made get certificates.
  public init(
    in folder: String,
    program: String,
    leash: ProcessLeash? = nil,
    network: NamespaceNetwork? = nil,
    isEncrypted: Bool = false
  ) {
    let path = URL(fileURLWithPath: folder).standardizedFileURL.path
    self.folder = path
    self.program = program
    self.leash = leash
    self.network = network
    authority =
      isEncrypted ? Self.name.map { CertificateAuthority(in: path + "/ca", for: $0) } : nil
  }

  /// The name of clusters of this kind.
  public static var name: ClusterName? { ClusterName("local") }

  /// A node as it is set up.
  public struct Member: Hashable, Sendable {
    /// Its name.
    public let node: NodeID
    /// Where it listens.
    public let address: NodeAddress
    /// Where it tells how it is.
    public let admin: NodeAddress
  }

  /// Keeps other programs from making and starting nodes here; makes the folder, if there is none.
  ///
  /// - Returns: What lets them do it again.
  /// - Throws: ``LocalClusterError/inUse(_:_:)``, if another one is at it.
  public func hold() throws(LocalClusterError) -> LocalHold { try LocalHold(on: folder) }

  // MARK: - Who there is

  /// The nodes whose folders are there, in order.
  ///
  /// - Throws: ``LocalClusterError``.
  public func members() throws(LocalClusterError) -> [Member] {
    // Where there is no folder, there are no nodes.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var members: [Member] = []
    for name in names {
      guard name.hasPrefix("n"), let number = UInt32(name.dropFirst()) else { continue }
      let path = settingsPath(of: NodeID(number))
      guard FileManager.default.fileExists(atPath: path) else { continue }
      members.append(try member(NodeID(number), settings: path))
    }
    return members.sorted { $0.node < $1.node }
  }

  private func member(
    _ node: NodeID,
    settings path: String
  ) throws(LocalClusterError) -> Member {
    let bytes = FileManager.default.contents(atPath: path) ?? Data()
    // What makes no sense is told.
    let settings = try? JSONDecoder().decode(LocalSettings.self, from: bytes)
    guard let settings, let address = NodeAddress(settings.listen),
      let admin = NodeAddress(settings.admin)
    else { throw .settings(path) }
    return Member(node: node, address: address, admin: admin)
  }

  /// Makes the folder of one more node.
  ///
  /// - Returns: The node; it is not started.
  public func add() throws(LocalClusterError) -> Member {
    let members = try members()
    let next = NodeID((members.map(\.node.number).max() ?? 0) + 1)
    let member = try place(next, besides: members)
    guard let name = Self.name else { throw .settings(folder) }
    var settings = LocalSettings(
      cluster: name.text,
      node: next.number,
      // As seen from the file.
      folder: "data",
      listen: member.address.description,
      admin: member.admin.description
    )
    if let files = try renewCertificate(of: next, at: member.address.host) {
      settings.tls = LocalSettings.Certificate(files)
    } else if !member.address.isLoopback {
      // Of a network that is on this machine alone.
      settings.insecure = true
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(next)",
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
      try Self.write(try encoder.encode(settings), to: settingsPath(of: next))
    } catch {
      throw .folder(folder, error.localizedDescription)
    }
    return member
  }

  /// Finds a place for a node that is being made.
  private func place(
    _ node: NodeID,
    besides members: [Member]
  ) throws(LocalClusterError) -> Member {
    var (host, port, adminPort) = ("127.0.0.1", Self.ownPort, Self.ownAdminPort)
    if let network {
      // All ports of its machine are its own.
      host = network.host(of: node)
    } else {
      let taken = Set(members.flatMap { [$0.address.port, $0.admin.port] })
      port = try FreePort.find(besides: taken)
      adminPort = try FreePort.find(besides: taken.union([port]))
    }
    guard let address = NodeAddress(host: host, port: port),
      let admin = NodeAddress(host: "127.0.0.1", port: adminPort)
    else { throw .settings(folder) }
    return Member(node: node, address: address, admin: admin)
  }

  /// Where a node listens that has a machine of its own.
  private static let ownPort: UInt16 = 7001
  private static let ownAdminPort: UInt16 = 7002

  /// Writes a file that only its owner may read; whoever reads it finds all of it.
  private static func write(_ bytes: Data, to path: String) throws {
    let draft = path + ".new"
    let isWritten = FileManager.default.createFile(
      atPath: draft,
      contents: bytes,
      attributes: [.posixPermissions: 0o600]
    )
    guard isWritten, rename(draft, path) == 0 else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
    }
  }

  // MARK: - Processes

  /// The process of a node; `nil` if none runs.
  public func process(of node: NodeID) -> Int32? {
    // Whoever started it may have been killed before it wrote the file.
    // How long it is to live may have been another program's choice.
    noted(of: node)
      ?? [true, false].lazy.compactMap { isLeashed in
        ProcessTable.process(endingWith: arguments(of: node, isLeashed: isLeashed))
      }.first
  }

  /// The process whose number stands in the file, if it is the node's.
  private func noted(of node: NodeID) -> Int32? {
    // Without the file nothing is noted.
    let text = try? String(contentsOfFile: path(of: node, "pid"), encoding: .utf8)
    guard let number = text.flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
      ProcessTable.isRunning(number, with: settingsPath(of: node))
    else { return nil }
    return number
  }

  private func arguments(of node: NodeID, isLeashed: Bool) -> [String] {
    ["node"] + (isLeashed ? [ProcessLeash.flag] : []) + ["--config", settingsPath(of: node)]
  }

  /// What starts a node's process, on its machine.
  private func command(for node: NodeID) throws(LocalClusterError) -> [String] {
    let command = [program] + arguments(of: node, isLeashed: leash != nil)
    guard let network else { return command }
    do throws(NamespaceError) {
      let words = try network.entering(node, command)
      return ["/usr/bin/env"] + words
    } catch {
      throw .notStarted(node, error.reason)
    }
  }

  /// Starts a node's process, unless it runs.
  public func start(_ node: NodeID) throws(LocalClusterError) {
    if process(of: node) != nil { return }
    guard FileManager.default.fileExists(atPath: settingsPath(of: node)) else {
      throw .noSuchNode(node)
    }
    let log = path(of: node, "log")
    let command = try command(for: node)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = leash?.input ?? FileHandle.nullDevice
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(
        atPath: log,
        contents: nil,
        attributes: [.posixPermissions: 0o600]
      )
    }
    do {
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
      try handle.seekToEnd()
      process.standardOutput = handle
      process.standardError = handle
      try process.run()
      try Self.write(Data("\(process.processIdentifier)\n".utf8), to: path(of: node, "pid"))
    } catch {
      throw .notStarted(node, error.localizedDescription)
    }
  }

  /// Sends a signal to a node's process.
  ///
  /// - Returns: Whether there is a process.
  @discardableResult
  public func signal(_ node: NodeID, _ number: Int32) -> Bool {
    guard let process = process(of: node) else { return false }
    return Foundation.kill(process, number) == 0
  }

  /// Ends a node's process at once, whatever it is at.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  public func kill(_ node: NodeID) -> Bool { signal(node, SIGKILL) }

  /// Waits until a node's process has ended.
  ///
  /// - Returns: Whether it has.
  public func waitForEnd(of node: NodeID, patience: Duration) async -> Bool {
    let deadline = ContinuousClock.now + patience
    while process(of: node) != nil {
      if ContinuousClock.now >= deadline || Task.isCancelled { return false }
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: .milliseconds(20))
    }
    return true
  }

  /// The last line that a node's process logged, which tells why it ended.
  public func lastWords(of node: NodeID) -> String? {
    // Without a log there are none.
    let text = try? String(contentsOfFile: path(of: node, "log"), encoding: .utf8)
    return text?.split(whereSeparator: \.isNewline).last.map(String.init)
  }

  private func settingsPath(of node: NodeID) -> String { path(of: node, "node.json") }
  private func path(of node: NodeID, _ file: String) -> String { "\(folder)/\(node)/\(file)" }
}

/// The settings of a local node, as they stand in its file.
private struct LocalSettings: Codable {
  var cluster: String
  var node: UInt32
  var folder: String
  var listen: String
  var admin: String
  var tls: Certificate?
  var insecure: Bool?

  /// The files of a certificate, as seen from the settings' file.
  struct Certificate: Codable {
    var certificate: String
    var key: String
    var authority: String

    /// Files of the cluster's own authority.
    init(_ files: Credentials.Files) {
      let path = { (file: String) in "../ca/" + URL(fileURLWithPath: file).lastPathComponent }
      certificate = path(files.certificate)
      key = path(files.key)
      authority = path(files.authority)
    }
  }
}

/// Why a local cluster does not do as it is told.
public enum LocalClusterError: Error, Hashable, Sendable {
  /// A folder cannot be written.
  case folder(String, String)
  /// Another program makes or starts nodes there: its process, if that is known.
  case inUse(String, Int32?)
  /// Settings make no sense.
  case settings(String)
  /// There is no such node.
  case noSuchNode(NodeID)
  /// A process was not started.
  case notStarted(NodeID, String)
  /// There is no free port.
  case noPort
  /// There are no certificates, and why.
  case certificates(String)
  /// All processes run, and the cluster has not begun.
  case notBegun(String)
}

extension LocalClusterError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .folder(let path, let reason): "\(path): \(reason)"
    case .inUse(let path, let holder):
      "\(path): another program starts or ends nodes there"
        + (holder.map { ", process \($0)" } ?? "") + "; try again when it is done"
    case .settings(let path):
      "\(path): these settings make no sense; 'corfu config check' tells more"
    case .noSuchNode(let node): "there is no node \(node) below this folder"
    case .notStarted(let node, let reason): "\(node) was not started: \(reason)"
    case .noPort: "there is no free port on 127.0.0.1"
    case .certificates(let reason): "there are no certificates: \(reason)"
    case .notBegun(let reason): "the cluster did not begin: \(reason)"
    }
  }
}

internal import CorfuClient
internal import CorfuCopyCompaction
public import CorfuGlobalLog
internal import CorfuNode
public import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror
public import CorfuWriteOnce
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// One process of a cluster: a node with its roles, its door, and what it does unasked.
///
/// `NodeProcess+Care.swift` has what it does unasked.
public final class NodeProcess<Kit: Parts>: Service, Sendable {
  typealias Host = Node<TimedDevice, Kit>
  typealias Watch = Monitor<TCPTransport, ContinuousClock, Kit>

  /// How it is set up.
  public let settings: NodeSettings
  let logger: Logger
  let node: Host
  let keeper: MembershipKeeper
  let network: TCPTransport
  let credentials: Credentials?
  let load: LoadMeters
  let state = Mutex(State())
  let folder: FileDevice
  /// Whether nothing is lost that could not be read when the file `layouts` is written.
  let mayKeepLayouts: Bool
  private let disk: TimedDevice?
  /// How full the disk is; `nil` without one.
  let room: FreeRoom?
  let server: TCPServer

  struct State {
    var monitor: Watch?
    var hasDiskFailed = false
    var hasCaughtUp = false
    var isEnding = false
    /// The newest layout of those that were written down.
    var remembered: Epoch?
    var admin: AdminServer?
  }

  private init(
    _ settings: NodeSettings,
    _ logger: Logger,
    _ node: Host,
    _ keeper: MembershipKeeper,
    _ network: TCPTransport,
    _ credentials: Credentials?,
    _ load: LoadMeters,
    folder: FileDevice,
    mayKeepLayouts: Bool,
    disk: TimedDevice?,
    room: FreeRoom?,
    server: TCPServer
  ) {
    self.settings = settings
    self.logger = logger
    self.node = node
    self.keeper = keeper
    self.network = network
    self.credentials = credentials
    self.load = load
    self.folder = folder
    self.mayKeepLayouts = mayKeepLayouts
    self.disk = disk
    self.room = room
    self.server = server
  }

  /// Opens a node's folder, and listens.
  ///
  /// - Parameters:
  ///   - settings: How it is set up.
  ///   - logger: What hears of it.
  /// - Returns: The process's node; it serves once ``run()`` runs.
  /// - Throws: ``NodeProcessError``.
  public static func open(
    _ settings: NodeSettings,
    logger: Logger
  ) async throws(NodeProcessError) -> NodeProcess {
    if let first = settings.objections.first { throw .settings(first) }
    var credentials: Credentials?
    if let files = settings.credentials {
      do throws(CredentialsError) {
        credentials = try Credentials(reading: files)
      } catch {
        throw .credentials(error)
      }
    }
    let security = credentials.map { Security.mutual($0) } ?? .open
    let network = TCPTransport(
      as: Hello(cluster: settings.cluster, role: .node, node: settings.node),
      security: security,
      limits: settings.network
    )
    let folder = FileDevice(path: settings.folder)
    let keeper = try await openKeeper(settings, folder, network, logger)
    let disk = settings.roles.contains(.unit) ? TimedDevice(path: settings.folder + "/disk") : nil
    let load = LoadMeters()
    let node = try await openNode(settings, on: disk, logger)
    let mayKeepLayouts = LayoutFile(in: folder).recall(to: node, logger)
    let room = disk.map { FreeRoom(of: $0.name, segmentBytes: settings.store.segmentBytes) }
    // Who asks at once is to be told.
    room?.look()
    let handler = NodeHandler(
      node: node,
      keeper: keeper,
      meters: RequestMeters(),
      load: load,
      room: room,
      logger: logger,
      replyBytesMax: settings.network.clientFrameBytesMax - (1 << 20),
      catchUp: { await PeerNews.catchUp(node, keeper, network, settings.monitoring.patience) }
    )
    let server: TCPServer
    do throws(ServerError) {
      server = try await openServer(settings, security, handler, logger)
    } catch {
      disk?.unlock()
      folder.unlock()
      throw .server(error)
    }
    let process = NodeProcess(
      settings,
      logger,
      node,
      keeper,
      network,
      credentials,
      load,
      folder: folder,
      mayKeepLayouts: mayKeepLayouts,
      disk: disk,
      room: room,
      server: server
    )
    try await process.openAdmin()
    if keeper.newest == nil, node.newestLayout != nil {
      logger.warning("\(NodeReport.membersAreUnknown)")
    }
    return process
  }

  private static func openServer(
    _ settings: NodeSettings,
    _ security: Security,
    _ handler: any PeerRequestHandler,
    _ logger: Logger
  ) async throws(ServerError) -> TCPServer {
    let meters = ConnectionMeters()
    return try await TCPServer.start(
      on: settings.listen,
      as: settings.node,
      of: settings.cluster,
      security: security,
      limits: settings.network,
      onEvent: { event in
        meters.count(event)
        tell(event, logger)
      },
      serving: handler
    )
  }

  /// Tells how it is, if it is to do that.
  private func openAdmin() async throws(NodeProcessError) {
    guard let address = settings.admin else { return }
    do throws(ServerError) {
      let admin = try await AdminServer.start(on: address, source: NodeAdmin(of: self))
      state.withLock { $0.admin = admin }
    } catch {
      await close()
      throw .server(error)
    }
  }

  private static func openKeeper(
    _ settings: NodeSettings,
    _ folder: FileDevice,
    _ network: TCPTransport,
    _ logger: Logger
  ) async throws(NodeProcessError) -> MembershipKeeper {
    do throws(DeviceError) {
      // Two processes of one node would undo each other's notes.
      try folder.lock()
    } catch {
      throw .folder(settings.folder, error)
    }
    let owner: NodeID
    do throws(DeviceError) {
      owner = try await NodeStamp.owner(of: folder, orElse: settings.node)
    } catch {
      folder.unlock()
      throw .folder(settings.folder, error)
    }
    if owner != settings.node {
      folder.unlock()
      throw .otherNode(settings.folder, owner)
    }
    let keeper: MembershipKeeper
    do throws(MembershipFileError) {
      keeper = try MembershipKeeper(in: folder) { change in
        network.learn(change.membership.members)
        tell(change, logger)
      }
    } catch {
      folder.unlock()
      throw .membership(error)
    }
    guard let known = keeper.newest else { return keeper }
    if known.cluster != settings.cluster {
      folder.unlock()
      throw .otherCluster(settings.folder, known.cluster)
    }
    network.learn(known.members)
    return keeper
  }

  private static func openNode(
    _ settings: NodeSettings,
    on disk: TimedDevice?,
    _ logger: Logger
  ) async throws(NodeProcessError) -> Host {
    var random = SystemRandomNumberGenerator()
    let sequencer =
      settings.roles.contains(.sequencer)
      ? SequencerRole<Kit>(
        boot: BootID(using: &random),
        streamsMax: settings.sequencer.streamsMax,
        writesMax: settings.sequencer.writesMax
      ) : nil
    guard let disk else {
      guard let sequencer else { return Host(settings.node) }
      return Host(settings.node, sequencer: sequencer)
    }
    let meters = EventMeters()
    do throws(UnitOpenError) {
      return try await Host.open(
        settings.node,
        in: disk,
        limits: settings.store,
        upkeep: UpkeepSettings(clock: ContinuousClock()),
        sequencer: sequencer,
        using: &random
      ) { event in
        meters.count(event)
        tell(event, logger)
      }
    } catch {
      throw .unit(error)
    }
  }

  /// Where it listens: the port too, if any would do.
  public var address: NodeAddress? {
    NodeAddress(host: settings.listen.host, port: server.port)
  }

  /// The port where it tells how it is; `nil` if it does not.
  public var adminPort: UInt16? { state.withLock { $0.admin }?.port }

  // MARK: - From beginning to end

  /// Serves until its task is cancelled, or the service group that runs it tells it to end.
  ///
  /// - Throws: ``NodeProcessError/diskFailed(_:)``, if the disk has failed.
  public func run() async throws {
    await cancelWhenGracefulShutdown { await self.serve() }
    await close()
    if state.withLock({ $0.hasDiskFailed }) { throw NodeProcessError.diskFailed(settings.folder) }
  }

  /// Serves until its task is cancelled, or the disk fails.
  private func serve() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.work() }
      group.addTask { await self.gossip() }
      if settings.roles.contains(.monitor) { group.addTask { await self.monitor() } }
      if credentials != nil { group.addTask { await self.renewCredentials() } }
      if let room { group.addTask { await self.watch(room) } }
      await group.next()
      group.cancelAll()
    }
  }

  /// The roles' own work; ends when the disk does, or the task is cancelled.
  private func work() async {
    guard disk != nil else { return await pause(.seconds(86_400 * 365)) }
    // Without a thread of its own a unit shares the others', and is slower.
    let thread = try? ThreadExecutor()
    // A task of its own: cancelled, the unit would stop where it is, as a crash stops it.
    let unit = Task { await self.node.run(on: thread) }
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await unit.value
        return true
      }
      group.addTask {
        await self.pause(.seconds(86_400 * 365))
        return false
      }
      // Told to end, the unit goes on until what was asked is done.
      if await group.next() == false {
        // Nothing of it is hurried by the cancellation that asks for it.
        await Task { await self.drain() }.value
        unit.cancel()
      } else {
        state.withLock { $0.hasDiskFailed = true }
      }
      group.cancelAll()
    }
    thread?.stop()
  }

  private func drain() async {
    state.withLock { $0.isEnding = true }
    logger.info("ending: finishing what was asked")
    await server.drain(within: settings.drainMax)
    do {
      try await node.close()
    } catch {
      logger.error("the unit was not closed: \(error)")
    }
  }

  private func close() async {
    state.withLock { $0.isEnding = true }
    await server.drain(within: .zero)
    await state.withLock { $0.admin.take() }?.close()
    await network.close()
    await keepLayouts()
    disk?.unlock()
    folder.unlock()
    logger.info("ended")
  }

  /// Lets time pass, or less if the task is cancelled.
  func pause(_ duration: Duration) async {
    // Cancelled: whoever pauses looks for that.
    try? await ContinuousClock().sleep(for: duration)
  }
}

/// Why a node's process does not run.
public enum NodeProcessError: Error, Sendable {
  /// Its settings cannot be.
  case settings(String)
  /// Its certificate cannot be used.
  case credentials(CredentialsError)
  /// Its folder cannot be used.
  case folder(String, DeviceError)
  /// The folder is of a node of another cluster.
  case otherCluster(String, ClusterName)
  /// The folder is another node's.
  case otherNode(String, NodeID)
  /// It does not know who the cluster consists of.
  case membership(MembershipFileError)
  /// Its unit does not open.
  case unit(UnitOpenError)
  /// It does not listen.
  case server(ServerError)
  /// Its disk has failed.
  case diskFailed(String)
}

extension NodeProcessError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .settings(let objection): objection
    case .credentials(let error): "\(error)"
    case .folder(let path, .inUse):
      "\(path) is in use: another process of this node runs already"
    case .folder(let path, let error): "\(path): \(error)"
    case .otherCluster(let path, let cluster):
      "\(path) is the folder of a node of the cluster '\(cluster)'"
    case .otherNode(let path, let node):
      "\(path) is the folder of \(node): each node has a folder of its own, for ever"
    case .membership(let error): "\(error)"
    case .unit(let error): "\(error)"
    case .server(let error): "\(error)"
    case .diskFailed(let path):
      "\(path): the disk has failed, and what it kept is with other nodes; 'corfu cluster status' "
        + "tells how the cluster is"
    }
  }
}

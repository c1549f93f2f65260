public import CorfuProtocol
public import CorfuStripeMirror
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Where a node listens: takes connections, and has requests answered.
public final class TCPServer: Sendable {
  private let channel: any Channel
  private let connections: ServerConnections
  private let tales: ServerTales
  /// Has what is due told, while nobody connects, too, and connections looked after.
  private let reminder: RepeatedTask

  private init(_ channel: any Channel, _ connections: ServerConnections, _ tales: ServerTales) {
    self.channel = channel
    self.connections = connections
    self.tales = tales
    reminder = channel.eventLoop.scheduleRepeatedTask(
      initialDelay: .seconds(1),
      delay: .seconds(1)
    ) { _ in
      tales.remind()
      connections.tick()
    }
  }

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - address: Where; port 0 for one that is free.
  ///   - node: Whose door it is.
  ///   - cluster: The cluster that the node is of.
  ///   - security: How strangers are kept out.
  ///   - limits: How much is taken at once.
  ///   - onEvent: Hears what somebody should know.
  ///   - handler: What answers requests.
  /// - Returns: The server; it serves until ``close()``.
  /// - Throws: ``ServerError``.
  public static func start(
    on address: NodeAddress,
    as node: NodeID,
    of cluster: ClusterName,
    security: Security,
    limits: NetworkLimits = NetworkLimits(),
    onEvent: @escaping @Sendable (ServerEvent) -> Void = { _ in },
    serving handler: any PeerRequestHandler
  ) async throws(ServerError) -> TCPServer {
    let connections = ServerConnections(limits)
    let tales = ServerTales(onEvent)
    let isEncrypted = if case .mutual = security { true } else { false }
    let service = ServerConnection.Service(
      node: node,
      cluster: cluster,
      handler: handler,
      limits: limits,
      isEncrypted: isEncrypted,
      connections: connections,
      tales: tales
    )
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let rest = AcceptPause { onEvent(.waiting(because: $0)) }
          try channel.pipeline.syncOperations.addHandler(rest)
        }
      }
      .givingUpPeers(limits)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // Whoever has enough reads no more after a read, and not after four.
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let receiving = limits.receiving(amongst: connections.openCount)
          try channel.syncOptions?.setOption(.recvAllocator, value: receiving)
          let load = ConnectionLoad(of: channel, limits, in: connections.held)
          if let rejection = connections.add(channel, load) {
            let reason = ClosingReason(rejection)
            tales.tell(Closing(of: channel, reason, "rejected: \(rejection)"))
            throw ServerError.full
          }
          let pipeline = channel.pipeline.syncOperations
          if case .mutual(let credentials) = security {
            try pipeline.addHandler(NIOSSLServerHandler(context: credentials.serverContext))
          }
          try pipeline.addHandler(IdleStateHandler(readTimeout: TimeAmount(limits.idleMax)))
          try pipeline.addHandler(ServerConnection(service, load))
        }
      }
    do {
      let channel = try await bootstrap.bind(host: address.host, port: Int(address.port)).get()
      return TCPServer(channel, connections, tales)
    } catch {
      throw .notBound(address, SystemWords.of(error))
    }
  }

  /// The port that it listens on.
  public var port: UInt16 { UInt16(clamping: channel.localAddress?.port ?? 0) }

  /// How many connections it serves.
  public var connectionCount: Int { connections.count }

  /// How many requests it works on.
  public var requestCount: Int { connections.requestCount }

  /// How many bytes it holds of requests that it works on, and of answers that wait for their
  /// peers.
  public var heldBytes: Int { max(0, connections.held.count) }

  /// How many bytes came that were not taken.
  var untakenBytes: Int { connections.untakenBytes }

  /// Takes no more connections and closes those that there are.
  public func close() async { await drain(within: .zero) }

  /// Takes no more connections and no more requests, answers those that were taken, and closes the
  /// connections.
  ///
  /// - Parameter patience: How long what came may take.
  public func drain(within patience: Duration) async {
    // A door that is closed already is closed.
    try? await channel.close()
    let open = connections.drain()
    for line in open { line.load.stop() }
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline, open.contains(where: { !$0.load.isIdle }) {
      // Cancelled: the connections are closed then as well.
      try? await ContinuousClock().sleep(for: .milliseconds(5))
    }
    for line in open {
      // What was put in before is sent before.
      line.channel.eventLoop.execute { line.channel.close(promise: nil) }
    }
    for line in open { try? await line.channel.closeFuture.get() }  // Whatever ended it.
    reminder.cancel()
    tales.end()
  }
}

/// Why a node does not listen.
public enum ServerError: Error, Hashable, Sendable {
  /// The system does not let it have the address, and says why.
  case notBound(NodeAddress, String)
  /// There are too many connections.
  case full
}

extension ServerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notBound(let address, let reason):
      "cannot listen on \(address): \(reason)"
    case .full: "there are too many connections"
    }
  }
}

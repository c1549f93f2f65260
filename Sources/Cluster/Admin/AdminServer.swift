public import CorfuProtocol
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Tells over HTTP how a node is: `GET /health`, `/ready` and `/metrics`.
///
/// The first two answer 200 and `ok`, or 503 and a line that says why not.
public final class AdminServer: Sendable {
  private let channel: any Channel
  private let connections: AdminConnections

  private init(_ channel: any Channel, _ connections: AdminConnections) {
    self.channel = channel
    self.connections = connections
  }

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - address: Where; port 0 for one that is free.
  ///   - source: What is told.
  ///   - limits: How much is taken at once.
  /// - Returns: The server; it serves until ``close()``.
  /// - Throws: ``ServerError``.
  public static func start(
    on address: NodeAddress,
    source: any AdminSource,
    limits: AdminLimits = AdminLimits()
  ) async throws(ServerError) -> AdminServer {
    let connections = AdminConnections(connectionsMax: limits.connectionsMax)
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // The node's own door has the same trouble, and tells of it.
          try channel.pipeline.syncOperations.addHandler(AcceptPause { _ in })
        }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard connections.add(channel) else { throw ServerError.full }
          try addHandlers(to: channel, source, limits)
        }
      }
    do {
      let channel = try await bootstrap.bind(host: address.host, port: Int(address.port)).get()
      return AdminServer(channel, connections)
    } catch {
      throw .notBound(address, SystemWords.of(error))
    }
  }

  private static func addHandlers(
    to channel: any Channel,
    _ source: any AdminSource,
    _ limits: AdminLimits
  ) throws {
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldCount = limits.headersMax
    decoding.maxHeaderFieldSize = limits.headerBytesMax
    decoding.maxHeaderListSize = limits.headerListBytesMax
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(HTTPResponseEncoder())
    // The bound counts for a path without end, which is no header.
    try pipeline.addHandler(
      ByteToMessageHandler(
        HTTPRequestDecoder(limitConfiguration: decoding),
        maximumBufferSize: limits.headerListBytesMax
      )
    )
    // One request at a time: whoever sends several at once is answered in order.
    try pipeline.addHandler(HTTPServerPipelineHandler())
    try pipeline.addHandler(HTTPServerProtocolErrorHandler())
    try pipeline.addHandler(AdminConnection(source, limits))
  }

  /// The port that it listens on.
  public var port: UInt16 { UInt16(clamping: channel.localAddress?.port ?? 0) }

  /// How many connections there are.
  public var connectionCount: Int { connections.count }

  /// Takes no more connections, and closes those that there are.
  public func close() async {
    // A door that is closed already is closed.
    try? await channel.close()
    for channel in connections.drain() {
      channel.close(promise: nil)
      try? await channel.closeFuture.get()  // Whatever ended it.
    }
  }
}

/// The connections of an admin server.
final class AdminConnections: Sendable {
  private let connectionsMax: Int
  private let state = Mutex<(open: [ObjectIdentifier: any Channel], isOver: Bool)>(([:], false))

  init(connectionsMax: Int) {
    self.connectionsMax = connectionsMax
  }

  /// Notes a connection until it closes; `false` if there are too many.
  func add(_ channel: any Channel) -> Bool {
    let id = ObjectIdentifier(channel)
    let isAdded = state.withLock { state in
      if state.isOver || state.open.count >= connectionsMax { return false }
      state.open[id] = channel
      return true
    }
    guard isAdded else { return false }
    channel.closeFuture.whenComplete { _ in self.state.withLock { $0.open[id] = nil } }
    return true
  }

  /// How many there are.
  var count: Int { state.withLock { $0.open.count } }

  /// Takes no more.
  ///
  /// - Returns: Those that there are.
  func drain() -> [any Channel] {
    state.withLock { state in
      state.isOver = true
      return Array(state.open.values)
    }
  }
}

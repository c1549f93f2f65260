public import CorfuClient
internal import CorfuGlobalLog
public import CorfuProtocol
internal import CorfuStripeMirror
public import CorfuTransactions

/// The log of a running cluster, as a program uses it.
///
///     let connection = try await LogConnection.open(to: ["10.0.0.1:7001", "10.0.0.2:7001"])
///     let position = try await connection.log.append(Array("hello".utf8))
///     print(try await connection.log.read(position))
///     await connection.close()
public typealias ClusterLog = Client<TCPTransport, ContinuousClock, ReferenceParts>

/// A program's connection to a running cluster: the log, and the objects that live on it.
///
/// One connection serves all of a program's tasks; each node is connected to once. Operations end
/// within `ClientLimits.operationPatience`, or when their task is cancelled. Appends go out in
/// batches: one may wait for the batch before it, that long at most as well, and once its own batch
/// is under way it ends with that, cancelled or not, since then it may stand in the log.
public struct LogConnection: Sendable {
  /// The log: append, read, fill, trim, subscribe.
  public let log: ClusterLog
  /// The cluster.
  public let cluster: ClusterName
  let network: TCPTransport
  /// Sends appends of many callers together, until it is cancelled.
  private let service: Task<Void, Never>

  private init(log: ClusterLog, cluster: ClusterName, network: TCPTransport) {
    self.log = log
    self.cluster = cluster
    self.network = network
    service = Task { await log.run() }
  }

  /// Where tasks that append one entry after the other do so fastest, on the connection's own
  /// thread: `withTaskExecutorPreference(connection.executor) { … }`.
  ///
  /// Nothing that blocks may run there.
  public var executor: (any TaskExecutor)? { network.executor }

  /// Connects to a cluster.
  ///
  /// - Parameters:
  ///   - addresses: Some of its nodes, each `HOST:PORT`; one that answers is enough.
  ///   - cluster: Which cluster is meant; `nil` for whichever is there.
  ///   - security: How strangers are kept out.
  ///   - limits: How patient the client is, and how much it does at once.
  /// - Returns: The connection; ``close()`` ends it.
  /// - Throws: ``LogConnectionError``.
  public static func open(
    to addresses: [String],
    of cluster: ClusterName? = nil,
    security: Security = .open,
    limits: ClientLimits = ClientLimits()
  ) async throws(LogConnectionError) -> LogConnection {
    var places: [NodeAddress] = []
    for text in addresses {
      guard let place = NodeAddress(text) else { throw .address(text) }
      places.append(place)
    }
    let connection: ClusterConnection
    do {
      connection = try await ClusterConnection.open(to: places, of: cluster, security: security)
    } catch {
      throw .connection(error)
    }
    guard let layout = await newestLayout(of: connection, limits.callPatience) else {
      await connection.network.close()
      throw .notBegun(connection.cluster)
    }
    var random = SystemRandomNumberGenerator()
    let log = ClusterLog(
      id: ClientID(using: &random),
      layout: layout,
      network: connection.network,
      clock: ContinuousClock(),
      limits: limits
    )
    return LogConnection(log: log, cluster: connection.cluster, network: connection.network)
  }

  /// Objects, streams and transactions on the log; each runtime keeps its objects to itself.
  public func runtime(limits: RuntimeLimits = RuntimeLimits()) -> Runtime<ClusterLog> {
    Runtime(over: log, limits: limits)
  }

  /// Ends all connections: what is under way ends with an error.
  public func close() async {
    service.cancel()
    await network.close()
    await service.value
  }

  private static func newestLayout(
    of connection: ClusterConnection,
    _ patience: Duration
  ) async -> Layout? {
    var newest: Layout?
    for node in connection.nodes.sorted() {
      // Who is silent tells nothing; an old layout is no harm, as units tell the next.
      let reply = try? await connection.network.call(.newestLayout, to: node, patience: patience)
      guard case .newestLayout(let layout?)? = reply else { continue }
      if layout.epoch > newest?.epoch ?? .zero { newest = layout }
    }
    return newest
  }
}

/// Why a program has no log.
public enum LogConnectionError: Error, Hashable, Sendable {
  /// This is no address.
  case address(String)
  /// No node was found.
  case connection(ConnectionError)
  /// The cluster has no layout yet.
  case notBegun(ClusterName)
}

extension LogConnectionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .address(let text): "'\(text)' is no address: give HOST:PORT"
    case .connection(let error): "\(error)"
    case .notBegun(let cluster):
      "the cluster '\(cluster)' has not begun: 'corfu cluster init' brings its first layout into "
        + "force"
    }
  }
}

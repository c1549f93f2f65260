import CorfuClient
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Foundation
import Logging
import Testing

/// A folder of a test, which is gone after it.
struct TestFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "corfu-cluster-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() {
    // What is left of a test does no harm.
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// Nodes over TCP in this process, each with a folder of its own.
final class TestCluster {
  typealias Process = NodeProcess<ReferenceParts>

  let folder: TestFolder
  let name: ClusterName
  /// Whether nodes and clients show certificates.
  let authority: CertificateAuthority?
  /// Sizes that nodes work with from their next start on.
  var store = StoreLimits()
  /// How much their sequencers remember from then on.
  var sequencer = SequencerLimits()
  /// How their monitors work from then on.
  var monitoring = MonitorLimits()
  /// Sizes of messages, too.
  var network = NetworkLimits()
  /// Where nodes log from their next start on.
  var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  private(set) var processes: [NodeID: Process] = [:]
  private var runs: [NodeID: Task<Void, any Error>] = [:]

  init(encrypted: Bool = false) throws {
    folder = try TestFolder()
    name = try #require(ClusterName("test"))
    authority = encrypted ? CertificateAuthority(in: folder.path + "/ca", for: name) : nil
  }

  /// The files of somebody's certificate.
  func files(of name: String, _ role: PeerRole) throws -> Credentials.Files? {
    try authority?.issue(to: name, role, hosts: role == .node ? ["127.0.0.1"] : [], days: 1)
  }

  func security(of role: PeerRole) throws -> Security {
    guard let files = try files(of: "test", role) else { return .open }
    return .mutual(try Credentials(reading: files))
  }

  func settings(of node: NodeID, port: UInt16 = 0) throws -> NodeSettings {
    var settings = NodeSettings(
      cluster: name,
      node: node,
      folder: "\(folder.path)/\(node)",
      listen: try #require(NodeAddress(host: "127.0.0.1", port: port))
    )
    settings.credentials = try files(of: "\(node.number)", .node)
    settings.drainMax = .seconds(2)
    settings.store = store
    settings.sequencer = sequencer
    settings.monitoring = monitoring
    settings.network = network
    return settings
  }

  @discardableResult
  func start(_ node: NodeID, port: UInt16 = 0) async throws -> NodeAddress {
    let process = try await Process.open(try settings(of: node, port: port), logger: logger)
    processes[node] = process
    runs[node] = Task { try await process.run() }
    return try #require(process.address)
  }

  /// Ends a node as SIGTERM does.
  func end(_ node: NodeID) async throws {
    let run = runs.removeValue(forKey: node)
    processes[node] = nil
    run?.cancel()
    try await run?.value
  }

  func endAll() async throws {
    for node in processes.keys.sorted() { try await end(node) }
    folder.remove()
  }

  func connect(as role: PeerRole) async throws -> ClusterConnection {
    try await ClusterConnection.open(
      to: processes.values.compactMap(\.address),
      of: name,
      as: role,
      security: try security(of: role)
    )
  }

  /// Does something as an operator.
  @discardableResult
  func operate<Value>(
    _ body: (ClusterOperator<ReferenceParts>) async throws -> Value
  ) async throws -> Value {
    let connection = try await connect(as: .operator)
    do {
      let value = try await body(ClusterOperator(of: connection))
      await connection.network.close()
      return value
    } catch {
      await connection.network.close()
      throw error
    }
  }

  /// Starts nodes and begins.
  func begin(nodes: Int, stripes: Int, replicas: Int) async throws {
    for number in 1...nodes { try await start(NodeID(UInt32(number))) }
    _ = try await operate { hand in
      try await hand.begin(.init(stripes: stripes, replicas: replicas))
    }
  }

  typealias Log = Client<TCPTransport, ContinuousClock, ReferenceParts>

  /// A new client, and the way that is to be closed after it.
  func client() async throws -> (log: Log, network: TCPTransport) {
    let connection = try await connect(as: .client)
    var layout: Layout?
    for node in connection.nodes {
      // Another knows it.
      let reply = try? await connection.network.call(
        .newestLayout,
        to: node,
        patience: .seconds(5)
      )
      if case .newestLayout(let known?)? = reply, known.epoch > layout?.epoch ?? .zero {
        layout = known
      }
    }
    var random = SystemRandomNumberGenerator()
    let log = Log(
      id: ClientID(using: &random),
      layout: try #require(layout),
      network: connection.network,
      clock: ContinuousClock()
    )
    return (log, connection.network)
  }

  /// Waits until something is so.
  func wait(
    _ what: String,
    until isSo: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isSo() {
      guard ContinuousClock.now < deadline else { throw TestTimeout(what: what) }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}

struct TestTimeout: Error {
  let what: String
}

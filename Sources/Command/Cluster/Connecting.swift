import CorfuClient
import CorfuCluster
import CorfuProtocol
import CorfuRepl
import CorfuStripeMirror

/// Opens a session on a cluster of processes.
///
/// - Parameters:
///   - addresses: Where some of its nodes are.
///   - security: How strangers are kept out.
///   - local: The cluster's processes, if they are this machine's.
///   - patience: How long to wait for each node; `nil` for as long as clients do.
///   - persistence: How long to go on trying what does not succeed; `nil` for as long as people do.
/// - Returns: The session; the caller closes it.
/// - Throws: ``ReplError``, with a text that says what to do.
func openConnected(
  to addresses: [NodeAddress],
  security: Security,
  local: LocalCluster? = nil,
  patience: Duration? = nil,
  persistence: Duration? = nil
) async throws(ReplError) -> any ReplSession {
  let connection = try await connect(to: addresses, as: .client, security, patience: patience)
  var limits = ConnectedSessions.limitsDefault
  if let patience { limits.callPatience = patience }
  if let persistence { limits.operationPatience = persistence }
  let name = addresses.first.map { "the cluster '\(connection.cluster)' at \($0)" } ?? "a cluster"
  do throws(ReplError) {
    return try await ConnectedSessions.open(
      to: name,
      knowing: connection.nodes,
      via: connection.network,
      clock: ContinuousClock(),
      limits: limits,
      parts: ReferenceParts.self,
      hands: local.map { LocalHands(of: $0, addresses: addresses, security: security) }
    ) { await connection.network.close() }
  } catch {
    await connection.network.close()
    throw error
  }
}

/// How long whoever looks at a cluster waits for each node: one that stands still is to be told of,
/// and not to be waited for.
let lookPatience = Duration.seconds(1)

/// Connects to a cluster.
///
/// - Parameters:
///   - addresses: Where some of its nodes are.
///   - role: As who.
///   - security: How strangers are kept out.
///   - patience: How long to wait for each node; `nil` for as long as clients do.
/// - Returns: The connection; the caller closes its network.
/// - Throws: ``ReplError/refused(_:)``.
func connect(
  to addresses: [NodeAddress],
  as role: PeerRole,
  _ security: Security,
  patience: Duration? = nil
) async throws(ReplError) -> ClusterConnection {
  var limits = NetworkLimits()
  if let patience { (limits.connectPatience, limits.greetingPatience) = (patience, patience) }
  do {
    return try await ClusterConnection.open(
      to: addresses,
      as: role,
      security: security,
      limits: limits
    )
  } catch {
    throw .refused("\(error)")
  }
}

/// Does something as an operator of a cluster.
@discardableResult
func operating<Value>(
  on addresses: [NodeAddress],
  _ security: Security,
  _ body: (ClusterOperator<ReferenceParts>) async throws(OperatorError) -> Value
) async throws(ReplError) -> Value {
  let connection = try await connect(to: addresses, as: .operator, security)
  let result: Result<Value, OperatorError>
  do throws(OperatorError) {
    result = .success(try await body(ClusterOperator(of: connection)))
  } catch {
    result = .failure(error)
  }
  await connection.network.close()
  switch result {
  case .success(let value): return value
  case .failure(.notChanged(let error)): throw .refused(ReconfigurationWords.atShell(error))
  case .failure(let error): throw .refused("\(error)")
  }
}

/// The name of a node, as people type it: `n3`, or `3`.
func nodeID(_ text: String) throws(ReplError) -> NodeID {
  let digits = text.hasPrefix("n") ? text.dropFirst() : Substring(text)
  guard let number = UInt32(digits), number > 0 else {
    throw .refused("'\(text)' is no node: nodes are called n1, n2, …")
  }
  return NodeID(number)
}

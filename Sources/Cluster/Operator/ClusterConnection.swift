public import CorfuProtocol
public import CorfuStripeMirror

/// A program's way into a cluster, found from the address of any of its nodes.
public struct ClusterConnection: Sendable {
  /// The way to all nodes that are known.
  public let network: TCPTransport
  /// The cluster.
  public let cluster: ClusterName
  /// Who there is, as far as the nodes that were asked know; `nil` if the cluster has not begun.
  public let membership: Membership?
  /// Who was met at which address.
  public let met: [NodeAddress: NodeID]
  /// Why nobody was met at the other addresses, in order.
  public let missed: [MeetingError]

  /// All nodes that are known.
  public var nodes: Set<NodeID> {
    Set(met.values).union(membership?.members.keys.map(\.self) ?? [])
  }

  /// Finds a cluster.
  ///
  /// - Parameters:
  ///   - addresses: Where some of its nodes are; one that answers is enough.
  ///   - cluster: Which cluster is meant; `nil` for whichever is there.
  ///   - role: What this program is.
  ///   - security: How strangers are kept out.
  ///   - limits: How much is on its way at once.
  /// - Returns: The way; the caller closes its network.
  /// - Throws: ``ConnectionError``.
  public static func open(
    to addresses: [NodeAddress],
    of cluster: ClusterName? = nil,
    as role: PeerRole = .client,
    security: Security,
    limits: NetworkLimits = NetworkLimits()
  ) async throws(ConnectionError) -> ClusterConnection {
    let network = TCPTransport(
      as: Hello(cluster: cluster, role: role),
      security: security,
      limits: limits
    )
    do throws(ConnectionError) {
      return try await find(addresses, network)
    } catch {
      await network.close()
      throw error
    }
  }

  private static func find(
    _ addresses: [NodeAddress],
    _ network: TCPTransport
  ) async throws(ConnectionError) -> ClusterConnection {
    var met: [NodeAddress: NodeID] = [:]
    var troubles: [MeetingError] = []
    var cluster: ClusterName?
    for result in await meet(addresses, network) {
      switch result {
      case .success((let address, let welcome)):
        if let cluster, cluster != welcome.cluster {
          throw .severalClusters(cluster, welcome.cluster)
        }
        if let other = met.first(where: { $0.value == welcome.node }), other.key != address {
          throw .sameName(welcome.node, other.key, address)
        }
        cluster = welcome.cluster
        met[address] = welcome.node
      case .failure(let error): troubles.append(error)
      }
    }
    guard let cluster else { throw .nobody(troubles) }
    let membership = await network.discover(besides: Set(met.values))
    return ClusterConnection(
      network: network,
      cluster: cluster,
      membership: membership,
      met: met,
      missed: troubles.sorted { $0.description < $1.description }
    )
  }

  private static func meet(
    _ addresses: [NodeAddress],
    _ network: TCPTransport
  ) async -> [Result<(NodeAddress, Welcome), MeetingError>] {
    await withTaskGroup(of: Result<(NodeAddress, Welcome), MeetingError>.self) { group in
      for address in Set(addresses) {
        group.addTask {
          do throws(MeetingError) {
            return .success((address, try await network.meet(address)))
          } catch {
            return .failure(error)
          }
        }
      }
      var results: [Result<(NodeAddress, Welcome), MeetingError>] = []
      for await result in group { results.append(result) }
      return results
    }
  }
}

/// Why a cluster was not found.
public enum ConnectionError: Error, Hashable, Sendable {
  /// None of the nodes answers.
  case nobody([MeetingError])
  /// The addresses are of nodes of different clusters.
  case severalClusters(ClusterName, ClusterName)
  /// Two nodes have one name.
  case sameName(NodeID, NodeAddress, NodeAddress)
}

extension ConnectionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nobody(let troubles):
      troubles.map(\.description).sorted().joined(separator: "; ")
    case .severalClusters(let one, let other):
      "these are nodes of two clusters, '\(one)' and '\(other)': name those of one"
    case .sameName(let node, let one, let other):
      "\(one) and \(other) both say that they are \(node): give each node a number of its own"
    }
  }
}

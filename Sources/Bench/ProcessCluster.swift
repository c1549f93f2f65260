internal import CorfuClient
internal import CorfuCluster
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuTransactions

/// A cluster of real processes below a benchmark's folder.
struct ProcessCluster: Sendable {
  typealias Log = Client<TCPTransport, ContinuousClock, ReferenceParts>

  let local: LocalCluster
  let members: [LocalCluster.Member]
  let network: TCPTransport
  /// Another way there, with connections and a thread of its own: for somebody who does not wait
  /// for what others have on their way.
  let apart: TCPTransport
  let layout: Layout

  /// Starts a cluster, hands it to `body`, and ends its processes.
  static func with<Result>(
    in folder: BenchFolder,
    program: String,
    stripes: Int,
    replicas: Int,
    spares: Int,
    _ body: (ProcessCluster) async throws -> Result
  ) async throws -> Result {
    // Nobody is left to end the nodes if this program is killed.
    let local = LocalCluster(
      in: folder.path(of: "cluster"),
      program: program,
      leash: ProcessLeash()
    )
    var members: [LocalCluster.Member] = []
    for _ in 0..<stripes * replicas + spares { members.append(try local.add()) }
    let result: Result
    do {
      for member in members { try local.start(member.node) }
      let begun = try await local.begin(
        members,
        stripes: stripes,
        replicas: replicas,
        patience: .seconds(30)
      )
      let cluster = ProcessCluster(
        local: local,
        members: members,
        network: begun.network,
        apart: secondWay(to: members, apartFrom: begun.network),
        layout: begun.layout
      )
      result = try await body(cluster)
      await cluster.apart.close()
      await begun.network.close()
    } catch {
      await local.kill(members)
      throw error
    }
    await local.kill(members)
    return result
  }

  private static func secondWay(
    to members: [LocalCluster.Member],
    apartFrom network: TCPTransport
  ) -> TCPTransport {
    let hello = Hello(cluster: LocalCluster.name, role: .client)
    let way = TCPTransport(as: hello, security: .open, apartFrom: network)
    way.learn(Dictionary(uniqueKeysWithValues: members.map { ($0.node, $0.address) }))
    return way
  }

  /// A new client.
  ///
  /// - Parameter isApart: Whether it goes the other way, and not by the connections of all others.
  /// - Returns: The client.
  func client(apart isApart: Bool = false) -> Log {
    var random = SystemRandomNumberGenerator()
    return Log(
      id: ClientID(using: &random),
      layout: layout,
      network: isApart ? apart : network,
      clock: ContinuousClock()
    )
  }
}

internal import Corfu
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
    let local = LocalCluster(in: folder.path(of: "cluster"), program: program)
    var members: [LocalCluster.Member] = []
    for _ in 0..<stripes * replicas + spares { members.append(try local.add()) }
    let result: Result
    do {
      for member in members { try local.start(member.node) }
      let cluster = try await begin(local, members, stripes: stripes, replicas: replicas)
      result = try await body(cluster)
      await cluster.network.close()
    } catch {
      await end(local, members)
      throw error
    }
    await end(local, members)
    return result
  }

  private static func begin(
    _ local: LocalCluster,
    _ members: [LocalCluster.Member],
    stripes: Int,
    replicas: Int
  ) async throws -> ProcessCluster {
    let addresses = members.map(\.address)
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        let connection = try await ClusterConnection.open(
          to: addresses,
          as: .operator,
          security: .open
        )
        guard connection.met.count == members.count else {
          await connection.network.close()
          throw BenchError.failed("not all nodes answer")
        }
        let layout = try await ClusterOperator<ReferenceParts>(of: connection)
          .begin(.init(stripes: stripes, replicas: replicas))
        return ProcessCluster(
          local: local,
          members: members,
          network: connection.network,
          layout: layout
        )
      } catch {
        // They may not listen yet.
        if ContinuousClock.now > deadline { throw error }
        try await ContinuousClock().sleep(for: .milliseconds(50))
      }
    }
  }

  private static func end(_ local: LocalCluster, _ members: [LocalCluster.Member]) async {
    for member in members { local.kill(member.node) }
    for member in members { _ = await local.waitForEnd(of: member.node, patience: .seconds(5)) }
  }

  /// A new client, which shares the benchmark's connections.
  func client() -> Log {
    var random = SystemRandomNumberGenerator()
    return Log(
      id: ClientID(using: &random),
      layout: layout,
      network: network,
      clock: ContinuousClock()
    )
  }
}

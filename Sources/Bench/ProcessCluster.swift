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
      result = try await body(
        ProcessCluster(local: local, members: members, network: begun.network, layout: begun.layout)
      )
      await begun.network.close()
    } catch {
      await local.kill(members)
      throw error
    }
    await local.kill(members)
    return result
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

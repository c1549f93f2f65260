internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStages

/// A cluster of chapter 5 on real files, all of it in this process.
struct BenchCluster: Sendable {
  typealias Cluster = Stage5<FileDevice, LoopbackTransport, ReferenceParts>
  typealias BenchClient = Client<LoopbackTransport, ContinuousClock, ReferenceParts>

  let folder: BenchFolder
  let stripes: Int
  let replicas: Int

  /// Opens a fresh cluster, hands it to `body`, closes it and removes its files.
  func with<Result: Sendable>(
    _ body: (Cluster) async throws -> Result
  ) async throws -> Result {
    try folder.make()
    let cluster = Cluster(
      shape: Cluster.Shape(stripes: stripes, replicas: replicas),
      network: LoopbackTransport()
    ) { FileDevice(path: folder.path(of: "\($0)")) }
    var random = SystemRandomNumberGenerator()
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      // Without a thread of its own a unit shares the others', and is slower.
      group.addTask { await cluster.run { try? ThreadExecutor() } }
      do {
        try await cluster.open(using: &random)
        let result = try await body(cluster)
        try await cluster.close()
        return result
      } catch {
        // The first error is the one to tell.
        try? await cluster.close()
        throw error
      }
    }
    try folder.remove()
    return result
  }

  /// New clients, each on its own.
  static func clients(_ count: Int, of cluster: Cluster) throws -> [BenchClient] {
    var random = SystemRandomNumberGenerator()
    return try (0..<count).map { _ in
      try cluster.client(clock: ContinuousClock(), using: &random)
    }
  }
}

import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Synchronization

/// A transport on which somebody stands in the way of requests.
struct MeddlingTransport: LocalTransport {
  typealias Pass = @Sendable (Request) async throws(TransportError) -> Reply
  typealias Meddling =
    @Sendable (Request, NodeID, Pass) async throws(TransportError) -> Reply

  let mayRepeat: Bool
  private let inner = LoopbackTransport()
  private let meddling: Meddling

  init(mayRepeat: Bool = false, _ meddling: @escaping Meddling) {
    self.mayRepeat = mayRepeat
    self.meddling = meddling
  }

  func connect(_ handler: any RequestHandler, as node: NodeID) {
    inner.connect(handler, as: node)
  }

  func disconnect(_ node: NodeID) { inner.disconnect(node) }

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    let inner = inner
    return try await meddling(request, node) { (request) throws(TransportError) in
      try await inner.call(request, to: node, patience: patience)
    }
  }
}

/// A number that tasks share.
final class Tally: Sendable {
  private let number = Mutex(0)

  var count: Int { number.withLock { $0 } }

  /// Counts one more, and says which it is.
  func next() -> Int {
    number.withLock { number in
      number += 1
      return number
    }
  }
}

typealias MeddledClient = Client<MeddlingTransport, SimulatedClock, ReferenceParts>

/// Runs a body with a client of a small cluster, in virtual time.
func withClient(
  through transport: MeddlingTransport,
  stripes: Int = 1,
  replicas: Int = 2,
  _ body: @escaping @Sendable (MeddledClient) async throws -> Void
) throws {
  let world = World(seed: 5)
  try world.run {
    var random = world.random.split()
    let disks = MemoryDisks()
    let cluster = Stage5<MemoryDevice, MeddlingTransport, ReferenceParts>(
      shape: .init(stripes: stripes, replicas: replicas),
      network: transport,
      limits: .small(segmentBytes: 64 << 10)
    ) { disks.disk($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await cluster.run() }
      try await cluster.open(using: &random)
      do {
        try await body(try cluster.client(clock: world.clock, using: &random))
      } catch {
        try await cluster.close()
        throw error
      }
      try await cluster.close()
    }
  }
}

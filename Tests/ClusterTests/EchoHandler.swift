import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror
import Synchronization
import Testing

/// Answers what a test can recognise, late where it is asked to.
final class EchoHandler: PeerRequestHandler {
  private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])
  private let peers = Mutex<[Peer]>([])
  private let membership = Mutex<Membership?>(nil)
  private let reads = Atomic<Int>(0)

  /// How many requests to read were worked on.
  var readCount: Int { reads.load(ordering: .relaxed) }

  /// Who has asked.
  var seen: [Peer] { peers.withLock { $0 } }

  /// How many requests wait for ``release()``.
  var waitingCount: Int { waiting.withLock { $0.count } }

  /// Lets all go that wait.
  func release() {
    for continuation in waiting.withLock({ waiting in
      defer { waiting = [] }
      return waiting
    }) {
      continuation.resume()
    }
  }

  /// Has it say from now on who is in the cluster.
  func tell(_ membership: Membership) { self.membership.withLock { $0 = membership } }

  func answerAtOnce(_ request: Request, of peer: Peer) -> Reply? {
    peers.withLock { $0.append(peer) }
    switch request {
    case .tail(let request): return .tail(Position(request.layout.hash))
    case .membership(nil): return membership.withLock { $0 }.map { Reply.membership($0) }
    default: return nil
    }
  }

  func handle(_ request: Request, of peer: Peer) async -> Reply {
    switch request {
    case .space:
      await withCheckedContinuation { continuation in
        waiting.withLock { $0.append(continuation) }
      }
      return .trimmed
    case .read(let request):
      reads.wrappingAdd(1, ordering: .relaxed)
      let entry = Entry(
        mark: EntryMark(client: ClientID(high: 1, low: 2), sequence: 3),
        payload: [UInt8](repeating: 7, count: 1 << 20)
      )
      return .slots(request.positions.map { _ in .success(.data(entry)) })
    case .write(let request): return .written(request.values.map { _ in .written })
    default: return .reigning
    }
  }
}

/// A server on a free port of this machine, and how to get there.
struct EchoServer {
  static let node = NodeID(7)
  let cluster: ClusterName
  let handler = EchoHandler()
  let server: TCPServer

  init(
    _ limits: NetworkLimits = NetworkLimits(),
    security: Security = .open,
    onEvent: @escaping @Sendable (ServerEvent) -> Void = { _ in }
  ) async throws {
    cluster = try #require(ClusterName("orders"))
    let anywhere = try #require(NodeAddress(host: "127.0.0.1", port: 0))
    server = try await TCPServer.start(
      on: anywhere,
      as: Self.node,
      of: cluster,
      security: security,
      limits: limits,
      onEvent: onEvent,
      serving: handler
    )
  }

  var address: NodeAddress? { NodeAddress(host: "127.0.0.1", port: server.port) }

  /// A way there for a program of some role.
  func transport(
    _ role: PeerRole = .client,
    security: Security = .open,
    limits: NetworkLimits = NetworkLimits()
  ) throws -> TCPTransport {
    let transport = TCPTransport(
      as: Hello(cluster: cluster, role: role),
      security: security,
      limits: limits
    )
    transport.learn([Self.node: try #require(address)])
    return transport
  }
}

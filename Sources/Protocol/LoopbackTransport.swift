public import CorfuStripeMirror
internal import Synchronization

/// The transport of a cluster in one process: a call is a call.
///
/// Nothing is lost and nothing is late here, so it has no use for patience: a handler answers, if
/// only that its disk failed.
public final class LoopbackTransport: LocalTransport {
  private let handlers = Mutex<[NodeID: any RequestHandler]>([:])

  /// A transport that knows nobody yet.
  public init() {}

  /// Makes a node known, in place of what was known by its name before.
  public func connect(_ handler: any RequestHandler, as node: NodeID) {
    handlers.withLock { $0[node] = handler }
  }

  /// Forgets a node: calls to it find no way.
  public func disconnect(_ node: NodeID) {
    handlers.withLock { $0[node] = nil }
  }

  public func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    guard let handler = handlers.withLock({ $0[node] }) else { throw .unreachable }
    return await handler.handle(request)
  }
}

internal import CorfuProtocol
internal import CorfuStripeMirror

/// The transport of a cluster in one process, which counts what goes over it.
final class CountedTransport: LocalTransport {
  private let loopback = LoopbackTransport()
  private let calls = SharedCounter()

  /// How many requests and replies there were.
  var messages: Int { 2 * calls.count }

  func connect(_ handler: any RequestHandler, as node: NodeID) {
    loopback.connect(handler, as: node)
  }

  func disconnect(_ node: NodeID) { loopback.disconnect(node) }

  /// Handles a node's requests in tasks of the caller, until the node is disconnected.
  func serve(_ node: NodeID) async { await loopback.serve(node) }

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    _ = calls.next()
    return try await loopback.call(request, to: node, patience: patience)
  }
}

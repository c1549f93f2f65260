internal import CorfuProtocol
internal import CorfuStripeMirror

/// The way of somebody who stands still for a while before telling what was decided.
///
/// By then others may have asked the acceptors, and must have heard the same.
struct StallingWay: Transport {
  let way: ClusterWay
  let world: World
  let stall: Duration

  var mayRepeat: Bool { way.mayRepeat }

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    if case .install = request, stall > .zero { await world.sleep(for: stall) }
    return try await way.call(request, to: node, patience: patience)
  }
}

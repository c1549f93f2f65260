import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Synchronization

/// Whether a client lives, and where it is to die.
final class ClientFate: Sendable {
  private struct State: Sendable {
    var plan: ClusterCommand.CrashPoint?
    var isDead = false
    var watcher: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Whether it is dead.
  var isDead: Bool { state.withLock { $0.isDead } }

  /// Lets it die at the next chance.
  func plan(_ point: ClusterCommand.CrashPoint) {
    if point == .now { return die() }
    state.withLock { $0.plan = point }
  }

  /// Whether a reply is the last thing that the client was to bring about.
  func dies(by reply: Reply) -> Bool {
    let dies = state.withLock { state in
      switch (state.plan, reply) {
      case (.afterToken?, .token), (.afterHead?, .written): true
      case (.afterToken?, .grants(let grants)):
        grants.contains { if case .token(_) = $0 { true } else { false } }
      default: false
      }
    }
    if dies { die() }
    return dies
  }

  private func die() {
    let watcher = state.withLock { state in
      state.isDead = true
      return state.watcher.take()
    }
    watcher?.resume()
  }

  /// Waits until it is dead, or the task is cancelled.
  func waitForDeath() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isDead || Task.isCancelled { return true }
          state.watcher = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.watcher.take() }?.resume()
    }
  }
}

/// A client's way into the network, which ends where the client does.
struct MortalWay<Time: Clock>: LocalTransport where Time.Duration == Duration {
  let endpoint: SimulatedNetwork<Time>.Endpoint
  let fate: ClientFate

  func connect(_ handler: any RequestHandler, as node: NodeID) {
    endpoint.connect(handler, as: node)
  }

  func disconnect(_ node: NodeID) { endpoint.disconnect(node) }

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    if fate.isDead { throw .timedOut }
    let reply = try await endpoint.call(request, to: node, patience: patience)
    // Whatever the dead would do next, nobody hears of it.
    if fate.dies(by: reply) { throw .timedOut }
    return reply
  }
}

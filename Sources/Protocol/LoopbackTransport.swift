public import CorfuStripeMirror
internal import Synchronization

/// The transport of a cluster in one process: a call is a call.
///
/// Nothing is lost and nothing is late here, so it has no use for patience: a handler answers, if
/// only that its disk failed. A node that is served (``serve(_:)``) does its work in tasks of its
/// own, and whoever does not want to wait for it any more is cancelled and goes on; otherwise a
/// request is handled in the task that makes it.
public final class LoopbackTransport: LocalTransport {
  private struct Seat: Sendable {
    let handler: any RequestHandler
    /// Where requests go, if the node is served.
    var inbox: AsyncStream<LoopbackCall>.Continuation?
  }

  private let seats = Mutex<[NodeID: Seat]>([:])

  /// A transport that knows nobody yet.
  public init() {}

  /// Makes a node known, in place of what was known by its name before.
  public func connect(_ handler: any RequestHandler, as node: NodeID) {
    let before = seats.withLock { $0.updateValue(Seat(handler: handler), forKey: node) }
    before?.inbox?.finish()
  }

  /// Forgets a node: calls to it find no way.
  public func disconnect(_ node: NodeID) {
    let before = seats.withLock { $0.removeValue(forKey: node) }
    before?.inbox?.finish()
  }

  /// Handles a node's requests in tasks of the caller, until the node is disconnected.
  ///
  /// With an executor that the caller prefers they are on it, as those of a process are in that
  /// process.
  public func serve(_ node: NodeID) async {
    let (calls, inbox) = AsyncStream<LoopbackCall>.makeStream()
    let handler = seats.withLock { seats in
      seats[node]?.inbox = inbox
      return seats[node]?.handler
    }
    guard let handler else { return }
    await withDiscardingTaskGroup { group in
      for await call in calls {
        group.addTask { call.end(with: await handler.handle(call.request)) }
      }
    }
  }

  /// Whether a node is served.
  package func isServed(_ node: NodeID) -> Bool {
    seats.withLock { $0[node]?.inbox != nil }
  }

  public func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    guard let seat = seats.withLock({ $0[node] }) else { throw .unreachable }
    guard let inbox = seat.inbox else { return await seat.handler.handle(request) }
    let call = LoopbackCall(request)
    if case .terminated = inbox.yield(call) { throw .unreachable }
    let reply = await withTaskCancellationHandler {
      await call.reply()
    } onCancel: {
      call.end(with: nil)
    }
    guard let reply else { throw .timedOut }
    return reply
  }
}

/// A request on its way to a node that is served.
private final class LoopbackCall: Sendable {
  private enum State: Sendable {
    case open
    case awaited(UnsafeContinuation<Reply?, Never>)
    /// `nil` if nobody waits any more.
    case over(Reply?)
  }

  let request: Request
  private let state = Mutex(State.open)

  init(_ request: Request) {
    self.request = request
  }

  /// Waits for the end.
  func reply() async -> Reply? {
    await withUnsafeContinuation { continuation in
      let end: Reply?? = state.withLock { state in
        if case .over(let reply) = state { return .some(reply) }
        state = .awaited(continuation)
        return nil
      }
      if let end { continuation.resume(returning: end) }
    }
  }

  /// Ends the call, if it is not over.
  func end(with reply: Reply?) {
    let waiting: UnsafeContinuation<Reply?, Never>? = state.withLock { state in
      switch state {
      case .over: return nil
      case .open:
        state = .over(reply)
        return nil
      case .awaited(let continuation):
        state = .over(reply)
        return continuation
      }
    }
    waiting?.resume(returning: reply)
  }
}

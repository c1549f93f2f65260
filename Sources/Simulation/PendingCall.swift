internal import CorfuProtocol
internal import Synchronization

/// A call that waits for its reply, or for its end.
final class PendingCall: Sendable {
  private struct State: Sendable {
    var answer: Result<Reply, TransportError>?
    var waiter: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// What came of it; asked once it is resolved.
  var answer: Result<Reply, TransportError> {
    state.withLock { $0.answer } ?? .failure(.timedOut)
  }

  /// Whether somebody waits for it still.
  var isOpen: Bool { state.withLock { $0.answer == nil } }

  /// The first answer counts.
  func resolve(_ answer: Result<Reply, TransportError>) {
    let waiter = state.withLock { state in
      if state.answer == nil { state.answer = answer }
      return state.waiter.take()
    }
    waiter?.resume()
  }

  func wait() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if state.answer != nil { return true }
          state.waiter = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      resolve(.failure(.timedOut))
    }
  }
}

internal import Synchronization

/// One at a time, in the order in which they came: across awaits, where a lock must not be held.
package final class Turn: Sendable {
  private struct State: Sendable {
    var isTaken = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Nobody's turn.
  package init() {}

  /// Waits for its turn; ``end()`` must follow.
  package func take() async {
    await withUnsafeContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken {
          state.waiting.append(continuation)
          return false
        }
        state.isTaken = true
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  /// Gives the turn to whoever waits longest.
  package func end() {
    let next = state.withLock { state in
      // It is handed on, so nobody can come in between.
      state.isTaken = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.resume()
  }
}

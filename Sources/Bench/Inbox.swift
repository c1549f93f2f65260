internal import Synchronization

/// Messages that wait for whoever takes them, any number at a time.
final class Inbox<Message: Sendable>: Sendable {
  private struct State: Sendable {
    var messages: [Message] = []
    var takers: [UnsafeContinuation<Void, Never>] = []
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Leaves a message.
  func put(_ message: Message) {
    let taker = state.withLock { state in
      state.messages.append(message)
      return state.takers.popLast()
    }
    taker?.resume()
  }

  /// Takes what is there, and waits if there is nothing; takes nothing once it is closed and empty.
  func take(atMost count: Int = .max) async -> [Message] {
    while true {
      let (messages, isClosed) = state.withLock { state in
        let taken = Array(state.messages.prefix(count))
        state.messages.removeFirst(taken.count)
        return (taken, state.isClosed)
      }
      if !messages.isEmpty || isClosed { return messages }
      await withUnsafeContinuation { continuation in
        let mustWait = state.withLock { state in
          let mustWait = state.messages.isEmpty && !state.isClosed
          if mustWait { state.takers.append(continuation) }
          return mustWait
        }
        if !mustWait { continuation.resume() }
      }
    }
  }

  /// No more messages will come.
  func close() {
    let takers = state.withLock { state in
      state.isClosed = true
      defer { state.takers = [] }
      return state.takers
    }
    for taker in takers { taker.resume() }
  }
}

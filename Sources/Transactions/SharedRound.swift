internal import Synchronization

/// Work that is done once for all who wait for it at that moment.
///
/// Whoever comes while a round is under way waits for the next one: what is learned must have been
/// asked for after they came (R32).
final class SharedRound<Answer: Sendable>: Sendable {
  /// What a waiting caller is woken with.
  private enum Wake: Sendable {
    /// It is to do the work, for itself and for others.
    case lead([UnsafeContinuation<Wake, Never>])
    case answer(Answer)
    /// Whoever did the work was called off.
    case again
  }

  private struct State: Sendable {
    var isRunning = false
    var waiting: [UnsafeContinuation<Wake, Never>] = []
  }

  private let state = Mutex(State())

  /// Whether somebody is at it, on whose answer others will wait.
  var isUnderWay: Bool { state.withLock { $0.isRunning } }

  /// Takes part in the next round.
  ///
  /// - Parameter work: What is to be done; `nil` if the caller was called off meanwhile.
  /// - Returns: What came of it; `nil` only if this caller did the work, and was called off.
  func join(_ work: () async -> Answer?) async -> Answer? {
    while true {
      switch await wake() {
      case .answer(let answer): return answer
      case .again: continue
      case .lead(let others):
        let answer = await work()
        for other in others { other.resume(returning: answer.map { .answer($0) } ?? .again) }
        passOn()
        return answer
      }
    }
  }

  private func wake() async -> Wake {
    await withUnsafeContinuation { continuation in
      let mayLead = state.withLock { state in
        if state.isRunning {
          state.waiting.append(continuation)
          return false
        }
        state.isRunning = true
        return true
      }
      if mayLead { continuation.resume(returning: .lead([])) }
    }
  }

  /// Has whoever came first do the next round, for all who came meanwhile.
  private func passOn() {
    let next = state.withLock { state in
      let next = state.waiting
      state.waiting = []
      state.isRunning = !next.isEmpty
      return next
    }
    next.first?.resume(returning: .lead(Array(next.dropFirst())))
  }
}

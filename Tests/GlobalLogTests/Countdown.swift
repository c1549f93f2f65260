import Synchronization

/// Counts down, and stays at its end.
final class Countdown: Sendable {
  private let left: Mutex<Int>

  init(_ count: Int) {
    left = Mutex(count)
  }

  /// Whether it was asked so often before.
  func isOver() -> Bool {
    left.withLock { left in
      defer { left = max(0, left - 1) }
      return left == 0
    }
  }
}

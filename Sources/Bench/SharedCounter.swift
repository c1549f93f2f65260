internal import Synchronization

/// Hands out 0, 1, 2, … to any number of tasks, each number once.
final class SharedCounter: Sendable {
  private let state = Atomic<Int>(0)

  /// How many were handed out.
  var count: Int { state.load(ordering: .relaxed) }

  /// Hands out one number, or several in a row of which this is the first.
  func next(_ count: Int = 1) -> Int { state.wrappingAdd(count, ordering: .relaxed).oldValue }
}

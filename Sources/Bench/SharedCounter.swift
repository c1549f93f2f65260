internal import Synchronization

/// Hands out 0, 1, 2, … to any number of tasks, each number once.
final class SharedCounter: Sendable {
  private let state = Atomic<Int>(0)

  /// How many were handed out.
  var count: Int { state.load(ordering: .relaxed) }

  func next() -> Int { state.wrappingAdd(1, ordering: .relaxed).oldValue }
}

internal import Synchronization

/// Tells tasks that it is enough.
final class StopSign: Sendable {
  private let state = Atomic<Bool>(false)

  /// Whether it is enough.
  var isSet: Bool { state.load(ordering: .relaxed) }

  /// Has them stop, each when it is done with what it is at.
  func set() { state.store(true, ordering: .relaxed) }
}

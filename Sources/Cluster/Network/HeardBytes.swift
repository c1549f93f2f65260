internal import Synchronization

/// How many bytes have come on a connection: whether the other side says anything at all.
final class HeardBytes: Sendable {
  private let total = Atomic<Int>(0)

  /// How many there are.
  var count: Int { total.load(ordering: .relaxed) }

  /// Notes that more have come.
  func add(_ bytes: Int) { total.wrappingAdd(bytes, ordering: .relaxed) }
}

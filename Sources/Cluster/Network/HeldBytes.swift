internal import Synchronization

/// How many bytes the connections of a server hold together: of requests that are worked on, and of
/// answers that their peers have not taken.
///
/// Half of what there may be is for whoever comes first. Once that is used up, each connection may
/// hold an equal part of the other half. So all together hold no more than that, but for a message
/// each; and whoever holds little goes on, whatever others do.
final class HeldBytes: Sendable {
  private let bytesMax: Int
  private let total = Atomic<Int>(0)
  private let connections = Atomic<Int>(1)

  init(max bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// How many there are.
  var count: Int { total.load(ordering: .relaxed) }

  /// Notes how many more there are; fewer, where the number is below zero.
  func add(_ bytes: Int) { total.wrappingAdd(bytes, ordering: .relaxed) }

  /// Notes how many connections there are.
  func share(among count: Int) { connections.store(max(1, count), ordering: .relaxed) }

  /// Whether a connection that holds so many has to wait before it takes more.
  func isTooMuch(_ bytes: Int) -> Bool {
    let half = bytesMax / 2
    return count > half && bytes > half / connections.load(ordering: .relaxed)
  }
}

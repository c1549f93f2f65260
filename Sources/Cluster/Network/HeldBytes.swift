internal import Synchronization

/// How many bytes the connections of a server hold together: of requests that are worked on, and of
/// answers that their peers have not taken.
///
/// Half of what there may be is for whoever comes first. Once that is used up, each connection may
/// hold an equal part of a quarter, and whoever holds little goes on, whatever others do. The last
/// quarter is room for those who took their part when there were fewer, and for connections that
/// are over and whose requests are still worked on. Once all is used, whoever holds anything waits:
/// so all together hold no more than that, but for a message each.
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
    let count = count
    if count >= bytesMax { return bytes > 0 }
    return count > bytesMax / 2 && bytes > bytesMax / 4 / connections.load(ordering: .relaxed)
  }
}

/// The places of something in an order that jumps about, each of them once: what a disk reads ahead
/// of one is of no use to the next.
struct ScatteredOrder: Equatable, Sendable {
  /// How many places there are.
  let count: Int

  /// A prime: unless it divides their number, it leads to each of them.
  private static var step: Int { 7919 }

  /// An order of so many places, whose number is no multiple of 7919.
  init(count: Int) {
    precondition(count > 0 && count % Self.step != 0, "\(count) places would not all be met")
    self.count = count
  }

  /// The place that comes as the so many-th, from 0.
  func place(_ turn: Int) -> Int { turn % count * Self.step % count }
}

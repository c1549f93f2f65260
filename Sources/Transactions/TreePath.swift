/// The way from the root of a tree to an element, or to where one would be inserted.
///
/// In each node on the way it names a slot: of the child that it goes down to, and at last of the
/// element itself.
struct TreePath: Equatable {
  /// Fifteen levels below the root hold more than there are numbers to count them.
  private var slots = SIMD16<UInt8>()
  /// The level of the last slot; the root's is 0.
  private(set) var end = 0
  /// Whether an element is there.
  private(set) var isHit = false

  /// The slot on a level.
  func slot(at level: Int) -> Int {
    Int(slots[level])
  }

  /// Goes on to a child.
  mutating func descend(to slot: Int) {
    slots[end] = UInt8(truncatingIfNeeded: slot)
    end += 1
  }

  /// Ends here.
  mutating func stop(at slot: Int, isHit: Bool) {
    slots[end] = UInt8(truncatingIfNeeded: slot)
    self.isHit = isHit
  }
}

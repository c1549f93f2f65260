/// A dictionary from positions to small values, made for positions that lie close together.
///
/// A multiplication spreads neighbours over the table, which costs a fraction of a general hash;
/// values stand in the array itself. Looking up, inserting and removing take O(1) on average.
struct PositionTable<Value: BitwiseCopyable & Equatable & Sendable>: Sendable {
  private struct Place: BitwiseCopyable, Sendable {
    var key: UInt64
    var value: Value
  }

  /// No position has this number (``Position/max`` is half as large).
  private static var vacant: UInt64 { .max }

  private(set) var count = 0
  /// A power of two of places, at least a quarter of them vacant; or none at all.
  private var places: [Place] = []
  /// How far a spread number is shifted to become an index.
  private var shift: UInt64 = 64

  subscript(position: Position) -> Value? {
    guard count > 0 else { return nil }
    let place = places[index(of: position.number)]
    return place.key == Self.vacant ? nil : place.value
  }

  func contains(_ position: Position) -> Bool {
    count > 0 && places[index(of: position.number)].key != Self.vacant
  }

  func contains(where isWanted: (Position) -> Bool) -> Bool {
    places.contains { $0.key != Self.vacant && isWanted(Position($0.key)) }
  }

  /// The values, in no order that means anything.
  var values: some Sequence<Value> {
    places.lazy.filter { $0.key != Self.vacant }.map(\.value)
  }

  /// Gives a position a value; the one it had, if any, is gone.
  mutating func set(_ value: Value, at position: Position) {
    if (count + 1) * 4 > places.count * 3 { grow(vacantValue: value) }
    let index = index(of: position.number)
    if places[index].key == Self.vacant { count += 1 }
    places[index] = Place(key: position.number, value: value)
  }

  /// Takes a position out, if it is there.
  mutating func remove(_ position: Position) {
    guard count > 0 else { return }
    var hole = index(of: position.number)
    guard places[hole].key != Self.vacant else { return }
    count -= 1
    // Whoever was pushed behind the hole by what stood in it moves up, or would not be found again.
    let mask = places.count - 1
    var next = (hole + 1) & mask
    while places[next].key != Self.vacant {
      let distance = (next &- home(of: places[next].key)) & mask
      if distance >= (next &- hole) & mask {
        places[hole] = places[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    places[hole].key = Self.vacant
  }

  private func home(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
  }

  /// Where a key stands, or the vacant place where it would.
  private func index(of key: UInt64) -> Int {
    var index = home(of: key)
    while places[index].key != key && places[index].key != Self.vacant {
      index = (index + 1) & (places.count - 1)
    }
    return index
  }

  private mutating func grow(vacantValue: Value) {
    let old = places
    let size = max(16, old.count * 2)
    shift = 64 - UInt64(size.trailingZeroBitCount)
    places = Array(repeating: Place(key: Self.vacant, value: vacantValue), count: size)
    for place in old where place.key != Self.vacant {
      places[index(of: place.key)] = place
    }
  }
}

extension PositionTable: Equatable {
  static func == (left: PositionTable, right: PositionTable) -> Bool {
    left.count == right.count
      && left.places.allSatisfy {
        $0.key == vacant || right[Position($0.key)] == $0.value
      }
  }
}

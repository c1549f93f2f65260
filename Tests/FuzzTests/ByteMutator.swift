import CorfuSimulation

/// Changes bytes as disks, networks and strangers may; the same seed changes them in the same way.
struct ByteMutator {
  private var random: SeededGenerator

  /// Numbers at which counts, lengths and positions change their meaning.
  private static let numbers: [UInt64] = [
    0, 1, 2, 23, 24, 127, 128, 255, 256, 65_535, 65_536, 1 << 31, 1 << 32, 1 << 62, 1 << 63,
    .max >> 1, .max - 1, .max,
  ]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// Bytes that nobody wrote.
  mutating func noise() -> [UInt8] {
    some(random.number(below: 80))
  }

  /// Changes bytes in one place or in several.
  ///
  /// - Parameters:
  ///   - bytes: What is to be changed.
  ///   - other: What a part may be taken from instead.
  /// - Returns: The changed bytes.
  mutating func changed(_ bytes: [UInt8], or other: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.number(below: 3) { change(&bytes, other) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
    let place = random.number(below: bytes.count + 1)
    let end = min(bytes.count, place + random.number(below: 9))
    switch random.number(below: 10) {
    // Half of all changes leave the length as it is.
    case 0, 1: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.number(below: 8)) }
    case 2: if place < bytes.count { bytes[place] = UInt8(random.number(below: 256)) }
    case 3, 4: overwrite(&bytes, at: place)
    case 5: bytes.removeSubrange(place..<end)
    case 6: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 7: bytes.insert(contentsOf: some(1 + random.number(below: 8)), at: place)
    case 8: bytes.removeSubrange(place...)
    default: bytes = Array(bytes[..<place] + other.suffix(random.number(below: other.count + 1)))
    }
  }

  private mutating func overwrite(_ bytes: inout [UInt8], at place: Int) {
    let number = random.element(of: Self.numbers) ?? 0
    for index in 0..<(1 << random.number(below: 4)) where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
    }
  }

  private mutating func some(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(random.number(below: 256)) }
  }
}

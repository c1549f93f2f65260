internal import CorfuGlobalLog

/// How many positions are read at once to be copied, so that what is held has about so many bytes.
///
/// Pure: it is told what was read. It begins with few, as nobody knows how large entries are, and
/// reads twice as many each time as long as they are small.
struct CopySize: Equatable, Sendable {
  /// The most positions that are read at once: as many entries of the largest size are held for a
  /// moment, where they follow small ones.
  static let countMax = 128
  /// About so many bytes are held at once.
  static let bytesMax = 8 << 20

  /// How many positions to read next.
  private(set) var count = 16

  /// Takes in what stands at the positions that were read.
  mutating func learn(from slots: [Slot]) {
    let largest = slots.reduce(1) { max($0, $1.payloadBytes) }
    count = max(1, min(Self.countMax, count * 2, Self.bytesMax / largest))
  }
}

extension Slot {
  /// How large its payload is, in bytes.
  var payloadBytes: Int {
    if case .data(let entry) = self { entry.payload.count } else { 0 }
  }
}

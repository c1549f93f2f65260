/// Which part of the tries of transactions was off lately, the last ones counting most.
struct AbortShare: Equatable, Sendable {
  /// In parts of ``whole``.
  private(set) var share = 0

  static let whole = 1 << 12
  /// How many tries are remembered, about.
  private static let memory = 16

  /// Whether more than every eighth was off.
  var isHigh: Bool { share > Self.whole / 8 }

  /// Takes in one more try.
  mutating func note(isOff: Bool) {
    share += ((isOff ? Self.whole : 0) - share) / Self.memory
  }
}

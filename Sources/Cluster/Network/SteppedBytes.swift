/// A number of bytes that is told elsewhere in steps: many connections do not write to one place
/// for each small message.
struct SteppedBytes {
  /// How far what was told is from what is so, at most.
  static let step = 4 << 10

  private var told = 0

  /// Says what is to be added elsewhere.
  ///
  /// Zero is always told: once all is over, nothing of it is left anywhere.
  ///
  /// - Parameter bytes: How many there are now.
  /// - Returns: How many more than were told; 0 while that is little.
  mutating func tell(_ bytes: Int) -> Int {
    let more = bytes - told
    if bytes != 0 && abs(more) < Self.step { return 0 }
    told = bytes
    return more
  }
}

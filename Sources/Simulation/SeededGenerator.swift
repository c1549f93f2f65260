/// The generator behind all chance in a simulation: SplitMix64, eight bytes of state.
///
/// The same seed gives the same numbers on every platform and with every version of the library,
/// which is why the helpers below do not use the standard library's `random(in:using:)`.
public struct SeededGenerator: RandomNumberGenerator, Equatable, Sendable {
  private var state: UInt64

  /// A generator that begins at a seed; neighbouring seeds give unrelated numbers.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// A number from 0 up to, not including, `bound`, which must be positive.
  public mutating func number(below bound: Int) -> Int {
    precondition(bound > 0, "there is no number below \(bound)")
    // The bias of a multiplication without rejection is 2⁻⁶⁴ · bound: nothing a test could notice.
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number of a closed range.
  public mutating func number(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + number(below: range.count)
  }

  /// A number from 0 up to, not including, 1.
  public mutating func fraction() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Whether something of this probability happens.
  ///
  /// Always draws, so that a rate of zero does not shift later draws.
  public mutating func chance(_ probability: Double) -> Bool {
    fraction() < probability
  }

  /// A span of time of a closed range, in whole nanoseconds.
  public mutating func duration(in range: ClosedRange<Duration>) -> Duration {
    let span = (range.upperBound - range.lowerBound).nanosecondsRoundedUp
    return range.lowerBound + .nanoseconds(Int64(number(below: Int(min(span, .max - 1)) + 1)))
  }

  /// One of the elements; `nil` if there are none.
  public mutating func element<Element>(of elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[number(below: elements.count)]
  }

  /// A generator of its own for one part of the world, so that its draws do not disturb the
  /// others'.
  public mutating func split() -> SeededGenerator {
    SeededGenerator(seed: next())
  }
}

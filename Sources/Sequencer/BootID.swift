/// One life of a sequencer's process: 128 random bits, drawn when it started.
///
/// A sequencer keeps its counter in memory only. A process that was restarted is somebody else, who
/// knows nothing, and its name says so (R9).
public struct BootID: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// The boot with these bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Draws a new boot.
  public init(using generator: inout some RandomNumberGenerator) {
    self.init(high: generator.next(), low: generator.next())
  }

  /// The first four hexadecimal digits: enough to see that it is another one.
  public var description: String {
    let digits = String(high >> 48, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

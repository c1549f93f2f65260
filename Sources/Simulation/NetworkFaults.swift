/// How often a network does what to messages by itself.
public struct NetworkFaults: Equatable, Sendable {
  /// The probability that a message, request or reply, is lost.
  public var lossRate: Double
  /// The probability that a request arrives twice.
  public var repeatRate: Double
  /// How long a message is under way; messages overtake one another.
  public var delay: ClosedRange<Duration>

  /// Some faults.
  public init(
    lossRate: Double = 0,
    repeatRate: Double = 0,
    delay: ClosedRange<Duration> = .zero ... .zero
  ) {
    self.lossRate = lossRate
    self.repeatRate = repeatRate
    self.delay = delay
  }

  /// Every message arrives at once, and once.
  public static let none = NetworkFaults()
}

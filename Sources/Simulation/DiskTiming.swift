/// How long something takes, drawn anew each time.
public struct Latency: Equatable, Sendable {
  /// What it takes most times.
  public var typical: ClosedRange<Duration>
  /// What it takes now and then.
  public var rare: ClosedRange<Duration>
  /// How often "now and then" is, from 0 to 1.
  public var rareRate: Double

  /// A latency in a range, all values alike.
  public static func uniform(_ range: ClosedRange<Duration>) -> Latency {
    Latency(typical: range, rare: range, rareRate: 0)
  }

  /// A latency that is always the same.
  public static func fixed(_ duration: Duration) -> Latency {
    .uniform(duration...duration)
  }

  /// A latency with a long tail.
  public static func longTail(
    _ typical: ClosedRange<Duration>,
    rare: ClosedRange<Duration>,
    rate: Double
  ) -> Latency {
    Latency(typical: typical, rare: rare, rareRate: rate)
  }

  /// Draws one.
  public func draw(using generator: inout SeededGenerator) -> Duration {
    let isRare = generator.chance(rareRate)
    return generator.duration(in: isRare ? rare : typical)
  }
}

/// What a simulated disk's syncs cost in virtual time; all else takes none.
public struct DiskTiming: Equatable, Sendable {
  /// What a sync takes besides moving bytes.
  ///
  /// Syncs under way at once each take it by themselves.
  public var sync: Latency

  /// How many bytes the disk takes in per second; `nil` for any number.
  ///
  /// Syncs under way at once share it.
  public var bytesPerSecond: Int?

  /// By how much everything is slower than that: 1 for a healthy disk, 50 for a sick one.
  public var slowdown: Double

  /// A disk's timing; unless told otherwise that of an SSD without a limit on bandwidth.
  public init(
    sync: Latency = .uniform(.microseconds(100)...(.microseconds(900))),
    bytesPerSecond: Int? = nil,
    slowdown: Double = 1
  ) {
    self.sync = sync
    self.bytesPerSecond = bytesPerSecond
    self.slowdown = slowdown
  }

  /// The time to move so many bytes.
  func transfer(_ bytes: Int) -> Duration {
    guard let bytesPerSecond else { return .zero }
    return .seconds(Double(bytes) / Double(bytesPerSecond)) * slowdown
  }
}

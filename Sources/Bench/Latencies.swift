internal import Histogram
internal import Synchronization

/// How long operations took: a histogram from nanoseconds to hours, exact to a hundredth.
public struct Latencies: Sendable {
  private var histogram = Histogram<UInt64>(
    highestTrackableValue: 3_600_000_000_000,
    numberOfSignificantValueDigits: .two
  )

  /// No operations yet.
  public init() {}

  /// How many operations were recorded.
  public var count: Int { Int(histogram.totalCount) }

  /// Takes in one operation.
  public mutating func record(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    histogram.record(UInt64(max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)))
  }

  /// Takes in what others recorded.
  public mutating func add(_ other: Latencies) {
    histogram.add(other.histogram)
  }

  /// The time, in seconds, within which so many percent of the operations were done; zero where
  /// there were none.
  public func seconds(atPercentile percent: Double) -> Double {
    count == 0 ? 0 : Double(histogram.valueAtPercentile(percent)) / 1e9
  }
}

/// Latencies that many tasks record.
final class SharedLatencies: Sendable {
  private let latencies = Mutex(Latencies())

  func record(_ duration: Duration) {
    latencies.withLock { $0.record(duration) }
  }

  func take() -> Latencies { latencies.withLock { $0 } }
}

internal import Metrics
internal import Synchronization

/// What counts or measures, and can tell what it has.
protocol Meter: AnyObject, Sendable {
  /// What it shows, without the labels of the whole meter.
  var samples: [MetricFamily.Sample] { get }
}

/// Counts whole numbers, upwards.
final class CountMeter: Meter, CounterHandler {
  private let count = Atomic<Int64>(0)

  func increment(by amount: Int64) {
    // Whoever gathers takes a fall for a restart.
    if amount > 0 { count.wrappingAdd(amount, ordering: .relaxed) }
  }

  func reset() { count.store(0, ordering: .relaxed) }

  var samples: [MetricFamily.Sample] { [.init(value: Double(count.load(ordering: .relaxed)))] }
}

/// Adds up numbers, upwards.
final class SumMeter: Meter, FloatingPointCounterHandler {
  private let sum = Mutex(0.0)

  func increment(by amount: Double) {
    // Nothing that is no number gets in: it would stay for ever.
    if amount > 0, amount.isFinite { sum.withLock { $0 += amount } }
  }

  func reset() { sum.withLock { $0 = 0 } }

  var samples: [MetricFamily.Sample] { [.init(value: sum.withLock { $0 })] }
}

/// Knows how much there is of something.
final class LevelMeter: Meter, MeterHandler, RecorderHandler {
  private let level = Mutex(0.0)

  func set(_ value: Int64) { level.withLock { $0 = Double(value) } }
  func set(_ value: Double) { level.withLock { $0 = value } }
  func increment(by amount: Double) { level.withLock { $0 += amount } }
  func decrement(by amount: Double) { level.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(value) }
  func record(_ value: Double) { set(value) }

  var samples: [MetricFamily.Sample] { [.init(value: level.withLock { $0 })] }
}

/// Knows how many numbers there were, and their sum.
final class SummaryMeter: Meter, RecorderHandler {
  private let state = Mutex((sum: 0.0, count: 0))

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    state.withLock { $0 = ($0.sum + value, $0.count + 1) }
  }

  var samples: [MetricFamily.Sample] {
    let (sum, count) = state.withLock { $0 }
    return [.init(suffix: "_sum", value: sum), .init(suffix: "_count", value: Double(count))]
  }
}

/// Knows how many durations were how long.
final class TimeMeter: Meter, TimerHandler {
  /// The bounds in nanoseconds: from a hand-over between threads to a request that was given up.
  private static let bounds: [Int64] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000,
  ].map { $0 * 1_000 }

  private struct State {
    /// How many fell between a bound and the one before; the last had no bound.
    var counts = [Int](repeating: 0, count: TimeMeter.bounds.count + 1)
    var nanoseconds: Int64 = 0
  }

  private let state = Mutex(State())

  func recordNanoseconds(_ duration: Int64) {
    // A clock that was set back.
    let duration = max(duration, 0)
    let index = Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.counts[index] += 1
      // After three centuries.
      state.nanoseconds = state.nanoseconds.addingReportingOverflow(duration).partialValue
    }
  }

  func preferDisplayUnit(_ unit: TimeUnit) {
    // Whoever gathers expects seconds.
  }

  var samples: [MetricFamily.Sample] {
    let state = state.withLock { $0 }
    var below = 0
    var samples: [MetricFamily.Sample] = []
    for (index, count) in state.counts.enumerated() {
      below += count
      let isLast = index == Self.bounds.count
      let bound = isLast ? Double.infinity : Double(Self.bounds[index]) / 1e9
      samples.append(
        .init(
          suffix: "_bucket",
          labels: [("le", PrometheusText.number(bound))],
          value: Double(below)
        )
      )
    }
    samples.append(.init(suffix: "_sum", value: Double(state.nanoseconds) / 1e9))
    samples.append(.init(suffix: "_count", value: Double(below)))
    return samples
  }
}

internal import Synchronization

/// When appends were acknowledged, and how long none was: told the time, so it can be tested.
struct AppendGaps: Sendable {
  /// When the last was acknowledged, or when watching began.
  private var last: Duration
  /// The longest time without any.
  private(set) var longest = Duration.zero
  /// The longest that one append took.
  private(set) var slowest = Duration.zero

  /// Begins to watch.
  init(at now: Duration) {
    last = now
  }

  /// An append was acknowledged.
  mutating func acknowledge(at now: Duration, after time: Duration) {
    pass(to: now)
    last = max(last, now)
    slowest = max(slowest, time)
  }

  /// It is later, and nothing was acknowledged since.
  mutating func pass(to now: Duration) {
    longest = max(longest, now - last)
  }
}

import Synchronization

/// A clock whose time stands still until somebody sleeps, which then takes no time at all.
///
/// For transcripts: what they print does not depend on how fast the machine is, and they never
/// wait.
public final class StillClock: Clock {
  /// A moment: so much time after the clock was made.
  public struct Instant: InstantProtocol {
    fileprivate let offset: Duration

    /// The moment so much later.
    public func advanced(by duration: Duration) -> Instant {
      Instant(offset: offset + duration)
    }

    /// The time between two moments.
    public func duration(to other: Instant) -> Duration {
      other.offset - offset
    }

    /// Which one is earlier.
    public static func < (left: Instant, right: Instant) -> Bool {
      left.offset < right.offset
    }
  }

  private let offset = Mutex(Duration.zero)
  private let limit: Duration

  /// A clock at zero.
  ///
  /// Whoever sleeps beyond `limit` is cancelled: nothing else would end a wait without end.
  public init(limit: Duration = .seconds(86400)) {
    self.limit = limit
  }

  /// The time.
  public var now: Instant { Instant(offset: offset.withLock { $0 }) }
  /// Any step.
  public var minimumResolution: Duration { .nanoseconds(1) }

  /// Moves the time on at once.
  public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    guard deadline.offset <= limit else { throw CancellationError() }
    offset.withLock { $0 = max($0, deadline.offset) }
    await Task.yield()
  }
}

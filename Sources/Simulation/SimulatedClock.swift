/// A clock on a world's virtual time: what production code gets in place of `ContinuousClock`.
///
/// ```swift
/// let clock = world.clock
/// try await clock.sleep(for: .seconds(3600))  // an hour that takes no time
/// ```
public struct SimulatedClock: Clock {
  /// A moment of the world's time.
  public struct Instant: InstantProtocol {
    /// The time since the world began.
    public let sinceStart: Duration

    /// The moment this long after the world began.
    public init(sinceStart: Duration) {
      self.sinceStart = sinceStart
    }

    /// The moment this much later.
    public func advanced(by duration: Duration) -> Instant {
      Instant(sinceStart: sinceStart + duration)
    }

    /// The time from this moment to another.
    public func duration(to other: Instant) -> Duration {
      other.sinceStart - sinceStart
    }

    /// Whether a moment comes before another.
    public static func < (left: Instant, right: Instant) -> Bool {
      left.sinceStart < right.sinceStart
    }
  }

  private let world: World

  /// The clock of a world.
  public init(_ world: World) {
    self.world = world
  }

  /// The world's present moment.
  public var now: Instant { Instant(sinceStart: world.now) }

  /// A nanosecond.
  public var minimumResolution: Duration { .nanoseconds(1) }

  /// Sleeps until the deadline.
  ///
  /// Throws `CancellationError`, at once, if the task is or gets cancelled.
  public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    let rang = await world.alarm(after: deadline.sinceStart - world.now)
    if !rang { throw CancellationError() }
  }
}

extension World {
  /// A clock that shows the world's time.
  public var clock: SimulatedClock { SimulatedClock(self) }
}

/// Says how long to rest between two attempts to connect: the part that exercise 8.3 builds.
public protocol Resting: Sendable {
  /// Nothing has failed yet.
  ///
  /// - Parameters:
  ///   - first: The longest rest after one failure.
  ///   - longest: The longest rest there is; not below `first`.
  init(first: Duration, longest: Duration)

  /// How long to rest after an attempt that failed.
  ///
  /// A limit begins at `first` and doubles from one failure to the next, up to `longest`. The rest
  /// is drawn from the upper half of what the limit allows.
  ///
  /// - Parameter random: Draws it.
  /// - Returns: From half the limit to the limit.
  mutating func next(using random: inout some RandomNumberGenerator) -> Duration

  /// Notes that an attempt has worked: the next failure is a first one.
  mutating func reset()
}

/// How long to rest between two attempts to connect.
///
/// Those that lost their connection at the same moment, as all do when a node ends, must not come
/// back at the same moment: that is why chance is in it.
public struct ReconnectRest: Resting {
  /// The longest rest after one failure.
  public let first: Duration
  /// The longest rest there is.
  public let longest: Duration
  private var limit: Duration

  public init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
    limit = first
  }

  // exercise 8.3: rest longer from failure to failure, and never all at the same moment
  public mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let half = limit / 2
    let part = Double.random(in: 0...1, using: &random)
    defer { limit = min(limit * 2, longest) }
    return half + half * part
  }

  public mutating func reset() {
    limit = first
  }
  // end 8.3
}

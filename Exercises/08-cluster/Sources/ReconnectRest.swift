// Exercise 8.3: rest longer from failure to failure, and never all at the same moment
// Write the body below, then: swift run course check 8.3
import CorfuChecks
public import CorfuProtocol

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

  public mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    TODO("8.3 rest longer from failure to failure, and never all at the same moment")
  }

  public mutating func reset() {
    TODO("8.3 rest longer from failure to failure, and never all at the same moment")
  }
}

/// Says how long to rest between two looks at a hole: the part that exercise 5.5 builds.
///
/// Each look is a question to the tail of a chain. Pure: what time it is comes from the owner.
public protocol HolePausing: Sendable {
  /// Nobody has rested yet.
  ///
  /// - Parameters:
  ///   - timeout: When it is time to fill.
  ///   - first: How long the first rest is; shorter than the timeout.
  init(timeout: Duration, first: Duration)

  /// How long to rest after a look that found nothing.
  ///
  /// - Parameter waited: How long the hole was waited for so far; a rest may have taken longer than
  ///   it should.
  /// - Returns: A rest that ends at the timeout at the latest; `nil` if it is time to fill.
  mutating func next(after waited: Duration) -> Duration?
}

/// Rests that are short at first.
///
/// Most holes are young: somebody is about to write there. The longer one stays, the less a moment
/// more or less matters.
public struct HolePauses: HolePausing {
  private let timeout: Duration
  private var pause: Duration

  public init(timeout: Duration, first: Duration) {
    self.timeout = timeout
    pause = first
  }

  // exercise 5.5: rest longer from look to look, and never beyond the timeout
  public mutating func next(after waited: Duration) -> Duration? {
    if waited >= timeout { return nil }
    defer { pause = pause * 2 }
    return min(pause, timeout - waited)
  }
  // end 5.5
}

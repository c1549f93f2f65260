// Exercise 5.5: rest longer from look to look, and never beyond the timeout
// Write the body below, then: swift run course check 5.5
import CorfuChecks
public import CorfuWriteOnce

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

  public mutating func next(after waited: Duration) -> Duration? {
    TODO("5.5 rest longer from look to look, and never beyond the timeout")
  }
}

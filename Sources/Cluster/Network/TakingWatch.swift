/// Tells a peer that takes nothing of what waits for it from one that is merely slow.
///
/// A value without a clock: whoever uses it says what time it is.
struct TakingWatch {
  private struct Look {
    var takenBytes: Int
    var leftBytes: Int
    /// When it was seen to take something last.
    var since: ContinuousClock.Instant
  }

  private let patience: Duration
  private var last: Look?

  init(patience: Duration) {
    self.patience = patience
  }

  /// Looks how far the peer is.
  ///
  /// - Parameters:
  ///   - takenBytes: How many bytes of batches it has taken that are over.
  ///   - leftBytes: How many are left of the batch that is on its way; `nil` if there is none.
  ///   - now: The time.
  /// - Returns: Whether it has taken nothing for too long, though there is something to take.
  mutating func isStuck(
    takenBytes: Int,
    leftBytes: Int?,
    at now: ContinuousClock.Instant
  ) -> Bool {
    guard let leftBytes else {
      last = nil
      return false
    }
    let isMoving = last.map { takenBytes != $0.takenBytes || leftBytes < $0.leftBytes } ?? true
    let since = isMoving ? now : last?.since ?? now
    last = Look(takenBytes: takenBytes, leftBytes: leftBytes, since: since)
    return now - since >= patience
  }
}

/// Tells a node that cannot be heard any more from one that takes its time.
///
/// Where a network loses everything, a connection notices nothing: the system sends again what was
/// sent, after pauses that double, and once the network is whole the next of them may be minutes
/// away. So a node that was asked, and says nothing at all for a while, is asked something that
/// takes no time. A slow disk holds up no such answer. Whoever does not give it is called on
/// another connection.
///
/// A value without a clock: whoever uses it says what time it is.
struct SilenceWatch: Equatable {
  /// What can be seen of a connection.
  struct Look: Equatable {
    /// How many bytes came.
    var heardBytes = 0
    /// How many bytes of batches the system has taken that are over.
    var takenBytes = 0
    /// How many are left of the batch that is on its way.
    var leftBytes = 0
  }

  /// What is to be done.
  enum Verdict: Equatable {
    /// Nothing.
    case wait
    /// Ask something that takes no time.
    case ask
    /// Call the node on another connection.
    case giveUp
  }

  private let patience: Duration
  private var last: Look?
  private var lastTime = Duration.zero
  /// For how long nothing came.
  private var silence = Duration.zero
  /// How many bytes the system had taken when the silence began.
  private var takenBefore = 0
  private var hasAsked = false

  init(patience: Duration) {
    self.patience = patience
  }

  /// Looks at a connection on which an answer is waited for.
  ///
  /// - Parameters:
  ///   - look: What can be seen.
  ///   - now: The time, from whatever beginning.
  /// - Returns: What is to be done.
  mutating func look(_ look: Look, at now: Duration) -> Verdict {
    let isAlive = last.map { Self.isSign(look, after: $0) } ?? true
    // A program that stands still hears nothing either, and that is not the node's silence; nor is
    // the time in which nobody waited for anything.
    let step = min(now - lastTime, patience / 8)
    (last, lastTime) = (look, now)
    if isAlive {
      (silence, takenBefore, hasAsked) = (.zero, look.takenBytes, false)
      return .wait
    }
    silence += step
    if !hasAsked {
      guard silence >= patience / 4 else { return .wait }
      hasAsked = true
      return .ask
    }
    let allowed = patience + allowance(for: look.takenBytes - takenBefore)
    return silence >= allowed ? .giveUp : .wait
  }

  /// Whether the other side was heard, or has taken something that it had no room for before.
  private static func isSign(_ look: Look, after last: Look) -> Bool {
    if look.heardBytes != last.heardBytes { return true }
    if last.leftBytes == 0 { return false }
    return look.takenBytes != last.takenBytes || look.leftBytes < last.leftBytes
  }

  /// How much longer to wait for what was sent since.
  ///
  /// Over a slow link it is still on its way. The system takes no more than some MiB of it ahead.
  private func allowance(for bytes: Int) -> Duration {
    min(.milliseconds(bytes >> 10), patience * 2)
  }
}

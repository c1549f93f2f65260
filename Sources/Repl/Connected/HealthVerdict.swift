/// Whether all is well with a cluster, in a word, and why not.
public struct HealthVerdict: Hashable, Sendable {
  /// How it is.
  public enum State: String, Hashable, Sendable {
    /// Nothing is amiss.
    case well
    /// It serves, and something is not as it should be.
    case degraded
    /// Something cannot be read, or nothing be appended.
    case down
  }

  /// How it is.
  public let state: State
  /// Why it is not well, the worst first, with what helps.
  public let reasons: [String]

  /// What becomes of what is known.
  init(of troubles: ClusterTroubles) {
    reasons = troubles.halting + troubles.weakening
    state = troubles.halting.isEmpty ? reasons.isEmpty ? .well : .degraded : .down
  }

  /// Nothing can be found out.
  init(down reason: String) {
    state = .down
    reasons = [reason]
  }

  /// The verdict, and the first reason, in a line.
  var headline: String {
    guard let first = reasons.first else { return "all is well" }
    let more = reasons.count > 1 ? " (and \(reasons.count - 1) more, below)" : ""
    return "\(state): \(first)\(more)"
  }
}

/// Why a run of a ``World`` is worth nothing, with all that is needed to look into it.
public struct WorldFailure: Error, Equatable, Sendable {
  /// What went wrong.
  public enum Reason: Equatable, Sendable {
    /// A job left the world, so the run was not deterministic.
    case escaped(Escape)
    /// The body did not finish, nothing is ready to run and no timer is set.
    case deadlock
    /// The run took more steps than it was allowed.
    case livelock(stepsMax: Int)
    /// The body threw. The text describes the error.
    case threw(String)
  }

  /// The way by which a job left.
  public enum Escape: String, Equatable, Sendable {
    /// To the global pool.
    case globalPool = "a job went to the global pool (Task {}, Task.detached)"
    /// Into the world, from a thread that is not the world's.
    case foreignThread = "a job came from a foreign thread (Task.sleep, @MainActor, a callback)"
  }

  /// What went wrong.
  public let reason: Reason
  /// The seed of the world.
  public let seed: UInt64
  /// When it was noticed, in virtual time since the world began.
  public let time: Duration
  /// How many steps the world had made.
  public let steps: Int
  /// The last events, the oldest first.
  public let events: [String]
}

extension WorldFailure: CustomStringConvertible {
  /// All that is known, over several lines.
  public var description: String {
    let what =
      switch reason {
      case .escaped(let escape):
        "\(escape.rawValue), so this run cannot be replayed"
      case .deadlock:
        "deadlock: the body did not finish, nothing is ready to run and no timer is set; "
          + "what it waits for never came, or lies outside of the world (Task.sleep, @MainActor)"
      case .livelock(let stepsMax):
        "livelock: still busy after \(stepsMax) steps"
      case .threw(let error):
        "the body threw: \(error)"
      }
    let head = "\(what)\n  seed \(seed), after \(steps) steps, at \(time.microsecondsText)"
    if events.isEmpty { return head + "; no events were noted" }
    return head + "; the last events:\n" + events.map { "    " + $0 }.joined(separator: "\n")
  }
}

/// What a figure must reach.
public struct Budget: Hashable, Sendable {
  /// Which side of the limit is good.
  public enum Bound: String, Hashable, Sendable {
    case atLeast = "≥"
    case atMost = "≤"
  }

  /// What the limit is compared with.
  public enum Subject: String, Hashable, Sendable {
    /// The figure's own value.
    case value
    /// The figure's ratio to its baseline.
    case ratio
  }

  /// Which side is good.
  public var bound: Bound
  /// The limit.
  public var limit: Double
  /// What it is a limit of.
  public var subject: Subject

  /// At least this multiple of the baseline.
  public static func ratio(atLeast limit: Double) -> Budget {
    Budget(bound: .atLeast, limit: limit, subject: .ratio)
  }

  /// At most this multiple of the baseline.
  public static func ratio(atMost limit: Double) -> Budget {
    Budget(bound: .atMost, limit: limit, subject: .ratio)
  }

  /// At least this value, in the figure's unit.
  public static func value(atLeast limit: Double) -> Budget {
    Budget(bound: .atLeast, limit: limit, subject: .value)
  }

  /// At most this value, in the figure's unit.
  public static func value(atMost limit: Double) -> Budget {
    Budget(bound: .atMost, limit: limit, subject: .value)
  }

  /// Whether a number keeps the budget.
  public func isMet(by number: Double) -> Bool {
    switch bound {
    case .atLeast: number >= limit
    case .atMost: number <= limit
    }
  }
}

/// How a figure stands to its budget.
public enum Verdict: String, Hashable, Sendable {
  /// The budget is kept.
  case met
  /// It is not.
  case missed
  /// There is none, or nothing to hold it against.
  case none
}

/// How far behind a copy may be.
public struct LagLimits: Equatable, Sendable {
  /// How many positions; `nil` for any number.
  public var positionsMax: Int?
  /// How old; `nil` for as old as it likes.
  public var ageMax: Duration?
  /// How long it may be too far behind before that is told; and how long it must not have been so
  /// before the end of that is told.
  public var patience = Duration.seconds(5)

  /// Any distance will do.
  public init() {}

  /// Whether a copy is too far behind.
  public func isExceeded(by lag: MirrorLag) -> Bool {
    if let positionsMax, lag.positions > positionsMax { return true }
    if let ageMax, lag.age > ageMax { return true }
    return false
  }
}

/// Notices when a copy is too far behind for too long, and when that is over: each is told once.
///
/// It decides and does nothing else: it is told how far the copy is, and when.
public struct LagWatch: Equatable, Sendable {
  /// What somebody should know.
  public enum Event: Hashable, Sendable {
    /// The copy is too far behind, and was so for some time.
    case exceeded(MirrorLag, lasting: Duration)
    /// It is not any more; for how long it was.
    case recovered(MirrorLag, after: Duration)
  }

  private let limits: LagLimits
  /// Whether the copy is too far behind, as far as was told.
  public private(set) var isAlarmed = false
  /// Since when it is otherwise than was told.
  private var otherwise: Duration?
  /// When it began to be too far behind, that time that was told.
  private var begin = Duration.zero

  /// A watch that has told nothing yet.
  public init(_ limits: LagLimits) {
    self.limits = limits
  }

  /// Takes in how far the copy is.
  ///
  /// - Parameters:
  ///   - lag: How far.
  ///   - now: When, counted from anything, as long as it is always the same.
  /// - Returns: What is to be told; `nil` if nothing is.
  public mutating func note(_ lag: MirrorLag, at now: Duration) -> Event? {
    guard limits.isExceeded(by: lag) != isAlarmed else {
      otherwise = nil
      return nil
    }
    let since = otherwise ?? now
    otherwise = since
    guard now - since >= limits.patience else { return nil }
    isAlarmed.toggle()
    otherwise = nil
    if isAlarmed {
      begin = since
      return .exceeded(lag, lasting: now - since)
    }
    return .recovered(lag, after: since - begin)
  }
}

extension LagWatch.Event: CustomStringConvertible {
  public var description: String {
    switch self {
    case .exceeded(let lag, let time):
      "warning: the copy has been too far behind for \(MirrorLag.text(time)): \(lag)"
    case .recovered(let lag, let time):
      "the copy is near enough again, after \(MirrorLag.text(time)): \(lag)"
    }
  }
}

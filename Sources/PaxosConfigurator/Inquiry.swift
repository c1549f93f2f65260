/// Says when a node is asked again how it is, and what its answers are worth: the part that
/// exercise 6.6 builds.
///
/// Whoever looks after nodes looks at each again and again. It waits for an answer as long as a
/// slow network may take; so several questions to one node may be under way, and their answers come
/// in any order, or not at all. It knows no clock: all times are since some fixed moment.
public protocol Inquiring: Sendable {
  /// Nothing was asked yet.
  init()

  /// Asks, unless the last question is still under way, and may be answered in time.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - patience: How long an answer takes, all but the rarest.
  /// - Returns: The question's number, higher than those of all before; `nil` if nothing is asked.
  mutating func ask(at now: Duration, patience: Duration) -> UInt64?

  /// Whether an answer is late, and none to a later question has come.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - patience: How long an answer takes, all but the rarest.
  /// - Returns: Whether some question is under way for `patience` or longer, and nothing that was
  ///   asked after it was answered.
  func isLate(at now: Duration, patience: Duration) -> Bool

  /// Takes in that a question was answered, or is waited for no more.
  ///
  /// - Parameters:
  ///   - number: Which; it is not under way any more.
  ///   - isAnswered: Whether it was answered.
  /// - Returns: Whether that is news: nothing that was asked after it was answered before.
  mutating func end(_ number: UInt64, isAnswered: Bool) -> Bool
}

/// The questions to one node that are under way.
///
/// Each waits for as long as a slow network may take. But once an answer is late, another question
/// is sent, since the first may have been lost.
public struct Inquiry: Inquiring {
  /// When each of the open questions was sent, by its number.
  private var open: [UInt64: Duration] = [:]
  private var sent: UInt64 = 0
  private var answered: UInt64 = 0

  /// Nothing was asked yet.
  public init() {}

  // exercise 6.6: one question in the time of an answer, and the newest answer counts
  public mutating func ask(at now: Duration, patience: Duration) -> UInt64? {
    if let last = open[sent], now - last < patience { return nil }
    sent += 1
    open[sent] = now
    return sent
  }

  public func isLate(at now: Duration, patience: Duration) -> Bool {
    open.contains { $0.key > answered && now - $0.value >= patience }
  }

  public mutating func end(_ number: UInt64, isAnswered: Bool) -> Bool {
    open[number] = nil
    guard number > answered else { return false }
    if isAnswered { answered = number }
    return true
  }
  // end 6.6
}

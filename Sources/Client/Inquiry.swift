/// The questions to one node that are under way.
///
/// Each waits for as long as a slow network may take. But once an answer is late, another question
/// is sent, since the first may have been lost.
struct Inquiry: Sendable {
  /// When each of the open questions was sent, by its number.
  private var open: [UInt64: Duration] = [:]
  private var sent: UInt64 = 0
  private var answered: UInt64 = 0

  /// Nothing was asked yet.
  init() {}

  /// Sends a question, unless the last one may still be answered in time.
  ///
  /// - Parameters:
  ///   - now: The time since some fixed moment.
  ///   - patience: How long an answer takes, all but the rarest.
  /// - Returns: Its number.
  mutating func ask(at now: Duration, patience: Duration) -> UInt64? {
    if let last = open[sent], now - last < patience { return nil }
    sent += 1
    open[sent] = now
    return sent
  }

  /// Whether an answer is late, and none to a later question has come.
  func isLate(at now: Duration, patience: Duration) -> Bool {
    open.contains { $0.key > answered && now - $0.value >= patience }
  }

  /// A question was answered, or is answered no more.
  ///
  /// - Returns: Whether nothing newer is known of the node.
  mutating func end(_ number: UInt64, isAnswered: Bool) -> Bool {
    open[number] = nil
    guard number > answered else { return false }
    if isAnswered { answered = number }
    return true
  }
}

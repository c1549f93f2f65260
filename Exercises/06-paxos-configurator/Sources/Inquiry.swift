// Exercise 6.6: one question in the time of an answer, and the newest answer counts
// Write the body below, then: swift run course check 6.6
import CorfuChecks
public import CorfuPaxosConfigurator

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

  public mutating func ask(at now: Duration, patience: Duration) -> UInt64? {
    TODO("6.6 one question in the time of an answer, and the newest answer counts")
  }

  public func isLate(at now: Duration, patience: Duration) -> Bool {
    TODO("6.6 one question in the time of an answer, and the newest answer counts")
  }

  public mutating func end(_ number: UInt64, isAnswered: Bool) -> Bool {
    TODO("6.6 one question in the time of an answer, and the newest answer counts")
  }
}

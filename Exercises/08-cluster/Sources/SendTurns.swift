// Exercise 8.5: ask for one turn, hand over one piece at a time, and leave nothing behind
// Write the body below, then: swift run course check 8.5
import CorfuChecks
public import CorfuProtocol

/// One turn for all that is put in before it comes, and one call at a time.
///
/// What comes while the system is busy is the next piece: the slower it is, the larger they get.
public struct SendTurns: SendPacing {
  /// Whether a turn will come.
  private var isTurnDue = false
  /// Whether the system has not taken yet what it was handed last.
  private var isSending = false
  /// Whether a turn came meanwhile.
  private var isHeldBack = false

  public init() {}

  public mutating func put() -> Bool {
    TODO("8.5 ask for one turn, hand over one piece at a time, and leave nothing behind")
  }

  public mutating func hold() {
    TODO("8.5 ask for one turn, hand over one piece at a time, and leave nothing behind")
  }

  public mutating func takeTurn(isEmpty: Bool) -> Bool {
    TODO("8.5 ask for one turn, hand over one piece at a time, and leave nothing behind")
  }

  public mutating func noteTaken() -> Bool {
    TODO("8.5 ask for one turn, hand over one piece at a time, and leave nothing behind")
  }
}

// Exercise 8.2: who waits for what, and what is known of a call that ends without a reply
// Write the body below, then: swift run course check 8.2
import CorfuChecks
public import CorfuProtocol

/// Calls that wait for their replies, by number.
public struct PendingCalls<Waiter, Instant: Comparable>: CallKeeping {
  private struct Call {
    let waiter: Waiter
    let deadline: Instant
    var wasSent = false
  }

  private var calls: [UInt64: Call] = [:]
  private var lastID: UInt64 = 0

  public init() {}

  public var count: Int { calls.count }

  public mutating func makeID() -> UInt64 {
    lastID += 1
    return lastID
  }

  public mutating func add(_ waiter: Waiter, as id: UInt64, until deadline: Instant) {
    TODO("8.2 who waits for what, and what is known of a call that ends without a reply")
  }

  public mutating func markSent(_ id: UInt64) {
    TODO("8.2 who waits for what, and what is known of a call that ends without a reply")
  }

  public mutating func take(_ id: UInt64) -> Waiter? {
    TODO("8.2 who waits for what, and what is known of a call that ends without a reply")
  }

  public mutating func expire(at now: Instant) -> [EndedCall<Waiter>] {
    TODO("8.2 who waits for what, and what is known of a call that ends without a reply")
  }

  public mutating func lose() -> [EndedCall<Waiter>] {
    TODO("8.2 who waits for what, and what is known of a call that ends without a reply")
  }

  /// What is known of calls that end without a reply, in the order of their numbers.
  private static func ended(_ calls: [UInt64: Call]) -> [EndedCall<Waiter>] {
    TODO("8.2 who waits for what, and what is known of a call that ends without a reply")
  }
}

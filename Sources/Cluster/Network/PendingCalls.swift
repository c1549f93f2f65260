internal import CorfuProtocol

/// Calls that wait for their replies, by number.
///
/// Pure: what is to be told to whom, and when, is handed back to the owner.
struct PendingCalls {
  typealias Waiter = UnsafeContinuation<Result<Reply, TransportError>, Never>

  private struct Call {
    let waiter: Waiter
    let deadline: ContinuousClock.Instant
  }

  private var calls: [UInt64: Call] = [:]
  private var nextID: UInt64 = 1

  var count: Int { calls.count }

  /// A number for another call.
  mutating func makeID() -> UInt64 {
    defer { nextID += 1 }
    return nextID
  }

  mutating func add(_ id: UInt64, _ waiter: Waiter, until deadline: ContinuousClock.Instant) {
    calls[id] = Call(waiter: waiter, deadline: deadline)
  }

  /// Takes out a call; `nil` if it is over.
  mutating func take(_ id: UInt64) -> Waiter? { calls.removeValue(forKey: id)?.waiter }

  /// Takes out all.
  mutating func takeAll() -> [Waiter] {
    defer { calls = [:] }
    return calls.values.map(\.waiter)
  }

  /// Takes out those whose patience is at an end.
  mutating func takeExpired(at now: ContinuousClock.Instant) -> [(id: UInt64, waiter: Waiter)] {
    let expired = calls.filter { $0.value.deadline <= now }
    for id in expired.keys { calls[id] = nil }
    return expired.map { ($0.key, $0.value.waiter) }
  }
}

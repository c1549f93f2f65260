/// A call that is over without a reply.
public struct EndedCall<Waiter> {
  /// Its number.
  public let id: UInt64
  /// Who waits for it.
  public let waiter: Waiter
  /// What is known of it: that nothing was sent, or only that no reply came.
  public let error: TransportError

  /// A call that is over.
  public init(id: UInt64, waiter: Waiter, error: TransportError) {
    self.id = id
    self.waiter = waiter
    self.error = error
  }
}

extension EndedCall: Sendable where Waiter: Sendable {}

/// Keeps the calls of a connection that wait for their replies: the part that exercise 8.2 builds.
///
/// Pure: what is to be told to whom is handed back to the owner, and what time it is comes from
/// there as well.
public protocol CallKeeping<Waiter, Instant>: SendableMetatype {
  /// Who waits for a reply.
  associatedtype Waiter
  /// A moment.
  associatedtype Instant: Comparable

  /// Without any calls.
  init()

  /// How many wait.
  var count: Int { get }

  /// A number that no other call has.
  mutating func makeID() -> UInt64

  /// Notes a call, of which nothing was sent yet.
  ///
  /// - Parameters:
  ///   - waiter: Who waits.
  ///   - id: Its number, which ``makeID()`` has made.
  ///   - deadline: When the patience of whoever waits is at an end.
  mutating func add(_ waiter: Waiter, as id: UInt64, until deadline: Instant)

  /// Notes that a call is about to be sent: from now on the node may have been asked.
  mutating func markSent(_ id: UInt64)

  /// Takes out a call, because its reply is there.
  ///
  /// - Returns: Who waits; `nil` if that call is over, or never was.
  mutating func take(_ id: UInt64) -> Waiter?

  /// Takes out those whose patience is at an end.
  ///
  /// - Parameter now: What time it is; a deadline that is now has come.
  /// - Returns: Each with what is known of it, in the order of their numbers.
  mutating func expire(at now: Instant) -> [EndedCall<Waiter>]

  /// Takes out all, because the connection broke, or was never made.
  ///
  /// - Returns: Each with what is known of it, in the order of their numbers.
  mutating func lose() -> [EndedCall<Waiter>]
}

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

  // exercise 8.2: who waits for what, and what is known of a call that ends without a reply
  public mutating func add(_ waiter: Waiter, as id: UInt64, until deadline: Instant) {
    calls[id] = Call(waiter: waiter, deadline: deadline)
  }

  public mutating func markSent(_ id: UInt64) {
    calls[id]?.wasSent = true
  }

  public mutating func take(_ id: UInt64) -> Waiter? {
    calls.removeValue(forKey: id)?.waiter
  }

  public mutating func expire(at now: Instant) -> [EndedCall<Waiter>] {
    let late = calls.filter { $0.value.deadline <= now }
    for id in late.keys { calls[id] = nil }
    return Self.ended(late)
  }

  public mutating func lose() -> [EndedCall<Waiter>] {
    defer { calls = [:] }
    return Self.ended(calls)
  }

  /// What is known of calls that end without a reply, in the order of their numbers.
  private static func ended(_ calls: [UInt64: Call]) -> [EndedCall<Waiter>] {
    calls.sorted { $0.key < $1.key }.map { id, call in
      // What was sent may be done, whatever became of the connection.
      let error = call.wasSent ? TransportError.timedOut : .unreachable
      return EndedCall(id: id, waiter: call.waiter, error: error)
    }
  }
  // end 8.2
}

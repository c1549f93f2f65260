/// The calls of a connection whose callers are tasks: ``PendingCalls`` of their continuations.
///
/// It stands beside the generic code because the compiler makes code for one type of it only in its
/// own module, and every call passes here three times. Moments are told from whatever beginning the
/// owner has chosen.
public struct ReplyCalls {
  /// Who waits for a reply.
  public typealias Waiter = UnsafeContinuation<Result<Reply, TransportError>, Never>

  private var calls = PendingCalls<Waiter, Duration>()

  /// Without any calls.
  public init() {}

  /// How many wait.
  public var count: Int { calls.count }

  /// A number that no other call has.
  public mutating func makeID() -> UInt64 { calls.makeID() }

  /// Notes a call, of which nothing was sent yet; see ``CallKeeping/add(_:as:until:)``.
  public mutating func add(_ waiter: Waiter, as id: UInt64, until deadline: Duration) {
    calls.add(waiter, as: id, until: deadline)
  }

  /// Notes that a call is about to be sent: from now on the node may have been asked.
  public mutating func markSent(_ id: UInt64) { calls.markSent(id) }

  /// Takes out a call, because its reply is there; `nil` if that call is over, or never was.
  public mutating func take(_ id: UInt64) -> Waiter? { calls.take(id) }

  /// Takes out those whose patience is at an end; see ``CallKeeping/expire(at:)``.
  public mutating func expire(at now: Duration) -> [EndedCall<Waiter>] { calls.expire(at: now) }

  /// Takes out all, because the connection broke, or was never made.
  public mutating func lose() -> [EndedCall<Waiter>] { calls.lose() }
}

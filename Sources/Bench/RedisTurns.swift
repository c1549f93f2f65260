/// What is said to a Redis server, in turn with its replies: who asks; that all be forgotten; then
/// appends, so many at once, and more as they are acknowledged.
///
/// Where a replica has to have them, too, `WAIT` asks for that. It holds up its connection until
/// the replica has all that was said before, so one behind each append would put the appends one
/// after the other, however many could be on their way. Therefore one `WAIT` follows all of them,
/// its reply acknowledges all of them, and the next ones follow that: what others call a pipelined
/// batch.
struct RedisTurns: Equatable, Sendable {
  /// What to do after a reply.
  enum Turn: Hashable, Sendable {
    /// To wait for more.
    case listen
    /// To have the server forget what there was, and its replica, if it has one.
    case forget
    /// To send so many appends, the first ones.
    case begin(Int)
    /// So many appends are durable: to send as many.
    case goOn(Int)
  }

  private enum Stage: Equatable, Sendable {
    /// The server takes the password.
    case proof
    /// It has forgotten what there was.
    case forgetting
    /// The replica has done so, too.
    case following
    /// Appends are answered, of which so many are not confirmed.
    case appends(open: Int)
    /// The replica has what was appended.
    case confirming
  }

  /// How many appends are on their way at once.
  let window: Int
  /// Whether a replica has to have them.
  let isReplicated: Bool
  private var stage = Stage.proof

  /// The turns of a connection that has just been made.
  init(window: Int, isReplicated: Bool) {
    self.window = window
    self.isReplicated = isReplicated
  }

  /// What a reply means.
  ///
  /// - Parameter reply: The next one.
  /// - Returns: What to do.
  /// - Throws: ``BenchError``, if the server refuses, or says what makes no sense here.
  mutating func hear(_ reply: RedisReplies.Reply) throws(BenchError) -> Turn {
    if stage != .proof, case .refusal(let reason) = reply {
      throw .failed("redis-server refuses: \(reason)")
    }
    switch (stage, reply) {
    case (.proof, Self.done):
      stage = .forgetting
      return .forget
    case (.proof, _): throw Self.stranger
    case (.forgetting, Self.done):
      stage = isReplicated ? .following : .appends(open: 0)
      return isReplicated ? .listen : .begin(window)
    case (.following, .number(let count)):
      guard count > 0 else { throw .failed("no replica follows redis-server") }
      stage = .appends(open: 0)
      return .begin(window)
    case (.appends(let open), .text):
      if !isReplicated { return .goOn(1) }
      stage = open + 1 == window ? .confirming : .appends(open: open + 1)
      return .listen
    case (.confirming, .number(let count)):
      guard count > 0 else {
        throw .failed("redis-server's replica does not take what was appended")
      }
      stage = .appends(open: 0)
      return .goOn(window)
    case (.forgetting, _), (.following, _), (.appends, _), (.confirming, _):
      throw .wrongAnswer("redis-server says what nobody asked for: \(reply)")
    }
  }

  private static let done = RedisReplies.Reply.text(ArraySlice("OK".utf8))

  private static var stranger: BenchError {
    .failed(
      "what listens on redis-server's port is another program: nothing was changed there; measure "
        + "again"
    )
  }
}

/// The acceptors of one register, as whoever proposes sees them: the seam to the network.
///
/// Production sends messages, a test answers by itself; ``Register`` cannot tell.
public protocol Electorate: Sendable {
  /// An acceptor's name.
  associatedtype Member: Hashable & Sendable
  /// What the register holds.
  associatedtype Value: Hashable & Sendable

  /// The acceptors, each once.
  var members: [Member] { get }

  /// Asks an acceptor for its promise, and waits for its answer for a while.
  func prepare(
    _ ballot: Ballot,
    at member: Member
  ) async -> ElectorateAnswer<PrepareAnswer<Value>, Value>

  /// Asks an acceptor for its vote, and waits for its answer for a while.
  func accept(
    _ vote: Vote<Value>,
    at member: Member
  ) async -> ElectorateAnswer<AcceptAnswer, Value>

  /// Rests after an attempt that failed, longer each time; proposers that began together drift
  /// apart.
  ///
  /// - Parameter attempt: How many attempts there were.
  /// - Returns: Whether there is time for another.
  func rest(after attempt: Int) async -> Bool
}

/// What comes back from an acceptor.
public enum ElectorateAnswer<Answer: Sendable, Value: Sendable>: Sendable {
  /// It answered.
  case answer(Answer)
  /// The register is history: this was decided, for the register or for a later one.
  case decided(Value)
  /// Nothing came back.
  case silent
}

public import CorfuClient
public import CorfuGlobalLog

/// All objects as they were at one moment of the log.
///
/// It is let go at the end of ``Runtime/snapshot(at:_:)``; until then nobody here trims
/// anything (R38).
public struct PastMoment<Log: StreamingLog>: Sendable {
  /// Everything before it is seen, and nothing else.
  public let position: Position

  /// Reads an object, as it was.
  ///
  /// - Throws: ``ObjectError/trimmed(_:_:)`` if what it was then is forgotten.
  public func read<State: ReplicatedState, Answer: Sendable>(
    _ object: ReplicatedObject<Log, State>,
    _ body: (State) -> Answer
  ) async throws(ObjectError) -> Answer {
    body(try await object.state(at: position))
  }
}

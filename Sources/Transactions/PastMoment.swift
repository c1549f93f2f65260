public import Corfu
public import CorfuGlobalLog

/// All objects as they were at one moment of the log.
///
/// It is let go at the end of ``Runtime/snapshot(at:_:)``; until then nobody here trims what it
/// needs (R38).
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

extension Runtime {
  /// Reads objects as they were when everything before a position was in them, and nothing else: so
  /// they agree with each other.
  ///
  /// - Parameters:
  ///   - position: The moment; up to the end of the log.
  ///   - body: Reads.
  /// - Returns: What the body returns.
  /// - Throws: What the body throws.
  public func snapshot<Answer>(
    at position: Position,
    _ body: (PastMoment<Log>) async throws -> Answer
  ) async throws -> Answer {
    access { $0.pins.pin(position) }
    defer { unpin(position) }
    return try await body(PastMoment(position: position))
  }
}

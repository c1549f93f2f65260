internal import Corfu
public import CorfuGlobalLog

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
    // What an object was then is played anew, perhaps from its first update on.
    access { $0.pins.pin(.zero) }
    defer { unpin(.zero) }
    return try await body(PastMoment(position: position))
  }
}

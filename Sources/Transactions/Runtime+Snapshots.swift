internal import CorfuClient
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

  /// Why a transaction is off that reads as of a moment of which this process does not know any
  /// more, or never did, what an object was.
  ///
  /// - Parameter moment: The transaction's moment.
  /// - Returns: ``AbortReason/trimmed(_:mark:)`` if what stands before the moment may be trimmed by
  ///   now, as far as the directory was played; else ``AbortReason/tooOld(_:)``.
  func reasonUnknown(at moment: Position) -> AbortReason {
    let object = access { $0.objects[Directory.item.stream] }
    // A directory that has failed tells of no trims.
    let directory = try? (object as? ObjectCell<Directory>)?.state()
    guard let mark = directory?.forgotten, mark > moment else { return .tooOld(moment) }
    return .trimmed(moment, mark: mark)
  }
}

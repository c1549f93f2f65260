public import CorfuGlobalLog

/// A closed segment that is to be emptied.
///
/// What is staged is durable only after a sync. A crash may come at any moment, and takes what is
/// not durable.
public protocol MovableSegment: Sendable {
  /// Stages copies of some of what is live in the segment.
  ///
  /// - Parameter position: Where to go on; zero to begin.
  /// - Returns: How far it came; `next` is `nil` once there is nothing more to copy.
  /// - Throws: ``CompactionError``.
  func copy(from position: Position) async throws(CompactionError) -> RelocationStep

  /// Stages once more what only this segment says: which positions are trimmed.
  func restate() async throws(CompactionError)

  /// Makes all durable that was staged.
  func sync() async throws(CompactionError)

  /// Removes the segment's file, for good.
  ///
  /// - Returns: Whether it is gone. A careful store refuses while something stands only there.
  func remove() async throws(CompactionError) -> Bool
}

/// Why compaction stopped.
public enum CompactionError: Error, Hashable, Sendable {
  /// The store refused.
  case store(LogError)
  /// Whoever asked for it does not want it any more.
  case cancelled
}

extension CompactionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .store(let error): error.description
    case .cancelled: "it was cancelled"
    }
  }
}

/// Empties a segment: a learner's part (exercise 4.3).
public protocol SegmentMoving: Sendable {
  /// A procedure; it keeps nothing from one segment to the next.
  init()

  /// Copies what must outlive a segment, and removes it.
  ///
  /// - Returns: Whether the segment is gone, as ``MovableSegment/remove()`` says.
  /// - Throws: What the segment throws: then it is still there, and some of it stands twice.
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool
}

/// Empties a segment in an order that survives a crash.
///
/// At every moment each live record stands somewhere durably. A crash leaves a record twice at
/// worst, equal in both places, and the next attempt passes over it. ``empty(_:)`` returns whether
/// the segment is gone, as `remove` says.
public struct SegmentMove: SegmentMoving {
  /// The procedure.
  public init() {}

  // exercise 4.3: empty the segment, so that a crash at any moment forgets nothing
  public func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    var next: Position? = .zero
    while let position = next { next = try await segment.copy(from: position).next }
    try await segment.restate()
    try await segment.sync()
    return try await segment.remove()
  }
  // end 4.3
}

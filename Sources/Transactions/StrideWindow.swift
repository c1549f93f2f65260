public import CorfuGlobalLog

/// Says how much is read at once on a walk along a stream: the part that exercise 7.6 builds.
///
/// What was read and is not wanted yet is kept until something is wanted that is not among it.
public protocol StrideReading: Sendable {
  /// Remembers nothing.
  init()

  /// What to read where a walk wants to look.
  ///
  /// - Parameters:
  ///   - places: Where it wants to look, newest first; at least one.
  ///   - begin: Where it will stop: what stands before is of no interest.
  /// - Returns: A range with all of `places` in it, that begins at `begin` at the earliest, ends
  ///   behind the newest place, and has 1,024 positions at most; `nil` to read those places alone.
  func window(around places: [Position], from begin: Position) -> Range<Position>?
}

/// Reads ahead of a walk, if its stream has most of the positions there.
public struct StrideWindow: StrideReading {
  /// How many positions are read ahead of a stride.
  private static let aheadMax = 512
  /// Over how many positions four entries may reach for that.
  private static let denseMax = 32

  /// Remembers nothing.
  public init() {}

  // exercise 7.6: many strides at once where the stream is dense, and one where it is sparse
  public func window(around places: [Position], from begin: Position) -> Range<Position>? {
    // Fewer than four are the last that there are, mostly.
    guard places.count >= StreamLink.backpointersMax,
      let newest = places.first, let oldest = places.last, begin < oldest,
      oldest.distance(to: newest) < Self.denseMax
    else { return nil }
    let count = min(Self.aheadMax, begin.distance(to: oldest))
    return oldest.advanced(by: -count)..<newest.advanced(by: 1)
  }
  // end 7.6
}

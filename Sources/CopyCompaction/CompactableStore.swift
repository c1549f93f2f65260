public import CorfuGlobalLog

/// A store of segments that can be emptied one by one.
///
/// Nothing here changes what a reader sees: at every moment each live record can be read.
public protocol CompactableStore: Sendable {
  /// How each closed segment is used.
  func usage() async throws(LogError) -> [SegmentUsage]

  /// Copies live records of a closed segment elsewhere; durable on return.
  ///
  /// - Parameters:
  ///   - segment: The segment.
  ///   - position: Where to go on; zero to begin.
  ///   - bytesMax: How much to read, and what stands at one position more, at most.
  /// - Returns: How far it came.
  /// - Throws: What the store says.
  func copy(
    _ segment: UInt32,
    from position: Position,
    bytesMax: Int
  ) async throws(LogError) -> RelocationStep

  /// Says again what only this segment says; durable on return.
  func restate(_ segment: UInt32) async throws(LogError)

  /// Removes a segment that is not needed any more.
  ///
  /// - Returns: Whether it is gone.
  func retire(_ segment: UInt32) async throws(LogError) -> Bool

  /// Writes what is live in a segment to a smaller one, where there is no room for copies.
  ///
  /// - Parameters:
  ///   - segment: The segment.
  ///   - bytesMax: How much to read at once, and what stands at one position more, at most.
  ///   - pace: Hears how much was read, takes its time, and says whether to go on.
  /// - Returns: Whether it is gone.
  /// - Throws: What the store says.
  func rewrite(
    _ segment: UInt32,
    bytesMax: Int,
    pace: (Int) async -> Bool
  ) async throws(LogError) -> Bool
}

extension GroupCommit: CompactableStore {
  /// How each closed segment is used.
  ///
  /// A segment whose index is damaged counts as live from end to end: nobody knows better.
  public func usage() async throws(LogError) -> [SegmentUsage] {
    var usage: [SegmentUsage] = []
    for trailer in reader.segments {
      var segment = SegmentUsage(
        number: trailer.segment,
        fileBytes: trailer.end,
        liveBytes: trailer.end,
        liveRecords: trailer.records,
        trimRanges: trailer.trimCount,
        streams: trailer.streamCount
      )
      do {
        guard let live = try reader.live(in: trailer.segment) else { continue }
        segment.liveBytes = live.bytes
        segment.liveRecords = live.count
      } catch {
        guard error.isDefinite else { throw error }
      }
      usage.append(segment)
    }
    return usage
  }
}

internal import CorfuGlobalLog

/// How a closed segment's file is used.
public struct SegmentUsage: Hashable, Sendable {
  /// The segment.
  public var number: UInt32
  /// The size of its file.
  public var fileBytes: Int
  /// The size of its records that are not trimmed.
  public var liveBytes: Int
  /// How many those are.
  public var liveRecords: Int
  /// How many ranges of trimmed positions it names.
  public var trimRanges: Int
  /// Of how many streams its footer says where they end.
  public var streams: Int

  /// A usage.
  public init(
    number: UInt32,
    fileBytes: Int,
    liveBytes: Int,
    liveRecords: Int,
    trimRanges: Int = 0,
    streams: Int = 0
  ) {
    self.number = number
    self.fileBytes = fileBytes
    self.liveBytes = liveBytes
    self.liveRecords = liveRecords
    self.trimRanges = trimRanges
    self.streams = streams
  }

  /// What must be written elsewhere, at most, before the file can go: the live records, their
  /// places in an index, the trims that are said again, where streams end, and what every segment
  /// begins and ends with.
  public var moveBytes: Int {
    // A range stands in a record and again in the footer. A stream takes 56 bytes there, and up to
    // 41 in a record once no entry of it is live.
    let ended = max(0, streams - liveRecords)
    let bytes =
      liveBytes + liveRecords * IndexEntry.byteCount + trimRanges * 32 + streams * 56 + ended * 41
    return bytes == 0 ? 0 : bytes + SegmentHeader.recordsBegin + 2 * SegmentTrailer.byteCount
  }

  /// What the disk wins if the segment is emptied: less than nothing, where trims are many.
  public var gainBytes: Int { fileBytes - moveBytes }
}

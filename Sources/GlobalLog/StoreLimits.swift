/// The sizes that a store works with.
///
/// The defaults suit a server; tests choose small ones.
public struct StoreLimits: Equatable, Sendable {
  /// The largest payload of an entry, in bytes.
  public var payloadBytesMax = Entry.payloadBytesMaxDefault
  /// The size of a segment file, in bytes.
  public var segmentBytes = 64 << 20
  /// What data leaves free at the end of a segment: on a full disk
  /// fills and trims go on in it (D11).
  public var reserveBytes = 1 << 20
  /// How much is gathered for one sync, in bytes, before the next batch begins.
  public var batchBytesMax = 4 << 20
  /// While a batch of so many bytes goes to the disk, the next is laid out at the same time.
  ///
  /// A smaller one is there sooner than another thread could be asked for it.
  public var overlapBytesMin = 256 << 10
  /// How far ahead of the records real zeros are written, in bytes, where batches are small.
  ///
  /// Overwriting bytes that were written once makes a sync about half
  /// as dear as growing into new blocks.
  public var zeroAheadBytes = 256 << 10
  /// The last segment, if closed with no more than this, is taken up again when the store opens.
  public var resumeBytesMax = 4 << 20
  /// How many segment files are kept open for reading.
  public var openFilesMax = 128
  /// Of how many streams the store knows where the last entries stand, about.
  ///
  /// Of the others it says that it does not know (R12). Only what is used takes memory: about a
  /// hundred bytes a stream.
  public var streamsMax = 1 << 20
  /// Of how many streams a segment's footer says so.
  public var segmentStreamsMax = 1 << 20

  /// What fills and trims of single positions leave free in their turn: they free no segment, and
  /// must not take the room of the prefix trim that does.
  ///
  /// The segment may be smaller than others: on a full disk a store opens with what there is.
  func lastReserveBytes(inSegmentOf capacity: Int) -> Int { min(reserveBytes, capacity / 8) / 2 }

  /// What a prefix trim leaves free that frees no segment either: the record of one that does.
  static let finalReserveBytes = 2 * RecordHeader.byteCount

  /// The size of the segment that a store opens with on a full disk:
  /// enough for the trims that free it.
  static let emergencySegmentBytes = 64 << 10

  /// The defaults.
  public init() {}

  /// Whether the largest entry fits into an empty segment, with the reserve and its footer.
  public var isConsistent: Bool {
    let room =
      segmentBytes - SegmentHeader.recordsBegin - reserveBytes
      - SegmentTrailer.footerBytes(entries: 4, trims: 2, streams: 4) - 2 * RecordHeader.byteCount
    return payloadBytesMax >= 0 && RecordHeader.recordBytes(body: payloadBytesMax) <= room
      && segmentBytes <= SegmentHeader.fileBytesMax
  }

  /// Small sizes, with which a test reaches every corner soon.
  public static func small(segmentBytes: Int) -> StoreLimits {
    var limits = StoreLimits()
    limits.segmentBytes = segmentBytes
    limits.payloadBytesMax = segmentBytes / 4
    limits.reserveBytes = segmentBytes / 8
    limits.batchBytesMax = segmentBytes
    limits.overlapBytesMin = 512
    limits.zeroAheadBytes = 512
    limits.resumeBytesMax = segmentBytes / 4
    limits.openFilesMax = 4
    return limits
  }
}

// The layout is drawn at the top of SegmentFooter.swift.

/// The summary of a closed segment.
public struct SegmentTrailer: Equatable, Sendable {
  /// The size of a trailer, in bytes.
  public static let byteCount = 128
  static let magic: UInt32 = 0x3154_4643  // "CFT1"
  /// The first version whose footers speak of streams.
  private static let streamsVersion: UInt32 = 3

  var unit: UInt64
  /// The segment's number.
  public var segment: UInt32
  /// Where the records end and the footer begins.
  public var begin: Int
  /// Where the footer, and with it the file, ends.
  public var end = 0
  /// How many records the segment has, of all kinds.
  public var records: Int
  /// How many entries, junk records and lost records are indexed.
  public var dataCount = 0
  /// How many positions hold junk.
  public var junkCount = 0
  /// How many positions lost what they held.
  public var lostCount = 0
  /// How many ranges of trims the segment names.
  public var trimCount = 0
  /// How many streams the footer speaks of.
  public var streamCount = 0
  /// Whether the footer speaks of streams at all: those of older versions do not.
  var saysStreams = true
  /// The lowest indexed position; above `highest` if none is.
  public var lowest = Position.max
  /// The highest indexed position.
  public var highestIndexed = Position.zero
  /// One past the highest position that any record names.
  public var tail = Position.zero
  /// The newest prefix trim that the segment records.
  public var trimMark = Position.zero
  var last = Position.zero
  var lastKind: RecordKind?
  /// The size of all indexed records, in bytes: of those that were live when it was closed.
  public var liveBytes = 0
  var tableSum: UInt32 = 0
  /// Whether absence is in doubt after this segment, unless a later one settles it.
  public var doubt: Doubt?

  /// What the last record about doubt said.
  public enum Doubt: UInt32, Sendable {
    /// Positions may have been lost without a trace.
    case raised = 1
    /// An operator accepted that.
    case settled = 2
  }

  var entryCount: Int { dataCount + junkCount + lostCount }
  var pageCount: Int { IndexPage.count(entries: entryCount) }
  var indexBegin: Int { begin + Self.byteCount }
  var tablesBegin: Int { indexBegin + IndexPage.byteCount(entries: entryCount) }
  var streamsBegin: Int { tablesBegin + trimCount * 16 + pageCount * 8 }
  var tablesEnd: Int {
    streamsBegin + (saysStreams ? SegmentStreams.byteCount(streamCount) : 0)
  }

  /// The size of a footer, in bytes.
  static func footerBytes(entries: Int, trims: Int, streams: Int) -> Int {
    2 * byteCount + IndexPage.byteCount(entries: entries) + trims * 16
      + IndexPage.count(entries: entries) * 8 + SegmentStreams.byteCount(streams)
  }
}

extension SegmentTrailer {
  func encode(into bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(number: Self.magic)
    bytes.append(number: SegmentHeader.version)
    bytes.append(number: unit)
    let counts = [begin, end, records, entryCount, dataCount, junkCount, lostCount]
    bytes.append(number: segment)
    for count in counts { bytes.append(number: UInt32(count)) }
    bytes.append(number: UInt32(pageCount))
    bytes.append(number: UInt32(trimCount))
    for position in [lowest, highestIndexed, trimMark, last] {
      bytes.append(number: position.number)
    }
    bytes.append(number: UInt64(liveBytes))
    bytes.append(number: tableSum)
    bytes.append(number: doubt?.rawValue ?? 0)
    bytes.append(number: UInt32(lastKind?.rawValue ?? 0))
    bytes.append(number: tail.number)
    bytes.append(number: UInt32(streamCount))
    bytes.append(number: UInt32.zero)
    bytes.append(number: Checksum.of(bytes.span.bytes.extracting(start..<start + 124)))
  }

  /// Reads a trailer; `nil` where none stands.
  init?(_ bytes: RawSpan, at index: Int) {
    guard index >= 0, bytes.byteCount - index >= Self.byteCount,
      bytes.number(at: index) == Self.magic,
      SegmentHeader.versionsRead.contains(bytes.number(at: index + 4)),
      bytes.number(at: index + 124) == Checksum.of(bytes.extracting(index..<index + 124))
    else { return nil }
    func count(_ offset: Int) -> Int { Int(bytes.number(at: index + offset, as: UInt32.self)) }
    func position(_ offset: Int) -> Position { Position(bytes.number(at: index + offset)) }
    self.init(
      unit: bytes.number(at: index + 8),
      segment: bytes.number(at: index + 16),
      begin: count(20),
      records: count(28)
    )
    end = count(24)
    dataCount = count(36)
    junkCount = count(40)
    lostCount = count(44)
    trimCount = count(52)
    lowest = position(56)
    highestIndexed = position(64)
    trimMark = position(72)
    last = position(80)
    liveBytes = Int(bytes.number(at: index + 88, as: UInt64.self) & 0xffff_ffff)
    tableSum = bytes.number(at: index + 96)
    doubt = Doubt(rawValue: bytes.number(at: index + 100))
    lastKind = RecordKind(rawValue: UInt8(truncatingIfNeeded: count(104)))
    tail = position(108)
    streamCount = count(116)
    saysStreams = bytes.number(at: index + 4, as: UInt32.self) >= Self.streamsVersion
    guard begin >= SegmentHeader.recordsBegin, tablesEnd + Self.byteCount == end,
      records <= (begin - SegmentHeader.recordsBegin) / RecordHeader.byteCount,
      entryCount <= records,
      [lowest, highestIndexed, trimMark, last, tail].allSatisfy({ $0 <= .max })
    else { return nil }
  }
}

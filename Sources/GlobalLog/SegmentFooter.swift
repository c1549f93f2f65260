// What a full segment is closed with, so that opening it reads this and not its records:
//
//   [trailer] [index page] … [index page] [trims] [fences] [streams] [trailer]
//
// An index page has 16 bytes of header (CRC-32C of the rest of the page, segment, page number,
// entries) and up to 255 entries of 16 bytes, sorted by position (IndexEntry). Every page but the
// last is 4,096 bytes long. Trims are ranges (two positions each), fences the first position of
// each page. Streams are a position before which the footer vouches for none of them, and then 48
// bytes for each (Places), in the order of their numbers. The trailer stands at
// both ends, so that damage or a cut leaves one:
//
//    0  magic      4 bytes   "CFT1"            52  trims       4 bytes   how many ranges
//    4  version    4 bytes   3                 56  lowest      8 bytes   of the indexed positions
//    8  unit       8 bytes                     64  highest     8 bytes   of the indexed positions
//   16  segment    4 bytes                     72  trim mark   8 bytes
//   20  begin      4 bytes   of this footer    80  last        8 bytes   the last record's position
//   24  end        4 bytes   of the file       88  live bytes  8 bytes   of the indexed records
//   28  records    4 bytes   how many          96  table sum   4 bytes   CRC-32C of the tables
//   32  entries    4 bytes   indexed          100  flags       4 bytes   1 in doubt, 2 settled
//   36  data       4 bytes   of them          104  last kind   4 bytes   the last record's kind
//   40  junk       4 bytes   of them          108  tail        8 bytes   past the highest position
//   44  lost       4 bytes   of them          116  streams     4 bytes   how many
//   48  pages      4 bytes                    120              4 bytes   zero
//                                             124  head sum    4 bytes   CRC-32C of the 124 before

/// Where the record of a position stands in a segment.
public struct IndexEntry: Equatable, Sendable, BitwiseCopyable {
  /// The size of an entry, in bytes.
  public static let byteCount = 16

  /// The position.
  public var position: Position
  /// Data, junk or lost.
  public var kind: RecordKind
  // Segments are smaller than 4 GiB; there may be a million entries in memory.
  private var offset32: UInt32
  private var byteCount32: UInt32

  /// Where its record begins.
  public var offset: Int { Int(offset32) }
  /// How long its record is.
  public var byteCount: Int { Int(byteCount32) }

  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: position.number)
    bytes.append(number: UInt32(offset))
    bytes.append(
      number: UInt32(kind.rawValue) << 28 | UInt32(byteCount / RecordHeader.alignment)
    )
  }

  init?(_ bytes: RawSpan, at index: Int) {
    let packed: UInt32 = bytes.number(at: index + 12)
    let position = Position(bytes.number(at: index))
    guard position < .max, let kind = RecordKind(rawValue: UInt8(packed >> 28)) else { return nil }
    self.init(
      position: position,
      offset: Int(bytes.number(at: index + 8, as: UInt32.self)),
      byteCount: Int(packed & 0x0fff_ffff) * RecordHeader.alignment,
      kind: kind
    )
  }

  init(position: Position, offset: Int, byteCount: Int, kind: RecordKind) {
    self.position = position
    self.kind = kind
    offset32 = UInt32(offset)
    byteCount32 = UInt32(byteCount)
  }
}

/// One page of a closed segment's index.
struct IndexPage {
  static let pageBytes = 4096
  static let headerBytes = 16
  static let entriesMax = (pageBytes - headerBytes) / IndexEntry.byteCount

  /// How many pages so many entries take.
  static func count(entries: Int) -> Int {
    (entries + entriesMax - 1) / entriesMax
  }

  /// How many bytes the pages of so many entries take.
  static func byteCount(entries: Int) -> Int {
    count(entries: entries) * headerBytes + entries * IndexEntry.byteCount
  }

  let entries: [IndexEntry]

  init(_ entries: [IndexEntry]) {
    self.entries = entries
  }

  /// Reads a page; `nil` if it is damaged, or another page than the one asked for.
  init?(_ bytes: RawSpan, segment: UInt32, page: Int) {
    guard bytes.byteCount >= Self.headerBytes else { return nil }
    let count = Int(bytes.number(at: 12, as: UInt32.self))
    let end = Self.headerBytes + count * IndexEntry.byteCount
    guard count <= Self.entriesMax, end <= bytes.byteCount,
      bytes.number(at: 0) == Checksum.of(bytes.extracting(4..<end)),
      bytes.number(at: 4) == segment, bytes.number(at: 8, as: UInt32.self) == UInt32(page)
    else { return nil }
    var entries: [IndexEntry] = []
    entries.reserveCapacity(count)
    for index in 0..<count {
      let offset = Self.headerBytes + index * IndexEntry.byteCount
      guard let entry = IndexEntry(bytes, at: offset) else { return nil }
      entries.append(entry)
    }
    self.entries = entries
  }

  func encode(segment: UInt32, page: Int, into bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(number: UInt32.zero)
    bytes.append(number: segment)
    bytes.append(number: UInt32(page))
    bytes.append(number: UInt32(entries.count))
    for entry in entries { entry.encode(into: &bytes) }
    bytes.put(Checksum.of(bytes.span.bytes.extracting((start + 4)..<bytes.count)), at: start)
  }

  /// The entry of a position, by binary search.
  func entry(at position: Position) -> IndexEntry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].position == position ? entries[low] : nil
  }
}

/// What the footer of a segment says beyond its index pages, as it is held in memory: about a
/// thousandth of the records' size.
struct SegmentTables: Equatable, Sendable {
  var trims: [Range<Position>]
  var fences: [Position]

  func encode(into bytes: inout [UInt8]) {
    for range in trims {
      bytes.append(number: range.lowerBound.number)
      bytes.append(number: range.upperBound.number)
    }
    for fence in fences { bytes.append(number: fence.number) }
  }

  init(trims: [Range<Position>], fences: [Position]) {
    self.trims = trims
    self.fences = fences
  }

  /// Reads the tables that a trailer promises; `nil` if they are damaged.
  init?(_ bytes: RawSpan, trailer: SegmentTrailer) {
    guard bytes.byteCount == trailer.tablesEnd - trailer.tablesBegin,
      Checksum.of(bytes) == trailer.tableSum
    else { return nil }
    trims = []
    for index in 0..<trailer.trimCount {
      let lower = Position(bytes.number(at: index * 16))
      let upper = Position(bytes.number(at: index * 16 + 8))
      guard lower < upper, upper <= .max else { return nil }
      trims.append(lower..<upper)
    }
    fences = (0..<trailer.pageCount).map { index in
      Position(bytes.number(at: trailer.trimCount * 16 + index * 8))
    }
  }
}

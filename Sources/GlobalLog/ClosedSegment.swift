/// A closed segment as it is held in memory: its summary and the fences of its index.
struct ClosedSegment: Equatable, Sendable {
  var trailer: SegmentTrailer
  var tables: SegmentTables

  var number: UInt32 { trailer.segment }

  /// The name of a segment's file.
  static func fileName(_ number: UInt32) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".seg"
  }

  /// What the name of a segment ends with that was set aside because it is damaged.
  static let setAsideSuffix = ".damaged"

  /// The number of a segment whose file has this name.
  static func number(fileName: String) -> UInt32? {
    guard let number = UInt32(fileName.dropLast(4)), self.fileName(number) == fileName
    else { return nil }
    return number
  }

  /// Whether an entry of the index points at a record that can stand there.
  func hasRoom(for entry: IndexEntry) -> Bool {
    // What was lost stands nowhere.
    if entry.kind == .lost { return true }
    return entry.offset >= SegmentHeader.recordsBegin
      && entry.offset + entry.byteCount <= trailer.begin
  }

  /// The index page that a position would be on.
  func page(of position: Position) -> Int? {
    guard position >= trailer.lowest, position <= trailer.highestIndexed else { return nil }
    var low = 0
    var high = tables.fences.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if tables.fences[middle] <= position { low = middle } else { high = middle }
    }
    return low
  }

  /// Where an index page stands in the file, and how long it is.
  func pageRange(_ page: Int) -> (offset: Int, count: Int) {
    let entries = min(
      IndexPage.entriesMax,
      trailer.entryCount - page * IndexPage.entriesMax
    )
    return (
      trailer.indexBegin + page * IndexPage.pageBytes,
      IndexPage.headerBytes + entries * IndexEntry.byteCount
    )
  }

  /// The index pages that cannot be read in the bytes of the segment's file.
  func damagedPages(in bytes: RawSpan) -> [Int] {
    (0..<trailer.pageCount).filter { page in
      let (offset, count) = pageRange(page)
      guard offset + count <= bytes.byteCount else { return true }
      let span = bytes.extracting(offset..<offset + count)
      return IndexPage(span, segment: number, page: page) == nil
    }
  }
}

/// The closed segments, arranged so that those which may hold a
/// position are found in O(log segments).
struct ClosedSegments: Equatable, Sendable {
  /// Sorted by their lowest position.
  private(set) var segments: [ClosedSegment] = []
  /// The highest position of each segment and all before it.
  private var reach: [Position] = []

  mutating func insert(_ segment: ClosedSegment) {
    let index =
      segments.firstIndex { $0.trailer.lowest > segment.trailer.lowest } ?? segments.count
    segments.insert(segment, at: index)
    arrange(from: index)
  }

  mutating func removeAll(where isDoomed: (ClosedSegment) -> Bool) {
    segments.removeAll(where: isDoomed)
    arrange(from: 0)
  }

  /// The segment with a number.
  func segment(_ number: UInt32) -> ClosedSegment? {
    segments.first { $0.number == number }
  }

  /// The segments whose index may name a position, the latest first.
  func candidates(at position: Position) -> [ClosedSegment] {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].trailer.lowest <= position { low = middle + 1 } else { high = middle }
    }
    var found: [ClosedSegment] = []
    while low > 0 && reach[low - 1] >= position {
      low -= 1
      if segments[low].trailer.highestIndexed >= position { found.append(segments[low]) }
    }
    return found
  }

  private mutating func arrange(from index: Int) {
    reach.removeLast(reach.count - min(index, reach.count))
    for segment in segments[reach.count...] {
      let highest = segment.trailer.entryCount > 0 ? segment.trailer.highestIndexed : .zero
      reach.append(max(reach.last ?? .zero, highest))
    }
  }
}

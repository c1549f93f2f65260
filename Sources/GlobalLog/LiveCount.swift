/// What of a closed segment is not trimmed.
public struct LiveRecords: Hashable, Sendable {
  /// The size of the records, in bytes.
  public var bytes = 0
  /// How many there are.
  public var count = 0

  static func + (left: LiveRecords, right: LiveRecords) -> LiveRecords {
    LiveRecords(bytes: left.bytes + right.bytes, count: left.count + right.count)
  }
}

/// The live records of a segment, counted page by page of its index.
///
/// A trim makes stale the pages that it touches, and no others: they alone are counted again.
struct LiveCount: Equatable, Sendable {
  /// A page that was not counted yet, or was touched since, has no count.
  private(set) var pages: [LiveRecords?]

  init(of segment: ClosedSegment) {
    pages = Array(repeating: nil, count: segment.trailer.pageCount)
  }

  var stalePages: [Int] { pages.indices.filter { pages[$0] == nil } }

  var total: LiveRecords { pages.reduce(LiveRecords()) { $0 + ($1 ?? LiveRecords()) } }

  mutating func set(_ live: LiveRecords, page: Int) { pages[page] = live }

  /// Takes notice of a trim.
  mutating func touch(_ range: Range<Position>, in segment: ClosedSegment) {
    if planted(.miscountsLive) { return }
    let touched = TouchedPages().pages(
      touchedBy: range,
      fences: segment.tables.fences,
      upTo: segment.trailer.highestIndexed
    )
    for page in touched { pages[page] = nil }
  }
}

extension StoreReader {
  /// The closed segments, by number.
  public var segments: [SegmentTrailer] {
    closedSegments.map(\.trailer).sorted { $0.segment < $1.segment }
  }

  /// Counts the records of a closed segment that are not trimmed, from its index and the trims: no
  /// record is read.
  ///
  /// Only index pages that were never counted, or that trims touched since, are read again.
  /// The count is exact while nobody trims; what is trimmed meanwhile may still be in it.
  ///
  /// - Parameter number: The segment.
  /// - Returns: The count; `nil` if there is no such closed segment any more.
  /// - Throws: ``LogError/unknown(_:)`` if damage keeps the index from being read.
  public func live(in number: UInt32) throws(LogError) -> LiveRecords? {
    guard let (segment, stale) = update({ $0.beginCount(number) }) else { return nil }
    var index = IndexReading(reader: self)
    for page in stale {
      guard let entries = try index.page(page, of: segment)?.entries else { return nil }
      update { $0.count(entries, page: page, of: number) }
    }
    return update { $0.liveCounts[number]?.total }
  }
}

extension StoreIndex {
  /// Says which pages of a segment are to be counted.
  fileprivate mutating func beginCount(_ number: UInt32) -> (ClosedSegment, stale: [Int])? {
    guard let segment = closed.segment(number) else { return nil }
    let count = liveCounts[number] ?? LiveCount(of: segment)
    liveCounts[number] = count
    return (segment, count.stalePages)
  }

  fileprivate mutating func count(_ entries: [IndexEntry], page: Int, of number: UInt32) {
    var live = LiveRecords()
    for entry in entries where !isTrimmed(entry.position) {
      live.bytes += entry.byteCount
      live.count += 1
    }
    liveCounts[number]?.set(live, page: page)
  }
}

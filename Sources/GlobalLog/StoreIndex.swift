/// What a store knows of its positions without reading a record: the memory of a store.
///
/// Only what is durable gets in, so whatever a reader finds here will
/// still be there after a crash (R2).
struct StoreIndex: Equatable, Sendable {
  /// The records of the segment that is being written, by position.
  private(set) var open = PositionTable<OpenEntry>()
  private(set) var closed = ClosedSegments()
  private(set) var trims = PositionSet()
  private(set) var trimMark = Position.zero
  private(set) var tail = Position.zero
  /// Whether absence proves nothing any more (D7).
  private(set) var isInDoubt = false

  /// An entry whose segment has no index in its file yet.
  struct OpenEntry: Equatable, Sendable, BitwiseCopyable {
    var entry: IndexEntry
    var segment: UInt32
  }

  /// What is known of a position.
  enum Finding: Equatable, Sendable {
    case empty
    case trimmed
    /// Something stood here and was damaged.
    case lost
    /// Nobody knows whether something stood here.
    case doubtful
    /// In the open segment.
    case open(OpenEntry)
    /// In one of these closed segments, or nowhere.
    case closed([ClosedSegment])
  }

  func find(_ position: Position) -> Finding {
    // Where most appends go: no need to look.
    if position >= tail { return absent }
    if position < trimMark || trims.contains(position) { return .trimmed }
    if let found = open[position] {
      return found.entry.kind == .lost ? .lost : .open(found)
    }
    let candidates = closed.candidates(at: position)
    if !candidates.isEmpty { return .closed(candidates) }
    return absent
  }

  /// What absence means.
  var absent: Finding {
    isInDoubt && !planted(.forgetsLosses) ? .doubtful : .empty
  }

  /// Takes in what became durable in a segment that has no footer yet.
  mutating func publish(_ batch: StoreBatch, segment: UInt32) {
    for entry in batch.entries {
      open.set(OpenEntry(entry: entry, segment: segment), at: entry.position)
    }
    note(
      trims: batch.trims.ranges,
      trimMark: batch.trimMark,
      tail: batch.tail,
      doubt: batch.doubt
    )
  }

  /// Takes in a segment that was closed before.
  mutating func add(_ segment: ClosedSegment) {
    closed.insert(segment)
    note(
      trims: segment.tables.trims,
      trimMark: segment.trailer.trimMark,
      tail: segment.trailer.tail,
      doubt: segment.trailer.doubt
    )
  }

  /// The open segment was closed: from now on its index is read from its file.
  mutating func close(_ segment: ClosedSegment) {
    add(segment)
    open = PositionTable()
  }

  /// Takes out the closed segments that name nothing above the trim mark.
  mutating func removeForgotten() -> [ClosedSegment] {
    let mark = trimMark
    let forgotten = closed.segments.filter { $0.trailer.tail <= mark }
    if !forgotten.isEmpty { closed.removeAll { $0.trailer.tail <= mark } }
    return forgotten
  }

  private mutating func note(
    trims ranges: [Range<Position>],
    trimMark mark: Position,
    tail end: Position,
    doubt: SegmentTrailer.Doubt?
  ) {
    for range in ranges where range.upperBound > trimMark { trims.insert(range) }
    if mark > trimMark {
      trimMark = mark
      trims.removeAll(before: mark)
    }
    tail = max(tail, end, trimMark)
    if let doubt { isInDoubt = doubt == .raised }
  }
}

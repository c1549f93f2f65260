/// What a store knows of its positions without reading a record: the memory of a store.
///
/// Only what is durable gets in, so whatever a reader finds here will still be there after a crash (R2).
struct StoreIndex: Equatable, Sendable {
  /// The records of the segment that is being written, by position.
  private(set) var open: [Position: IndexEntry] = [:]
  private(set) var openNumber: UInt32 = 0
  private(set) var closed = ClosedSegments()
  private(set) var trims = PositionSet()
  private(set) var trimMark = Position.zero
  private(set) var tail = Position.zero
  /// Whether absence proves nothing any more (D7).
  private(set) var isInDoubt = false

  /// What is known of a position.
  enum Finding: Equatable, Sendable {
    case empty
    case trimmed
    /// Something stood here and was damaged.
    case lost
    /// Nobody knows whether something stood here.
    case doubtful
    /// In the open segment.
    case open(IndexEntry, segment: UInt32)
    /// In one of these closed segments, or nowhere.
    case closed([ClosedSegment])
  }

  func find(_ position: Position) -> Finding {
    if position < trimMark || trims.contains(position) { return .trimmed }
    if let entry = open[position] {
      return entry.kind == .lost ? .lost : .open(entry, segment: openNumber)
    }
    let candidates = position < tail ? closed.candidates(at: position) : []
    if !candidates.isEmpty { return .closed(candidates) }
    return absent
  }

  /// What absence means.
  var absent: Finding {
    isInDoubt && !planted(.forgetsLosses) ? .doubtful : .empty
  }

  /// Begins to take records of a new open segment.
  mutating func begin(segment number: UInt32) {
    open = [:]
    openNumber = number
  }

  /// Takes in what became durable in the open segment.
  mutating func publish(_ batch: StoreBatch) {
    for entry in batch.entries { open[entry.position] = entry }
    note(
      trims: batch.trims.ranges, trimMark: batch.trimMark, tail: batch.tail, doubt: batch.doubt)
  }

  /// Takes in a segment that was closed before.
  mutating func add(_ segment: ClosedSegment) {
    closed.insert(segment)
    note(
      trims: segment.tables.trims, trimMark: segment.trailer.trimMark, tail: segment.trailer.tail,
      doubt: segment.trailer.doubt)
  }

  /// The open segment was closed: from now on its index is read from its file.
  mutating func close(_ segment: ClosedSegment) {
    add(segment)
    open = [:]
  }

  /// Takes out the closed segments that name nothing above the trim mark.
  mutating func removeForgotten() -> [ClosedSegment] {
    let mark = trimMark
    let forgotten = closed.segments.filter { $0.trailer.tail <= mark }
    if !forgotten.isEmpty { closed.removeAll { $0.trailer.tail <= mark } }
    return forgotten
  }

  private mutating func note(
    trims ranges: [Range<Position>], trimMark mark: Position, tail end: Position,
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

/// What one sync makes durable.
struct StoreBatch: Equatable, Sendable {
  var entries: [IndexEntry] = []
  var trims = PositionSet()
  var trimMark = Position.zero
  var tail = Position.zero
  var doubt: SegmentTrailer.Doubt?
}

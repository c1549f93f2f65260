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
  /// Where the last entries of streams stand.
  private(set) var streams: StreamTable
  /// Whether absence proves nothing any more (D7).
  private(set) var isInDoubt = false
  /// How many closed segments were taken in so far, and how many out by compaction.
  private(set) var closings = 0
  private(set) var removals = 0
  /// What is live of the closed segments that somebody asked about.
  var liveCounts: [UInt32: LiveCount] = [:]

  /// An index of nothing, which will know the ends of so many streams at most.
  init(streamsMax: Int) {
    streams = StreamTable(streamsMax: streamsMax)
  }

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
    /// In one of these closed segments, or nowhere; lost if the open one says so and these know
    /// nothing better.
    case closed([ClosedSegment], isLost: Bool)
  }

  func isTrimmed(_ position: Position) -> Bool {
    position < trimMark || trims.contains(position)
  }

  func find(_ position: Position) -> Finding {
    // Where most appends go: no need to look.
    if position >= tail { return absent }
    if isTrimmed(position) { return .trimmed }
    let found = open[position]
    if let found, found.entry.kind != .lost { return .open(found) }
    let candidates = closed.candidates(at: position)
    if !candidates.isEmpty { return .closed(candidates, isLost: found != nil) }
    return found == nil ? absent : .lost
  }

  /// What absence means.
  var absent: Finding {
    isInDoubt && !planted(.forgetsLosses) ? .doubtful : .empty
  }

  /// Takes notice that something is gone, and nobody knows what.
  mutating func raiseDoubt() {
    isInDoubt = true
  }

  /// Takes in what became durable in a segment that has no footer yet.
  mutating func publish(_ batch: StoreBatch, segment: UInt32) {
    for entry in batch.entries where entry.kind != .lost || open[entry.position] == nil {
      open.set(OpenEntry(entry: entry, segment: segment), at: entry.position)
    }
    for place in batch.streams { streams.note(place.position, of: place.stream) }
    streams.doubt(before: batch.lostEnd)
    note(
      trims: batch.trims.ranges,
      trimMark: batch.trimMark,
      tail: batch.tail,
      doubt: batch.doubt
    )
  }

  /// Takes in a segment that was closed before, and what its footer says of streams.
  mutating func add(_ segment: ClosedSegment, streams ends: SegmentStreams? = nil) {
    closed.insert(segment)
    closings += 1
    if let ends { streams.merge(ends) }
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
    for segment in forgotten { liveCounts[segment.number] = nil }
    return forgotten
  }

  /// Takes out a closed segment, and takes another in that says the same.
  mutating func remove(_ number: UInt32, replacement: ClosedSegment? = nil) {
    closed.removeAll { $0.number == number }
    removals += 1
    liveCounts[number] = nil
    if let replacement { add(replacement) }
  }

  private mutating func note(
    trims ranges: [Range<Position>],
    trimMark mark: Position,
    tail end: Position,
    doubt: SegmentTrailer.Doubt?
  ) {
    // What compaction says again is known already.
    let news = ranges.filter { $0.upperBound > trimMark && !trims.contains($0) }
    trims.insert(contentsOf: news)
    for range in news { touch(range) }
    if mark > trimMark {
      touch(trimMark..<mark)
      trimMark = mark
      trims.removeAll(before: mark)
    }
    tail = max(tail, end, trimMark)
    if let doubt { isInDoubt = doubt == .raised }
  }

  private mutating func touch(_ range: Range<Position>) {
    if liveCounts.isEmpty { return }
    for segment in closed.segments { liveCounts[segment.number]?.touch(range, in: segment) }
  }
}

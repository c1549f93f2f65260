/// What records say, taken together: those that one sync makes durable, or all of a segment.
struct StoreBatch: Equatable, Sendable {
  var entries: [IndexEntry] = []
  var trims = PositionSet()
  /// The trims that had a record each.
  var trimmedAlone: [Position] = []
  /// The trims whose record names ranges.
  var trimmedTogether = PositionSet()
  /// Where entries of streams stand.
  var streams: [StreamPlace] = []
  /// One past the highest position whose record was lost.
  var lostEnd = Position.zero
  /// How many of the entries are copies that compaction made.
  var copies = 0
  var trimMark = Position.zero
  var tail = Position.zero
  var doubt: SegmentTrailer.Doubt?

  /// Forgets everything, and keeps the room that it took.
  mutating func removeAll() {
    var empty = StoreBatch()
    // Exchanged, not copied: what has one owner keeps its room.
    swap(&empty.entries, &entries)
    swap(&empty.trimmedAlone, &trimmedAlone)
    swap(&empty.streams, &streams)
    empty.entries.removeAll(keepingCapacity: true)
    empty.trimmedAlone.removeAll(keepingCapacity: true)
    empty.streams.removeAll(keepingCapacity: true)
    self = empty
  }

  /// Takes in a record that was laid out.
  mutating func note(_ draft: RecordDraft, offset: Int, byteCount: Int) {
    switch draft.kind {
    case .data, .junk, .lost:
      entries.append(
        IndexEntry(
          position: draft.position,
          offset: offset,
          byteCount: byteCount,
          kind: draft.kind
        )
      )
      tail = max(tail, draft.position.advanced(by: 1))
      if draft.kind == .lost { lostEnd = max(lostEnd, draft.position.advanced(by: 1)) }
      if !draft.links.isEmpty {
        StreamLink.forEachStream(in: draft.links) { stream in
          streams.append(StreamPlace(stream: stream, position: draft.position))
        }
      }
    case .trim:
      trims.insert(draft.position)
      trimmedAlone.append(draft.position)
      tail = max(tail, draft.position.advanced(by: 1))
    case .trims:
      let ranges = draft.trimRanges
      trims.insert(contentsOf: ranges)
      trimmedTogether.insert(contentsOf: ranges)
      tail = ranges.reduce(tail) { max($0, $1.upperBound) }
      // What compaction says again of streams (SegmentRemains).
      if ranges.isEmpty { lostEnd = max(lostEnd, draft.position) }
      streams += draft.trimmedPlaces
    case .prefixTrim:
      trimMark = max(trimMark, draft.position)
      tail = max(tail, draft.position)
    case .doubt: doubt = .raised
    case .settled: doubt = .settled
    case .claim: break
    }
  }
}

/// An entry of a stream, and where it stands.
struct StreamPlace: Hashable, Sendable, BitwiseCopyable {
  let stream: StreamID
  let position: Position
}

/// What records say, taken together: those that one sync makes durable, or all of a segment.
struct StoreBatch: Equatable, Sendable {
  var entries: [IndexEntry] = []
  var trims = PositionSet()
  /// The trims that had a record each.
  var trimmedAlone: [Position] = []
  /// The trims whose record names ranges.
  var trimmedTogether = PositionSet()
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
    empty.entries.removeAll(keepingCapacity: true)
    empty.trimmedAlone.removeAll(keepingCapacity: true)
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
    case .trim:
      trims.insert(draft.position)
      trimmedAlone.append(draft.position)
      tail = max(tail, draft.position.advanced(by: 1))
    case .trims:
      let ranges = draft.trimRanges
      trims.insert(contentsOf: ranges)
      trimmedTogether.insert(contentsOf: ranges)
      tail = ranges.reduce(tail) { max($0, $1.upperBound) }
    case .prefixTrim:
      trimMark = max(trimMark, draft.position)
      tail = max(tail, draft.position)
    case .doubt: doubt = .raised
    case .settled: doubt = .settled
    case .claim: break
    }
  }
}

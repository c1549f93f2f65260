/// What one sync makes durable.
struct StoreBatch: Equatable, Sendable {
  var entries: [IndexEntry] = []
  var trims = PositionSet()
  var trimMark = Position.zero
  var tail = Position.zero
  var doubt: SegmentTrailer.Doubt?
}

extension StoreBatch {
  /// Takes in a record that was laid out.
  mutating func note(_ draft: RecordDraft, offset: Int, byteCount: Int) {
    let next = draft.position.advanced(by: 1)
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
      tail = max(tail, next)
    case .trim:
      trims.insert(draft.position)
      tail = max(tail, next)
    case .prefixTrim:
      trimMark = max(trimMark, draft.position)
      tail = max(tail, draft.position)
    case .doubt: doubt = .raised
    case .settled: doubt = .settled
    case .claim: break
    }
  }
}

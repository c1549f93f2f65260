// Compaction where there is no room for copies in the open segment, and none for another segment:
// what is live in a closed segment is written to one just large enough, in the room that the spare
// keeps for recovery.
//
// Recovery needs that room to write the open segment anew. It finds it at every moment: before the
// small segment has its name, the spare's room is free; afterwards the small segment says that it
// replaces the large one, which recovery therefore removes first, and that frees more than was
// taken (D11).

extension SegmentStore {
  /// Writes what is live in a closed segment to a smaller one, and removes it.
  ///
  /// Nothing may be staged.
  ///
  /// - Parameter run: All that is live in the segment, or was a moment ago.
  /// - Returns: Whether it is done; `false` if something in the segment is not in the run.
  /// - Throws: ``LogError/outOfSpace`` if that gives no room back; nothing has changed then.
  func rewrite(_ run: CopyRun) async throws(LogError) -> Bool {
    precondition(!hasStaged, "commit before rewriting")
    try checkHealth()
    let segments = reader.closedSegments
    guard let segment = segments.first(where: { $0.number == run.segment }) else { return true }
    let drafts = run.drafts.filter { isStillNeeded($0) }
    guard try isWhole(Set(drafts.map(\.position)), of: segment) else { return false }
    let standing = standing(of: segment, among: segments)
    // Which of two segments speaks of doubt later is told by their numbers: the open one must.
    guard standing.allSatisfy({ $0.kind == .prefixTrim }) else { return false }
    guard let said = restatement(of: run) else { return false }
    guard !(drafts.isEmpty && standing.isEmpty && said.isEmpty) else {
      reader.update { $0.remove(segment.number) }
      try await removeRetired(segment.number, bytes: segment.trailer.end)
      return true
    }
    try await replace(segment, by: standing + said + drafts)
    return true
  }

  /// Records that say what only the segment said when the run was gathered, and of which streams
  /// the entries were that were trimmed since; `nil` if it has to be gathered anew.
  private func restatement(of run: CopyRun) -> [RecordDraft]? {
    guard let remains = run.remains, remains.removals == reader.update({ $0.removals }) else {
      return nil
    }
    var places: [StreamPlace] = []
    for draft in run.drafts where !draft.links.isEmpty && reader.find(draft.position) == .trimmed {
      StreamLink.forEachStream(in: draft.links) { stream in
        places.append(StreamPlace(stream: stream, position: draft.position))
      }
    }
    places.removeAll { $0.position < reader.trimMark }
    let countMax = limits.trimRangesMax
    let late = stride(from: 0, to: places.count, by: countMax).map { start in
      let end = min(start + countMax, places.count)
      return RecordDraft(trimmed: places[start..<end], unknownBefore: .zero)
    }
    let pieces = remains.pieces(countMax: countMax).filter { !isSaid($0) }
    return pieces.map(\.draft) + late
  }

  private func isStillNeeded(_ draft: RecordDraft) -> Bool {
    switch reader.find(draft.position) {
    case .empty, .trimmed, .lost, .doubtful, .open: false
    case .closed: true
    }
  }

  /// Whether all that is live in a segment is among the drafts or stands elsewhere.
  private func isWhole(
    _ positions: Set<Position>,
    of segment: ClosedSegment
  ) throws(LogError) -> Bool {
    var index = IndexReading(reader: reader)
    for number in 0..<segment.trailer.pageCount {
      guard let page = try index.page(number, of: segment) else { return false }
      for entry in page.entries where !positions.contains(entry.position) {
        if try !isElsewhere(entry, than: segment, &index) { return false }
      }
    }
    return true
  }

  private func replace(
    _ segment: ClosedSegment,
    by drafts: [RecordDraft]
  ) async throws(LogError) {
    let number = nextNumber
    let carried = CarriedSegment(
      drafts,
      unit: reader.identity.unit,
      number: number,
      replacing: segment.number,
      capacity: limits.segmentBytes,
      streamsMax: limits.segmentStreamsMax,
      mayStayOpen: false
    )
    // A damaged segment is kept aside, which gives no room back.
    guard let closed = carried.closed, closed.trailer.end < segment.trailer.end,
      !damagedSegments.contains(segment.number)
    else { throw .outOfSpace }
    if let spare {
      try removeFile(spare.number)
      self.spare = nil
    }
    nextNumber += 1
    do {
      _ = try await device.makeSegment(carried.header, records: carried.bytes, onEvent: onEvent)
    } catch DeviceError.outOfSpace {
      try await prepareSpare()
      throw LogError.outOfSpace
    } catch {
      throw fail(error)
    }
    restated[segment.number] = nil
    reader.update { $0.remove(segment.number, replacement: closed) }
    counters.copies += drafts.count
    onEvent(
      .rewritten(segment: segment.number, to: number, bytes: closed.trailer.end)
    )
    try await removeRetired(segment.number, bytes: segment.trailer.end)
    try await prepareSpare()
  }
}

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
    let restatement = restatement(of: segment, among: segments)
    // Which of two segments speaks of doubt later is told by their numbers: the open one must.
    guard !restatement.contains(where: { $0.kind == .doubt || $0.kind == .settled }) else {
      return false
    }
    guard !(drafts.isEmpty && restatement.isEmpty) else {
      reader.update { $0.remove(segment.number) }
      try await removeRetired(segment.number, bytes: segment.trailer.end)
      return true
    }
    try await replace(segment, by: restatement + drafts)
    return true
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
    reader.update { $0.remove(segment.number, replacement: closed) }
    counters.copies += drafts.count
    onEvent(
      .rewritten(segment: segment.number, to: number, bytes: closed.trailer.end)
    )
    try await removeRetired(segment.number, bytes: segment.trailer.end)
    try await prepareSpare()
  }
}

// What compaction asks of a store: copies of what is live, the trims said again
// (StoreRestating.swift), and then the segment's file removed. Each is safe by itself: until the
// file is gone a position may stand in two segments, equal in both.

/// Records of a closed segment, to be copied into the segment that is being written.
struct CopyRun: Sendable {
  let segment: UInt32
  let drafts: [RecordDraft]
  /// Positions that could not be read in the segment.
  let lost: [Position]
  /// What else the segment says, where it is to be written anew.
  var remains: SegmentRemains?
}

extension SegmentStore {
  /// How many index pages are looked at in one turn, so that writers do not wait for it.
  private static var pagesPerTurn: Int { 16 }

  /// Stages a copy of a record of a closed segment.
  ///
  /// Copies are data: they leave the reserve alone (D11).
  ///
  /// - Returns: ``Staging/refused(_:)`` if nobody needs the copy: the position was trimmed, or is
  ///   being trimmed, or stands in the open segment already.
  func stageCopy(_ draft: RecordDraft) throws(LogError) -> Staging {
    try checkHealth()
    if isUnderWay(draft.position) { return .refused(.trimmed) }
    switch reader.find(draft.position) {
    case .empty, .trimmed, .lost, .doubtful, .open: return .refused(.trimmed)
    case .closed(_, isLost: true) where draft.kind == .lost: return .refused(.trimmed)
    case .closed: break
    }
    guard spare != nil else { throw .outOfSpace }
    let outcome = stage(draft, reserve: limits.reserveBytes)
    if outcome == .staged {
      counters.copies += 1
      staged.copies += 1
    }
    if outcome == .segmentFull && isFresh {
      // It fits into no segment of today's size; rolling would never end.
      throw .entryTooLarge(bytes: draft.bodyBytes, bytesMax: limits.payloadBytesMax)
    }
    return outcome
  }

  /// Takes notice that records of a segment cannot be read any more.
  func noteDamage(_ positions: [Position], in segment: UInt32) {
    damagedSegments.insert(segment)
    for position in positions { onEvent(.rotFound(segment: segment, position)) }
  }

  // MARK: Retiring

  /// How far the proof is that a segment is not needed any more.
  enum Retirement: Equatable {
    /// Nothing of it is needed.
    case proven
    /// So much was looked at; ask again.
    case provenUpTo(Int)
    /// Something stands or is said there, and nowhere else.
    case needed
    /// What the proof stands on has changed: it begins anew.
    case stale
    /// There is no such segment any more.
    case gone
  }

  /// Proves that all records that are live in a closed segment stand elsewhere, durably.
  ///
  /// A few index pages at a time. What was proven stays true while no other segment is taken out:
  /// trims are final, and copies stay where they are.
  ///
  /// - Parameters:
  ///   - number: The segment.
  ///   - first: The first index page that was not looked at.
  /// - Returns: What is left to do.
  /// - Throws: ``LogError``.
  func proveCopied(_ number: UInt32, from first: Int) throws(LogError) -> Retirement {
    try checkHealth()
    guard let segment = reader.closedSegment(number) else { return .gone }
    var index = IndexReading(reader: reader)
    let end = min(first + Self.pagesPerTurn, segment.trailer.pageCount)
    for number in first..<max(first, end) {
      guard let page = try index.page(number, of: segment) else { return .gone }
      for entry in page.entries where try !isElsewhere(entry, than: segment, &index) {
        return .needed
      }
    }
    return end < segment.trailer.pageCount ? .provenUpTo(end) : .proven
  }

  /// Whether what an entry of a segment's index leads to is not needed there: it is trimmed, or
  /// stands elsewhere.
  func isElsewhere(
    _ entry: IndexEntry,
    than segment: ClosedSegment,
    _ index: inout IndexReading<Storage>
  ) throws(LogError) -> Bool {
    switch reader.find(entry.position) {
    case .trimmed, .open: return true
    case .empty, .lost, .doubtful: return false
    case .closed(let candidates, var isLost):
      for other in candidates where other.number != segment.number {
        guard let copy = try index.entry(entry.position, in: other) else { continue }
        if copy.kind != .lost { return true }
        isLost = true
      }
      // A note of a loss stands for a record that cannot be read, and for no other.
      guard isLost, entry.kind != .lost else { return isLost }
      let record = try reader.record(entry, of: segment.number, at: entry.position)
      if case .damaged = record { return true }
      return false
    }
  }

  /// Removes the file of a segment that is out of the index, once all that was staged is durable.
  ///
  /// One that showed damage is kept aside, for whoever wants to look.
  func removeRetired(_ number: UInt32, bytes: Int) async throws(LogError) {
    let name = ClosedSegment.fileName(number)
    // The copies are durable, and what claims so may not be. A footer spoke for the originals:
    // until the claim is durable, whoever looks at the folder after a crash would take the copies
    // for a write that nobody was promised.
    if let file = active.file, !planted(.retiresUnsynced) { try await sync(file) }
    try await noteSegments()
    reader.files.forget(number)
    do {
      if damagedSegments.remove(number) != nil {
        try device.rename(name, to: name + ClosedSegment.setAsideSuffix)
      } else {
        try device.remove(name)
      }
      try await device.syncFolder()
    } catch {
      throw fail(error)
    }
    onEvent(.retired(segment: number, bytes: bytes))
  }
}

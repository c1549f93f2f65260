// What compaction asks of a store. Nothing here changes what a reader sees.

/// What came of copying some of a segment's live records.
public struct RelocationStep: Hashable, Sendable {
  /// How many records were copied, or turned out to be wanted no more.
  public var records: Int
  /// How many bytes of records were read, copied or not: that is what a step costs.
  public var bytes: Int
  /// How many bytes of records were copied.
  public var copiedBytes: Int
  /// Where to go on; `nil` if all that was live in the segment stands elsewhere now.
  public var next: Position?

  /// What came of a step; all that was read was copied, unless something else is said.
  public init(records: Int, bytes: Int, copiedBytes: Int? = nil, next: Position?) {
    self.records = records
    self.bytes = bytes
    self.copiedBytes = copiedBytes ?? bytes
    self.next = next
  }
}

extension GroupCommit {
  /// Copies live records of a closed segment into the one that is being written: data, junk, and
  /// notes of what was lost.
  ///
  /// Durable on return. A record that is damaged is copied as lost (D7).
  ///
  /// - Parameters:
  ///   - segment: The segment's number.
  ///   - position: Where to go on; zero to begin.
  ///   - bytesMax: How much to read, and what stands at one position more, at most.
  /// - Returns: How far it came.
  /// - Throws: ``LogError/outOfSpace`` if there is no room for data, ``LogError/unknown(_:)`` and
  ///   ``LogError/corrupt(_:)`` if the segment cannot be read; some records may have been copied.
  public func copy(
    _ segment: UInt32,
    from position: Position = .zero,
    bytesMax: Int
  ) async throws(LogError) -> RelocationStep {
    guard let portion = try portion(of: segment, from: position, bytesMax: bytesMax) else {
      return RelocationStep(records: 0, bytes: 0, next: nil)
    }
    guard !portion.drafts.isEmpty || !portion.lost.isEmpty else {
      return RelocationStep(records: 0, bytes: portion.bytes, copiedBytes: 0, next: portion.next)
    }
    let run = CopyRun(segment: segment, drafts: portion.drafts, lost: portion.lost)
    let done = try await submitRun(.copy(run)).written
    let rest = done < portion.drafts.count ? portion.drafts[done].position : portion.next
    let copied = portion.drafts[..<done].reduce(0) {
      $0 + RecordHeader.recordBytes(body: $1.bodyBytes)
    }
    return RelocationStep(
      records: done,
      bytes: portion.bytes,
      copiedBytes: copied,
      next: rest
    )
  }

  /// Says again what no other segment says than this closed one: trims, the trim mark, doubt, and
  /// of which streams trimmed entries were.
  ///
  /// Durable on return. Throws ``LogError/outOfSpace`` if there is no room for it.
  public func restate(_ segment: UInt32) async throws(LogError) {
    // Where many write, segments are closed all the time: in the end some is said twice.
    for isLast in [false, false, true] {
      guard let remains = try reader.remains(of: segment) else { return }
      if try await restate(remains, isLast: isLast) { return }
    }
  }

  /// - Returns: Whether all is said; otherwise a segment was closed that may have said it already.
  private func restate(
    _ remains: SegmentRemains,
    isLast: Bool
  ) async throws(LogError) -> Bool {
    let pieces = remains.pieces(countMax: trimRangesMax)
    var start = 0
    repeat {
      let end = min(start + RestatementRun.piecesMax, pieces.count)
      let run = RestatementRun(
        segment: remains.segment,
        pieces: Array(pieces[start..<end]),
        // If there is no room for all of it, none is begun with.
        ahead: RestatementRun.Room(of: start == 0 ? pieces[...] : pieces[start..<end]),
        closings: start == 0 && !isLast ? remains.closings : nil
      )
      let outcome = try await submitRun(.restate(run))
      if outcome.obstacle != nil && start == 0 { return false }
      start = end
    } while start < pieces.count
    return true
  }

  /// Removes a closed segment, if it is proven that nothing that is live or said there is only
  /// there.
  ///
  /// - Returns: Whether the segment is gone.
  public func retire(_ segment: UInt32) async throws(LogError) -> Bool {
    while true {
      let removals = reader.update { $0.removals }
      switch try await submitRetirement(.prove(segment)) {
      case .needed: return false
      case .gone: return true
      case .stale: continue
      case .proven: break
      }
      // Only now: what was trimmed meanwhile, instead of being copied, is among it.
      guard let remains = try reader.remains(of: segment) else { return true }
      guard remains.removals == removals else { continue }
      switch try await submitRetirement(.retire(remains)) {
      case .needed: return false
      case .gone, .proven: return true
      case .stale: continue
      }
    }
  }

  private func submitRetirement(
    _ command: CommitRequest.Command
  ) async throws(LogError) -> CommitRequest.Retirement {
    guard case .retirement(let retirement) = try await submit(command) else {
      preconditionFailure("a step of a proof is answered as one")
    }
    return retirement
  }

  /// Writes what is live in a closed segment to a segment of its own, just large enough, and
  /// removes it: for a disk that has no room for copies in the open segment.
  ///
  /// It is read a portion at a time, and written in one turn of the store's. The small segment
  /// takes the room that the spare keeps for recovery, and that is only safe while nobody rolls
  /// (D11): if the turn ended with half of it written, that room would be gone. Writers wait
  /// meanwhile, on a disk that has no room for what they write.
  ///
  /// - Parameters:
  ///   - segment: The segment's number.
  ///   - bytesMax: How much to read at once, and what stands at one position more, at most.
  ///   - pace: Hears how much was read, takes its time, and says whether to go on.
  /// - Returns: Whether the segment is gone.
  /// - Throws: ``LogError/outOfSpace`` if not even that has room, or it would free none.
  public func rewrite(
    _ segment: UInt32,
    bytesMax: Int = .max,
    pace: (Int) async -> Bool = { _ in true }
  ) async throws(LogError) -> Bool {
    var drafts: [RecordDraft] = []
    var lost: [Position] = []
    var next: Position? = .zero
    while let position = next {
      guard let portion = try portion(of: segment, from: position, bytesMax: bytesMax) else {
        return true
      }
      drafts += portion.drafts
      lost += portion.lost
      next = portion.next
      guard await pace(portion.bytes) else { return false }
    }
    guard lost.isEmpty else { throw .outOfSpace }
    guard let remains = try reader.remains(of: segment) else { return true }
    let run = CopyRun(segment: segment, drafts: drafts, lost: [], remains: remains)
    return try await submitRun(.rewrite(run)).written == 1
  }

  private func portion(
    of number: UInt32,
    from position: Position,
    bytesMax: Int
  ) throws(LogError) -> LiveReading<Storage>.Portion? {
    guard let segment = reader.closedSegment(number) else { return nil }
    var reading = LiveReading(segment, of: reader)
    return try reading.portion(from: position, bytesMax: bytesMax)
  }
}

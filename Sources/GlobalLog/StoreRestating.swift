// Before a segment's file goes, the open segment says again what it alone says: trims, the trim
// mark, doubt, and of which streams trimmed entries were. What that is was gathered elsewhere
// (SegmentRemains.swift); here it is staged, and proven, a little in each turn of the store's,
// because writers wait for a turn to end.

/// Some of what is to be said again.
struct RestatementRun: Sendable {
  let segment: UInt32
  /// A record each, unless it is said already.
  let pieces: [SegmentRemains.Piece]
  /// What these and all that follow take, at most.
  let ahead: Room
  /// How many segments were closed when this was gathered, if it is to be gathered anew after that:
  /// the next may say it already.
  var closings: Int?

  /// How much of a segment some records take.
  struct Room: Sendable {
    var recordBytes = 0
    var trims = 0
    var streams = 0

    /// What so many pieces take.
    init(of pieces: some Sequence<SegmentRemains.Piece>) {
      for piece in pieces {
        switch piece {
        case .trims(let ranges):
          add(bodyBytes: TrimRanges.byteCount(ranges.count), trims: ranges.count)
        case .places(let places, _):
          // At worst each is of another stream.
          add(bodyBytes: places.count * StreamLink.bytesMin, trims: 1)
          streams += places.count
        }
      }
    }

    mutating func add(bodyBytes: Int, trims: Int) {
      recordBytes += RecordHeader.recordBytes(body: bodyBytes)
      self.trims += trims
    }
  }

  /// How many records one turn stages.
  static let piecesMax = 16
}

extension SegmentStore {
  /// How many ranges and places are looked at in one turn.
  static var remainsPerTurn: Int { 4096 }

  /// Whether the open segment holds no more than what every segment begins with.
  var isFresh: Bool { active.file != nil && active.builder.records <= 2 }

  /// Stages once more what a certain closed segment says: the trim mark and doubt if only this one
  /// does, and the pieces that the open segment does not say.
  ///
  /// - Parameters:
  ///   - run: The pieces.
  ///   - done: How many of them are staged.
  /// - Returns: Whether all are staged, or the segment is full; ``Staging/refused(_:)`` if they
  ///   have to be gathered anew.
  /// - Throws: ``LogError``.
  func stageRestatement(_ run: RestatementRun, _ done: inout Int) throws(LogError) -> Staging {
    try checkHealth()
    if done == 0 {
      let segments = reader.closedSegments
      guard let segment = segments.first(where: { $0.number == run.segment }) else {
        return .staged
      }
      if let closings = run.closings, closings != reader.update({ $0.closings }) {
        return .refused(.trimmed)
      }
      let standing = standing(of: segment, among: segments)
      var room = run.ahead
      for _ in standing { room.add(bodyBytes: 0, trims: 1) }
      // Half a restatement would take room and give none back.
      let fits = active.builder.fits(
        recordBytes: room.recordBytes,
        trims: room.trims,
        streams: room.streams,
        reserve: lastReserve
      )
      guard fits || isFresh else { return .segmentFull }
      for draft in standing where stage(draft, reserve: lastReserve) != .staged {
        return .segmentFull
      }
    }
    while done < run.pieces.count {
      let piece = run.pieces[done]
      if !isSaid(piece) {
        guard stage(piece.draft, reserve: lastReserve) == .staged else { return .segmentFull }
      }
      noteRestated(piece, of: run.segment)
      done += 1
    }
    return .staged
  }

  /// The trim mark and doubt of a segment, if no other says them.
  func standing(of segment: ClosedSegment, among segments: [ClosedSegment]) -> [RecordDraft] {
    let said = active.builder.said
    let others = segments.filter { $0.number != segment.number }
    var drafts: [RecordDraft] = []
    let mark = segment.trailer.trimMark
    if mark > said.trimMark, !others.contains(where: { $0.trailer.trimMark >= mark }) {
      drafts.append(RecordDraft(.prefixTrim, reader.trimMark))
    }
    // Of two that speak of doubt the later one is believed.
    let isSaidLater = others.contains { $0.trailer.doubt != nil && $0.number > segment.number }
    if segment.trailer.doubt != nil && said.doubt == nil && !isSaidLater {
      drafts.append(RecordDraft(reader.isInDoubt ? .doubt : .settled, .zero))
    }
    return drafts
  }

  /// Whether the open segment says all of a piece.
  func isSaid(_ piece: SegmentRemains.Piece) -> Bool {
    switch piece {
    case .trims(let ranges): ranges.allSatisfy(isSaid)
    case .places(let places, let end):
      active.builder.said.lostEnd >= end && places.allSatisfy { active.builder.says($0) }
    }
  }

  private func isSaid(_ range: Range<Position>) -> Bool {
    active.builder.said.trims.contains(range) || range.upperBound <= reader.trimMark
  }

  private func noteRestated(_ piece: SegmentRemains.Piece, of segment: UInt32) {
    guard case .places(let places, let end) = piece else { return }
    restated[segment, default: RestatedStreams()].note(places, unknownBefore: end)
  }

  /// Proves that what a closed segment says is said elsewhere, and then takes it out of the index.
  ///
  /// - Parameters:
  ///   - remains: What no other closed segment said a moment ago.
  ///   - first: How much of it was proven.
  /// - Returns: What is left to do; ``Retirement/proven`` once the segment is out.
  /// - Throws: ``LogError``.
  func proveRestated(_ remains: SegmentRemains, from first: Int) throws(LogError) -> Retirement {
    try checkHealth()
    let number = remains.segment
    let (closings, removals) = reader.update { ($0.closings, $0.removals) }
    guard removals == remains.removals else { return .stale }
    let segments = reader.closedSegments
    guard let segment = segments.first(where: { $0.number == number }) else { return .gone }
    let count = remains.trims.count + remains.places.count
    let end = min(first + Self.remainsPerTurn, count)
    for index in first..<max(first, end) where !isRestated(remains, index) {
      // It may be said in the segment that was closed since.
      return closings == remains.closings ? .needed : .stale
    }
    if end < count { return .provenUpTo(end) }
    let streamsEnd = max(restated[number]?.end ?? .zero, active.builder.said.lostEnd)
    guard standing(of: segment, among: segments).isEmpty, streamsEnd >= remains.streamsEnd
    else { return .needed }
    restated[number] = nil
    reader.update { $0.remove(number) }
    return .proven
  }

  private func isRestated(_ remains: SegmentRemains, _ index: Int) -> Bool {
    if index < remains.trims.count { return isSaid(remains.trims[index]) }
    let place = remains.places[index - remains.trims.count]
    return place.position < reader.trimMark || active.builder.says(place)
      || restated[remains.segment]?.places.contains(place) == true
  }
}

/// What was said again of the streams of a segment that is about to go, by this process.
struct RestatedStreams {
  var places: Set<StreamPlace> = []
  /// Before here entries of any stream may have been trimmed.
  var end = Position.zero

  mutating func note(_ more: some Sequence<StreamPlace>, unknownBefore position: Position) {
    places.formUnion(more)
    end = max(end, position)
  }
}

/// What a closed segment says besides its records, and no other closed one: before its file goes,
/// the open segment must say it too.
///
/// It is gathered on the task of whoever compacts, from tables that may be long, so that the
/// store's turns stay short.
struct SegmentRemains: Sendable {
  let segment: UInt32
  /// How many segments were closed, and how many taken out, when this was gathered.
  let closings: Int
  let removals: Int
  /// The trims.
  let trims: [Range<Position>]
  /// Entries of streams that were trimmed by themselves: of a stream that ends in one nobody may
  /// say that what stands before it is all there was (R12).
  let places: [StreamPlace]
  /// Before here entries of any stream may have been trimmed.
  let streamsEnd: Position

  /// So much of it goes into one record.
  enum Piece: Sendable {
    case trims(ArraySlice<Range<Position>>)
    case places(ArraySlice<StreamPlace>, unknownBefore: Position)

    var draft: RecordDraft {
      switch self {
      case .trims(let ranges): RecordDraft(trims: ranges)
      case .places(let places, let end): RecordDraft(trimmed: places, unknownBefore: end)
      }
    }
  }

  /// All of it, in records that name no more than so many ranges or places.
  func pieces(countMax: Int) -> [Piece] {
    var pieces: [Piece] = []
    for start in stride(from: 0, to: trims.count, by: countMax) {
      pieces.append(.trims(trims[start..<min(start + countMax, trims.count)]))
    }
    for start in stride(from: 0, to: places.count, by: countMax) {
      let end = min(start + countMax, places.count)
      pieces.append(.places(places[start..<end], unknownBefore: streamsEnd))
    }
    if places.isEmpty && streamsEnd > .zero {
      pieces.append(.places([], unknownBefore: streamsEnd))
    }
    return pieces
  }
}

extension StoreReader {
  /// Gathers what only a certain closed segment says, as far as readers know.
  ///
  /// - Returns: It; `nil` if the segment is gone.
  /// - Throws: ``LogError/corrupt(_:)`` if the disk gives no answer.
  func remains(of number: UInt32) throws(LogError) -> SegmentRemains? {
    let (segments, mark, closings, removals) = update { index in
      (index.closed.segments, index.trimMark, index.closings, index.removals)
    }
    guard let segment = segments.first(where: { $0.number == number }),
      let streams = try streams(of: segment)
    else { return nil }
    var trims = PositionSet(planted(.forgetsTrims) ? [] : segment.tables.trims)
    trims.removeAll(before: mark)
    for other in segments where other.number != number {
      trims.remove(contentsOf: other.tables.trims)
    }
    return SegmentRemains(
      segment: number,
      closings: closings,
      removals: removals,
      trims: trims.ranges,
      places: placesToKeep(streams),
      streamsEnd: streamsEnd(streams, of: segment)
    )
  }

  /// What a closed segment's footer says of its streams; `nil` if the segment is gone.
  private func streams(of segment: ClosedSegment) throws(LogError) -> SegmentStreams? {
    let trailer = segment.trailer
    let unknown = SegmentStreams(begin: trailer.tail, streams: [])
    guard trailer.saysStreams else { return unknown }
    var reading = IndexReading(reader: self)
    let begin = trailer.tablesBegin
    let bytes = try reading.read(segment.number, begin, trailer.tablesEnd - begin, trailer.lowest)
    guard let bytes else { return nil }
    guard Checksum.of(bytes.span.bytes) == trailer.tableSum else { return unknown }
    let rest = bytes.span.bytes.extracting(trailer.streamsBegin - begin..<bytes.count)
    return SegmentStreams(rest, count: trailer.streamCount) ?? unknown
  }

  /// The places of trimmed entries that a sequencer's next reign must hear of.
  private func placesToKeep(_ streams: SegmentStreams) -> [StreamPlace] {
    var kept: [StreamPlace] = []
    // A few at a time: writers wait for whoever looks into the index.
    for start in stride(from: 0, to: streams.streams.count, by: StreamPage.endsMax) {
      let end = min(start + StreamPage.endsMax, streams.streams.count)
      kept += update { index in
        var kept: [StreamPlace] = []
        for (stream, places) in streams.streams[start..<end] {
          places.last.forEach { position in
            let place = StreamPlace(stream: stream, position: position)
            if index.mustKeep(place) { kept.append(place) }
          }
        }
        return kept
      }
    }
    return kept
  }

  /// Before where trimmed entries of a segment may have been of any stream: its footer did not say.
  private func streamsEnd(_ streams: SegmentStreams, of segment: ClosedSegment) -> Position {
    let trailer = segment.trailer
    guard trailer.entryCount > 0 else { return .zero }
    let end = min(streams.begin, trailer.highestIndexed.advanced(by: 1))
    return update { index in
      let begin = max(trailer.lowest, index.trimMark)
      guard begin < end else { return .zero }
      return index.trims.intersection(begin..<end).last?.upperBound ?? .zero
    }
  }
}

extension StoreIndex {
  /// Whether a place of a stream must be remembered when its record goes.
  fileprivate func mustKeep(_ place: StreamPlace) -> Bool {
    place.position >= trimMark && trims.contains(place.position) && !streams.hasFour(behind: place)
  }
}

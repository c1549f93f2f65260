// The body of a record of trims: ranges of positions, in order, 16 bytes each.
//
//    0  lower     8 bytes       the first position of the range
//    8  upper     8 bytes       the position behind its last
//
// A record without ranges says of which streams some trimmed entries were, in its links: the
// stream, and up to four positions. Before its own position nobody vouches for any stream, because
// entries of unknown streams were trimmed there.
//
// A trim of one position has a record of its own, of 96 bytes. Compaction says again what many of
// those said, and needs a sixth of their room even where no two positions lie side by side.

/// Ranges of positions that may be forgotten, as a record's body.
enum TrimRanges {
  private static let rangeBytes = 16

  /// How many bytes so many ranges take.
  static func byteCount(_ ranges: Int) -> Int { ranges * rangeBytes }

  static func encode(_ ranges: some Sequence<Range<Position>>) -> [UInt8] {
    var bytes: [UInt8] = []
    for range in ranges {
      bytes.append(number: range.lowerBound.number)
      bytes.append(number: range.upperBound.number)
    }
    return bytes
  }

  /// Reads ranges; what is no range is left out, because a checksum says that nobody wrote it.
  static func decode(_ bytes: [UInt8]) -> [Range<Position>] {
    stride(from: 0, to: bytes.count - rangeBytes + 1, by: rangeBytes).compactMap { index in
      let lower = Position(bytes.span.bytes.number(at: index))
      let upper = Position(bytes.span.bytes.number(at: index + 8))
      return lower < upper && upper <= .max ? lower..<upper : nil
    }
  }
}

extension RecordDraft {
  /// A record that says that ranges of positions may be forgotten.
  ///
  /// - Parameters:
  ///   - ranges: At least one, in order and apart from each other.
  ///   - epoch: The epoch of who asks.
  init(trims ranges: some Collection<Range<Position>>, epoch: Epoch = .zero) {
    self.init(.trims, ranges.first?.lowerBound ?? .zero, epoch: epoch)
    payload = TrimRanges.encode(ranges)
    bodySum = Checksum.of(payload.span.bytes)
  }

  /// A record that says of which streams trimmed entries were, whose own records are gone.
  ///
  /// - Parameters:
  ///   - places: Where they stood, those of a stream side by side.
  ///   - end: Before here there may have been others, of any stream.
  init(trimmed places: some Collection<StreamPlace>, unknownBefore end: Position) {
    self.init(.trims, end)
    var all: [(stream: StreamID, positions: [Position])] = []
    for place in places {
      if let last = all.last, last.stream == place.stream,
        last.positions.count < StreamLink.backpointersMax
      {
        all[all.count - 1].positions.append(place.position)
      } else {
        all.append((place.stream, [place.position]))
      }
    }
    links = StreamLink.encode(all.map { StreamLink(stream: $0.stream, previous: $0.positions) })
    bodySum = Checksum.of(links.span.bytes)
  }

  /// The places in the links of a record of trims; none in any other.
  var trimmedPlaces: [StreamPlace] {
    guard kind == .trims, !links.isEmpty, let found = StreamLink.decode(links.span.bytes) else {
      return []
    }
    return found.flatMap { link in
      (link.previous ?? []).map { StreamPlace(stream: link.stream, position: $0) }
    }
  }

  /// The ranges in the body of a record of trims; none in any other.
  var trimRanges: [Range<Position>] { kind == .trims ? TrimRanges.decode(payload) : [] }
}

extension StoreLimits {
  /// How many ranges of trims one record may name.
  ///
  /// The footer repeats them, and both must fit into the smallest segment.
  var trimRangesMax: Int { max(1, min(255, segmentBytes / 128)) }
}

/// Where the last entries of each stream stand in one store or one segment, in bounded memory.
///
/// Built from what is written, in any order; trims are looked up when it is asked, so they cost it
/// nothing. Of each stream it keeps four positions, and from where on those are all.
///
/// Streams are kept in two generations, and the old one is forgotten as a whole. Then the table
/// still knows from where on it has forgotten nothing: once everything before is trimmed, it is
/// complete again. It may say that it does not know, and never says "none" of what it forgot (R12).
struct StreamTable: Equatable, Sendable {
  private var young: [StreamID: Places] = [:]
  private var old: [StreamID: Places] = [:]
  /// One past the highest position noted of any stream, now and when `old` was young.
  private var youngEnd = Position.zero
  private var oldEnd = Position.zero
  /// From here on a stream that is in neither generation has no entries.
  private var forgottenEnd = Position.zero
  /// Before here nothing is vouched for: something was lost.
  private var doubtEnd = Position.zero
  private let streamsMax: Int

  /// A table of so many streams at most; of none at all, if 0.
  init(streamsMax: Int) {
    self.streamsMax = streamsMax
  }

  /// How many streams it has.
  var count: Int { young.count + old.count }

  /// From where on everything is known.
  private var begin: Position { max(forgottenEnd, doubtEnd) }

  private var generationMax: Int { max(1, streamsMax / 2) }

  // MARK: Noting

  /// Takes in that an entry of a stream stands at a position.
  mutating func note(_ position: Position, of stream: StreamID) {
    if let index = young.index(forKey: stream) {
      young.values[index].insert(position)
    } else if var places = old.removeValue(forKey: stream) {
      places.insert(position)
      insert(places, of: stream)
    } else if position >= forgottenEnd {
      var places = Places(since: forgottenEnd)
      places.insert(position)
      insert(places, of: stream)
    }
    youngEnd = max(youngEnd, position.advanced(by: 1))
  }

  private mutating func insert(_ places: Places, of stream: StreamID) {
    if young.count == generationMax || streamsMax == 0 {
      if !old.isEmpty { forgottenEnd = max(forgottenEnd, oldEnd) }
      (old, oldEnd) = (young, youngEnd)
      (young, youngEnd) = ([:], .zero)
    }
    young[stream] = places
    youngEnd = max(youngEnd, places.end)
    // There is no room for a second generation.
    if streamsMax < 2, count > streamsMax {
      let isNone = streamsMax == 0
      forgottenEnd = max(forgottenEnd, isNone ? youngEnd : oldEnd)
      old = [:]
      if isNone { young = [:] }
    }
  }

  /// Takes in that something was lost at a position, or before: it may have been of any stream.
  mutating func doubt(before end: Position) {
    doubtEnd = max(doubtEnd, end)
  }

  /// Takes in what a closed segment says.
  mutating func merge(_ segment: SegmentStreams) {
    doubt(before: segment.begin)
    for (stream, found) in segment.streams
    where found.end > forgottenEnd || young[stream] != nil || old[stream] != nil {
      var places = young[stream] ?? old.removeValue(forKey: stream) ?? Places(since: forgottenEnd)
      places.insert(contentsOf: found)
      if let index = young.index(forKey: stream) {
        young.values[index] = places
        youngEnd = max(youngEnd, places.end)
      } else {
        insert(places, of: stream)
      }
    }
  }

  /// What a segment's footer says of its streams.
  var segment: SegmentStreams {
    // Of one stream there is one record: the order is that of the numbers.
    let all = (Array(young) + Array(old)).sorted { $0.key < $1.key }
    return SegmentStreams(begin: begin, streams: all.map { ($0.key, $0.value) })
  }

  // MARK: Asking

  /// Hands out the streams that it has, each once, in no order that means anything.
  func forEach(_ body: (StreamID, Places) -> Void) {
    for (stream, places) in young { body(stream, places) }
    for (stream, places) in old { body(stream, places) }
  }

  /// Whether it has an entry of a stream.
  func has(_ place: StreamPlace) -> Bool {
    (young[place.stream] ?? old[place.stream])?.last.contains(place.position) ?? false
  }

  /// Whether it has four entries of the same stream behind one: what came before is of no interest.
  func hasFour(behind place: StreamPlace) -> Bool {
    (young[place.stream] ?? old[place.stream])?.last.isFull(behind: place.position) ?? false
  }

  /// Whether streams that it does not have have no entries.
  func isComplete(trimmedBefore mark: Position) -> Bool { begin <= mark }

  /// Where a stream's last entries stand that hold data, or that nobody knows.
  ///
  /// - Parameters:
  ///   - stream: Which.
  ///   - places: What is known of it.
  ///   - mark: Every position before it is trimmed.
  ///   - isTrimmed: Whether a position is.
  /// - Returns: The end. Of a stream of which an entry was trimmed by itself nobody can say that
  ///   what is left is all there was: whoever looks for its entries has to meet the gap.
  func end(
    of stream: StreamID,
    _ places: Places,
    trimmedBefore mark: Position,
    isTrimmed: (Position) -> Bool
  ) -> StreamEnd {
    // What stands before may have others of the stream beside it.
    let since = max(places.since, doubtEnd)
    var last = LastFour()
    var isWhole = since <= mark
    places.last.forEach { position in
      guard position >= since else { return }
      if !isTrimmed(position) {
        last.insert(position)
      } else if position >= mark {
        isWhole = false
      }
    }
    return StreamEnd(stream, last: last.isFull || isWhole ? last : nil)
  }
}

/// Of one stream the last positions, and from where on they are all.
struct Places: Equatable, Sendable, BitwiseCopyable {
  private(set) var last = LastFour()
  /// From here on the stream has no entries but these.
  private(set) var since: Position

  static let byteCount = LastFour.byteCount + 8

  init(since: Position) {
    self.since = since
  }

  /// One past the newest.
  var end: Position { last.end }

  mutating func insert(_ position: Position) {
    guard position >= since else { return }
    // Whatever has no room any more is the newest of those that are not known.
    if let lost = last.insert(position) { since = max(since, lost.advanced(by: 1)) }
  }

  /// Takes in what another place knows of the same stream.
  mutating func insert(contentsOf other: Places) {
    since = max(since, other.since)
    let own = last
    last = LastFour()
    for places in [own, other.last] { places.forEach { insert($0) } }
  }

  func encode(into bytes: inout [UInt8]) {
    last.encode(into: &bytes)
    bytes.append(number: since.number)
  }

  /// Reads what ``encode(into:)`` wrote; `nil` for what cannot be.
  init?(_ bytes: RawSpan, at index: Int) {
    guard let last = LastFour(bytes, at: index) else { return nil }
    self.last = last
    since = Position(bytes.number(at: index + LastFour.byteCount))
    guard since <= .max else { return nil }
  }
}

/// What the footer of a closed segment says of its streams.
struct SegmentStreams: Equatable, Sendable {
  /// Before here it vouches for nothing: it had too many streams, or lost records.
  var begin: Position
  /// The streams, in the order of their numbers.
  var streams: [(stream: StreamID, places: Places)]

  private static let recordBytes = 8 + Places.byteCount

  /// How many bytes so many streams take in a footer.
  static func byteCount(_ count: Int) -> Int { 8 + count * recordBytes }

  static func == (left: SegmentStreams, right: SegmentStreams) -> Bool {
    left.begin == right.begin && left.streams.count == right.streams.count
      && zip(left.streams, right.streams).allSatisfy { $0 == $1 }
  }

  init(begin: Position, streams: [(stream: StreamID, places: Places)]) {
    self.begin = begin
    self.streams = streams
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: begin.number)
    for (stream, places) in streams {
      bytes.append(number: stream.number)
      places.encode(into: &bytes)
    }
  }

  /// Reads so many streams; `nil` for what cannot be.
  init?(_ bytes: RawSpan, count: Int) {
    guard bytes.byteCount == Self.byteCount(count) else { return nil }
    begin = Position(bytes.number(at: 0))
    guard begin <= .max else { return nil }
    streams = []
    streams.reserveCapacity(count)
    for number in 0..<count {
      let index = 8 + number * Self.recordBytes
      guard let places = Places(bytes, at: index + 8) else { return nil }
      streams.append((StreamID(bytes.number(at: index)), places))
    }
  }
}

public import CorfuGlobalLog

/// Where the last entries of each stream stand, in bounded memory.
///
/// Streams are kept in two generations. A stream that gets an entry is in the young one; when that
/// is full it becomes the old one, and the old one is forgotten as a whole. So a stream is
/// forgotten only after many others were used since its last entry, and noting an entry takes
/// constant time on average.
///
/// A stream that may have been forgotten is *unknown*, which is not the same as empty: a reader
/// that took it for empty would miss all of it (R12).
public struct StreamTails: Equatable, Sendable {
  /// Of how many streams a sequencer remembers the ends unless it is told otherwise.
  ///
  /// A million, and as many again since.
  public static let streamsMaxDefault = 1 << 21

  /// The ends of one stream.
  ///
  /// Without an array of its own: a million of those cannot be given back in a moment.
  struct Tail: Equatable, Sendable {
    /// Whether, if there are fewer than four positions, the stream has no others.
    var isWhole: Bool
    /// The first position behind each of the last entries; 0 for none.
    private var ends = SIMD4<UInt64>()

    init(positions: [Position], isWhole: Bool) {
      self.isWhole = isWhole
      self.positions = positions
    }

    /// Its last positions, newest first; four at most.
    var positions: [Position] {
      get { ends.indices.filter { ends[$0] > 0 }.map { Position(ends[$0] - 1) } }
      set {
        ends = SIMD4()
        for (index, position) in zip(ends.indices, newValue) { ends[index] = position.number + 1 }
      }
    }

    init(_ end: StreamEnd) {
      self.init(positions: end.positions ?? [], isWhole: end.isKnown)
    }

    /// The positions, if they are all that a link needs.
    var known: [Position]? {
      isWhole || positions.count == StreamLink.backpointersMax ? positions : nil
    }
  }

  private(set) var young: Generation
  private(set) var old = OldStreams()
  /// Whether a stream that is in neither generation has no entries.
  private(set) var isComplete: Bool
  private let generationMax: Int
  /// Whether there is room for a generation before the young one.
  private let keepsOld: Bool

  /// What a census says.
  ///
  /// - Parameters:
  ///   - census: The streams to begin with. Of too many, those with the latest entries are kept.
  ///   - streamsMax: How many streams to remember at most, one or more.
  public init(_ census: StreamCensus, streamsMax: Int = Self.streamsMaxDefault) {
    precondition(streamsMax >= 1, "tails of \(streamsMax) streams remember nothing")
    keepsOld = streamsMax > 1
    generationMax = max(1, streamsMax / 2)
    young = Generation(of: generationMax)
    isComplete = census.isComplete
    guard census.ends.count > generationMax || !keepsOld else {
      old = OldStreams(census)
      return
    }
    // In the order of their last entries, as if each had just been noted.
    let order = census.ends.sorted { left, right in
      (left.newest ?? .zero, left.stream) < (right.newest ?? .zero, right.stream)
    }
    for end in order { insert(Tail(end), for: end.stream) }
  }

  /// How many streams are remembered.
  public var count: Int { young.count + old.count }

  // exercise 2.2: tell a stream's last four positions, and take in new ones
  /// The last positions of a stream, newest first; `nil` if they are not known.
  public func last(of stream: StreamID) -> [Position]? {
    guard let tail = young[stream] ?? old[stream] else { return isComplete ? [] : nil }
    return tail.known
  }

  /// Takes in that entries of a stream go to some positions, behind all that it has.
  public mutating func note(_ positions: Range<Position>, of stream: StreamID) {
    var tail =
      young[stream] ?? old.removeValue(forKey: stream) ?? Tail(positions: [], isWhole: isComplete)
    let newest = positions.suffix(StreamLink.backpointersMax).reversed()
    tail.positions = Array((newest + tail.positions).prefix(StreamLink.backpointersMax))
    insert(tail, for: stream)
  }
  // end 2.2

  /// Puts a stream into the young generation; if that is full, the old one is forgotten first.
  private mutating func insert(_ tail: Tail, for stream: StreamID) {
    if young[stream] == nil, young.count == generationMax {
      if !old.isEmpty || !keepsOld { isComplete = false }
      old = keepsOld ? OldStreams(young) : OldStreams()
      young = Generation(of: generationMax)
    }
    young[stream] = tail
  }

  /// The streams of the generation before: those that were noted then, or a census.
  ///
  /// A census stays the list that it was. To make a dictionary of a million streams takes longer
  /// than a sequencer may be late.
  struct OldStreams: Equatable, Sendable {
    private var noted = Generation(of: 0)
    private var census = StreamCensus.empty
    /// How many of the census are in the young generation by now, where they are found first.
    private var taken = 0

    init() {}

    init(_ noted: Generation) {
      self.noted = noted
    }

    init(_ census: StreamCensus) {
      self.census = census
    }

    var count: Int { noted.count + census.ends.count - taken }

    var isEmpty: Bool { count == 0 }

    subscript(stream: StreamID) -> Tail? {
      noted[stream] ?? census.end(of: stream).map { Tail($0) }
    }

    mutating func removeValue(forKey stream: StreamID) -> Tail? {
      if let tail = noted.removeValue(forKey: stream) { return tail }
      guard let end = census.end(of: stream) else { return nil }
      taken += 1
      return Tail(end)
    }
  }

  /// Streams and their ends, in many small dictionaries instead of a large one.
  ///
  /// A dictionary that is full is copied into one of twice the size, all at once. With a million
  /// streams nobody would get a position meanwhile.
  struct Generation: Equatable, Sendable {
    private var parts: [[StreamID: Tail]]
    private(set) var count = 0

    /// An empty one, for so many streams.
    init(of streamsMax: Int) {
      parts = Array(repeating: [:], count: streamsMax < 1 << 14 ? 1 : 1 << 8)
    }

    subscript(stream: StreamID) -> Tail? {
      get { parts[part(of: stream)][stream] }
      set {
        let part = part(of: stream)
        let before = parts[part].count
        parts[part][stream] = newValue
        count += parts[part].count - before
      }
    }

    mutating func removeValue(forKey stream: StreamID) -> Tail? {
      let tail = parts[part(of: stream)].removeValue(forKey: stream)
      if tail != nil { count -= 1 }
      return tail
    }

    /// Numbers in a row, or far apart in steps, are spread all the same.
    private func part(of stream: StreamID) -> Int {
      let mixed = stream.number &* 0x9e37_79b9_7f4a_7c15
      return Int(mixed >> 32) & (parts.count - 1)
    }
  }
}

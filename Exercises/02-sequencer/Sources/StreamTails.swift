// Exercise 2.2: tell a stream's last four positions, and take in new ones
// Write the body below, then: swift run course check 2.2
import CorfuChecks
public import CorfuGlobalLog
public import CorfuSequencer

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
  struct Tail: Equatable, Sendable {
    /// Its last positions, newest first; four at most.
    var positions: [Position]
    /// Whether, if they are fewer than four, the stream has no others.
    var isWhole: Bool

    init(positions: [Position], isWhole: Bool) {
      self.positions = positions
      self.isWhole = isWhole
    }

    init(_ end: StreamEnd) {
      self.init(positions: end.positions ?? [], isWhole: end.isKnown)
    }

    /// The positions, if they are all that a link needs.
    var known: [Position]? {
      isWhole || positions.count == StreamLink.backpointersMax ? positions : nil
    }
  }

  private(set) var young: [StreamID: Tail] = [:]
  private(set) var old = OldStreams()
  /// Whether a stream that is in neither generation has no entries.
  private(set) var isComplete: Bool
  private let generationMax: Int

  /// What a census says.
  ///
  /// - Parameters:
  ///   - census: The streams to begin with. Of too many, those with the latest entries are kept.
  ///   - streamsMax: How many streams to remember at most, two or more.
  public init(_ census: StreamCensus, streamsMax: Int = Self.streamsMaxDefault) {
    precondition(streamsMax >= 2, "\(streamsMax) streams do not make two generations")
    generationMax = streamsMax / 2
    isComplete = census.isComplete
    guard census.ends.count > generationMax else {
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

  /// The last positions of a stream, newest first; `nil` if they are not known.
  public func last(of stream: StreamID) -> [Position]? {
    TODO("2.2 tell a stream's last four positions, and take in new ones")
  }

  /// Takes in that entries of a stream go to some positions, behind all that it has.
  public mutating func note(_ positions: Range<Position>, of stream: StreamID) {
    TODO("2.2 tell a stream's last four positions, and take in new ones")
  }

  /// Puts a stream into the young generation; if that is full, the old one is forgotten first.
  private mutating func insert(_ tail: Tail, for stream: StreamID) {
    if young[stream] == nil, young.count == generationMax {
      if !old.isEmpty { isComplete = false }
      old = OldStreams(young)
      young = [:]
    }
    young[stream] = tail
  }

  /// The streams of the generation before: those that were noted then, or a census.
  ///
  /// A census stays the list that it was. To make a dictionary of a million streams takes longer
  /// than a sequencer may be late.
  struct OldStreams: Equatable, Sendable {
    private var noted: [StreamID: Tail] = [:]
    private var census = StreamCensus.empty
    /// How many of the census are in the young generation by now, where they are found first.
    private var taken = 0

    init() {}

    init(_ noted: [StreamID: Tail]) {
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
}

/// Where the last entries of a stream stand, as one unit has them, or all together know (R4, R12).
public struct StreamEnd: Hashable, Sendable, BitwiseCopyable {
  /// The stream.
  public let stream: StreamID
  /// Whether the positions are known.
  public private(set) var isKnown: Bool
  private var last = LastFour()

  /// The end of a stream.
  ///
  /// - Parameters:
  ///   - stream: Which.
  ///   - positions: Its positions that hold data, in any order; the last four count, and fewer are
  ///     all that there are. `nil` if they are not known.
  public init(_ stream: StreamID, _ positions: [Position]?) {
    self.stream = stream
    isKnown = positions != nil
    for position in positions ?? [] { last.insert(position) }
  }

  init(_ stream: StreamID, last: LastFour?) {
    self.stream = stream
    isKnown = last != nil
    self.last = last ?? LastFour()
  }

  /// The last positions, newest first; `nil` if they are not known, which never means that there
  /// are none.
  public var positions: [Position]? { isKnown ? last.positions : nil }

  /// The newest position that is known.
  public var newest: Position? { last.end > .zero ? last.end.advanced(by: -1) : nil }

  /// Lets a hash take in all that it says.
  package func hash(into hash: inout WordHash) {
    hash.take(stream.number)
    hash.take(isKnown ? 1 : 0)
    hash.take(last.first)
    hash.take(last.second)
    hash.take(last.third)
    hash.take(last.fourth)
  }

  /// Takes in what somebody else knows of the same stream.
  package mutating func merge(_ other: StreamEnd) {
    isKnown = isKnown && other.isKnown || planted(.believesHalfCensus)
    if isKnown { other.last.forEach { last.insert($0) } } else { last = LastFour() }
  }

  /// Takes back that the positions are known.
  package mutating func forget() {
    isKnown = false
    last = LastFour()
  }
}

/// Some of the streams of a unit, in the order of their numbers.
public struct StreamPage: Hashable, Sendable {
  /// How many streams a page has at most, whoever asks for more.
  public static let endsMax = 4096

  /// The ends of the streams.
  public var ends: [StreamEnd]
  /// Whether a stream that no page names has no entries on the unit; otherwise nothing is known of
  /// it.
  public var isComplete: Bool
  /// The last stream that was looked at: the next page begins behind it; `nil` for the last page.
  ///
  /// It may be behind the last that is named.
  public var last: StreamID?

  /// A page.
  public init(ends: [StreamEnd], isComplete: Bool, last: StreamID? = nil) {
    self.ends = ends
    self.isComplete = isComplete
    self.last = last
  }
}

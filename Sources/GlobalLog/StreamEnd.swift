/// Where the last entries of a stream stand, as one unit has them (R4).
///
/// Flat, without an array of its own: there may be a million.
public struct StreamEnd: Hashable, Sendable, BitwiseCopyable {
  /// The stream.
  public let stream: StreamID
  /// Whether the unit vouches for the positions.
  public let isKnown: Bool
  // Each position plus one, newest first; 0 for none.
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0

  /// The end of a stream.
  ///
  /// - Parameters:
  ///   - stream: Which.
  ///   - positions: Its last positions on the unit that hold data, newest first; the first four
  ///     count, and fewer are all that there are. `nil` if the unit cannot tell.
  public init(_ stream: StreamID, _ positions: [Position]?) {
    self.stream = stream
    isKnown = positions != nil
    guard let positions else { return }
    if positions.count > 0 { first = positions[0].number + 1 }
    if positions.count > 1 { second = positions[1].number + 1 }
    if positions.count > 2 { third = positions[2].number + 1 }
    if positions.count > 3 { fourth = positions[3].number + 1 }
  }

  /// The last positions, newest first; `nil` if the unit cannot tell, which never means that there
  /// are none.
  public var positions: [Position]? {
    guard isKnown else { return nil }
    var positions: [Position] = []
    for place in [first, second, third, fourth] where place > 0 {
      positions.append(Position(place - 1))
    }
    return positions
  }

  /// Puts the positions behind others.
  package func append(to positions: inout [Position]) {
    if first > 0 { positions.append(Position(first - 1)) }
    if second > 0 { positions.append(Position(second - 1)) }
    if third > 0 { positions.append(Position(third - 1)) }
    if fourth > 0 { positions.append(Position(fourth - 1)) }
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
  /// Whether there are more behind the last.
  public var hasMore: Bool

  /// A page.
  public init(ends: [StreamEnd], isComplete: Bool, hasMore: Bool = false) {
    self.ends = ends
    self.isComplete = isComplete
    self.hasMore = hasMore
  }
}

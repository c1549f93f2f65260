public import CorfuGlobalLog

/// Where the last entries of each stream stand, as somebody knows it at one moment: a unit of its
/// own entries, a layout of all units together.
///
/// Only entries with data count. Junk and what was trimmed lead nowhere (R12).
public struct StreamCensus: Hashable, Sendable {
  /// The last positions of streams, newest first; four each at most.
  ///
  /// Fewer than four are all that there are. `nil` stands for "nobody knows".
  public private(set) var tails: [StreamID: [Position]?]
  /// Whether a stream that is not named has no entries.
  ///
  /// Otherwise nothing is known of it.
  public private(set) var isComplete: Bool

  /// What somebody knows.
  ///
  /// - Parameters:
  ///   - tails: For each stream all its positions, or the last four or more; in any order.
  ///   - isComplete: Whether there are no streams but these.
  public init(_ tails: [StreamID: [Position]], isComplete: Bool) {
    self.tails = tails.mapValues(Self.newest)
    self.isComplete = isComplete
  }

  /// What somebody knows, in order and cut to four already.
  init(_ tails: [StreamID: [Position]?], _ isComplete: Bool) {
    self.tails = tails
    self.isComplete = isComplete
  }

  /// There are no streams.
  public static let empty = StreamCensus([:], isComplete: true)

  /// Nothing is known.
  public static let unknown = StreamCensus([:], isComplete: false)

  /// The last positions of a stream, newest first; `nil` if they are not known, which never means
  /// that there are none.
  public func last(of stream: StreamID) -> [Position]? {
    tails[stream] ?? (isComplete ? [] : nil)
  }

  /// What several know together, each of its own entries (R12).
  ///
  /// A stream is known if each of them vouches for what it has of it.
  public static func merged(_ parts: [StreamCensus]) -> StreamCensus {
    merged(parts.map { StreamRoll($0) })
  }

  /// The last positions, newest first, each once.
  static func newest(_ positions: [Position]) -> [Position] {
    var newest: [Position] = []
    for position in positions.sorted(by: >) where position != newest.last {
      newest.append(position)
      if newest.count == StreamLink.backpointersMax { break }
    }
    return newest
  }
}

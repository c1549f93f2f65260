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
  /// A stream is known if each of them vouches for what it has of it: one that cannot may have
  /// newer entries than all the others.
  public static func merged(_ parts: [StreamCensus]) -> StreamCensus {
    var whole = StreamCensus([:], isComplete: !parts.isEmpty && parts.allSatisfy(\.isComplete))
    for stream in Set(parts.flatMap(\.tails.keys)) {
      var known = parts.map { $0.last(of: stream) }
      if planted(.believesHalfCensus) { known = known.map { $0 ?? [] } }
      let positions = known.contains(nil) ? nil : newest(known.flatMap { $0 ?? [] })
      if positions != nil || whole.isComplete { whole.tails[stream] = .some(positions) }
    }
    return whole
  }

  private static func newest(_ positions: [Position]) -> [Position] {
    Array(Set(positions).sorted(by: >).prefix(StreamLink.backpointersMax))
  }
}

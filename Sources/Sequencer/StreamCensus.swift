public import CorfuGlobalLog

/// Where the last entries of each stream stand, as somebody knows it at one moment: a unit of its
/// own entries, a layout of all units together.
///
/// Only entries with data count. Junk and what was trimmed lead nowhere (R12). There may be a
/// million streams, so it is a list in order, and not a dictionary.
public struct StreamCensus: Hashable, Sendable {
  /// The ends of streams, in the order of the streams' numbers.
  public private(set) var ends: [StreamEnd]
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
    ends = tails.keys.sorted().map { StreamEnd($0, tails[$0]) }
    self.isComplete = isComplete
  }

  /// There are no streams.
  public static let empty = StreamCensus([:], isComplete: true)

  /// Nothing is known.
  public static let unknown = StreamCensus([:], isComplete: false)

  /// Takes in the next page of what a unit says.
  ///
  /// - Returns: Whether it can be the next: its streams are behind all others, and in order.
  public mutating func append(_ page: StreamPage) -> Bool {
    var last = ends.last?.stream
    for end in page.ends {
      if let last, end.stream <= last { return false }
      last = end.stream
    }
    ends += page.ends
    isComplete = isComplete && page.isComplete
    return true
  }

  /// A number that tells it apart from others, the same wherever it is computed.
  ///
  /// - Complexity: O(*n*) in the number of streams.
  package var fingerprint: UInt64 {
    var hash = WordHash()
    hash.take(isComplete ? 1 : 0)
    for end in ends { end.hash(into: &hash) }
    return hash.value
  }

  /// Parts of it, in order, each with so many streams at most; one part, if there are none.
  package func parts(of endsMax: Int) -> [StreamCensus] {
    stride(from: 0, to: max(ends.count, 1), by: endsMax).map { begin in
      var part = StreamCensus([:], isComplete: isComplete)
      part.ends = Array(ends[begin..<min(begin + endsMax, ends.count)])
      return part
    }
  }

  /// What is said of a stream by name; `nil` if it is not named.
  ///
  /// - Complexity: O(log *n*) in the number of streams.
  public func end(of stream: StreamID) -> StreamEnd? {
    var low = 0
    var high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle].stream < stream { low = middle + 1 } else { high = middle }
    }
    return low < ends.count && ends[low].stream == stream ? ends[low] : nil
  }

  /// The last positions of a stream, newest first; `nil` if they are not known, which never means
  /// that there are none.
  public func last(of stream: StreamID) -> [Position]? {
    guard let end = end(of: stream) else { return isComplete ? [] : nil }
    return end.positions
  }

  /// What several know together, each of its own entries (R12).
  ///
  /// A stream is known if each of them vouches for what it has of it: one that cannot may have
  /// newer entries than all the others. Takes time in proportion to the streams.
  public static func merged(_ parts: [StreamCensus]) -> StreamCensus {
    var whole = StreamCensus([:], isComplete: !parts.isEmpty && parts.allSatisfy(\.isComplete))
    whole.ends.reserveCapacity(parts.reduce(0) { max($0, $1.ends.count) })
    var next = parts.map { _ in 0 }
    while let stream = first(of: parts, next) {
      var end = StreamEnd(stream, [])
      for index in parts.indices {
        let place = next[index]
        if place < parts[index].ends.count, parts[index].ends[place].stream == stream {
          end.merge(parts[index].ends[place])
          next[index] += 1
        } else if !parts[index].isComplete, !planted(.believesHalfCensus) {
          end.forget()
        }
      }
      if end.isKnown || whole.isComplete { whole.ends.append(end) }
    }
    return whole
  }

  /// The lowest stream that is next in any of them.
  private static func first(of parts: [StreamCensus], _ next: [Int]) -> StreamID? {
    var first: StreamID?
    for index in parts.indices where next[index] < parts[index].ends.count {
      let stream = parts[index].ends[next[index]].stream
      if first.map({ stream < $0 }) ?? true { first = stream }
    }
    return first
  }
}

public import CorfuGlobalLog

/// What one unit says of its streams, all pages together.
public struct StreamRoll: Hashable, Sendable {
  /// The ends of its streams, in the order of their numbers.
  public private(set) var ends: [StreamEnd] = []
  /// Whether a stream that is not named has no entries on the unit.
  public private(set) var isComplete = true

  /// A roll without a page.
  public init() {}

  /// What a census says.
  init(_ census: StreamCensus) {
    isComplete = census.isComplete
    ends = census.tails.keys.sorted().map { StreamEnd($0, census.last(of: $0)) }
  }

  /// Takes in the next page.
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
}

extension StreamCensus {
  /// What several units know together, each of its own entries (R12).
  ///
  /// A stream is known if each of them vouches for what it has of it: one that cannot may have
  /// newer entries than all the others. Takes time in proportion to the streams.
  public static func merged(_ rolls: [StreamRoll]) -> StreamCensus {
    let isComplete = !rolls.isEmpty && rolls.allSatisfy(\.isComplete)
    var whole: [StreamID: [Position]?] = [:]
    whole.reserveCapacity(rolls.reduce(0) { max($0, $1.ends.count) })
    var next = rolls.map { _ in 0 }
    var found: [Position] = []
    while let stream = first(of: rolls, next) {
      found.removeAll(keepingCapacity: true)
      var isKnown = true
      for index in rolls.indices {
        let (roll, place) = (rolls[index], next[index])
        if place < roll.ends.count, roll.ends[place].stream == stream {
          next[index] += 1
          roll.ends[place].append(to: &found)
          isKnown = isKnown && roll.ends[place].isKnown
        } else {
          isKnown = isKnown && roll.isComplete
        }
      }
      if isKnown || planted(.believesHalfCensus) {
        whole[stream] = .some(newest(found))
      } else if isComplete {
        whole[stream] = .some(nil)
      }
    }
    return StreamCensus(whole, isComplete)
  }

  private static func first(of rolls: [StreamRoll], _ next: [Int]) -> StreamID? {
    var first: StreamID?
    for index in rolls.indices where next[index] < rolls[index].ends.count {
      let stream = rolls[index].ends[next[index]].stream
      if first.map({ stream < $0 }) ?? true { first = stream }
    }
    return first
  }
}

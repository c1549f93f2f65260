public import CorfuGlobalLog

/// Who finds the entries of a stream by their backpointers: the part of chapter 7 with which
/// streams begin.
///
/// It decides where to look next, and leaves the looking to others.
public protocol StreamWalking: Equatable, Sendable {
  /// A walk back from the end of a stream.
  ///
  /// - Parameters:
  ///   - link: The link that a new entry of the stream at the end of `range` would carry.
  ///   - range: Where to look: what stands before it is of no interest.
  init(from link: StreamLink, over range: Range<Position>)

  /// The stream.
  var stream: StreamID { get }

  /// Where to look next, newest first; empty once all is found.
  var wanted: [Position] { get }

  /// Takes notice of what stands where it wanted to look.
  ///
  /// - Parameter slots: What stands at each of ``wanted``, in its order; nothing is empty.
  mutating func take(_ slots: [Slot])

  /// Hands over the positions that were found since the last time, newest first.
  mutating func takeFound() -> [Position]

  /// A position that is trimmed, and where an entry of the stream stood: a pointer leads there. Or
  /// where one may have stood: no pointer says whose it was. Of several, any.
  var trimmed: Position? { get }
}

/// A walk along a stream, from its end to its beginning.
///
/// An entry points at the four of its stream before it, so four are read at a time, and the oldest
/// of them says which are the next four: a stride (R31). Where the oldest leads nowhere, because
/// junk stands there or it was trimmed, the next one leads past it. Where all four lead nowhere, or
/// nobody knew them, the walk goes back position by position until it meets the stream again.
public struct StreamWalk: StreamWalking {
  /// How many positions are looked at together where no pointer leads on.
  static let scanMax = 64

  public let stream: StreamID
  private let begin: Position
  /// All that the stream has from here on was found or stands in ``stride``.
  private var covered: Position
  /// Positions before ``covered`` at which the stream's entries stand, unless they were lost;
  /// newest first.
  private var stride: [Position] = []
  /// Whether the stream has nothing before ``stride``.
  private var isLast = false
  private var found: [Position] = []
  public private(set) var trimmed: Position?

  public init(from link: StreamLink, over range: Range<Position>) {
    stream = link.stream
    begin = range.lowerBound
    covered = range.upperBound
    follow(link.previous)
  }

  // exercise 7.1: stride along a stream's backpointers, past junk, and scan where none leads on
  public var wanted: [Position] {
    if !stride.isEmpty { return stride }
    if isLast || covered <= begin { return [] }
    let count = min(Self.scanMax, begin.distance(to: covered))
    return (1...count).map { covered.advanced(by: -$0) }
  }

  public mutating func take(_ slots: [Slot]) {
    let places = wanted
    guard let oldest = places.last else { return }
    let isScan = stride.isEmpty
    var previous: [Position]?
    for (place, slot) in zip(places, slots) {
      // Where nothing points nobody can say whose it was.
      if slot == .trimmed { trimmed = place }
      guard case .data(let entry) = slot,
        let link = entry.streams.first(where: { $0.stream == stream })
      else { continue }
      found.append(place)
      // The oldest that knows leads furthest.
      previous = link.previous ?? previous
      if isScan && link.previous != nil {
        // Its pointers tell what the rest of the scan would.
        covered = place
        return follow(previous)
      }
    }
    covered = oldest
    if isLast { return stride = [] }
    follow(previous)
  }

  /// Goes on with what an entry points at; `nil` says nothing of what is there.
  private mutating func follow(_ previous: [Position]?) {
    let next = (previous ?? []).filter { $0 < covered }
    stride = next.filter { $0 >= begin }
    // Fewer than four are all that there are, and what is before the beginning is of no interest.
    isLast = previous.map { $0.count < StreamLink.backpointersMax } ?? false
    if stride.count < next.count { isLast = true }
  }
  // end 7.1

  public mutating func takeFound() -> [Position] {
    defer { found = [] }
    return found
  }
}

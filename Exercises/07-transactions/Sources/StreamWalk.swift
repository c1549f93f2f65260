// Exercise 7.1: stride along a stream's backpointers, past junk, and scan where none leads on
// Write the body below, then: swift run course check 7.1
import CorfuChecks
public import CorfuGlobalLog
public import CorfuTransactions

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

  public var wanted: [Position] {
    TODO("7.1 stride along a stream's backpointers, past junk, and scan where none leads on")
  }

  public mutating func take(_ slots: [Slot]) {
    TODO("7.1 stride along a stream's backpointers, past junk, and scan where none leads on")
  }

  /// Goes on with what an entry points at; `nil` says nothing of what is there.
  private mutating func follow(_ previous: [Position]?) {
    TODO("7.1 stride along a stream's backpointers, past junk, and scan where none leads on")
  }

  public mutating func takeFound() -> [Position] {
    defer { found = [] }
    return found
  }
}

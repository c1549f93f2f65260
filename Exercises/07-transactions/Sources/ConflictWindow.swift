// Exercise 7.3: say whether what was read has moved, and remember what moves, in bounded memory
// Write the body below, then: swift run course check 7.3
import CorfuChecks
public import CorfuGlobalLog
public import CorfuSequencer

/// What was written last, key by key, in bounded memory.
///
/// It remembers the last so many writes. When there are more, the oldest are forgotten, all keys of
/// an entry together, and with them every snapshot from before: a transaction that read so long ago
/// is refused, because nobody can say any more whether something moved (R37). So it errs on one
/// side only: it may refuse what could have been allowed, and says so, and never allows what must
/// be refused.
public struct ConflictWindow: ConflictJudging {
  /// How many writes a sequencer remembers unless it is told otherwise.
  public static let writesMaxDefault = 1 << 18

  /// What can be written last: a key, all of a stream at once, or anything in it.
  private enum Target: Hashable {
    case key(StreamID, [UInt8])
    case all(StreamID)
    case anything(StreamID)
  }

  private let writesMax: Int
  /// Where each target was written last.
  private var latest: [Target: Position] = [:]
  /// All writes that are remembered, oldest first.
  private var writes = WriteQueue()
  /// The oldest snapshot that can be judged.
  private var floor = Position.zero
  /// The first epoch of those in which the same sequencer handed out everything.
  private var since = Epoch.zero

  public init(writesMax: Int) {
    precondition(writesMax >= 1, "a window of \(writesMax) writes remembers nothing")
    self.writesMax = writesMax
  }

  /// A window that remembers a quarter of a million writes.
  public init() {
    self.init(writesMax: Self.writesMaxDefault)
  }

  /// How many writes are remembered.
  public var count: Int { writes.count }

  public mutating func begin(_ epoch: Epoch, at tail: Position, goesOn: Bool) {
    if goesOn { return }
    latest = [:]
    writes = WriteQueue()
    floor = tail
    since = epoch
  }

  public func judge(_ condition: CommitCondition) -> CommitRefusal? {
    TODO("7.3 say whether what was read has moved, and remember what moves, in bounded memory")
  }

  private func judge(_ read: StreamKeys, at snapshot: Position) -> CommitRefusal? {
    TODO("7.3 say whether what was read has moved, and remember what moves, in bounded memory")
  }

  public mutating func note(_ writes: [StreamKeys], at positions: Range<Position>) {
    TODO("7.3 say whether what was read has moved, and remember what moves, in bounded memory")
  }

  private mutating func remember(_ target: Target, at position: Position) {
    TODO("7.3 say whether what was read has moved, and remember what moves, in bounded memory")
  }

  /// Forgets the oldest position with all that was written there.
  private mutating func forgetOldest() {
    TODO("7.3 say whether what was read has moved, and remember what moves, in bounded memory")
  }

  /// Writes in the order of their positions.
  private struct WriteQueue: Equatable {
    struct Write: Equatable {
      let target: Target
      let position: Position
    }

    private var items: [Write] = []
    /// Those before it are gone.
    private var begin = 0

    var count: Int { items.count - begin }
    var first: Write? { begin < items.count ? items[begin] : nil }

    mutating func append(_ write: Write) { items.append(write) }

    /// Takes constant time on average: the rest moves up once half of it is gone.
    mutating func removeFirst() {
      begin += 1
      if begin * 2 >= items.count {
        items.removeFirst(begin)
        begin = 0
      }
    }

    static func == (left: Self, right: Self) -> Bool {
      left.items[left.begin...] == right.items[right.begin...]
    }
  }
}

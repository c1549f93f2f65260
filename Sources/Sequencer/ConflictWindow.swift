public import CorfuGlobalLog

/// Who can say whether what a transaction read has moved since: the part of chapter 7 that makes
/// transactions out of tokens.
///
/// It stands beside the counter. Every token that names a stream is noted, and a transaction's is
/// judged first; both in one step, so that of two transactions that read what the other writes one
/// is refused (R34).
public protocol ConflictJudging: Equatable, Sendable {
  /// Nobody's: it was never told of a reign.
  ///
  /// - Parameter writesMax: How many written keys it remembers, one or more; what it notes of a
  ///   stream as a whole may count as a key.
  init(writesMax: Int)

  /// Begins a reign in which nothing has moved yet.
  ///
  /// - Parameters:
  ///   - epoch: The reign's epoch.
  ///   - tail: The first position that will be handed out.
  ///   - goesOn: Whether the same sequencer handed out everything before, without a gap, so that
  ///     what is remembered is still all there is (R37).
  mutating func begin(_ epoch: Epoch, at tail: Position, goesOn: Bool)

  /// Says why a transaction may not have a position, if so.
  ///
  /// That it read under another sequencer comes first. If something was forgotten, and a conflict
  /// is remembered besides, either is a true answer.
  func judge(_ condition: CommitCondition) -> CommitRefusal?

  /// Notes that entries at some positions write keys.
  ///
  /// Each of them may have written each key, so the last position counts.
  mutating func note(_ writes: [StreamKeys], at positions: Range<Position>)
}

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

  // exercise 7.3: say whether what was read has moved, and remember what moves, in bounded memory
  public func judge(_ condition: CommitCondition) -> CommitRefusal? {
    let snapshot = condition.snapshot
    if snapshot.epoch < since { return .newSequencer(since: since) }
    for read in condition.reads {
      if let refusal = judge(read, at: snapshot.position) { return refusal }
    }
    // Only now: a conflict that is remembered is the better reason.
    return snapshot.position < floor ? .forgotten(floor) : nil
  }

  private func judge(_ read: StreamKeys, at snapshot: Position) -> CommitRefusal? {
    let stream = read.stream
    guard let keys = read.keys else {
      let moved = latest[.anything(stream)]
      return moved.flatMap { $0 < snapshot ? nil : .conflict(stream, key: nil, at: $0) }
    }
    if let moved = latest[.all(stream)], moved >= snapshot {
      return .conflict(stream, key: nil, at: moved)
    }
    for key in keys {
      if let moved = latest[.key(stream, key)], moved >= snapshot {
        return .conflict(stream, key: key, at: moved)
      }
    }
    return nil
  }

  public mutating func note(_ writes: [StreamKeys], at positions: Range<Position>) {
    // Whoever has seen some of the entries and not all of them has not seen the last.
    guard !positions.isEmpty else { return }
    let position = positions.upperBound.advanced(by: -1)
    for write in writes {
      remember(.anything(write.stream), at: position)
      guard let keys = write.keys else {
        remember(.all(write.stream), at: position)
        continue
      }
      for key in keys { remember(.key(write.stream, key), at: position) }
    }
    while self.writes.count > writesMax { forgetOldest() }
  }

  private mutating func remember(_ target: Target, at position: Position) {
    latest[target] = position
    writes.append(WriteQueue.Write(target: target, position: position))
  }

  /// Forgets the oldest position with all that was written there.
  private mutating func forgetOldest() {
    guard let oldest = writes.first?.position else { return }
    while let write = writes.first, write.position == oldest {
      if latest[write.target] == oldest { latest[write.target] = nil }
      writes.removeFirst()
    }
    floor = max(floor, oldest.advanced(by: 1))
  }
  // end 7.3

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

import CorfuGlobalLog

/// Puts the entries of a log into an order in which each writer's own stand as it sent them.
///
/// What a writer sends together may come into the log in another order, where one entry lost its
/// position on the way and took a later one. Marks tell, since a writer numbers what it sends. This
/// is the log's order, except that an entry is moved forward, to before the first that its writer
/// sent after it.
///
/// What was acknowledged before something else was sent stays before that. An entry is moved to
/// before one with a higher number, whose position was asked for after both had their numbers
/// (R10): so it passes only what it overlapped with.
///
/// An entry waits while one that its writer sent before it is missing, and all behind it wait with
/// it. What is missing may be on its way. It may as well have failed, be trimmed, or stand before
/// what is read; so it is waited for within ``Limits``. What comes later than that stays where the
/// log has it. Nothing is left out, whatever the marks are.
///
/// Pure: it is told the entries as the log has them, and tells which is next.
struct WriterOrder: Equatable {
  /// How long an entry that is missing is waited for.
  struct Limits: Equatable {
    /// Until its writer's entry with a number that is so much higher has come.
    var distanceMax: UInt64 = 4096
    /// While no more entries than this wait, of all writers together.
    var entriesMax = 1 << 16
    /// While no more bytes of payload than this wait.
    var bytesMax = 64 << 20
  }

  /// What is known of a writer.
  fileprivate struct Writer: Equatable {
    /// The number that is given out next; all below it were given out, or given up.
    var next: UInt64
    /// The highest number that has come; an entry with it waits in line unless it is below `next`.
    var highest: UInt64
    /// Those that came behind one with a higher number that still waits, lowest number last.
    var late: [Entry] = []
  }

  private let limits: Limits
  private var writers: [ClientID: Writer] = [:]
  /// Those that wait in line, as they stand in the log: the first of all is the last of `front`.
  private var front: [Entry] = []
  /// Those behind the ones in `front`, the newest last.
  private var back: [Entry] = []
  private var isEnded = false
  /// How many entries wait.
  private(set) var entriesWaiting = 0
  private var bytesWaiting = 0

  init(limits: Limits = Limits()) {
    precondition(limits.distanceMax > 0, "a distance of 0 waits for nothing")
    self.limits = limits
  }

  /// Takes in the log's next entry; ask for what can be given out with ``next()``.
  mutating func add(_ entry: Entry) {
    let client = entry.mark.client
    let number = entry.mark.sequence
    entriesWaiting += 1
    bytesWaiting += entry.payload.count
    if writers[client]?.isLate(number) ?? false {
      writers[client]?.insert(entry)
      return
    }
    let new = Writer(beginningWith: number, limits)
    writers[client, default: new].saw(number)
    if front.isEmpty, back.isEmpty { front.append(entry) } else { back.append(entry) }
  }

  /// Takes in that nothing more comes: nothing is waited for any more.
  mutating func end() {
    isEnded = true
  }

  /// The next entry; `nil` while it may not be given out.
  mutating func next() -> Entry? {
    if front.isEmpty {
      front = back.reversed()
      back = []
    }
    guard let first = front.last else { return nil }
    let client = first.mark.client
    let number = first.mark.sequence
    let isFull = entriesWaiting > limits.entriesMax || bytesWaiting > limits.bytesMax
    let bounds = limits
    let givesUpAll = isEnded || isFull
    while true {
      if let late = writers[client]?.takeLate(before: number) { return leaving(late) }
      if writers[client]?.isTurn(of: number) ?? true {
        front.removeLast()
        writers[client]?.pass(number)
        return leaving(first)
      }
      let isOver = writers[client]?.giveUp(before: number, all: givesUpAll, bounds) ?? false
      if !isOver { return nil }
    }
  }

  private mutating func leaving(_ entry: Entry) -> Entry {
    entriesWaiting -= 1
    bytesWaiting -= entry.payload.count
    return entry
  }
}

extension WriterOrder.Writer {
  /// A writer of whom one entry has come; only those close before it are waited for.
  init(beginningWith number: UInt64, _ limits: WriterOrder.Limits) {
    next = number - min(number, limits.distanceMax - 1)
    highest = number
  }

  /// Whether an entry belongs before one that waits.
  func isLate(_ number: UInt64) -> Bool { number >= next && number < highest }

  /// Whether nothing is missing before an entry in line, nor waits to be given out before it.
  func isTurn(of number: UInt64) -> Bool { number <= next }

  mutating func saw(_ number: UInt64) {
    highest = max(highest, number)
  }

  mutating func insert(_ entry: Entry) {
    let number = entry.mark.sequence
    var low = 0
    var high = late.count
    while low < high {
      let middle = (low + high) / 2
      if late[middle].mark.sequence > number { low = middle + 1 } else { high = middle }
    }
    late.insert(entry, at: low)
  }

  /// Takes out the late entry whose turn is before that of one in line.
  mutating func takeLate(before number: UInt64) -> Entry? {
    guard let lowest = late.last?.mark.sequence, lowest <= min(next, number) else { return nil }
    pass(lowest)
    return late.removeLast()
  }

  /// Goes on behind a number that was given out.
  mutating func pass(_ number: UInt64) {
    // The highest number of all has none behind it.
    next = max(next, number == .max ? number : number + 1)
  }

  /// Gives up missing numbers before an entry in line: all of them, or those that are too far back.
  ///
  /// - Returns: Whether any were.
  mutating func giveUp(before number: UInt64, all: Bool, _ limits: WriterOrder.Limits) -> Bool {
    let known = min(number, late.last?.mark.sequence ?? number)
    if all {
      next = known
      return true
    }
    guard highest - next >= limits.distanceMax else { return false }
    next = min(known, highest - limits.distanceMax + 1)
    return true
  }
}

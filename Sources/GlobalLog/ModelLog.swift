/// The log as it is meant: a page of code without disks, crashes or concurrency.
///
/// It is the specification, and the oracle of every checker: whatever the real log answers, this
/// one must have been able to answer too.
public struct ModelLog: Equatable, Sendable {
  private var slots: [Position: Slot] = [:]

  /// Every position before it is trimmed.
  public private(set) var trimMark = Position.zero

  /// One past the last position that is not empty.
  public private(set) var tail = Position.zero

  /// A log with nothing in it.
  public init() {}

  /// What stands at a position.
  public func read(_ position: Position) -> Slot {
    position < trimMark ? .trimmed : slots[position] ?? .empty
  }

  /// Writes an entry, unless something is there.
  ///
  /// Returns what was there before: `empty` means it was written.
  public mutating func write(_ entry: Entry, at position: Position) -> Slot {
    put(.data(entry), at: position)
  }

  /// Appends an entry at the tail.
  public mutating func append(_ entry: Entry) -> Position {
    let position = tail
    _ = put(.data(entry), at: position)
    return position
  }

  /// Fills a position with junk, unless something is there.
  ///
  /// Returns what stands there now.
  public mutating func fill(_ position: Position) -> Slot {
    _ = put(.junk, at: position)
    return read(position)
  }

  /// Forgets one position.
  public mutating func trim(_ position: Position) {
    guard position >= trimMark else { return }
    slots[position] = .trimmed
    tail = max(tail, position.advanced(by: 1))
  }

  /// Forgets every position before `mark`.
  public mutating func trimPrefix(before mark: Position) {
    guard mark > trimMark else { return }
    trimMark = mark
    tail = max(tail, mark)
    slots = slots.filter { $0.key >= mark }
  }

  private mutating func put(_ slot: Slot, at position: Position) -> Slot {
    let before = read(position)
    guard before == .empty else { return before }
    slots[position] = slot
    tail = max(tail, position.advanced(by: 1))
    return before
  }
}

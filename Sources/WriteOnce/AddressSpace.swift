public import CorfuGlobalLog
public import CorfuStripeMirror

/// What a storage unit is, without its disk: positions that are written once, and a gate.
///
/// The specification of ``StorageUnit``, and the unit of all searches that try every order of
/// events: a flat value, compared and copied at will. (TOCS 2013, 2.2: "write-once address space".)
public struct AddressSpace<Gate: EpochAdmission>: Equatable, Sendable {
  /// Which layout is served.
  public private(set) var gate = Gate()
  private var log = ModelLog()

  /// A unit that holds nothing.
  public init() {}

  /// What stands at a position: empty → data or junk → trimmed, never back.
  public subscript(position: Position) -> Slot { log.read(position) }

  /// One past the highest position that is not empty.
  public var tail: Position { log.tail }

  /// Every position before it is trimmed.
  public var trimMark: Position { log.trimMark }

  /// Writes values that nobody was before.
  public mutating func write(
    _ values: [PlacedValue],
    as layout: LayoutID
  ) throws(EpochRefusal) -> [WriteAnswer] {
    try admit(layout)
    return values.map { placed in
      let before: Slot
      switch placed.value {
      case .data(let entry): before = log.write(entry, at: placed.position)
      case .junk:
        before = log.read(placed.position)
        _ = log.fill(placed.position)
      case .empty, .trimmed: preconditionFailure("only data and junk are ever written")
      }
      return before == .empty ? .written : .taken(before)
    }
  }

  /// Reads positions.
  public func read(
    _ positions: [Position],
    as layout: LayoutID
  ) throws(EpochRefusal) -> [Slot] {
    try admit(layout)
    return positions.map { log.read($0) }
  }

  /// Forgets positions.
  public mutating func trim(_ positions: [Position], as layout: LayoutID) throws(EpochRefusal) {
    try admit(layout)
    for position in positions { log.trim(position) }
  }

  /// Forgets every position before `mark`.
  public mutating func trimPrefix(
    before mark: Position,
    as layout: LayoutID
  ) throws(EpochRefusal) {
    try admit(layout)
    log.trimPrefix(before: mark)
  }

  /// Closes an epoch, and says where this unit ends.
  public mutating func seal(_ epoch: Epoch) -> UnitSeal {
    gate.seal(epoch)
    return UnitSeal(sealed: gate.sealed, tail: tail, trimMark: trimMark)
  }

  /// Puts a layout into force.
  public mutating func install(_ layout: LayoutID) throws(EpochRefusal) {
    if let refusal = gate.install(layout) { throw refusal }
  }

  private func admit(_ layout: LayoutID) throws(EpochRefusal) {
    if let refusal = gate.refusal(of: layout) { throw refusal }
  }
}

/// A unit's answer to a seal: nothing of the epoch, or of one before, will be written here any
/// more.
public struct UnitSeal: Hashable, Sendable {
  /// The highest epoch that is closed here.
  public var sealed: Epoch
  /// One past the highest position that is not empty; junk and trimmed ones count (R4).
  public var tail: Position
  /// Every position before it is trimmed.
  public var trimMark: Position

  /// Which opening of the disk answers; `nil` where nobody looks after that.
  public var opening: DiskOpening?

  /// An answer.
  public init(
    sealed: Epoch,
    tail: Position,
    trimMark: Position,
    opening: DiskOpening? = nil
  ) {
    self.sealed = sealed
    self.tail = tail
    self.trimMark = trimMark
    self.opening = opening
  }
}

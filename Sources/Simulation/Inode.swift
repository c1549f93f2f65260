/// What becomes of what was written and not synced, when the power goes.
public enum UnsyncedFate: CaseIterable, Sendable {
  /// One of the fates below, drawn for each file.
  case drawn
  /// All of it is lost.
  case lost
  /// All of it is kept.
  case kept
  /// What was written first is kept, the write at the edge torn, the rest lost.
  case prefix
  /// Each sector of each write is kept or lost by itself: a later write may outlive an earlier one.
  case sectors
}

/// A simulated file: what processes see, what is durable, and the changes in between.
struct Inode {
  static let sectorBytes = 512

  /// A change not yet durable.
  ///
  /// A write carries whole sectors as they stood after it, for a disk writes whole sectors. So a
  /// sector ends up as one of its versions, whichever of its changes are kept.
  struct Change {
    let sequence: Int
    /// The file's size after the change.
    let size: Int
    /// Where the sectors begin.
    let offset: Int
    let bytes: [UInt8]

    var sectorCount: Int { (bytes.count + Inode.sectorBytes - 1) / Inode.sectorBytes }

    /// The bytes of one of its sectors; the file's last one may be short.
    func sector(_ index: Int) -> ArraySlice<UInt8> {
      let begin = index * Inode.sectorBytes
      return bytes[begin..<min(begin + Inode.sectorBytes, bytes.count)]
    }

    func covers(_ place: Int) -> Bool {
      (offset..<(offset + bytes.count)).contains(place)
    }

    /// The same change as if its bytes had gone astray.
    var withoutBytes: Change { Change(sequence: sequence, size: size, offset: offset, bytes: []) }
  }

  var cached: SparseBytes
  var durable: SparseBytes
  private(set) var changes: [Change] = []

  /// The sequence number of the next change: a sync started now covers all below.
  private(set) var mark = 0

  /// Changes below this have been counted as moved to the disk.
  private var movedMark = 0

  /// The processes that have it open, by the number of the handle.
  var handles: [Int: Int] = [:]

  /// The handles that were open when a write-back failed, and whose next sync will tell of it.
  ///
  /// A handle opened later learns nothing.
  private(set) var untold: Set<Int> = []

  /// A file that is durable as it is.
  init(durable: SparseBytes) {
    cached = durable
    self.durable = durable
  }

  /// A new file of zeros, of which nothing is durable.
  init(count: Int) {
    cached = SparseBytes()
    durable = SparseBytes()
    resize(to: count)
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    if bytes.isEmpty { return }
    let end = offset + bytes.count
    if end > cached.count { cached.resize(to: end) }
    cached.write(bytes, at: offset)
    let sector = Self.sectorBytes
    let begin = offset / sector * sector
    let alignedEnd = (end + sector - 1) / sector * sector
    append(at: begin, cached.read(at: begin, count: alignedEnd - begin))
  }

  mutating func resize(to count: Int) {
    cached.resize(to: count)
    append(at: 0, [])
  }

  private mutating func append(at offset: Int, _ bytes: [UInt8]) {
    changes.append(Change(sequence: mark, size: cached.count, offset: offset, bytes: bytes))
    mark += 1
  }

  /// Opens a handle for a process.
  mutating func open(_ handle: Int, _ process: Int) {
    handles[handle] = process
  }

  mutating func close(_ handle: Int) {
    handles[handle] = nil
    untold.remove(handle)
  }

  /// Loses what luck takes of all that is not durable, and remembers who has to be told.
  ///
  /// The pages are clean now: no later sync will write them.
  mutating func failWriteBack(using random: inout SeededGenerator) -> Int {
    untold = Set(handles.keys)
    return settle(takeChanges(below: mark), .drawn, using: &random)
  }

  /// Whether a handle has to be told of a failed write-back; it is told once.
  mutating func takeFailure(of handle: Int) -> Bool {
    untold.remove(handle) != nil
  }

  /// The bytes that a sync started now has to move.
  mutating func takeBytesToMove() -> Int {
    let moved = movedMark
    movedMark = mark
    return changes.reduce(0) { $0 + ($1.sequence >= moved ? $1.bytes.count : 0) }
  }

  /// Takes the changes that a sync covers, the oldest first.
  mutating func takeChanges(below mark: Int) -> [Change] {
    let covered = Array(changes.prefix { $0.sequence < mark })
    changes.removeFirst(covered.count)
    return covered
  }

  /// Makes changes durable.
  mutating func commit(_ covered: [Change]) {
    for change in covered {
      durable.resize(to: change.size)
      durable.write(change.bytes[...], at: change.offset)
    }
  }

  /// Makes durable what luck leaves of changes, and returns how many sectors were lost.
  mutating func settle(
    _ covered: [Change],
    _ fate: UnsyncedFate,
    using random: inout SeededGenerator
  ) -> Int {
    var fate = fate
    if fate == .drawn {
      fate = random.element(of: [.lost, .kept, .prefix, .sectors, .sectors]) ?? .lost
    }
    let edge =
      switch fate {
      case .lost, .drawn: -1
      case .kept: covered.count
      case .prefix, .sectors: random.number(in: 0...covered.count)
      }
    let rate = 0.1 + 0.8 * random.fraction()
    var lost = 0
    for (index, change) in covered.enumerated() {
      // Sizes are kept in order in any case: they are the file system's own, and it has a journal.
      if index <= edge { durable.resize(to: change.size) }
      for sector in 0..<change.sectorCount {
        let isKept =
          switch fate {
          case .sectors: random.chance(rate)
          default: index < edge || index == edge && random.chance(rate)
          }
        let offset = change.offset + sector * Self.sectorBytes
        if isKept && offset < durable.count {
          durable.write(change.sector(sector), at: offset)
        } else {
          lost += 1
        }
      }
    }
    return lost
  }

  /// Shows what is durable in place of the sectors that a change wrote, and no later one did.
  mutating func uncache(_ change: Change, notIn later: ArraySlice<Change>) {
    for index in 0..<change.sectorCount {
      let offset = change.offset + index * Self.sectorBytes
      if later.contains(where: { $0.covers(offset) }) { continue }
      if changes.contains(where: { $0.covers(offset) }) { continue }
      cached.write(durable.read(at: offset, count: Self.sectorBytes)[...], at: offset)
    }
  }

  /// Replaces all there is, durably.
  mutating func replace(by bytes: SparseBytes) {
    cached = bytes
    durable = bytes
    changes = []
  }

  /// Changes bytes at rest; sectors whose newer version waits to be synced still show that one.
  mutating func putAtRest(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    durable.write(bytes, at: offset)
    var begin = bytes.startIndex
    while begin < bytes.endIndex {
      let place = offset + begin - bytes.startIndex
      let end = min(begin + Self.sectorBytes - place % Self.sectorBytes, bytes.endIndex)
      if !changes.contains(where: { $0.covers(place) }) {
        cached.write(bytes[begin..<end], at: place)
      }
      begin = end
    }
  }
}

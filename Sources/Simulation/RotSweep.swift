internal import CorfuGlobalLog
internal import Synchronization

/// Damages a small folder in every way of one kind, one at a time, and holds what a store makes of
/// each against what it had acknowledged: never wrong data, never a silent "empty" (D5, D6, D7).
public struct RotSweep: Sendable {
  /// How the folder came to rest before it is damaged.
  public enum Ending: String, CaseIterable, Sendable {
    /// The store was closed.
    case closed
    /// Its process was killed; nothing was lost yet.
    case killed
  }

  /// A way of damaging one file.
  public enum Damage: Sendable, CustomStringConvertible {
    /// One bit of a byte is flipped.
    case flip(file: String, offset: Int, bit: Int)
    /// The file is cut to a length.
    case cut(file: String, count: Int)
    /// A sector reads as zeros.
    case zero(file: String, sector: Int)
    /// A sector holds what belongs to another one.
    case misdirect(file: String, sector: Int, from: Int)
    /// The file is gone.
    case remove(file: String)

    fileprivate var isRemoval: Bool {
      if case .remove = self { return true }
      return false
    }

    public var description: String {
      switch self {
      case .flip(let file, let offset, let bit): "bit \(bit) of byte \(offset) of \(file) flipped"
      case .cut(let file, let count): "\(file) cut to \(count) bytes"
      case .zero(let file, let sector): "sector \(sector) of \(file) zeroed"
      case .misdirect(let file, let sector, let from):
        "sector \(sector) of \(file) overwritten by sector \(from)"
      case .remove(let file): "\(file) removed"
      }
    }
  }

  /// What came of a sweep.
  public struct Report: Equatable, Sendable {
    /// How many damages were tried.
    public var damages = 0
    /// How often the store refused to open.
    public var refused = 0
    /// How many reads were answered with "corrupt" or "unknown".
    public var errors = 0
    /// What must not have happened, the first ten.
    public var violations: [String] = []

    /// Nothing yet.
    public init() {}

    /// Takes in what came of other damages.
    public mutating func add(_ other: Report) {
      damages += other.damages
      refused += other.refused
      errors += other.errors
      violations = Array((violations + other.violations).prefix(10))
    }
  }

  private let image: DiskImage
  private let history: StoreHistory
  private let limits: StoreLimits

  /// Makes a folder of about so many bytes.
  public init(ending: Ending, bytes: Int, seed: UInt64) throws(WorldFailure) {
    let world = World(seed: seed)
    let history = StoreHistory()
    var limits = StoreLimits.small(segmentBytes: bytes / 4)
    limits.payloadBytesMax = 600
    limits.resumeBytesMax = bytes / 16
    self.limits = limits
    self.history = history
    image = try world.run { [limits] in
      try await Self.fill(world, history, limits, bytes, ending)
    }
    history.allowDamage()
  }

  private static func fill(
    _ world: World,
    _ history: StoreHistory,
    _ limits: StoreLimits,
    _ bytes: Int,
    _ ending: Ending
  ) async throws -> DiskImage {
    let device = SimulatedDevice(world: world)
    var random = world.random.split()
    let store = try await GroupCommit.open(device, limits: limits, using: &random)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      let client = StoreClient(
        world: world,
        store: store,
        history: history,
        client: ClientID(using: &random),
        payloadBytesMax: limits.payloadBytesMax,
        trims: true
      )
      let compaction = StoreCompaction(
        world: world,
        store: store,
        history: history,
        device: nil
      )
      var generator = random.split()
      while device.counts.bytesWritten < bytes * 3 / 4 {
        await client.run(operations: 10)
        if random.chance(0.3) { _ = await compaction.compactOnce(&generator) }
      }
      if ending == .closed {
        do {
          try await store.close()
        } catch {
          history.fail("the store could not be closed: \(error)")
        }
      } else {
        device.kill()
      }
      group.cancelAll()
    }
    return device.snapshot(.visible)
  }

  /// Every damage of a kind, `step` bytes apart.
  public func damages(_ kind: Kind, step: Int = 1) -> [Damage] {
    image.names.filter { $0 != "lock" }.flatMap { file -> [Damage] in
      let size = image.size(of: file) ?? 0
      let sectors = size / 512
      switch kind {
      case .flips:
        return stride(from: 0, to: size, by: step).map {
          .flip(file: file, offset: $0, bit: ($0 &* 7 &+ $0 / 8) % 8)
        }
      case .cuts: return stride(from: 0, to: size, by: step).map { .cut(file: file, count: $0) }
      case .zeros: return (0..<sectors).map { .zero(file: file, sector: $0) }
      case .misdirections:
        return (0..<sectors).map {
          .misdirect(file: file, sector: $0, from: ($0 &* 31 &+ 7) % sectors)
        }
      case .removals: return [.remove(file: file)]
      }
    }
  }

  /// A kind of damage.
  public enum Kind: String, CaseIterable, Sendable {
    /// One bit, somewhere.
    case flips
    /// The end of a file, gone.
    case cuts
    /// A sector, zeroed.
    case zeros
    /// A sector, written over by another.
    case misdirections
    /// A file that somebody removed.
    case removals
  }

  /// Tries damages, one at a time, each on a fresh copy of the folder.
  public func run(_ damages: [Damage]) throws(WorldFailure) -> Report {
    let world = World(seed: 1)
    return try world.run(stepsMax: .max) {
      var report = Report()
      for damage in damages { await self.attempt(damage, in: world, &report) }
      return report
    }
  }

  private func attempt(_ damage: Damage, in world: World, _ report: inout Report) async {
    report.damages += 1
    var image = image
    image.apply(damage)
    let history = StoreHistory(after: history)
    let device = SimulatedDevice(world: world, image: image)
    do {
      let reader = try StoreView(of: device).reader
      report.errors += history.inspect(reader, mayLag: true)
      let segments = image.names.count { $0.hasSuffix(".seg") }
      // A scrub reads what is there.
      if reader.summary.closedSegments == segments && !damage.isRemoval {
        history.compare(reader, with: try await scrub(reader, in: world))
      }
      let found = try FolderReport(of: device)
      let events = ToldEvents()
      var random = world.random.split()
      let store = try await GroupCommit.open(device, limits: limits, using: &random) {
        events.append($0)
      }
      history.compare(found, with: store.reader, events.value)
      report.errors += history.inspect(store.reader)
      await compact(store, in: world, history)
      history.inspect(store.reader)
    } catch {
      report.refused += 1
    }
    if let violation = history.violation, report.violations.count < 10 {
      report.violations.append("\(damage): \(violation)")
    }
  }

  /// Moves whatever is left of the segments: what is damaged must stay so, and be known to be.
  private func compact(
    _ store: GroupCommit<SimulatedDevice>,
    in world: World,
    _ history: StoreHistory
  ) async {
    let compaction = StoreCompaction(world: world, store: store, history: history, device: nil)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      for segment in store.reader.segments { _ = await compaction.move(segment.segment) }
      group.cancelAll()
    }
  }
}

extension RotSweep {
  /// What a scrub tells.
  private func scrub(
    _ reader: StoreReader<SimulatedDevice>,
    in world: World
  ) async throws -> [StoreEvent] {
    var events: [StoreEvent] = []
    try await reader.scrub(bytesPerSecond: 1 << 20, clock: world.clock) { events.append($0) }
    return events
  }
}

/// What opening a store told.
private final class ToldEvents: Sendable {
  private let events = Mutex<[StoreEvent]>([])

  var value: [StoreEvent] { events.withLock { $0 } }

  func append(_ event: StoreEvent) { events.withLock { $0.append(event) } }
}

extension StoreHistory {
  /// Whatever cannot be read must have been found by the scrub before it is asked for (D13).
  fileprivate func compare(_ reader: StoreReader<some Device>, with events: [StoreEvent]) {
    var found: Set<Position> = []
    for case .rotFound(_, let position) in events {
      // Damage without a name may be anybody's.
      guard let position else { return }
      found.insert(position)
    }
    for position in Position.zero..<reader.tail where !found.contains(position) {
      do {
        _ = try reader.read(position)
      } catch {
        fail("\(error), and the scrub did not find it")
      }
    }
  }

  /// What a look at all files says is damaged is what opening finds damaged.
  ///
  /// - Parameters:
  ///   - report: What the look found, before the folder was opened.
  ///   - reader: The opened store.
  ///   - events: What opening told.
  fileprivate func compare(
    _ report: FolderReport,
    with reader: StoreReader<some Device>,
    _ events: [StoreEvent]
  ) {
    var corrupt: Set<Position> = []
    for position in Position.zero..<reader.tail {
      do {
        _ = try reader.read(position)
      } catch {
        if error == .corrupt(position) { corrupt.insert(position) }
      }
    }
    let named = Set(report.lost)
    if !named.isSubset(of: corrupt) {
      fail("\(named.subtracting(corrupt).sorted()) were said to be lost, and can be read")
    }
    // Where some have no name, nobody could name them all.
    let isNameless = report.segments.contains { $0.namelessLosses > 0 }
    if !isNameless && !corrupt.isSubset(of: named) {
      fail("\(corrupt.subtracting(named).sorted()) are lost, and a look did not name them")
    }
    let toldOfDamage = events.contains { event in
      switch event {
      case .copyDamaged, .segmentsMissing: true
      case .lossFound(_, _, let nameless): nameless > 0
      default: false
      }
    }
    if report.isSound && (toldOfDamage || reader.isInDoubt) {
      fail("a look found all sound, and opening told of damage")
    }
  }
}

extension DiskImage {
  fileprivate mutating func apply(_ damage: RotSweep.Damage) {
    switch damage {
    case .flip(let file, let offset, let bit): flipBit(of: file, at: offset, bit: bit)
    case .cut(let file, let count): resize(file, to: count)
    case .remove(let file): self[file] = nil
    case .zero(let file, let sector):
      self[file]?.replaceSubrange(
        sector * 512..<(sector + 1) * 512,
        with: repeatElement(0, count: 512)
      )
    case .misdirect(let file, let sector, let from):
      guard let bytes = self[file] else { return }
      self[file]?.replaceSubrange(
        sector * 512..<(sector + 1) * 512,
        with: bytes[from * 512..<(from + 1) * 512]
      )
    }
  }
}

internal import Corfu
internal import CorfuGlobalLog
internal import CorfuSequencer

/// Finds and fetches the entries of streams.
struct StreamFinder<Log: StreamingLog, Walk: StreamWalking> {
  /// How many positions are read ahead of a walk along a stream that has most of them.
  private static var readAheadMax: Int { 256 }
  /// How many positions a stride may reach over for that.
  private static var denseStrideMax: Int { 32 }

  let log: Log
  /// What was read on the way; the oldest positions last, which are wanted first.
  private var cache = SlotCache()

  init(_ log: Log) {
    self.log = log
  }

  /// All positions of some streams, each in its own range, in order.
  ///
  /// - Parameters:
  ///   - walks: Where each stream's entries are looked for.
  ///   - onTrimmed: Hears where an entry of a stream was and is trimmed.
  /// - Throws: ``LogError``; ``LogError/beyondTail(_:tail:)`` if the reign that handed out what is
  ///   looked for is over.
  mutating func positions(
    along walks: [(link: StreamLink, range: Range<Position>)],
    onTrimmed: (StreamID, Position) -> Void = { _, _ in }
  ) async throws(LogError) -> [Position] {
    var found: Set<Position> = []
    var walks = walks.map { Walk(from: $0.link, over: $0.range) }
    while true {
      for walk in walks where walk.wanted.isEmpty {
        if let position = walk.trimmed { onTrimmed(walk.stream, position) }
      }
      walks.removeAll { $0.wanted.isEmpty }
      if walks.isEmpty { return found.sorted() }
      // One question for all streams.
      try await fetch(walks.flatMap(\.wanted), reading: ahead(of: walks))
      for index in walks.indices {
        walks[index].take(try await slots(at: walks[index].wanted))
        found.formUnion(walks[index].takeFound())
      }
    }
  }

  /// Goes one step along a stream.
  ///
  /// - Returns: The positions that it found, newest first; `nil` at the stream's beginning.
  mutating func step(_ walk: inout Walk) async throws(LogError) -> [Position]? {
    if walk.wanted.isEmpty { return nil }
    try await fetch(walk.wanted, reading: ahead(of: [walk]))
    walk.take(try await slots(at: walk.wanted))
    return walk.takeFound()
  }

  /// What to read besides what is wanted: where one stream has nearly all positions, many strides
  /// are one read.
  private func ahead(of walks: [Walk]) -> Range<Position>? {
    let places = walks.flatMap(\.wanted)
    guard let oldest = places.min(), let newest = places.max(), walks.count == 1,
      oldest.distance(to: newest) < Self.denseStrideMax
    else { return nil }
    return oldest.advanced(by: -min(Self.readAheadMax, Int(oldest.number)))..<oldest
  }

  /// Sees to it that some positions are in the cache, and none of them empty.
  private mutating func fetch(
    _ places: [Position],
    reading extra: Range<Position>?
  ) async throws(LogError) {
    cache.makeRoom()
    var missing = Set(places.filter { cache[$0] == nil }).sorted()
    if missing.isEmpty { return }
    let wantedCount = missing.count
    missing += extra.map { $0.filter { cache[$0] == nil } } ?? []
    let slots = try await log.read(missing)
    var holes: [Position] = []
    for (index, slot) in slots.enumerated() {
      if slot != .empty {
        cache[missing[index]] = slot
      } else if index < wantedCount {
        // Only what was handed out for sure is worth waiting for.
        holes.append(missing[index])
      }
    }
    if !holes.isEmpty { try await settle(holes) }
  }

  /// Waits for the writers of some positions, for all of them at the same time.
  private mutating func settle(_ holes: [Position]) async throws(LogError) {
    typealias Settled = (position: Position, result: Result<Slot, LogError>)
    var failure: LogError?
    await withTaskGroup(of: Settled.self) { [log] group in
      for hole in holes {
        group.addTask {
          do throws(LogError) {
            return (hole, .success(try await log.settle(hole)))
          } catch {
            return (hole, .failure(error))
          }
        }
      }
      for await settled in group {
        switch settled.result {
        case .success(let slot): cache[settled.position] = slot
        case .failure(let error): failure = failure ?? error
        }
      }
    }
    if let failure { throw failure }
  }

  /// What stands at some positions, none of which is empty.
  mutating func slots(at places: some Collection<Position>) async throws(LogError) -> [Slot] {
    try await fetch(Array(places), reading: nil)
    return places.map { place in
      guard let slot = cache[place] else { preconditionFailure("\(place) was fetched") }
      return slot
    }
  }
}

/// Slots by position, not too many.
private struct SlotCache {
  private static let countMax = 4096
  private var slots: [Position: Slot] = [:]

  subscript(position: Position) -> Slot? {
    get { slots[position] }
    set { slots[position] = newValue }
  }

  /// Forgets all, if it is too much. A walk goes back, so what it met last is played first.
  mutating func makeRoom() {
    if slots.count >= Self.countMax { slots = [:] }
  }
}

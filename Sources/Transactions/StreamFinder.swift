internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer

/// Of a part of a stream nothing is known but that it is trimmed, or was given up.
struct StreamGap: Equatable {
  let stream: StreamID
  /// The last position that is trimmed or was given up, of those that are known.
  let place: Position
  /// Whether entries of the stream stood in the gap for sure, as a pointer led there.
  ///
  /// Otherwise a walk without pointers came by, and what was trimmed may have been anybody's.
  let isCertain: Bool
  /// Whether it was given up with its disks, and not trimmed (R24).
  var isLoss = false

  /// What whoever needs it is told.
  var error: ObjectError { isLoss ? .log(.lost(place)) : .trimmed(stream, place) }
}

/// Finds and fetches the entries of streams.
struct StreamFinder<Log: StreamingLog, Walk: StreamWalking> {
  let log: Log
  private var cache = SlotCache()

  init(_ log: Log) {
    self.log = log
  }

  /// The next positions of some streams, in order.
  ///
  /// - Parameter backlog: What is looked for. Where the log was silent, it goes on from there.
  /// - Returns: The positions: all that are left, or as many as fit; and of which streams something
  ///   may be missing.
  /// - Throws: `LogError`; `LogError.beyondTail` if the reign that handed out what is
  ///   looked for is over.
  mutating func positions(
    of backlog: inout StreamBacklog<Walk>
  ) async throws(LogError) -> (found: [Position], gaps: [StreamGap]) {
    backlog.resume()
    while true {
      let wanted = backlog.wanted
      let places = wanted.count == 1 ? wanted[0] : wanted.flatMap(\.self)
      if places.isEmpty { return backlog.takeReady() }
      // One question for all streams.
      try await fetch(places, ahead: backlog.floor)
      for (index, places) in wanted.enumerated() where !places.isEmpty {
        backlog.take(places.map { cache.slot(at: $0) }, at: places, of: index)
      }
    }
  }

  /// Goes one step along a stream.
  ///
  /// - Returns: The positions that it found, newest first; `nil` at the stream's beginning.
  mutating func step(_ walk: inout Walk) async throws(LogError) -> [Position]? {
    let wanted = walk.wanted
    if wanted.isEmpty { return nil }
    try await fetch(wanted, ahead: nil)
    walk.take(wanted.map { cache.slot(at: $0) })
    return walk.takeFound()
  }

  /// What stands at some positions, none of which is empty.
  mutating func slots(at places: some Collection<Position>) async throws(LogError) -> [Slot] {
    let places = Array(places)
    try await fetch(places, ahead: nil)
    return places.map { cache.slot(at: $0) }
  }

  /// Sees to it that some positions are in the cache, and none of them empty.
  ///
  /// - Parameters:
  ///   - places: The positions.
  ///   - begin: Where one stream's walk will stop, so that where it has nearly all positions many
  ///     strides are one read; `nil` for no reading ahead.
  /// - Throws: `LogError`.
  private mutating func fetch(
    _ places: [Position],
    ahead begin: Position?
  ) async throws(LogError) {
    if cache.has(places) { return }
    if let window = begin.flatMap({ StrideWindow().window(around: places, from: $0) }) {
      // Not as a range, which must not hold what was given up: whose that was is no matter here,
      // and those who need it are told by ``StreamEnds/lossEnd``.
      cache.take(window, try await log.read(Array(window)))
    } else {
      cache.take(places, try await log.read(places))
    }
    // Only what was handed out for sure is worth waiting for.
    let holes = places.filter { cache.slot(at: $0) == .empty }
    if !holes.isEmpty { try await settle(holes) }
  }

  /// Waits for the writers of some positions, for all of them at the same time.
  private mutating func settle(_ holes: [Position]) async throws(LogError) {
    for (hole, slot) in try await log.settled(holes) { cache.set(slot, at: hole) }
  }
}

extension StreamingLog {
  /// What comes to stand at some positions that were handed out: waits for their writers, for all
  /// of them at the same time.
  func settled(_ holes: [Position]) async throws(LogError) -> [(Position, Slot)] {
    if holes.isEmpty { return [] }
    var found: [(Position, Slot)] = []
    var failure: LogError?
    await withTaskGroup(of: Settled.self) { group in
      for hole in holes { group.addTask { await Settled(hole, in: self) } }
      for await settled in group {
        switch settled.result {
        case .success(let slot): found.append((settled.position, slot))
        case .failure(let error): failure = failure ?? error
        }
      }
    }
    if let failure { throw failure }
    return found
  }
}

/// What came of waiting for the writer of a position.
///
/// No tuple with a call in it: of `(hole, .success(try await log.settle(hole)))` the optimizer of
/// Swift 6.3 makes position 0 of every hole, and what stood there was missed.
private struct Settled {
  let position: Position
  let result: Result<Slot, LogError>

  init(_ position: Position, in log: some StreamingLog) async {
    self.position = position
    do throws(LogError) {
      let slot = try await log.settle(position)
      result = .success(slot)
    } catch {
      // It stands there as it was filled, for whoever passes over it.
      if case .lost = error { result = .success(.junk) } else { result = .failure(error) }
    }
  }
}

/// What was read last: a run of positions, or some here and there.
private struct SlotCache {
  private var window = Position.zero..<(.zero)
  private var slots: [Slot] = []
  private var scattered: [Position: Slot] = [:]

  /// Whether all of these can be told.
  func has(_ places: [Position]) -> Bool {
    places.allSatisfy { place in
      let slot = window.contains(place) ? slots[index(place)] : scattered[place]
      return slot != nil && slot != .empty
    }
  }

  /// What stands at a position that was read.
  func slot(at place: Position) -> Slot {
    if let slot = window.contains(place) ? slots[index(place)] : scattered[place] { return slot }
    preconditionFailure("\(place) was not read")
  }

  private func index(_ place: Position) -> Int { window.lowerBound.distance(to: place) }

  mutating func take(_ range: Range<Position>, _ read: [Slot]) {
    (window, slots, scattered) = (range, read, [:])
  }

  mutating func take(_ places: [Position], _ read: [Slot]) {
    (window, slots) = (.zero..<(.zero), [])
    scattered = Dictionary(zip(places, read)) { first, _ in first }
  }

  mutating func set(_ slot: Slot, at place: Position) {
    if window.contains(place) { slots[index(place)] = slot } else { scattered[place] = slot }
  }
}

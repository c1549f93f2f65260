import CorfuGlobalLog
import CorfuStripeMirror

@testable import CorfuChecks

/// Chains that are written or read in a wrong way.
enum WrongChain: CaseIterable {
  case tailFirst, atOnce, overlooksOthers, takesOwnForAnothers, forgetsTheTail, readsTheHead
  case showsWhatIsHalfWritten, callsItEmpty, forgetsHalfTrims

  /// Whether scenes without disagreeing replicas cannot show it.
  var isSilentHere: Bool { self == .overlooksOthers }

  /// Plays a scene with it in every way.
  func play(_ scene: ChainScene) -> CheckFailure? {
    switch self {
    case .tailFirst: playAll(scene, TailFirstWriter.self, ChainReader.self).failure
    case .atOnce: playAll(scene, HastyWriter.self, ChainReader.self).failure
    case .overlooksOthers: playAll(scene, OverlookingWriter.self, ChainReader.self).failure
    case .takesOwnForAnothers: playAll(scene, TimidWriter.self, ChainReader.self).failure
    case .forgetsTheTail: playAll(scene, ForgetfulWriter.self, ChainReader.self).failure
    case .readsTheHead: playAll(scene, ChainWriter.self, HeadReader.self).failure
    case .showsWhatIsHalfWritten: playAll(scene, ChainWriter.self, ShowingReader.self).failure
    case .callsItEmpty: playAll(scene, ChainWriter.self, TailOnlyReader.self).failure
    case .forgetsHalfTrims: playAll(scene, ChainWriter.self, HalfTrimReader.self).failure
    }
  }
}

/// Writes tail first.
struct TailFirstWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    await ChainWriter().write(values, to: chain.reversed())
  }
}

/// Writes to the head, and to all others without looking at what the head said.
struct HastyWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    var outcomes: [ChainOutcome] = []
    for replica in chain {
      let one = await ChainWriter().write(values, to: [replica])
      if outcomes.isEmpty { outcomes = one }
    }
    return outcomes
  }
}

/// Takes whatever stands on a later replica for its own.
struct OverlookingWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    var outcomes = await ChainWriter().write(values, to: chain)
    for index in outcomes.indices {
      if case .inconsistent = outcomes[index] { outcomes[index] = .complete }
    }
    return outcomes
  }
}

/// Takes its own value, which a helper has carried on from the head, for another's.
struct TimidWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    for (place, replica) in chain.enumerated() {
      do {
        for case (let value, .taken(let slot)) in zip(values, try await replica.write(values))
        where place > 0 || slot != value.value {
          return values.map { _ in .lost(slot) }
        }
      } catch {
        return values.map { _ in .failed(error, mayStand: true) }
      }
    }
    return values.map { _ in .complete }
  }
}

/// Leaves out the tail.
struct ForgetfulWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    await ChainWriter().write(values, to: chain.count > 1 ? chain.dropLast() : chain)
  }
}

/// Asks the head alone.
struct HeadReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    try await ChainReader().read(positions, from: Array(chain.prefix(1)), completingBy: writer)
  }
}

/// Asks the tail alone.
struct TailOnlyReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    try await ChainReader().read(positions, from: Array(chain.suffix(1)), completingBy: writer)
  }
}

/// Finds on the head what the tail lacks, and returns it as it is.
struct ShowingReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    let tail = try await TailOnlyReader().read(positions, from: chain, completingBy: writer)
    if tail != [.success(.empty)] { return tail }
    return try await HeadReader().read(positions, from: chain, completingBy: writer)
  }
}

/// Believes a trim that has not come to the tail.
struct HalfTrimReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    let head = try await HeadReader().read(positions, from: chain, completingBy: writer)
    if head == [.success(.trimmed)] { return head }
    return try await ChainReader().read(positions, from: chain, completingBy: writer)
  }
}

/// Counts turns from the epoch instead of from position 0.
struct ShiftingTurns: PositionMapping {
  func chain(of position: Position, in layout: Layout) -> Chain {
    let stripes = layout.span(of: position).stripes
    return stripes[Int((position.number + layout.epoch.number) % UInt64(stripes.count))]
  }
}

/// Keeps everything on the first chain of a span.
struct OneChain: PositionMapping {
  func chain(of position: Position, in layout: Layout) -> Chain {
    layout.span(of: position).stripes[0]
  }
}

/// Counts turns from the beginning of the span.
struct SpanTurns: PositionMapping {
  func chain(of position: Position, in layout: Layout) -> Chain {
    let span = layout.span(of: position)
    return span.stripes[span.begin.distance(to: position) % span.stripes.count]
  }
}

/// Looks in the newest span for everything.
struct LastSpan: PositionMapping {
  func chain(of position: Position, in layout: Layout) -> Chain {
    let stripes = layout.spans.last?.stripes ?? []
    return stripes[Int(position.number) % stripes.count]
  }
}

/// Says "stands nowhere" of everything that failed.
struct HopefulWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    await ChainWriter().write(values, to: chain).map { outcome in
      guard case .failed(let error, _) = outcome else { return outcome }
      return .failed(error, mayStand: false)
    }
  }
}

/// Says of every trim that it came before the head had the value.
struct ForgettingTheHead: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    await ChainWriter().write(values, to: chain).map { outcome in
      if case .trimmed = outcome { .trimmed(afterHead: false) } else { outcome }
    }
  }
}

/// Says "stands nowhere" of everything that a replica refused and was sure of.
struct TrustingWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    await ChainWriter().write(values, to: chain).map { outcome in
      guard case .failed(.log(let unit, let error), _) = outcome else { return outcome }
      return .failed(.log(unit, error), mayStand: !error.isDefinite)
    }
  }
}

/// Says "may stand" of everything that failed.
struct AnxiousWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    await ChainWriter().write(values, to: chain).map { outcome in
      guard case .failed(let error, _) = outcome else { return outcome }
      return .failed(error, mayStand: true)
    }
  }
}

/// Writes each value by itself.
struct OneByOneWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    var outcomes: [ChainOutcome] = []
    for value in values { outcomes += await ChainWriter().write([value], to: chain) }
    return outcomes
  }
}

/// Asks every replica, for safety.
struct AskingAllReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    for replica in chain {
      do {
        _ = try await replica.read(positions)
      } catch {
        throw .replica(error)
      }
    }
    return try await ChainReader().read(positions, from: chain, completingBy: writer)
  }
}

/// Looks again, one by one, for what the tail lacks.
struct PiecemealReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    var slots = try await TailOnlyReader().read(positions, from: chain, completingBy: writer)
    for index in slots.indices where slots[index] == .success(.empty) {
      slots[index] = try await ChainReader().read(
        [positions[index]],
        from: chain,
        completingBy: writer
      )[0]
    }
    return slots
  }
}

/// Asks a replica twice that is head and tail.
struct AskingTwiceReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    if chain.count == 1 {
      _ = try await HeadReader().read(positions, from: chain, completingBy: writer)
    }
    return try await ChainReader().read(positions, from: chain, completingBy: writer)
  }
}

/// Takes damage for nothing.
struct BlindReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    try await ChainReader().read(positions, from: chain, completingBy: writer).map { slot in
      if case .failure = slot { .success(.empty) } else { slot }
    }
  }
}

/// Asks a chain again in the next span.
struct SpanShares: ChainSharing {
  func shares(
    of positions: [Position],
    in layout: Layout,
    by mapping: some PositionMapping
  ) -> [ChainShare] {
    var shares: [ChainShare] = []
    var known: [Chain: Int] = [:]
    var begin = Position.zero
    for (place, position) in positions.enumerated() {
      if layout.span(of: position).begin != begin { known = [:] }
      begin = layout.span(of: position).begin
      let chain = mapping.chain(of: position, in: layout)
      if let index = known[chain] {
        shares[index].places.append(place)
      } else {
        known[chain] = shares.count
        shares.append(ChainShare(chain: chain, places: [place]))
      }
    }
    return shares
  }
}

/// Begins with the chain that comes last.
struct LastFirstShares: ChainSharing {
  func shares(
    of positions: [Position],
    in layout: Layout,
    by mapping: some PositionMapping
  ) -> [ChainShare] {
    ChainShares().shares(of: positions, in: layout, by: mapping).reversed()
  }
}

/// Forgets all but the first place of each chain.
struct HalfShares: ChainSharing {
  func shares(
    of positions: [Position],
    in layout: Layout,
    by mapping: some PositionMapping
  ) -> [ChainShare] {
    ChainShares().shares(of: positions, in: layout, by: mapping).map { share in
      ChainShare(chain: share.chain, places: Array(share.places.prefix(1)))
    }
  }
}

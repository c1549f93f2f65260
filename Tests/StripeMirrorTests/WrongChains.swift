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

/// Takes its own value, which a helper has carried on, for another's.
struct TimidWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    for replica in chain {
      do {
        for case .taken(let slot) in try await replica.write(values) {
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

#if PlantedBugs
public import CorfuGlobalLog
import CorfuSequencer

/// Switches a planted bug on and looks for it with everything that tests the part it is in: a
/// checker that finds none of them would be worth nothing.
public enum PlantedHunt {
  /// How a bug was found.
  public struct Find: Sendable {
    /// What found it: a seed, an injected fault or a kind of damage.
    public var means: String
    /// What the checker said.
    public var violation: String
  }

  /// Looks for a bug; `nil` if nothing finds it.
  ///
  /// - Parameters:
  ///   - bug: The bug to switch on; `nil` to see that nothing is found where nothing is wrong.
  ///   - seedsMax: How many seeds to try.
  /// - Returns: How it was found.
  /// - Throws: What kept a search from its end.
  public static func find(_ bug: PlantedBug?, seedsMax: UInt64) async throws -> Find? {
    plantedBug = bug
    defer { plantedBug = nil }
    switch bug?.home {
    case .store: return try await inStores(seedsMax: seedsMax)
    case .sequencer: return await inSequencers(seedsMax: seedsMax)
    case .rangeCopy: return await inRangeCopies(seedsMax: seedsMax)
    case .cluster: return await inClusters(seedsMax: seedsMax)
    case .configurator: return await inClusters(stage: 6, bug?.focus, seedsMax: seedsMax)
    case .objects: return await inClusters(stage: 7, bug?.focus, seedsMax: seedsMax)
    case nil: return try await everywhere(seedsMax: seedsMax)
    }
  }

  private static func everywhere(seedsMax: UInt64) async throws -> Find? {
    if let find = try await inStores(seedsMax: seedsMax) { return find }
    if let find = await inSequencers(seedsMax: seedsMax) { return find }
    for stage in 5...7 {
      if let find = await inClusters(stage: stage, seedsMax: min(seedsMax, 20)) { return find }
    }
    for focus in [ClusterFocus.losses, .appointments] {
      if let find = await inClusters(stage: 6, focus, seedsMax: min(seedsMax, 20)) { return find }
    }
    return await inRangeCopies(seedsMax: min(seedsMax, 200))
  }

  private static func search(
    _ what: String,
    seedsMax: UInt64,
    _ run: @escaping @Sendable (UInt64) -> String?
  ) async -> Find? {
    let found = await SeedRange.firstFailure(of: 1...seedsMax, run)
    return found.map { Find(means: "seed \($0.seed)\(what)", violation: $0.failure) }
  }

  private static func inClusters(
    stage: Int = 5,
    _ focus: ClusterFocus? = nil,
    seedsMax: UInt64
  ) async -> Find? {
    let aim = focus.map { " with more of \($0)" } ?? ""
    return await search(" of a cluster of stage \(stage)\(aim)", seedsMax: seedsMax) { seed in
      ClusterRun.run(seed: seed, stage: stage, focus: focus).failure
    }
  }

  private static func inStores(seedsMax: UInt64) async throws -> Find? {
    if let find = try byDamage() { return find }
    let find = await search("", seedsMax: seedsMax) { StoreRun.run(seed: $0).failure }
    return find ?? byInjection()
  }

  private static func inRangeCopies(seedsMax: UInt64) async -> Find? {
    await search(" of a range copy", seedsMax: seedsMax) { RangeCopyRun.failure(seed: $0) }
  }

  /// Seeds of a sequencer alone, and of one with a log below it.
  private static func inSequencers(seedsMax: UInt64) async -> Find? {
    var shape = SequencerRun<PlantedSequencer>.Shape()
    shape.events = 20...80
    shape.restarts = true
    shape.streams = 5
    shape.streamsMax = 4
    let alone = await search(" of a sequencer", seedsMax: seedsMax) { [shape] seed in
      let outcome = SequencerRun<PlantedSequencer>.run(seed: seed, shape: shape)
      return outcome.violations.first?.description
    }
    if let alone { return alone }
    return await search(" of chapter 2's log", seedsMax: min(seedsMax, 1000)) { seed in
      SequencedRun<PlantedSequencer>.run(seed: seed).failure
    }
  }

  private static func byDamage() throws -> Find? {
    for ending in RotSweep.Ending.allCases {
      let sweep = try RotSweep(ending: ending, bytes: 16 << 10, seed: 7)
      for kind in RotSweep.Kind.allCases {
        let report = try sweep.run(sweep.damages(kind, step: 17))
        if let violation = report.violations.first {
          return Find(means: "\(kind) of a \(ending) folder", violation: violation)
        }
      }
    }
    return nil
  }

  private static func byInjection() -> Find? {
    for number in 1...40 {
      for effect in [SimulatedDevice.Effect.error(.failed("injected")), .powerCut, .kill] {
        let injection = StoreRun.Injection(effect, at: number, of: .sync)
        if let failure = StoreRun.run(seed: 1, injecting: injection).failure {
          return Find(means: "\(injection)", violation: failure)
        }
      }
    }
    return nil
  }
}

extension PlantedBug {
  /// What has to happen often for the bug to show; `nil` where every day's faults are enough.
  fileprivate var focus: ClusterFocus? {
    switch self {
    case .forgetsVotes: .votes
    case .takesLastCheckpoint, .overlooksTrims: .forgetting
    case .trustsOldEnds: .reigns
    case .copiesOverHoles, .joinsWithoutTrims: .rebuilds
    case .tellsUnconfirmed: .splits
    case .forgetsGivenUp: .losses
    case .appointsUnasked: .appointments
    default: nil
    }
  }
}
#endif

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
  public static func find(_ bug: PlantedBug?, seedsMax: UInt64) throws -> Find? {
    plantedBug = bug
    defer { plantedBug = nil }
    switch bug?.home {
    case .store: return try inStores(seedsMax: seedsMax)
    case .sequencer: return inSequencers(seedsMax: seedsMax)
    case .rangeCopy: return inRangeCopies(seedsMax: seedsMax)
    case .cluster: return inClusters(seedsMax: seedsMax)
    case .configurator: return inClusters(stage: 6, seedsMax: seedsMax)
    case .objects: return inClusters(stage: 7, seedsMax: seedsMax)
    case nil:
      return try inStores(seedsMax: seedsMax) ?? inSequencers(seedsMax: seedsMax)
        ?? inClusters(seedsMax: min(seedsMax, 20))
        ?? inClusters(stage: 6, seedsMax: min(seedsMax, 20))
        ?? inClusters(stage: 7, seedsMax: min(seedsMax, 20))
        ?? inRangeCopies(seedsMax: min(seedsMax, 200))
    }
  }

  private static func inClusters(stage: Int = 5, seedsMax: UInt64) -> Find? {
    for seed in 1...seedsMax {
      if let failure = ClusterRun.run(seed: seed, stage: stage).failure {
        return Find(means: "seed \(seed) of a cluster of stage \(stage)", violation: failure)
      }
    }
    return nil
  }

  private static func inStores(seedsMax: UInt64) throws -> Find? {
    if let find = try byDamage() { return find }
    for seed in 1...seedsMax {
      if let failure = StoreRun.run(seed: seed).failure {
        return Find(means: "seed \(seed)", violation: failure)
      }
    }
    return byInjection()
  }

  private static func inRangeCopies(seedsMax: UInt64) -> Find? {
    for seed in 1...seedsMax {
      if let failure = RangeCopyRun.failure(seed: seed) {
        return Find(means: "seed \(seed) of a range copy", violation: failure)
      }
    }
    return nil
  }

  /// Seeds of a sequencer alone, and of one with a log below it.
  private static func inSequencers(seedsMax: UInt64) -> Find? {
    var shape = SequencerRun<PlantedSequencer>.Shape()
    shape.events = 20...80
    shape.restarts = true
    shape.streams = 5
    shape.streamsMax = 4
    for seed in 1...seedsMax {
      let outcome = SequencerRun<PlantedSequencer>.run(seed: seed, shape: shape)
      if let violation = outcome.violations.first {
        return Find(means: "seed \(seed) of a sequencer", violation: violation.description)
      }
    }
    for seed in 1...min(seedsMax, 1000) {
      if let failure = SequencedRun<PlantedSequencer>.run(seed: seed).failure {
        return Find(means: "seed \(seed) of chapter 2's log", violation: failure)
      }
    }
    return nil
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
#endif

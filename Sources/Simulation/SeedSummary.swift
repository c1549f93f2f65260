/// What many seeds showed together, and whether they showed enough.
public struct SeedSummary: Sendable {
  /// Appends that a seed must have acknowledged to count as telling.
  public static let appendsWanted = 500
  /// Faults that must strike in every seed.
  public static let strikesWanted = 20
  /// Kinds of faults that must strike in every seed.
  public static let kindsWanted = 3
  /// So many seeds in a hundred must have acknowledged the appends that are wanted.
  private static let seedsWithAppendsPercent = 95
  /// In so many seeds in a hundred each kind of fault must strike.
  private static let seedsWithFaultPercent = 10
  /// With fewer seeds only the faults of each are looked at.
  private static let seedsForShares = 100

  /// Seeds that went as promised.
  public private(set) var passed = 0
  /// Seeds in which a promise was broken.
  public private(set) var failed = 0
  private var acknowledged = 0
  private var appends = 0
  private var seedsWithAppends = 0
  private var calmSeeds: [UInt64] = []
  private var faults: [DiskFault: (seeds: Int, count: Int)] = [:]
  private var probes: [String: Int] = [:]

  /// Nothing yet.
  public init() {}

  /// Takes in a seed.
  public mutating func take(_ outcome: StoreRun.Outcome) {
    if outcome.failure == nil { passed += 1 } else { failed += 1 }
    acknowledged += outcome.acknowledged
    appends += outcome.appends
    if outcome.appends >= Self.appendsWanted { seedsWithAppends += 1 }
    if !Self.isTelling(outcome.counts) && outcome.failure == nil { calmSeeds.append(outcome.seed) }
    for fault in DiskFault.allCases where outcome.counts[fault] > 0 {
      faults[fault, default: (0, 0)].seeds += 1
      faults[fault, default: (0, 0)].count += outcome.counts[fault]
    }
    for (probe, count) in outcome.probes { probes[probe, default: 0] += count }
  }

  /// Whether enough faults struck in a seed.
  static func isTelling(_ counts: DiskCounts) -> Bool {
    counts.strikes >= strikesWanted && counts.faultKinds >= kindsWanted
  }

  /// The faults of which runs without any would say nothing.
  ///
  /// Not among them is damage at rest: ``RotSweep`` tries all of that, one by one.
  private static let faultsNeeded: [DiskFault] = [
    .writeError, .readError, .writeBackError, .syncError, .nameError, .stall, .lostSector,
    .lostName, .outOfSpace, .powerCut, .kill,
  ]

  /// What must have been seen at least once.
  private static let probesNeeded = [
    "opened", "carried", "kept", "tornTail", "closed", "dropped", "spaceShort", "spaceBack",
    "failed", "scrubbed", "secondOwnerRefused",
  ]

  /// What keeps the result from meaning anything; empty if nothing does.
  public var gaps: [String] {
    let seeds = passed + failed
    var gaps = calmSeeds.prefix(5).map { seed in
      "seed \(seed) had fewer than \(Self.strikesWanted) faults of \(Self.kindsWanted) kinds"
    }
    guard seeds >= Self.seedsForShares else { return gaps }
    if seedsWithAppends * 100 < seeds * Self.seedsWithAppendsPercent {
      gaps.append("too few seeds had \(Self.appendsWanted) appends: \(seedsWithAppends)")
    }
    for fault in Self.faultsNeeded {
      let struck = faults[fault]?.seeds ?? 0
      if struck * 100 >= seeds * Self.seedsWithFaultPercent { continue }
      gaps.append("\(fault) struck in too few seeds: \(struck)")
    }
    for probe in Self.probesNeeded where probes[probe] == nil {
      gaps.append("\(probe) was never seen")
    }
    return gaps
  }

  /// The result, the plain count last.
  public var lines: [String] {
    let seeds = passed + failed
    var lines = [
      "\(seeds) seeds: \(acknowledged) operations acknowledged, \(appends) of them appends; "
        + "\(Self.appendsWanted) appends or more in \(percent(seedsWithAppends))"
    ]
    let struck = DiskFault.allCases.compactMap { fault in
      faults[fault].map { "\(fault) \($0.count) in \(percent($0.seeds))" }
    }
    lines.append("faults, and in how many seeds: " + struck.joined(separator: ", "))
    let seen = probes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    lines.append("seen: " + seen.joined(separator: ", "))
    lines += gaps.map { "SAYS NOTHING: " + $0 }
    lines.append("\(passed) passed, \(failed) failed")
    return lines
  }

  private func percent(_ count: Int) -> String {
    "\(count * 100 / max(1, passed + failed)) %"
  }
}

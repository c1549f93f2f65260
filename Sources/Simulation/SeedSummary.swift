/// What many seeds showed together, and whether they showed enough.
public struct SeedSummary: Sendable {
  /// Seeds that went as promised.
  public private(set) var passed = 0
  /// Seeds in which a promise was broken.
  public private(set) var failed = 0
  private var acknowledged = 0
  private var seedsWithFault: [DiskFault: Int] = [:]
  private var events: [String: Int] = [:]

  /// Nothing yet.
  public init() {}

  /// Takes in a seed.
  public mutating func take(_ outcome: StoreRun.Outcome) {
    if outcome.failure == nil { passed += 1 } else { failed += 1 }
    acknowledged += outcome.acknowledged
    for fault in DiskFault.allCases where outcome.counts[fault] > 0 {
      seedsWithFault[fault, default: 0] += 1
    }
    for (event, count) in outcome.probes { events[event, default: 0] += count }
  }

  /// The faults that must strike in one of ten seeds, or the runs say nothing about them.
  private static let faultsNeeded: [DiskFault] = [
    .lostSector, .powerCut, .kill, .writeError, .syncError, .nameError, .stall, .outOfSpace,
  ]

  private var missing: [DiskFault] {
    Self.faultsNeeded.filter { seedsWithFault[$0, default: 0] * 10 < passed + failed }
  }

  /// Whether enough happened for the result to mean something.
  ///
  /// A few seeds are not asked that.
  public var isTelling: Bool { passed + failed < 100 || missing.isEmpty }

  /// The result, the plain count last.
  public var lines: [String] {
    let seeds = passed + failed
    var lines = ["\(seeds) seeds: \(acknowledged) operations acknowledged"]
    let faults = DiskFault.allCases.compactMap { fault in
      seedsWithFault[fault].map { "\(fault) \($0 * 100 / seeds) %" }
    }
    lines.append("seeds in which a fault struck: " + faults.joined(separator: ", "))
    let seen = events.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    lines.append("seen: " + seen.joined(separator: ", "))
    if !isTelling { lines.append("too seldom to tell anything: \(missing)") }
    lines.append("\(passed) passed, \(failed) failed")
    return lines
  }
}

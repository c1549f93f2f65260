/// What many seeds of a cluster showed together, and whether they showed enough.
public struct ClusterSummary: Sendable {
  /// Seeds that went as promised.
  public private(set) var passed = 0
  /// Seeds in which a promise was broken.
  public private(set) var failed = 0
  private var acknowledged = 0
  private var busySeeds = 0
  private var quietSeeds = 0
  private var seedsWithFault: [ClusterFault: Int] = [:]
  private var faults = 0
  private var probes: [String: Int] = [:]

  /// So many entries acknowledged make a seed worth its time.
  static let acknowledgedMin = 500
  /// So many faults, of so many kinds.
  static let faultsMin = 20
  static let kindsMin = 3

  /// Nothing yet.
  public init() {}

  /// Takes in a seed.
  public mutating func take(_ outcome: ClusterRun.Outcome) {
    if outcome.failure == nil { passed += 1 } else { failed += 1 }
    acknowledged += outcome.acknowledged
    if outcome.acknowledged >= Self.acknowledgedMin { busySeeds += 1 }
    let count = outcome.faults.values.reduce(0, +)
    faults += count
    if count < Self.faultsMin || outcome.faults.count < Self.kindsMin { quietSeeds += 1 }
    for (fault, _) in outcome.faults { seedsWithFault[fault, default: 0] += 1 }
    for (name, count) in outcome.probes { probes[name, default: 0] += count }
  }

  /// Faults that struck in fewer than one of ten seeds: the runs say nothing about them.
  private var missing: [ClusterFault] {
    ClusterFault.allCases.filter { seedsWithFault[$0, default: 0] * 10 < passed + failed }
  }

  private var complaints: [String] {
    let seeds = passed + failed
    // A few seeds are not asked that.
    guard seeds >= 100 else { return [] }
    var complaints: [String] = []
    if !missing.isEmpty {
      complaints.append("too seldom: \(missing.map(\.rawValue).joined(separator: ", "))")
    }
    if busySeeds * 100 < seeds * 95 {
      complaints.append("only \(busySeeds) seeds acknowledged \(Self.acknowledgedMin) entries")
    }
    if quietSeeds > 0 {
      complaints.append(
        "\(quietSeeds) seeds had fewer than \(Self.faultsMin) faults of \(Self.kindsMin) kinds"
      )
    }
    return complaints
  }

  /// Whether enough happened for the result to mean something.
  public var isTelling: Bool { complaints.isEmpty }

  /// The result, the plain count last.
  public var lines: [String] {
    let seeds = max(1, passed + failed)
    var lines = ["\(seeds) seeds: \(acknowledged) entries acknowledged, \(faults) faults"]
    let kinds = ClusterFault.allCases.compactMap { fault in
      seedsWithFault[fault].map { "\(fault) \($0 * 100 / seeds) %" }
    }
    lines.append("seeds in which a fault struck: " + kinds.joined(separator: ", "))
    let seen = probes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    lines.append("seen: " + seen.joined(separator: ", "))
    lines += complaints
    lines.append("\(passed) passed, \(failed) failed")
    return lines
  }
}

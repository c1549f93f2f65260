/// A kind of thing that goes wrong in the runs of a simulation.
public protocol SimulatedFault: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

/// What a seed of a simulation showed.
public protocol SeedOutcome<Fault> {
  /// What can go wrong in it.
  associatedtype Fault: SimulatedFault

  /// What promise was broken, or `nil`.
  var failure: String? { get }
  /// Entries acknowledged.
  var acknowledged: Int { get }
  /// What went wrong around the log, and how often.
  var faults: [Fault: Int] { get }
  /// How often each kind of event was seen.
  var probes: [String: Int] { get }
}

/// What many seeds showed together, and whether they showed enough.
public struct RunSummary<Fault: SimulatedFault>: Sendable {
  /// Seeds that went as promised.
  public private(set) var passed = 0
  /// Seeds in which a promise was broken.
  public private(set) var failed = 0
  private var acknowledged = 0
  private var busySeeds = 0
  private var quietSeeds = 0
  private var seedsWithFault: [Fault: Int] = [:]
  private var faults = 0
  private var probes: [String: Int] = [:]
  private let expected: [Fault]
  private let probesNeeded: [String]

  /// So many entries acknowledged make a seed worth its time.
  static var acknowledgedMin: Int { 500 }
  /// So many faults, of so many kinds.
  static var faultsMin: Int { 20 }
  static var kindsMin: Int { 3 }

  /// Whether a seed that came so far has shown enough.
  static func isEnough(acknowledged: Int, faults: [Fault: Int]) -> Bool {
    acknowledged >= acknowledgedMin && isEventful(faults)
  }

  /// Whether enough went wrong in a seed.
  static func isEventful(_ faults: [Fault: Int]) -> Bool {
    let struck = faults.values.filter { $0 > 0 }
    return struck.count >= kindsMin && struck.reduce(0, +) >= faultsMin
  }

  /// Nothing yet.
  ///
  /// - Parameters:
  ///   - faults: Those that must strike in some seeds.
  ///   - probes: Kinds of events that must have been seen.
  public init(
    expecting faults: [Fault] = Array(Fault.allCases),
    needing probes: [String] = []
  ) {
    expected = faults
    probesNeeded = probes
  }

  /// Takes in a seed.
  public mutating func take(_ outcome: some SeedOutcome<Fault>) {
    if outcome.failure == nil { passed += 1 } else { failed += 1 }
    acknowledged += outcome.acknowledged
    if outcome.acknowledged >= Self.acknowledgedMin { busySeeds += 1 }
    faults += outcome.faults.values.reduce(0, +)
    if !Self.isEventful(outcome.faults) { quietSeeds += 1 }
    for (fault, count) in outcome.faults where count > 0 {
      seedsWithFault[fault, default: 0] += 1
    }
    for (name, count) in outcome.probes { probes[name, default: 0] += count }
  }

  /// Faults that struck in fewer than one of ten seeds: the runs say nothing about them.
  private var missing: [Fault] {
    expected.filter { seedsWithFault[$0, default: 0] * 10 < passed + failed }
  }

  private var complaints: [String] {
    let seeds = passed + failed
    // A few seeds are not asked that.
    guard seeds >= 100 else { return [] }
    var complaints: [String] = []
    if !missing.isEmpty {
      complaints.append("too seldom: \(missing.map(\.rawValue).joined(separator: ", "))")
    }
    let unseen = probesNeeded.filter { probes[$0] == nil }
    if !unseen.isEmpty { complaints.append("never seen: \(unseen.joined(separator: ", "))") }
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
    let kinds = Fault.allCases.compactMap { fault in
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

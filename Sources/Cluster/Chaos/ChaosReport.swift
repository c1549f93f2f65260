/// What came of a while of chaos.
public struct ChaosReport: Sendable {
  /// How often the log was held against what writers knew.
  public var rounds = 0
  /// How many faults there were.
  public var faults = 0
  /// How many of them were cuts of the network.
  public var cuts = 0
  /// How many of them were new certificates.
  public var renewals = 0
  /// How many of them were acts of operators.
  public var operations = 0
  /// How many appends were acknowledged.
  public var appends = 0
  /// How many entries nobody could say anything of.
  public var doubtful = 0
  /// How many positions were read while the faults went on.
  public var reads = 0
  /// How many more nobody answered.
  public var silences = 0
  /// The longest time without an acknowledgement while there were faults.
  public var longestGap = Duration.zero
  /// What processes held at the end of the first round, and of the last.
  public var usage: (first: ChaosUsage, last: ChaosUsage)?
  /// The broken promises.
  public var violations: [ChaosViolation] = []

  /// Whether processes hold far more in the end than at first.
  public var hasLeak: Bool { usage.map { $0.last.hasGrown(since: $0.first) } ?? false }

  /// Nothing yet.
  public init() {}

  /// Counts a fault.
  mutating func count(_ fault: ChaosFault) {
    faults += 1
    switch fault {
    case .cut: cuts += 1
    case .renew: renewals += 1
    case .wipe, .replace, .add, .remove, .restart: operations += 1
    case .kill, .end, .pause, .stutter, .powerCut: break
    }
  }

  /// In a line.
  public var summary: String {
    let seconds = longestGap / .seconds(1)
    let gap = "\((seconds * 10).rounded() / 10) s"
    var line =
      "\(rounds) rounds, \(faults) faults (\(cuts) partitions, \(renewals) new certificates, "
      + "\(operations) by operators), "
      + "\(appends) appends acknowledged, \(doubtful) doubtful, "
      + "\(reads) reads (\(silences) more without an answer); longest time without an append \(gap)"
    if let usage {
      line +=
        "; a node's memory \(usage.first.bytes >> 20) then \(usage.last.bytes >> 20) MiB, files "
        + "\(usage.first.descriptors) then \(usage.last.descriptors)"
    }
    if hasLeak { line += ", which is not given back" }
    let broken = violations.count
    return line + "; " + (broken == 0 ? "no promise broken" : "\(broken) promises broken")
  }
}

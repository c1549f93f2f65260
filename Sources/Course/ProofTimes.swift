/// How long proofs took.
struct ProofTimes {
  private var last = ContinuousClock.now
  private var sections: [(name: String, seconds: Double)] = []
  private var proofs: [(name: String, seconds: Double)] = []

  /// Of single proofs, how many are told: the slowest.
  private static let proofsMax = 10

  /// Counts the time since the last section towards this one.
  mutating func end(_ section: String) {
    let now = ContinuousClock.now
    let seconds = (now - last) / .seconds(1)
    last = now
    if let index = sections.firstIndex(where: { $0.name == section }) {
      sections[index].seconds += seconds
    } else {
      sections.append((section, seconds))
    }
  }

  /// Notes how long a proof's programs ran.
  mutating func note(_ proof: String, seconds: Double) {
    proofs.append((proof, seconds))
  }

  /// What took how long, in seconds; in full, the slowest proofs as well.
  func summary(inFull: Bool) -> [String] {
    let all = sections.reduce(0) { $0 + $1.seconds }
    var lines = ["\(Self.told(all)):"]
    lines += sections.map { "\(Self.told($0.seconds))  \($0.name)" }
    if inFull && !proofs.isEmpty {
      lines.append("the slowest, without building:")
      let slowest = proofs.sorted { $0.seconds > $1.seconds }.prefix(Self.proofsMax)
      lines += slowest.map { "\(Self.told($0.seconds))  \($0.name)" }
    }
    return lines
  }

  private static func told(_ seconds: Double) -> String {
    let text = "\(Int(seconds.rounded()))"
    return String(repeating: " ", count: max(0, 5 - text.count)) + text + " s"
  }
}

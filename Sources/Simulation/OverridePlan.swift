/// What is lost for good in a simulated cluster, and when; and how its operator, who alone may go
/// against the rules then, goes about it (R24).
///
/// Few seeds draw one, from a stream of their own: all others run as if there were no such thing.
struct OverridePlan: Sendable, CustomStringConvertible {
  /// What an operator has to decide.
  enum Kind: Sendable {
    /// All disks of a chain are lost: they are declared so, with all that only they had. In stage 7
    /// it is the only chain, and its sequencer is gone as well: the log begins anew.
    case lost
    /// The disks of most acceptors are lost: others are appointed.
    case appoint
  }

  /// What he has to decide.
  let kind: Kind
  /// How many entries are acknowledged when it strikes, at least.
  let appendsBefore: Int
  /// Whether the disks are destroyed; otherwise they only seem to be, and come back when the
  /// cluster does without them.
  let destroys: Bool
  /// How long nodes are away: without their disks, or with them, from when nobody needs them.
  let absence: Duration
  /// How long he thinks about it.
  let hesitation: Duration
  /// Whether he changes the layout himself, if that is left to do, or leaves it to the monitors.
  let isByHand: Bool
  /// Whether he knows an older layout than the one in force.
  let isBehind: Bool
  /// Draws what the moment brings.
  let random: SeededGenerator

  /// Of so many clusters one loses a chain: the share among those of stage 6.
  private static let lossRate = 0.03
  /// And so many most of their acceptors.
  private static let appointmentRate = 0.03

  /// The stream that it is drawn from: "override".
  private static let stream: UInt64 = 0x6f76_6572_7269_6465

  /// Draws what a seed brings; `nil` if it brings nothing of the kind.
  ///
  /// - Parameters:
  ///   - seed: The seed.
  ///   - stage: The stage: before 6 nobody votes.
  ///   - focus: What is to happen more often.
  init?(seed: UInt64, stage: Int, focus: ClusterFocus?) {
    guard stage > 5 else { return nil }
    var random = SeededGenerator(seed: seed ^ Self.stream)
    let fate = random.fraction()
    // Each stage has what it always drew first, and then the other.
    let kinds: [(kind: Kind, rate: Double)] =
      stage == 6
      ? [(.lost, Self.lossRate), (.appoint, Self.appointmentRate)]
      : [(.appoint, Self.appointmentRate), (.lost, Self.lossRate)]
    switch focus {
    case .losses?: kind = .lost
    case .appointments?: kind = .appoint
    case nil where fate < kinds[0].rate: kind = kinds[0].kind
    case nil where fate < kinds[0].rate + kinds[1].rate: kind = kinds[1].kind
    default: return nil
    }
    appendsBefore = random.number(in: 60...360)
    // Whoever had a vote must never come back: it does not know of those that were appointed.
    destroys = random.chance(0.7) || kind == .appoint
    let isSoon = random.chance(0.5)
    absence = random.duration(in: .zero ... .milliseconds(isSoon ? 30 : 600))
    hesitation = random.duration(in: .milliseconds(5)...(.milliseconds(500)))
    isByHand = random.chance(0.5)
    isBehind = random.chance(0.5)
    self.random = random.split()
  }

  var description: String {
    switch kind {
    case .lost where destroys: "a chain that is lost for good"
    case .lost: "a chain that is given up too soon"
    case .appoint: "most acceptors lost for good"
    }
  }
}

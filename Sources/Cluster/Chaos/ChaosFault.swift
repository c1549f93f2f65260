public import CorfuStripeMirror

/// Something that is done to a cluster: to its processes, its network or its certificates, or by an
/// operator to all of it.
public enum ChaosFault: Hashable, Sendable {
  /// A process ends at once (SIGKILL), and begins again later.
  case kill(NodeID)
  /// A process is told to end (SIGTERM), and begins again later.
  case end(NodeID)
  /// A process stands still (SIGSTOP), and goes on later.
  case pause(NodeID)
  /// A process gets on slowly: it stands still most of the time, a moment each.
  case stutter(NodeID)
  /// All end at once, as when the power fails, and begin again.
  case powerCut
  /// Something does not get through, and does later.
  case cut(NetworkCut)
  /// A node has another certificate, and so have those who append; for good.
  case renew(NodeID)
  /// A process ends at once, and begins again later with an empty disk: what it had is gone.
  case wipe(NodeID)
  /// A spare takes over from a node, which is emptied and stands by.
  case replace(NodeID)
  /// Another node is taken in.
  case add
  /// Others take over from a node, which belongs to the cluster no more.
  case remove(NodeID)
  /// A process is told to end, ends, and begins again; all others follow, one after the other.
  case restart(NodeID)

  /// Whether an operator does it, who looks first whether the cluster bears it.
  public var isOperation: Bool {
    switch self {
    case .kill, .end, .pause, .stutter, .powerCut, .cut, .renew: false
    case .wipe, .replace, .add, .remove, .restart: true
    }
  }
}

extension ChaosFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .kill(let node): "\(node) is killed"
    case .end(let node): "\(node) is told to end"
    case .pause(let node): "\(node) stands still"
    case .stutter(let node): "\(node) gets on slowly"
    case .powerCut: "the power fails"
    case .cut(let cut): "\(cut)"
    case .renew(let node): "\(node) gets a new certificate"
    case .wipe(let node): "\(node) loses its disk"
    case .replace(let node): "\(node) is replaced by a spare"
    case .add: "another node is added"
    case .remove(let node): "\(node) is removed"
    case .restart(let node): "\(node) is restarted"
    }
  }
}

/// What can be broken besides processes.
public struct ChaosMeans: Hashable, Sendable {
  /// Whether the network can be cut.
  public var hasCuts: Bool
  /// Whether certificates can be made.
  public var hasCertificates: Bool

  /// Some means; by default none.
  public init(hasCuts: Bool = false, hasCertificates: Bool = false) {
    self.hasCuts = hasCuts
    self.hasCertificates = hasCertificates
  }
}

/// A fault, how long it lasts, and how long all is left alone afterwards.
public struct ChaosStep: Hashable, Sendable {
  /// What happens.
  public let fault: ChaosFault
  /// How long it lasts.
  public let length: Duration
  /// How long until the next.
  public let rest: Duration

  /// A step.
  public init(_ fault: ChaosFault, for length: Duration, then rest: Duration) {
    self.fault = fault
    self.length = length
    self.rest = rest
  }

  /// Draws a step: mostly one node suffers, seldom all of them.
  ///
  /// - Parameters:
  ///   - nodes: Who may suffer; not empty.
  ///   - means: What can be broken besides processes.
  ///   - random: Draws it.
  public init(
    of nodes: [NodeID],
    with means: ChaosMeans = ChaosMeans(),
    using random: inout some RandomNumberGenerator
  ) {
    let node = nodes[Int.random(in: nodes.indices, using: &random)]
    let kinds = Self.kinds(means, of: nodes.count)
    fault =
      switch kinds[Int.random(in: kinds.indices, using: &random)] {
      case .kill: .kill(node)
      case .end: .end(node)
      case .pause: .pause(node)
      case .stutter: .stutter(node)
      case .powerCut: .powerCut
      case .cut: .cut(NetworkCut(of: nodes, using: &random))
      case .renew: .renew(node)
      }
    // Some are over before anybody misses the node, some last until it has been replaced.
    length = .milliseconds(Int.random(in: 50...4000, using: &random))
    rest = .milliseconds(Int.random(in: 100...2000, using: &random))
  }

  /// Draws how long an operator's act lasts.
  ///
  /// - Parameters:
  ///   - act: What is done.
  ///   - random: Draws it.
  init(_ act: ChaosFault, using random: inout some RandomNumberGenerator) {
    fault = act
    length =
      switch act {
      // Some disks are back, and empty, before anybody misses the node.
      case .wipe: .milliseconds(Int.random(in: 50...4000, using: &random))
      case .restart: .milliseconds(Int.random(in: 0...1000, using: &random))
      // Others go on while the monitors bring it about.
      case .replace, .add, .remove: .zero
      case .kill, .end, .pause, .stutter, .powerCut, .cut, .renew: .zero
      }
    rest = .milliseconds(Int.random(in: 100...2000, using: &random))
  }

  private enum Kind {
    case kill, end, pause, stutter, powerCut, cut, renew
  }

  /// What may be drawn, each as often as it is to be.
  private static func kinds(_ means: ChaosMeans, of count: Int) -> [Kind] {
    let counts: [(Kind, Int)] = [
      (.kill, 5), (.end, 2), (.pause, 4), (.stutter, 2), (.powerCut, 1),
      (.cut, means.hasCuts && count > 1 ? 8 : 0), (.renew, means.hasCertificates ? 2 : 0),
    ]
    return counts.flatMap { Array(repeating: $0.0, count: $0.1) }
  }
}

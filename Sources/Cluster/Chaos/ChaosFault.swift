public import CorfuStripeMirror

/// Something that is done to the processes of a cluster.
public enum ChaosFault: Hashable, Sendable {
  /// A process ends at once (SIGKILL), and begins again later.
  case kill(NodeID)
  /// A process is told to end (SIGTERM), and begins again later.
  case end(NodeID)
  /// A process stands still (SIGSTOP), and goes on later.
  case pause(NodeID)
  /// All end at once, as when the power fails, and begin again.
  case powerCut
}

extension ChaosFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .kill(let node): "\(node) is killed"
    case .end(let node): "\(node) is told to end"
    case .pause(let node): "\(node) stands still"
    case .powerCut: "the power fails"
    }
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

  /// Draws a step: mostly one node suffers, seldom all of them.
  ///
  /// - Parameters:
  ///   - nodes: Who may suffer; not empty.
  ///   - random: Draws it.
  public init(of nodes: [NodeID], using random: inout some RandomNumberGenerator) {
    let node = nodes[Int.random(in: nodes.indices, using: &random)]
    fault =
      switch Int.random(in: 0..<12, using: &random) {
      case 0..<5: .kill(node)
      case 5..<7: .end(node)
      case 7..<11: .pause(node)
      default: .powerCut
      }
    // Some are over before anybody misses the node, some last until it has been replaced.
    length = .milliseconds(Int.random(in: 50...4000, using: &random))
    rest = .milliseconds(Int.random(in: 100...2000, using: &random))
  }
}

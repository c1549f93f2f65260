public import CorfuStripeMirror

/// What does not get through in a ``NamespaceNetwork``.
///
/// Nobody is told: what is sent is lost, as behind a switch that has died.
public enum NetworkCut: Hashable, Sendable {
  /// A node hears nobody, and nobody hears it.
  case node(NodeID)
  /// A node and all other nodes do not hear each other; clients and it do.
  case fromNodes(NodeID)
  /// A node and all clients do not hear each other; other nodes and it do.
  case fromClients(NodeID)
  /// Two nodes do not hear each other.
  case pair(NodeID, NodeID)
  /// One node hears another, which does not hear it.
  case oneWay(from: NodeID, to: NodeID)

  /// Draws a cut.
  ///
  /// - Parameters:
  ///   - nodes: Who there is, at least two.
  ///   - random: Draws it.
  init(of nodes: [NodeID], using random: inout some RandomNumberGenerator) {
    precondition(nodes.count > 1, "one node alone cannot be cut off from another")
    let first = Int.random(in: nodes.indices, using: &random)
    // Another one, each of them as likely.
    let second = (first + Int.random(in: 1..<nodes.count, using: &random)) % nodes.count
    let (one, other) = (nodes[first], nodes[second])
    switch Int.random(in: 0..<5, using: &random) {
    case 0: self = .node(one)
    case 1: self = .fromNodes(one)
    case 2: self = .fromClients(one)
    case 3: self = .pair(min(one, other), max(one, other))
    default: self = .oneWay(from: one, to: other)
    }
  }

  /// The ways on which nothing arrives, among some nodes and the clients outside.
  func ways(among nodes: [NodeID]) -> Set<NetworkWay> {
    switch self {
    case .node(let node):
      Self.fromNodes(node).ways(among: nodes).union(Self.fromClients(node).ways(among: nodes))
    case .fromNodes(let node):
      Set(
        nodes.filter { $0 != node }.flatMap { NetworkWay.both(.node(node), .node($0)) }
      )
    case .fromClients(let node): Set(NetworkWay.both(.node(node), .outside))
    case .pair(let one, let other): Set(NetworkWay.both(.node(one), .node(other)))
    case .oneWay(let from, let to): [NetworkWay(from: .node(from), to: .node(to))]
    }
  }
}

extension NetworkCut: CustomStringConvertible {
  public var description: String {
    switch self {
    case .node(let node): "\(node) is cut off"
    case .fromNodes(let node): "\(node) is cut off from the other nodes"
    case .fromClients(let node): "\(node) is cut off from clients"
    case .pair(let one, let other): "\(one) and \(other) do not hear each other"
    case .oneWay(let from, let to): "\(to) does not hear \(from)"
    }
  }
}

/// Where messages begin and end.
enum NetworkPlace: Hashable, Sendable {
  /// The namespace of a node.
  case node(NodeID)
  /// Where this program is, and with it the clients.
  case outside
}

/// The way from one place to another; the way back is another one.
struct NetworkWay: Hashable, Sendable {
  let from: NetworkPlace
  let to: NetworkPlace

  /// There and back.
  static func both(_ one: NetworkPlace, _ other: NetworkPlace) -> [NetworkWay] {
    [NetworkWay(from: one, to: other), NetworkWay(from: other, to: one)]
  }
}

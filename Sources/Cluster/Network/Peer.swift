public import CorfuProtocol
public import CorfuStripeMirror

/// Who is at the other end of a connection, as far as it could be proven.
public struct Peer: Hashable, Sendable {
  /// What it may ask.
  public var role: PeerRole
  /// Its name, if it is a node.
  public var node: NodeID?
  /// The name in its certificate, if it had to show one.
  public var name: String?

  /// A peer.
  public init(role: PeerRole, node: NodeID? = nil, name: String? = nil) {
    self.role = role
    self.node = node
    self.name = name
  }
}

extension Peer: CustomStringConvertible {
  public var description: String {
    let proof = name.map { " '\($0)'" } ?? ", without a certificate"
    return node.map { "\($0)" } ?? "\(role)\(proof)"
  }
}

/// What answers requests of others than this process.
public protocol PeerRequestHandler: Sendable {
  /// Answers what needs no waiting, on the spot; `nil` for what does.
  func answerAtOnce(_ request: Request, of peer: Peer) -> Reply?

  /// Does as it is asked, or says why not.
  func handle(_ request: Request, of peer: Peer) async -> Reply
}

public import CorfuStripeMirror

/// Tells who is silent for too long.
///
/// Pure: it is told the time. Who was suspected and came back is given longer the next time, and
/// again longer, so that one who comes and goes does not keep the whole cluster busy; it is trusted
/// as before once it was well for a while.
public struct FailureDetector: Equatable, Sendable {
  /// How long somebody may be silent before it is suspected.
  public var silenceMax: Duration
  /// The longest that patience grows to, as a multiple.
  public static let patienceMax = 16

  private var peers: [NodeID: Peer] = [:]

  private struct Peer: Equatable, Sendable {
    /// When it was heard of last; or when it was first asked.
    var heard: Duration
    /// How often it was suspected, of late.
    var patience = 1
    var isSuspected = false
    /// Since when it is well.
    var wellSince: Duration
  }

  /// A detector that suspects nobody.
  public init(silenceMax: Duration) {
    self.silenceMax = silenceMax
  }

  /// Who is suspected.
  public var suspects: Set<NodeID> { Set(peers.filter(\.value.isSuspected).keys) }

  /// Takes in who answered, and who did not.
  ///
  /// - Parameters:
  ///   - heard: Who answered.
  ///   - silent: Who was asked and did not.
  ///   - now: The time since some fixed moment.
  /// - Returns: Who became suspected by that.
  public mutating func observe(
    heard: Set<NodeID>,
    silent: Set<NodeID>,
    at now: Duration
  ) -> [NodeID] {
    for node in heard {
      var peer = peers[node] ?? Peer(heard: now, wellSince: now)
      if peer.isSuspected {
        peer.isSuspected = false
        peer.wellSince = now
        peer.patience = min(peer.patience * 2, Self.patienceMax)
      } else if now - peer.wellSince > silenceMax * (4 * peer.patience) {
        peer.patience = 1
      }
      peer.heard = now
      peers[node] = peer
    }
    var suspected: [NodeID] = []
    for node in silent.sorted() {
      var peer = peers[node] ?? Peer(heard: now, wellSince: now)
      if !peer.isSuspected, now - peer.heard >= silenceMax * peer.patience {
        peer.isSuspected = true
        suspected.append(node)
      }
      peers[node] = peer
    }
    return suspected
  }

  /// Forgets who is no longer asked.
  public mutating func forget(except nodes: Set<NodeID>) {
    peers = peers.filter { nodes.contains($0.key) }
  }
}

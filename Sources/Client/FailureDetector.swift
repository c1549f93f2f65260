public import CorfuStripeMirror

/// Tells who is silent for too long.
///
/// Pure: it is told the time. Slow is not dead: how long somebody may be silent follows from how
/// long its answers took of late. Who was suspected and came back is given longer the next time,
/// and again longer, so that one who comes and goes does not keep the whole cluster busy; it is
/// trusted as before once it was well for a while.
public struct FailureDetector: Equatable, Sendable {
  /// How long somebody may be silent before it is suspected, if it answers fast.
  public var silenceMax: Duration
  /// The longest that patience grows to, as a multiple.
  public static let patienceMax = 16
  /// How many answers' time a silence must last, whoever is slow.
  private static let answersMin = 4

  private var peers: [NodeID: Peer] = [:]

  private struct Peer: Equatable, Sendable {
    /// When it was first asked of what it has not answered; `nil` if it owes no answer.
    var askedSince: Duration?
    /// How often it was suspected, of late.
    var patience = 1
    var isSuspected = false
    /// Since when it is well.
    var wellSince: Duration
    /// How long its answers take, on the average; and by how much that varies.
    var roundTrip: Duration?
    var deviation = Duration.zero

    /// How long an answer takes, all but the rarest.
    var answerTime: Duration { (roundTrip ?? .zero) + deviation * 4 }
  }

  /// A detector that suspects nobody.
  public init(silenceMax: Duration) {
    self.silenceMax = silenceMax
  }

  /// Who is suspected.
  public var suspects: Set<NodeID> { Set(peers.filter(\.value.isSuspected).keys) }

  /// How long a node's answer takes, all but the rarest, as far as is known.
  public func answerTime(of node: NodeID) -> Duration { peers[node]?.answerTime ?? .zero }

  /// Who is silent for more than a part of the time after which it is suspected.
  public func silent(forMoreThan share: Double, at now: Duration) -> Set<NodeID> {
    Set(peers.filter { silence(of: $0.value, at: now) >= limit(for: $0.value) * share }.keys)
  }

  private func silence(of peer: Peer, at now: Duration) -> Duration {
    peer.askedSince.map { now - $0 } ?? .zero
  }

  private func limit(for peer: Peer) -> Duration {
    max(silenceMax, peer.answerTime * Self.answersMin) * peer.patience
  }

  /// A node is asked how it is.
  public mutating func ask(_ node: NodeID, at now: Duration) {
    peers[node, default: Peer(wellSince: now)].askedSince =
      peers[node]?.askedSince ?? now
  }

  /// A node answered.
  ///
  /// - Parameters:
  ///   - node: Who.
  ///   - roundTrip: How long that took.
  ///   - now: The time since some fixed moment.
  public mutating func hear(_ node: NodeID, after roundTrip: Duration, at now: Duration) {
    var peer = peers[node] ?? Peer(wellSince: now)
    if peer.isSuspected {
      peer.isSuspected = false
      peer.wellSince = now
      peer.patience = min(peer.patience * 2, Self.patienceMax)
    } else if now - peer.wellSince > limit(for: peer) * 4 {
      peer.patience = 1
    }
    if let known = peer.roundTrip {
      let error = roundTrip > known ? roundTrip - known : known - roundTrip
      peer.deviation += (error - peer.deviation) / 4
      peer.roundTrip = known + (roundTrip - known) / 8
    } else {
      peer.roundTrip = roundTrip
      peer.deviation = roundTrip / 2
    }
    peer.askedSince = nil
    peers[node] = peer
  }

  /// Looks whose silence has lasted too long.
  ///
  /// - Parameter now: The time since some fixed moment.
  /// - Returns: Who became suspected by that.
  public mutating func suspect(at now: Duration) -> [NodeID] {
    let late = peers.filter { _, peer in
      !peer.isSuspected && peer.askedSince != nil && silence(of: peer, at: now) >= limit(for: peer)
    }.keys.sorted()
    for node in late { peers[node]?.isSuspected = true }
    return late
  }

  /// Forgets who is no longer asked.
  public mutating func forget(except nodes: Set<NodeID>) {
    peers = peers.filter { nodes.contains($0.key) }
  }
}

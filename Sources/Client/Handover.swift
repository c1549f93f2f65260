internal import CorfuGlobalLog
public import CorfuProtocol
public import CorfuSequencer
public import CorfuStripeMirror
internal import CorfuWriteOnce

/// Ends an epoch and begins the next with the same units, by hand.
///
/// Seal everyone, ask where they end, tell everyone what comes next. Two hands that do this at once
/// may tell different things to different units, and then the cluster stands still: that is why
/// chapter 6 lets a majority decide the next layout. (TOCS 2013, 3.1; rules R4, R9, R11, R22.)
public struct Handover<Network: Transport, Kit: Parts>: Sendable {
  private let network: Network
  private let patience: Duration

  /// A hand.
  ///
  /// - Parameters:
  ///   - network: The way to the nodes.
  ///   - patience: How long to wait for each reply.
  public init(network: Network, patience: Duration) {
    self.network = network
    self.patience = patience
  }

  /// Carries a cluster over into the next epoch.
  ///
  /// - Parameters:
  ///   - layout: The layout in force.
  ///   - sequencer: Who hands out positions from now on; `nil` for the same as before.
  /// - Returns: The layout in force now.
  /// - Throws: ``HandoverError``. The epoch may be sealed by then: run it again.
  public func run(
    from layout: Layout,
    to sequencer: SequencerName? = nil
  ) async throws(HandoverError) -> Layout {
    let end = try await seal(layout)
    let next = layout.next(
      sequencer: sequencer ?? layout.sequencer,
      firstTail: Kit.Tokens.firstTail(after: end)
    )
    try await begin(next, streams: end.isEmpty ? .empty : end.streams)
    return next
  }

  /// Begins an epoch with a layout: the first one, or one whose predecessor was sealed.
  ///
  /// - Parameters:
  ///   - layout: What to bring into force.
  ///   - streams: Where the last entries of streams stand.
  /// - Throws: ``HandoverError``; it can be tried again.
  public func begin(
    _ layout: Layout,
    streams: StreamCensus = .empty
  ) async throws(HandoverError) {
    let install = Request.install(InstallRequest(layout: layout))
    for unit in layout.units {
      guard case .installed = try await ask(install, unit.node) else {
        throw .strangeReply(unit.node)
      }
    }
    for spare in layout.spares {
      do throws(HandoverError) {
        _ = try await ask(install, spare.node)
      } catch {
        continue  // It keeps nothing: the next handover tells it, if it is up by then.
      }
    }
    let node = layout.sequencer.node
    let reign = ReignCall(network: network, patience: patience)
    let reply = try await hear(node) { () throws(TransportError) in
      try await reign.run(layout, streams)
    }
    guard case .reigning = reply else { throw .strangeReply(node) }
  }

  /// Closes an epoch everywhere, and learns where everyone ends.
  ///
  /// Seal before reading the tail: a write admitted between the two would be invisible to the next
  /// epoch.
  public func seal(_ layout: Layout) async throws(HandoverError) -> ReignEnd {
    let request = SealRequest(epoch: layout.epoch)
    var replicas: [ReplicaEnd] = []
    for unit in layout.units {
      guard case .unitSealed(let seal) = try await ask(.sealUnit(request), unit.node) else {
        throw .strangeReply(unit.node)
      }
      let highest = seal.tail > .zero ? seal.tail.advanced(by: -1) : nil
      let streams =
        await StreamSurvey(network: network, patience: patience)
        .census(of: unit, after: layout.epoch) ?? .unknown
      replicas.append(ReplicaEnd(highest: highest, trimMark: seal.trimMark, streams: streams))
    }
    // The old sequencer may be gone; the units know all that matters (R22).
    var tail: Position?
    do throws(HandoverError) {
      let node = layout.sequencer.node
      if case .sequencerSealed(let answer) = try await ask(.sealSequencer(request), node) {
        tail = answer
      }
    } catch {
      tail = nil
    }
    return ReignEnd(firstTail: layout.firstTail, sequencerTail: tail, replicas: replicas)
  }

  private func ask(_ request: Request, _ node: NodeID) async throws(HandoverError) -> Reply {
    try await hear(node) { () throws(TransportError) in
      try await network.call(request, to: node, patience: patience)
    }
  }

  /// Hears what a node says to a call that it does not refuse.
  private func hear(
    _ node: NodeID,
    _ call: () async throws(TransportError) -> Reply
  ) async throws(HandoverError) -> Reply {
    let reply: Reply
    do {
      reply = try await call()
    } catch {
      throw .silent(node)
    }
    if case .refused(let refusal) = reply { throw .refused(node, refusal) }
    return reply
  }
}

extension ReignEnd {
  /// Whether nothing was ever written.
  fileprivate var isEmpty: Bool {
    firstTail == .zero && replicas.allSatisfy { $0.highest == nil && $0.trimMark == .zero }
  }
}

/// Why a cluster was not carried over.
public enum HandoverError: Error, Hashable, Sendable {
  /// A node does not answer.
  case silent(NodeID)
  /// A node refuses.
  case refused(NodeID, Refusal)
  /// A node answers something else.
  case strangeReply(NodeID)
}

extension HandoverError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .silent(let node):
      "\(node) does not answer: without it nobody knows where its part of the log ends. "
        + "Restart it if it is down, mend its disk if that is slow, and try again"
    case .refused(let node, let refusal): "\(node): \(refusal)"
    case .strangeReply(let node): "\(node) answers something else than it was asked"
    }
  }
}

public import CorfuClient
public import CorfuGlobalLog
internal import CorfuPaxosConfigurator
public import CorfuProtocol
internal import CorfuSequencer
public import CorfuStripeMirror
internal import CorfuWriteOnce

/// What somebody who looks after a cluster can do: begin it, and say what it should be like.
///
/// An operator changes no layout: it changes what people want, which the nodes tell each other, and
/// the monitors bring it about.
public struct ClusterOperator<Kit: Parts>: Sendable {
  let connection: ClusterConnection
  let patience: Duration

  var network: TCPTransport { connection.network }

  /// An operator of a cluster.
  ///
  /// - Parameters:
  ///   - connection: The way into it, as an operator.
  ///   - patience: How long to wait for one reply.
  public init(of connection: ClusterConnection, patience: Duration = .seconds(5)) {
    self.connection = connection
    self.patience = patience
  }

  // MARK: - The beginning

  /// What a cluster should look like at first.
  public struct Shape: Equatable, Sendable {
    /// Over how many chains positions rotate.
    public var stripes: Int
    /// How many units each chain has.
    public var replicas: Int
    /// How many acceptors there are; `nil` for three, or one if there are fewer units.
    public var acceptors: Int?

    /// A shape.
    public init(stripes: Int, replicas: Int, acceptors: Int? = nil) {
      self.stripes = stripes
      self.replicas = replicas
      self.acceptors = acceptors
    }
  }

  /// Begins a cluster of the nodes that were met: brings its first layout into force.
  ///
  /// Units that the shape does not need stand by. What stopped half-way can be run again.
  ///
  /// - Returns: The layout.
  /// - Throws: ``OperatorError``.
  public func begin(_ shape: Shape) async throws(OperatorError) -> Layout {
    // A node that is left out would be found missing when it is too late to choose.
    if let missed = connection.missed.first { throw .notMet(missed) }
    let look = await ClusterLook.at(connection.nodes, via: network, patience: patience)
    for node in connection.nodes.sorted() where look.statuses[node] == nil {
      throw .silent(node, network.trouble(with: node))
    }
    if let begun = look.statuses.values.compactMap(\.newest).max(by: { $0.epoch < $1.epoch }) {
      if connection.membership == nil { throw .membersUnknown(connection.cluster, begun.epoch) }
      throw .hasBegun(connection.cluster, begun.epoch)
    }
    let layout = try firstLayout(shape, look)
    var random = SystemRandomNumberGenerator()
    var membership = Membership(
      of: connection.cluster,
      members: Dictionary(uniqueKeysWithValues: connection.met.map { ($0.value, $0.key) }),
      replicas: shape.replicas,
      acceptors: layout.acceptors.count,
      stripes: shape.stripes,
      author: random.next()
    )
    membership.version = (connection.membership?.version ?? 0) + 1
    if let objection = membership.objection { throw .impossible(objection) }
    for node in connection.nodes.sorted() { try await tell(membership, node) }
    do {
      try await Handover<TCPTransport, Kit>(network: network, patience: patience).begin(layout)
    } catch {
      throw .notBegun(error)
    }
    return layout
  }

  private func firstLayout(_ shape: Shape, _ look: ClusterLook) throws(OperatorError) -> Layout {
    let units = connection.nodes.sorted().compactMap { look.unit(of: $0) }
    let used = shape.stripes * shape.replicas
    guard shape.stripes > 0, shape.replicas > 0, units.count >= used else {
      throw .impossible(
        "\(shape.stripes) stripes with \(shape.replicas) replicas need \(used) units, and there "
          + "are \(units.count)"
      )
    }
    if let stained = units.first(where: { look.statuses[$0.node]?.unit?.tail != .zero }) {
      throw .impossible("the disk of \(stained.node) is not empty: give it a new folder")
    }
    // Whoever has least to do besides: a node without a disk, then one that stands by.
    let names = look.statuses.compactMap { node, status in
      status.sequencer.map { SequencerName(node: node, boot: $0.boot) }
    }
    let inUse = Set(units.prefix(used).map(\.node))
    let best = names.min { one, other in
      let (first, second) = (inUse.contains(one.node), inUse.contains(other.node))
      let (disk, otherDisk) = (look.unit(of: one.node) != nil, look.unit(of: other.node) != nil)
      return (first ? 1 : 0, disk ? 1 : 0, one.node.number)
        < (second ? 1 : 0, otherDisk ? 1 : 0, other.node.number)
    }
    guard let sequencer = best else { throw .impossible("no node has the role 'sequencer'") }
    let acceptors = shape.acceptors ?? (units.count < 3 ? 1 : 3)
    guard acceptors > 0, acceptors % 2 == 1, acceptors <= units.count else {
      throw .impossible("\(acceptors) acceptors: take an odd number, and no more than units")
    }
    var layout = Layout.first(
      of: units,
      stripes: shape.stripes,
      replicas: shape.replicas,
      acceptors: acceptors,
      sequencer: sequencer
    )
    for unit in units { layout.openings[unit] = look.statuses[unit.node]?.unit?.opening }
    return layout
  }

  // MARK: - Wishes

  /// Changes what people want of the cluster.
  ///
  /// - Parameter body: Changes it, or says why not.
  /// - Returns: What is wanted now; the monitors bring it about.
  /// - Throws: ``OperatorError``.
  @discardableResult
  public func change(
    _ body: (inout Membership, Layout) throws(OperatorError) -> Void
  ) async throws(OperatorError) -> Membership {
    let (known, layout) = try await current()
    var random = SystemRandomNumberGenerator()
    var next = known
    try body(&next, layout)
    if next == known { return known }
    next.version = known.version + 1
    next.author = random.next()
    if let objection = next.objection { throw .impossible(objection) }
    network.learn(next.members)
    var taken = 0
    var trouble: OperatorError?
    for node in Set(known.members.keys).union(next.members.keys).sorted() {
      do {
        try await tell(next, node)
        taken += 1
      } catch {
        trouble = error
      }
    }
    // The others hear it from those.
    if taken == 0, let trouble { throw trouble }
    return next
  }

  /// Who there is and what is wanted, and the newest layout.
  public func current() async throws(OperatorError) -> (Membership, Layout) {
    let met = Set(connection.met.values)
    guard let known = await network.discover(besides: met) ?? connection.membership else {
      if let begun = await newestLayout(of: connection.nodes) {
        throw .membersUnknown(connection.cluster, begun.epoch)
      }
      throw .notBegunYet(connection.cluster)
    }
    guard let newest = await newestLayout(of: Set(known.members.keys)) else {
      throw .notBegunYet(connection.cluster)
    }
    return (known, newest)
  }

  /// The newest layout that any of some nodes knows.
  func newestLayout(of nodes: Set<NodeID>) async -> Layout? {
    var newest: Layout?
    for node in nodes.sorted() {
      // Who is silent tells nothing.
      let reply = try? await network.call(.newestLayout, to: node, patience: patience)
      if case .newestLayout(let layout?)? = reply, layout.epoch > newest?.epoch ?? .zero {
        newest = layout
      }
    }
    return newest
  }

  func tell(_ membership: Membership, _ node: NodeID) async throws(OperatorError) {
    let reply: Reply
    do {
      reply = try await network.call(.membership(membership), to: node, patience: patience)
    } catch {
      throw .silent(node, network.trouble(with: node))
    }
    switch reply {
    case .membership(let newest?) where newest == membership: return
    case .membership(let newest?) where newest.cluster == membership.cluster:
      throw .overtaken(node)
    case .refused(let refusal): throw .refused(node, refusal)
    default: throw .refused(node, .noSuchRole)
    }
  }

  /// Appoints new acceptors without asking the old ones, of which the majority is lost for good: an
  /// operator's decision, who knows that nobody else is at it (R24).
  ///
  /// - Returns: The layout in force.
  /// - Throws: ``OperatorError``, if a chain has no survivor, or most acceptors answer.
  public func appointAcceptors() async throws(OperatorError) -> Layout {
    let (membership, layout) = try await current()
    let nodes = Set(layout.acceptors.map(\.node))
    let look = await ClusterLook.at(nodes, via: network, patience: patience)
    // An older image of a disk answers, and has no voice.
    let outdated = look.outdated
    let answering = layout.acceptors.filter { acceptor in
      look.unit(of: acceptor.node) == acceptor && !outdated.contains(acceptor)
    }
    if answering.count * 2 > layout.acceptors.count {
      throw .acceptorsAnswer(answering.map(\.node), of: layout.acceptors.count)
    }
    var random = SystemRandomNumberGenerator()
    let hand = Reconfigurer<TCPTransport, ContinuousClock, Kit>(
      network: network,
      clock: ContinuousClock(),
      patience: .seconds(1),
      using: &random
    )
    do {
      return try await hand.appointAcceptors(
        .init(
          base: layout,
          goal: membership.wishes.goal,
          peers: Set(membership.members.keys),
          isForced: true
        )
      )
    } catch {
      throw .notChanged(error)
    }
  }

  /// Gives up the disks of nodes, with all that only they had (R24).
  ///
  /// - Throws: ``OperatorError``, if others of their chains are not given up, which have all of it.
  public func declareLost(_ nodes: Set<NodeID>) async throws(OperatorError) {
    let look = await ClusterLook.at(connection.nodes, via: network, patience: patience)
    // An older image of a disk does not have what the disk had.
    let outdated = look.outdated
    try await change { (membership, layout) throws(OperatorError) in
      let named = Set(layout.units + layout.spares + layout.acceptors)
      for node in nodes.sorted() {
        let disks = named.filter { $0.node == node }
        if membership.members[node] == nil, disks.isEmpty { throw .noMember(node, membership) }
        if disks.isEmpty {
          throw .impossible(
            "\(node) has no disk that the layout names: nothing would be given up with it"
          )
        }
        // Or its next absence, however short, would be taken for the end of it.
        if disks.contains(where: { look.unit(of: node) == $0 && !outdated.contains($0) }) {
          throw .impossible(
            "\(node) answers, with its disk: only disks that will never come back can be given up"
          )
        }
        membership.lost.formUnion(disks)
      }
      let lost = membership.lost
      for node in nodes.sorted() {
        let chains = layout.chains.filter { $0.replicas.contains { $0.node == node } }
        let survivors = chains.compactMap { chain in
          chain.replicas.first { !lost.contains($0) && !outdated.contains($0) }
        }
        if survivors.count == chains.count, let other = survivors.first {
          throw .hasSurvivor(node, other.node)
        }
      }
    }
  }
}

/// Why an operator's wish is not one.
public enum OperatorError: Error, Sendable {
  /// A node does not answer, and why, as far as that is known.
  case silent(NodeID, String?)
  /// Nobody was met at an address.
  case notMet(MeetingError)
  /// A node refuses.
  case refused(NodeID, Refusal)
  /// Somebody else has changed what is wanted at the same moment.
  case overtaken(NodeID)
  /// The cluster has begun, and is in this epoch.
  case hasBegun(ClusterName, Epoch)
  /// The cluster has begun, is in this epoch, and nobody knows who is in it.
  case membersUnknown(ClusterName, Epoch)
  /// There is no need to write down who is in the cluster: somebody knows.
  case membersKnown([NodeID])
  /// The cluster has no layout yet.
  case notBegunYet(ClusterName)
  /// The first layout did not come into force.
  case notBegun(HandoverError)
  /// It cannot be, and why.
  case impossible(String)
  /// The node is of another cluster.
  case otherCluster(NodeAddress, ClusterName)
  /// There is a node of this name elsewhere.
  case sameName(NodeID, NodeAddress)
  /// There is no such node.
  case noMember(NodeID, Membership)
  /// Most acceptors answer, and can decide themselves.
  case acceptorsAnswer([NodeID], of: Int)
  /// The layout was not changed.
  case notChanged(ReconfigurationError)
  /// Another node has all that this one has.
  case hasSurvivor(NodeID, NodeID)
  /// Nobody stands by who could take over.
  case noSpare(NodeID)
}

extension OperatorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .silent(let node, let reason):
      "\(node) does not answer" + (reason.map { ": \($0)" } ?? "")
    case .notMet(let error): "\(error)"
    case .refused(let node, .notAllowed):
      "\(node): the certificate does not allow that; an operator's is needed"
    case .refused(let node, let refusal): "\(node): \(refusal)"
    case .overtaken(let node):
      "\(node) has heard of another change at the same moment: look at 'corfu cluster status', and "
        + "try again"
    case .hasBegun(let cluster, let epoch):
      "the cluster '\(cluster)' has begun and is in epoch \(epoch): 'corfu cluster add' takes in "
        + "more nodes"
    case .membersUnknown(let cluster, let epoch):
      "the cluster '\(cluster)' has begun and is in epoch \(epoch), and none of these nodes knows "
        + "who is in it: 'corfu cluster init --again', with --connect naming all nodes, writes "
        + "that anew"
    case .membersKnown(let nodes):
      "who is in the cluster is known, and told to those who do not know: "
        + nodes.map(\.description).joined(separator: ", ")
    case .notBegunYet(let cluster):
      "the cluster '\(cluster)' has not begun: 'corfu cluster init' brings its first layout into "
        + "force"
    case .notBegun(let error):
      "the first layout did not come into force: \(error); try again"
    case .impossible(let reason): reason
    case .otherCluster(let address, let cluster):
      "the node at \(address) is of the cluster '\(cluster)'"
    case .sameName(let node, let address):
      "there is \(node) at \(address) already: give the new one a number of its own"
    case .noMember(let node, let membership):
      "there is no node \(node): there are "
        + membership.members.keys.sorted().map(\.description).joined(separator: ", ")
    case .acceptorsAnswer(let nodes, let count):
      "\(nodes.count) of \(count) acceptors answer, which is enough for a vote: "
        + nodes.map(\.description).joined(separator: ", ")
        + "; the monitors go on by themselves ('corfu cluster monitors on')"
    case .notChanged(let error): "\(error)"
    case .hasSurvivor(let node, let other):
      "nothing is lost with \(node): \(other) has all that it has. If \(other) is lost as well, "
        + "name both; otherwise the monitors go on without \(node) by themselves"
    case .noSpare(let node):
      "nobody stands by who could take over from \(node): 'corfu cluster add' takes in another node"
    }
  }
}

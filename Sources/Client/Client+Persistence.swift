internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror

// Going on when servers are silent, or have moved to another epoch.

/// What kept an operation from its end.
enum Obstacle: Error {
  /// The epoch is over, or a server lags behind; asking again may help.
  case wrongEpoch(NodeID, EpochRefusal)
  /// A server is silent; asking again may help.
  case silent(String)
  /// A server was not reached, or said no: it has done nothing; asking again may help.
  case idle(String)
  /// Nobody can say whether the epoch is over; asking again may help.
  case unconfirmed
  /// Asking again will not help.
  case final(LogError)

  init(_ error: ReplicaError) {
    switch error {
    case .unreachable, .timedOut, .notAdmitted: self = .silent(error.description)
    case .wrongEpoch(let unit, let refusal): self = .wrongEpoch(unit.node, refusal)
    case .log(_, .failed), .log(_, .closed): self = .silent(error.description)
    case .log(_, let error): self = .final(error)
    }
  }

  init(_ error: ChainError) {
    switch error {
    case .replica(let error): self.init(error)
    case .inconsistent(let position): self = .final(.inconsistent(position))
    }
  }
}

extension Client {
  /// Tries until it succeeds, meets something final, or patience runs out.
  func persist<Answer>(
    _ body: (KnownLayout) async throws(Obstacle) -> Answer
  ) async throws(LogError) -> Answer {
    var effort = Effort(client: self)
    while true {
      let known = layouts.current
      do throws(Obstacle) {
        return try await body(known)
      } catch {
        try await effort.recover(from: error, in: known)
      }
    }
  }

  /// Asks the sequencer of a layout.
  func askSequencer(
    _ request: Request,
    in known: KnownLayout
  ) async throws(Obstacle) -> Reply {
    let node = known.layout.sequencer.node
    let reply: Reply
    do {
      reply = try await network.call(request, to: node, patience: limits.callPatience)
    } catch .unreachable {
      throw .idle("the sequencer \(node) does not answer")
    } catch {
      throw .silent("the sequencer \(node) does not answer")
    }
    guard case .refused(let refusal) = reply else { return reply }
    switch refusal {
    case .epoch(let refusal): throw .wrongEpoch(node, refusal)
    case .sequencer(.sealed(let epoch)): throw .wrongEpoch(node, .sealed(epoch, newest: nil))
    case .sequencer, .noSuchRole, .notNamed, .inUse, .notAdmitted, .log, .notAllowed, .tooLarge:
      throw .idle("the sequencer \(node): \(refusal)")
    }
  }

  /// Learns what can be learned from an obstacle, so that the next try may do better.
  func learn(from obstacle: Obstacle, in known: KnownLayout) async {
    guard case .wrongEpoch(let node, let refusal) = obstacle else {
      return await lookAround(in: known)
    }
    switch refusal {
    case .sealed(_, let newest?) where layouts.adopt(newest): count { $0.layoutsAdopted += 1 }
    case .sealed: await lookAround(in: known)
    case .behind: await bringForward(node, to: known)
    case .otherLayout: await lookAround(in: known)
    }
  }

  /// Asks the layout's nodes, one after another, for a newer layout.
  private func lookAround(in known: KnownLayout) async {
    var asked: Set<NodeID> = []
    let layout = known.layout
    let units = layout.acceptors + layout.units + layout.spares
    let nodes = [layout.sequencer.node] + units.map(\.node)
    for node in nodes where asked.insert(node).inserted {
      if layouts.current.layout.epoch > known.layout.epoch { return }
      let reply: Reply
      do {
        reply = try await network.call(.newestLayout, to: node, patience: limits.callPatience)
      } catch {
        continue  // It is silent: somebody else may know.
      }
      if case .newestLayout(let layout?) = reply, layouts.adopt(layout) {
        count { $0.layoutsAdopted += 1 }
      }
    }
  }

  /// Hands a server the layout that it has missed (R25).
  private func bringForward(_ node: NodeID, to known: KnownLayout) async {
    do {
      let request = Request.install(InstallRequest(layout: known.layout))
      _ = try await network.call(request, to: node, patience: limits.callPatience)
    } catch {
      return  // It is silent: the next try will meet that, and tell.
    }
  }
}

/// The patience of one operation.
struct Effort<Network: Transport, Time: Clock, Kit: Parts> where Time.Duration == Duration {
  private let client: Client<Network, Time, Kit>
  private let deadline: Time.Instant
  private var pause: Duration
  private var turn: UInt64 = 0

  init(client: Client<Network, Time, Kit>) {
    self.client = client
    deadline = client.clock.now.advanced(by: client.limits.operationPatience)
    pause = client.limits.pauseMin
  }

  /// Learns from what went wrong, and pauses, or gives up.
  mutating func recover(
    from obstacle: Obstacle,
    in known: KnownLayout
  ) async throws(LogError) {
    if case .final(let error) = obstacle { throw error }
    if client.clock.now >= deadline || Task.isCancelled {
      if case .unconfirmed = obstacle { throw .noQuorum }
      throw .unavailable(reason(obstacle))
    }
    await client.learn(from: obstacle, in: known)
    if client.layouts.current.layout.epoch > known.layout.epoch { return }
    await rest()
  }

  /// Waits a little longer each time; clients that began together drift apart.
  private mutating func rest() async {
    turn += 1
    let mixed = (client.id.low ^ turn) &* 0x9e37_79b9_7f4a_7c15
    let jittered = pause / 2 + pause * Int(mixed >> 54) / 2048
    pause = min(pause * 2, client.limits.pauseMax)
    do {
      try await client.clock.sleep(for: jittered)
    } catch {
      return  // Cancelled: the next look at the deadline ends the operation.
    }
  }

  private func reason(_ obstacle: Obstacle) -> String {
    switch obstacle {
    case .silent(let reason), .idle(let reason): reason
    case .wrongEpoch(let node, let refusal): "\(node): \(refusal)"
    case .unconfirmed: "\(LogError.noQuorum)"
    case .final(let error): "\(error)"
    }
  }
}

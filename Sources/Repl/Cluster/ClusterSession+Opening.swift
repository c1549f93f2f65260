import CorfuClient
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

/// Which chapter's cluster it is.
enum ClusterKind: Sendable {
  /// Chapter 5's: its layout is changed by hand.
  case byHand(EmbeddedShape)
  /// It looks after itself, since chapter 6. This is who there is when it is new.
  case healing(ClusterRoster, stage: Int)

  var stage: Int {
    switch self {
    case .byHand: 5
    case .healing(_, let stage): stage
    }
  }

  /// How long a client at the prompt is patient.
  var clientLimits: ClientLimits {
    var limits = ClientLimits()
    limits.callPatience = .milliseconds(500)
    limits.operationPatience = .seconds(3)
    // Nobody could confirm anything before chapter 6.
    limits.confirmsNegatives = stage > 5
    return limits
  }
}

extension ClusterSession {
  /// Opens the nodes, and lets them work beyond this command.
  static func open(
    on host: Host,
    _ kind: ClusterKind,
    _ breakages: Breakages,
    _ units: UnitWatch,
    _ recorder: TraceRecorder<Host.Time>,
    _ chronicle: Chronicle<Host.Time>
  ) async throws(ReplError) -> Opened {
    let network = SimulatedNetwork(
      clock: host.clock,
      random: SeededGenerator(seed: host.draw())
    ) { recorder.note($0) }
    let notes = RecoveryNotes()
    let (cluster, healing) = try make(on: host, kind, network, breakages, chronicle) {
      node,
      event in
      if case .store(let event) = event { notes.note(event) }
      units.note(event, of: node)
      chronicle.hear(event, of: node)
    }
    let seed = host.draw()
    let result = try await host.run { () -> Result<[Task<Void, Never>], ClusterError> in
      let work = [
        host.begin { await network.run() },
        host.begin {
          if let healing { return await healing.run { host.makeThread() } }
          await cluster.run { host.makeThread() }
        },
      ]
      var random = SeededGenerator(seed: seed)
      do throws(ClusterError) {
        if let healing {
          try await healing.open(using: &random)
        } else {
          try await cluster.open(using: &random)
        }
        return .success(work)
      } catch {
        await Self.close(cluster, healing, network, work)
        return .failure(error)
      }
    }
    switch result {
    case .failure(let error): throw ReplError(error)
    case .success(let work):
      var opened = Opened(
        cluster: cluster,
        healing: healing,
        objects: kind.stage > 6 ? healing.map { Objects(over: $0) } : nil,
        network: network,
        notes: notes,
        work: work,
        members: [],
        current: ""
      )
      try opened.addClient(nil, of: host, kind.clientLimits)
      return opened
    }
  }

  private static func make(
    on host: Host,
    _ kind: ClusterKind,
    _ network: SimulatedNetwork<Host.Time>,
    _ breakages: Breakages,
    _ chronicle: Chronicle<Host.Time>,
    onUnitEvent: @escaping @Sendable (NodeID, UnitEvent) -> Void
  ) throws(ReplError) -> (Cluster, Healing?) {
    var limits = StoreLimits()
    if host.isSimulated { limits.segmentBytes = 4 << 20 }
    var upkeep = UpkeepSettings(clock: host.clock)
    // Simulated time stands still between commands, so nothing can be due meanwhile.
    upkeep.isAutomatic = !host.isSimulated
    let makeWay = { @Sendable (name: String) in
      Way(endpoint: network.endpoint(name), fate: ClientFate())
    }
    let makeDevice = { @Sendable (node: NodeID) in
      Disk(base: host.device(of: node), breakage: breakages.of(node), clock: host.clock)
    }
    switch kind {
    case .byHand(let shape):
      let cluster = Cluster(
        shape: Cluster.Shape(
          stripes: shape.stripes,
          replicas: shape.replicas,
          spares: shape.spares
        ),
        network: makeWay("hand"),
        limits: limits,
        upkeep: upkeep,
        makeDevice: makeDevice,
        onEvent: onUnitEvent
      )
      return (cluster, nil)
    case .healing(let roster, _):
      var random = SeededGenerator(seed: host.draw())
      let kept: ClusterRoster?
      do throws(DeviceError) {
        kept = try ClusterRoster(in: host.folderDevice())
      } catch {
        throw .refused("\(host.place): \(error)")
      }
      let healing = Healing(
        roster: kept ?? roster,
        clock: host.clock,
        limits: limits,
        upkeep: upkeep,
        using: &random,
        makeWay: makeWay,
        makeDevice: makeDevice,
        onRoster: { (roster) throws(DeviceError) in
          try await roster.write(in: host.folderDevice())
        },
        onUnitEvent: onUnitEvent,
        onEvent: { chronicle.hear($0) }
      )
      return (healing.cluster, healing)
    }
  }

  static func close(_ opened: Opened) async {
    await close(opened.cluster, opened.healing, opened.network, opened.work)
  }

  private static func close(
    _ cluster: Cluster,
    _ healing: Healing?,
    _ network: SimulatedNetwork<Host.Time>,
    _ work: [Task<Void, Never>]
  ) async {
    // A unit whose disk failed has nothing to close; what was acknowledged is durable.
    if let healing { try? await healing.close() } else { try? await cluster.close() }
    network.close()
    for task in work { await task.value }
  }
}

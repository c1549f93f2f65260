import Corfu
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

/// Chapter 5's cluster at the prompt: units, a sequencer, a network that people may break, and
/// clients to be.
final class ClusterSession<Host: ClusterHost, Kit: Parts>: ReplSession {
  typealias Disk = BreakableDevice<Host.Storage, Host.Time>
  typealias Way = MortalWay<Host.Time>
  typealias Cluster = Stage5<Disk, Way, Kit>
  typealias Prompted = Client<Way, Host.Time, Kit>

  /// A client that the prompt can be.
  struct Member: Sendable {
    let name: String
    let client: Prompted
    let fate: ClientFate
  }

  /// A token that nobody has used.
  struct Spare: Sendable {
    let owner: String
    let epoch: LayoutID
    let layout: Layout
    let position: Position
  }

  /// Everything that begins and ends with the processes.
  struct Opened: Sendable {
    let cluster: Cluster
    let network: SimulatedNetwork<Host.Time>
    let notes: RecoveryNotes
    let work: [Task<Void, Never>]
    var members: [Member]
    var current: String
    /// How many clients were made: the next one's number is one more.
    var clientCount = 0
    /// Everybody's name, the dead included: entries outlive who wrote them.
    var names: [ClientID: String] = [:]
    var spares: [Spare] = []
    /// Why nobody is to be asked before the cluster is opened again.
    var outage: LogError?
  }

  let host: Host
  let shape: EmbeddedShape
  let recorder: TraceRecorder<Host.Time>
  let breakages: [NodeID: Breakage]
  let opened: Guarded<Opened>

  /// How long a client at the prompt is patient.
  static var limits: ClientLimits {
    var limits = ClientLimits()
    limits.callPatience = .milliseconds(500)
    limits.operationPatience = .seconds(3)
    limits.confirmsNegatives = false
    return limits
  }

  /// Opens the cluster, or makes one.
  init(on host: Host, shape: EmbeddedShape, parts: Kit.Type) async throws(ReplError) {
    self.host = host
    self.shape = shape
    recorder = TraceRecorder(clock: host.clock)
    let count = UInt32(shape.unitCount)
    breakages = Dictionary(uniqueKeysWithValues: (1...count).map { (NodeID($0), Breakage()) })
    opened = Guarded(try await Self.open(on: host, shape, breakages, recorder))
  }

  private static func open(
    on host: Host,
    _ shape: EmbeddedShape,
    _ breakages: [NodeID: Breakage],
    _ recorder: TraceRecorder<Host.Time>
  ) async throws(ReplError) -> Opened {
    let network = SimulatedNetwork(
      clock: host.clock,
      random: SeededGenerator(seed: host.draw())
    ) { recorder.note($0) }
    var limits = StoreLimits()
    if host.isSimulated { limits.segmentBytes = 4 << 20 }
    var upkeep = UpkeepSettings(clock: host.clock)
    // Simulated time stands still between commands, so nothing can be due meanwhile.
    upkeep.isAutomatic = !host.isSimulated
    let notes = RecoveryNotes()
    let cluster = Cluster(
      shape: Cluster.Shape(
        stripes: shape.stripes,
        replicas: shape.replicas,
        spares: shape.spares
      ),
      network: Way(endpoint: network.endpoint("hand"), fate: ClientFate()),
      limits: limits,
      upkeep: upkeep,
      makeDevice: { node in
        Disk(
          base: host.device(of: node),
          breakage: breakages[node] ?? Breakage(),
          clock: host.clock
        )
      },
      onEvent: { _, event in
        if case .store(let event) = event { notes.note(event) }
      }
    )
    let seed = host.draw()
    let result = try await host.run { () -> Result<[Task<Void, Never>], ClusterError> in
      let work = [
        host.begin { await network.run() },
        host.begin { await cluster.run { host.makeThread() } },
      ]
      var random = SeededGenerator(seed: seed)
      do throws(ClusterError) {
        try await cluster.open(using: &random)
        return .success(work)
      } catch {
        await Self.close(cluster, network, work)
        return .failure(error)
      }
    }
    switch result {
    case .failure(let error): throw ReplError(error)
    case .success(let work):
      var opened = Opened(
        cluster: cluster,
        network: network,
        notes: notes,
        work: work,
        members: [],
        current: ""
      )
      try opened.addClient(nil, of: host)
      return opened
    }
  }

  private static func close(
    _ cluster: Cluster,
    _ network: SimulatedNetwork<Host.Time>,
    _ work: [Task<Void, Never>]
  ) async {
    // A unit whose disk failed has nothing to close; what was acknowledged is durable.
    try? await cluster.close()
    network.close()
    for task in work { await task.value }
  }

  // MARK: - The session

  var stage: Int { 5 }
  var place: String { host.place }
  var isSimulated: Bool { host.isSimulated }
  var log: any SharedLog { self }

  func trimMark() async throws(ReplError) -> Position {
    let cluster = opened.value.cluster
    return cluster.unitIDs.compactMap { cluster.node($0)?.unit?.store.reader.trimMark }.max()
      ?? .zero
  }

  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    let cluster = opened.value.cluster
    var files: [VerifyReport.File] = []
    for node in cluster.unitIDs {
      let report = try VerifyReport(of: host.view(of: node), onFile: onFile)
      files += report.files.map { file in
        VerifyReport.File(
          name: "\(node)/\(file.name)",
          records: file.records,
          bytes: file.bytes,
          liveBytes: file.liveBytes,
          state: file.state,
          damage: file.damage
        )
      }
    }
    return VerifyReport(files: files)
  }

  func crash() async throws(ReplError) -> [Fact] {
    if let outage = opened.value.outage { throw .log(outage) }
    guard let lost = host.powerCut() else {
      throw .refused(
        "this cluster is on real disks; 'corfu repl --memory' has some whose power can be cut, "
          + "and 'node kill' ends a process"
      )
    }
    let cluster = opened.update { opened in
      opened.outage = .failed(.powerOff)
      return opened.cluster
    }
    try await host.run {
      for node in cluster.unitIDs + [cluster.sequencerID] {
        // One that was down before stays so.
        _ = try? await cluster.kill(node)
      }
    }
    return [Fact("unsynced sectors lost", .count(lost))]
  }

  func reopen() async throws(ReplError) -> [Fact] {
    await close()
    // Opening may fail; what was closed does not come back by itself.
    opened.update { $0.outage = $0.outage ?? .closed }
    let next = try await Self.open(on: host, shape, breakages, recorder)
    opened.update { $0 = next }
    return [Fact("epoch", .count(Int(next.cluster.layout?.epoch.number ?? 0)))]
  }

  func close() async {
    let now = opened.value
    do {
      try await host.run { await Self.close(now.cluster, now.network, now.work) }
    } catch {
      return  // A world that stopped has nothing left to close.
    }
  }

  func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] {
    let now = opened.value
    if let outage = now.outage { throw .log(outage) }
    var random = SeededGenerator(seed: host.draw())
    var racers: [Prompted] = []
    for number in 1...clients {
      let way = Way(endpoint: now.network.endpoint("client \(number)"), fate: ClientFate())
      racers.append(try now.makeClient(via: way, on: host.clock, using: &random))
    }
    let crowd = racers
    let failure = try await host.run { await RaceOfClients.append(appends, by: crowd) }
    if let failure { throw explained(failure) }
    return crowd.enumerated().map { index, client in
      Racer(
        name: "client \(index + 1)",
        appends: client.counters.appends,
        retries: client.counters.lostPositions
      )
    }
  }
}

import CorfuClient
import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuTransactions
import CorfuWriteOnce

/// The cluster of chapters 5 to 7 at the prompt: units, a sequencer, a network that people may
/// break, and clients to be; from chapter 6 on monitors, who mend it; in chapter 7 each client is a
/// session with objects of its own.
final class ClusterSession<Host: ClusterHost, Kit: Parts>: ReplSession {
  typealias Disk = BreakableDevice<Host.Storage, Host.Time>
  typealias Way = MortalWay<Host.Time>
  typealias Cluster = Stage5<Disk, Way, Kit>
  typealias Healing = Stage6<Disk, Way, Host.Time, Kit>
  typealias Objects = Stage7<Disk, Way, Host.Time, Kit>
  typealias Prompted = Client<Way, Host.Time, Kit>

  /// A client that the prompt can be.
  struct Member: Sendable {
    let name: String
    let client: Prompted
    let fate: ClientFate
    /// What it keeps in the log, from chapter 7 on.
    var program: PromptedProgram<Prompted>?
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
    /// What looks after it, from chapter 6 on.
    let healing: Healing?
    /// What keeps objects in it, from chapter 7 on.
    let objects: Objects?
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
    /// Between whom messages are lost: "between n1 and n2, n3".
    var cuts: [String] = []
    /// Why nobody is to be asked before the cluster is opened again.
    var outage: LogError?
  }

  let host: Host
  let kind: ClusterKind
  let recorder: TraceRecorder<Host.Time>
  let chronicle: Chronicle<Host.Time>
  let breakages = Breakages()
  let units = UnitWatch()
  let opened: Guarded<Opened>
  let duel = Guarded<Duel?>(nil)

  /// How long a client at the prompt is patient.
  var limits: ClientLimits { kind.clientLimits }

  /// Opens the cluster, or makes one.
  init(on host: Host, as kind: ClusterKind, parts: Kit.Type) async throws(ReplError) {
    self.host = host
    self.kind = kind
    recorder = TraceRecorder(clock: host.clock)
    chronicle = Chronicle(clock: host.clock)
    opened = Guarded(
      try await Self.open(on: host, kind, breakages, units, recorder, chronicle)
    )
    // That it is open is no news.
    _ = chronicle.take()
  }

  // MARK: - The session

  var stage: Int { kind.stage }
  var place: String { host.place }
  var isSimulated: Bool { host.isSimulated }
  var log: any SharedLog { self }

  /// Units that may have lost records without a trace, and what helps.
  var doubts: [String] {
    let cluster = opened.value.cluster
    let units = cluster.unitIDs.filter { id in
      cluster.node(id)?.unit?.store.reader.isInDoubt ?? false
    }
    let help =
      stage > 5
      ? "monitors have it filled again, if others have what it lost"
      : "stage 6 has it filled again"
    return units.map { "\($0) may have lost records without a trace: \(help)" }
  }

  func trimMark() async throws(ReplError) -> Position {
    let cluster = opened.value.cluster
    return cluster.unitIDs.compactMap { cluster.node($0)?.unit?.store.reader.trimMark }.max()
      ?? .zero
  }

  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    let cluster = opened.value.cluster
    var whole = VerifyReport(files: [])
    for node in cluster.unitIDs {
      let report = try VerifyReport(of: host.view(of: node), onFile: onFile)
      whole.add(report.named("\(node)"))
    }
    return whole
  }

  func crash() async throws(ReplError) -> [Fact] {
    if let outage = opened.value.outage { throw .log(outage) }
    guard let lost = host.powerCut() else {
      throw .refused(
        "this cluster is on real disks; 'corfu repl --memory' has some whose power can be cut, "
          + "and 'node kill' ends a process"
      )
    }
    let (cluster, healing) = opened.update { opened in
      opened.outage = .failed(.powerOff)
      return (opened.cluster, opened.healing)
    }
    try await host.run {
      for node in cluster.nodeIDs {
        // One that was down before stays so.
        if let healing {
          // One that was down before stays so.
          try? await healing.kill(node)
        } else {
          // One that was down before stays so.
          _ = try? await cluster.kill(node)
        }
      }
    }
    return [Fact("unsynced sectors lost", .count(lost))]
  }

  func reopen() async throws(ReplError) -> [Fact] {
    await close()
    // Opening may fail; what was closed does not come back by itself.
    let before = opened.update { opened in
      opened.outage = opened.outage ?? .closed
      return opened
    }
    let next = try await Self.open(on: host, kind, breakages, units, recorder, chronicle)
    opened.update { $0 = next }
    _ = chronicle.take()
    var facts = [Fact("epoch", .count(Int(next.cluster.layout?.epoch.number ?? 0)))]
    // What ends with the processes.
    if before.network.isCut { facts.append(Fact("network cuts", .text("ended"))) }
    if before.network.faults.delay.lowerBound > .zero {
      facts.append(Fact("network delay", .text("ended")))
    }
    if before.healing?.isAutomatic == false {
      facts.append(Fact("monitors", .text("mend again")))
    }
    return facts
  }

  func close() async {
    let now = opened.value
    do {
      try await host.run { await Self.close(now) }
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
      racers.append(try now.makeClient(via: way, on: host.clock, limits, using: &random))
    }
    let crowd = racers
    // Of an entry it is told whose it is.
    opened.update { now in
      for (index, racer) in crowd.enumerated() { now.names[racer.id] = "client \(index + 1)" }
    }
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

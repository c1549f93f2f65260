internal import CorfuGlobalLog
internal import CorfuClient
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// One seed of the simulation of stage 5, 6 or 7: a cluster whose nodes, disks, network and clients
/// fail in every way that the fault model knows, and then heal.
///
/// Phase one asks for safety alone. Phase two ends all faults, and demands that everything is
/// there, equal on all replicas, and that the log goes on within a bounded time.
public final class ClusterRun: Sendable {
  /// What a seed showed.
  public struct Outcome: SeedOutcome, Sendable {
    /// The seed.
    public var seed: UInt64
    /// What it drew.
    public var configuration: ClusterConfiguration
    /// The same for every run of the seed.
    public var fingerprint: UInt64
    /// Entries acknowledged.
    public var acknowledged: Int
    /// What went wrong with the cluster, and how often.
    public var faults: [ClusterFault: Int]
    /// How often each kind of event was seen.
    public var probes: [String: Int]
    /// What went wrong with the log, or `nil`.
    public var failure: String?
    /// The last events.
    public var events: [String]
  }

  let world: World
  let configuration: ClusterConfiguration
  private let narrates: Bool
  let history = ClusterHistory()
  /// What is done to objects, in stage 7.
  let objects: ObjectHistory?
  /// The layouts that anybody was told of.
  let course = LayoutCourse()
  let state: Mutex<State>

  struct State: Sendable {
    var random: SeededGenerator
    var faults: [ClusterFault: Int] = [:]
    var probes: [String: Int] = [:]
    var handedOut = Position.zero
    /// Where reigns began with known streams.
    var begins: Set<Position> = []
    /// Up to where somebody was given positions.
    var issued = Position.zero
    /// What units were asked about positions, by the call.
    var questions: [UInt64: Request] = [:]
    /// The operator who goes against the rules, while he may have to.
    var overrides: ClusterOverrides?
    /// The newest process of each name.
    var processes: [String: ObjectProcess] = [:]
  }

  private init(seed: UInt64, stage: Int, focus: ClusterFocus?, narrates: Bool, eventsMax: Int) {
    self.narrates = narrates
    world = World(seed: seed, eventsMax: eventsMax)
    var random = world.random.split()
    var configuration = ClusterConfiguration(stage: stage, using: &random)
    if let focus { configuration.turn(to: focus) }
    let plan = OverridePlan(seed: seed, stage: stage, focus: focus)
    if let plan { configuration.expect(plan) }
    self.configuration = configuration
    objects = configuration.hasObjects ? ObjectHistory() : nil
    if configuration.hasObjects { history.state.withLock { $0.hasObjects = true } }
    state = Mutex(State(random: random))
  }

  /// Runs a seed.
  ///
  /// - Parameters:
  ///   - seed: What everything is drawn from.
  ///   - stage: 5, where a hand changes the layout, 6, where a majority decides it, or 7, with
  ///     objects.
  ///   - focus: What is to happen more often; `nil` for what chance brings.
  ///   - narrates: Whether messages are events, too; only the fingerprint changes by that.
  ///   - eventsMax: How many of the last events to keep.
  /// - Returns: What came of it.
  public static func run(
    seed: UInt64,
    stage: Int = 5,
    focus: ClusterFocus? = nil,
    narrates: Bool = false,
    eventsMax: Int = 30
  ) -> Outcome {
    ClusterRun(seed: seed, stage: stage, focus: focus, narrates: narrates, eventsMax: eventsMax)
      .outcome()
  }

  private func outcome() -> Outcome {
    var failure: String?
    do {
      try world.run(stepsMax: 6_000_000) { await self.live() }
    } catch {
      failure = error.description
    }
    let verdict = ClusterVerdict(on: history, isHonest: configuration.isHonest)
    failure = verdict.violation ?? failure ?? objects.flatMap(judge)
    probe("link into an earlier reign", verdict.linksAcross(state.withLock { $0.begins }))
    let (faults, seen) = state.withLock { ($0.faults, $0.probes) }
    let probes = seen.merging(objects?.probes ?? [:]) { $0 + $1 }
    return Outcome(
      seed: world.seed,
      configuration: configuration,
      fingerprint: world.fingerprint,
      acknowledged: history.acknowledged,
      faults: faults,
      probes: probes,
      failure: failure,
      events: world.events
    )
  }

  func split() -> SeededGenerator {
    state.withLock { $0.random.split() }
  }

  func probe(_ name: String, _ count: Int = 1) {
    if count > 0 { state.withLock { $0.probes[name, default: 0] += count } }
  }

  private func count(_ fault: ClusterFault, _ count: Int = 1) {
    if count > 0 { state.withLock { $0.faults[fault, default: 0] += count } }
  }

  // MARK: - The run

  private func live() async {
    let network = ClusterNetwork(clock: world.clock, random: split()) { self.heard($0) }
    let nodes = ClusterNodes(
      world: world,
      network: network,
      configuration: configuration,
      history: history,
      objects: objects,
      random: split()
    ) { id, event in
      self.heard(event, of: id)
    }
    let monitors =
      configuration.isVoted
      ? ClusterMonitors(nodes, random: split()) { self.heard($0) } : nil
    let troubles = ClusterTroubles(nodes, monitors, random: split())
    prepareOverrides(of: troubles, monitors)
    defer { state.withLock { $0.overrides = nil } }
    await withDiscardingTaskGroup { group in
      group.addTask { await network.run() }
      group.addTask { await nodes.run() }
      await live(on: nodes, troubles, monitors)
      nodes.close()
      network.close()
    }
    for (fault, count) in troubles.counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      self.count(fault, count)
    }
    for counts in nodes.diskCounts {
      count(.stall, counts[.stall])
      count(.outOfSpace, counts[.outOfSpace])
      count(.kill, counts.killsAtCalls)
      count(.powerCut, counts.powerCutsAtCalls)
      for error in [DiskFault.writeError, .syncError, .nameError] {
        count(.diskError, counts[error])
      }
    }
  }

  private func live(
    on nodes: ClusterNodes,
    _ troubles: ClusterTroubles,
    _ monitors: ClusterMonitors?
  ) async {
    for id in nodes.all where await !nodes.start(id) {
      return history.fail("\(id) does not start, and all is well")
    }
    do {
      guard let first = try await troubles.begin() else { return }
      for id in nodes.units {
        nodes.device(id)?.faults = configuration.disk
        nodes.device(id)?.capacityBytes = configuration.capacityBytes
      }
      nodes.network.faults = configuration.network
      await suffer(nodes, troubles, monitors, first)
    } catch {
      return history.fail("the cluster does not begin: \(error)")
    }
    if history.hasFailed { return }
    world.note("the faults end")
    await heal(nodes, troubles, monitors)
  }

  /// Phase one: everything may go wrong, and nothing may be lost.
  private func suffer(
    _ nodes: ClusterNodes,
    _ troubles: ClusterTroubles,
    _ monitors: ClusterMonitors?,
    _ first: Layout
  ) async {
    await withTaskGroup(of: Void.self) { group in
      if let monitors { group.addTask { await monitors.run(from: first) } }
      group.addTask { await troubles.run() }
      group.addTask { await troubles.operate() }
      if let overrides { group.addTask { await overrides.run() } }
      group.addTask { await self.follow(nodes, first) }
      await withTaskGroup(of: Void.self) { clients in
        for number in 0..<configuration.clients {
          clients.addTask { await self.liveAsClient(number, nodes, troubles, first) }
        }
      }
      group.cancelAll()
    }
  }

  private func isEnough(_ troubles: ClusterTroubles) -> Bool {
    if history.hasFailed || world.now > ClusterConfiguration.faultyTimeMax { return true }
    if overrides?.isUnderWay ?? false { return false }
    guard history.acknowledged >= configuration.appendsWanted,
      objects?.commits ?? 0 >= configuration.commitsWanted
    else { return false }
    let faults = state.withLock { $0.faults }.merging(troubles.counts) { $0 + $1 }
    return RunSummary.isEventful(faults)
  }

  /// The lives of clients with one name: when one dies, another comes.
  private func liveAsClient(
    _ number: Int,
    _ nodes: ClusterNodes,
    _ troubles: ClusterTroubles,
    _ first: Layout
  ) async {
    var random = split()
    while !isEnough(troubles) {
      let isStale = random.chance(0.2)
      let newest = troubles.layout ?? first
      if isStale && newest.epoch > first.epoch { count(.staleClient) }
      let layout = isStale ? first : newest
      let client = client("c\(number)", nodes, layout, &random)
      let process = process("c\(number)", client, nodes, &random)
      let lifetime = random.duration(in: .milliseconds(10)...(.seconds(2)))
      let hands = random.number(in: 1...2)
      let gathers = random.chance(0.4)
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<hands {
          group.addTask {
            if let process {
              await process.run { self.isEnough(troubles) }
            } else {
              await client.run { self.isEnough(troubles) }
            }
            return false
          }
        }
        if process != nil {
          group.addTask {
            await self.appendBeside(client, troubles)
            return false
          }
        }
        if gathers {
          group.addTask {
            await client.log.run()
            return false
          }
        }
        if configuration.clientsDie {
          group.addTask {
            await self.world.sleep(for: lifetime)
            return !Task.isCancelled
          }
        }
        if await group.next() == true {
          world.note("c\(number) dies")
          count(.clientDeath)
        }
        group.cancelAll()
      }
      take(client.log.counters)
    }
  }

  /// Appends to the log in which there are objects, as somebody does who knows nothing of them.
  ///
  /// Until there is enough of that: streams are not to be spread over ever more entries.
  private func appendBeside(_ client: ClusterClient, _ troubles: ClusterTroubles) async {
    await client.run {
      self.history.acknowledged >= self.configuration.appendsWanted || self.isEnough(troubles)
    }
    while !Task.isCancelled && !isEnough(troubles) { await world.sleep(for: .milliseconds(20)) }
  }

  func take(_ counters: ClientCounters) {
    probe("position lost", counters.lostPositions)
    probe("outcome resolved", counters.resolved)
    probe("hole filled", counters.holesFilled)
    probe("entry completed", counters.entriesCompleted)
    probe("layout adopted", counters.layoutsAdopted)
  }

  func client(
    _ name: String,
    _ nodes: ClusterNodes,
    _ layout: Layout,
    _ random: inout SeededGenerator
  ) -> ClusterClient {
    let id = ClientID(using: &random)
    return nodes.client(name, id, layout, random: random.split())
  }

  private func follow(_ nodes: ClusterNodes, _ first: Layout) async {
    var random = split()
    let client = client("a follower", nodes, first, &random)
    let follower = ClusterFollower(
      world: world,
      log: client.log,
      history: history,
      isHonest: configuration.isHonest
    )
    await follower.run(from: .zero) { _ in self.probe("entry followed") }
    take(client.log.counters)
  }

  private func heard(_ event: MonitorEvent) {
    switch event {
    case .suspected: probe("node suspected")
    case .adopted: probe("layout changed")
    case .failed: probe("reconfiguration failed")
    case .rebuilding: probe("rebuild begun")
    case .joined(let count): probe("chain joined", count)
    case .notRebuilt: probe("rebuild failed")
    case .reset: probe("disk reset")
    case .outdated: probe("old disk noticed")
    }
  }

  private func heard(_ event: UnitEvent, of node: NodeID) {
    probe(event.name)
    switch event {
    case .store(.scrubbed): return
    case .store(.retired), .store(.rewritten): count(.compaction)
    case .store, .gateChanged: break
    }
    world.note("\(node): \(event)")
  }

  private func heard(_ event: ClusterNetwork.Event) {
    switch event {
    case .lost: count(.lostMessage)
    case .repeated: count(.repeatedMessage)
    case .timedOut, .givenUp: probe("call timed out")
    case .late: probe("message came late")
    case .overtaken: probe("message was overtaken")
    case .unreachable: probe("node unreachable")
    case .asked(let number, let from, let node, let request):
      if case .reign(let request) = request { take(request) }
      if case .install(let request) = request { proveDecided(request.layout) }
      noteAsked(number, request)
      if narrates { world.note("#\(number) \(from.name) → \(node): \(request.name)") }
    case .answered(let number, _, _, let reply):
      noteShown(number, reply)
      if case .token(let token) = reply { take(token) }
      noteIssued(reply)
      if narrates { world.note("#\(number) \(reply.name)") }
    }
  }

  private func take(_ request: ReignRequest) {
    guard request.layout.firstTail > .zero else { return }
    probe(request.streams.isComplete ? "streams told" : "streams not told")
    if !request.streams.isComplete { return }
    state.withLock { _ = $0.begins.insert(request.layout.firstTail) }
  }

  /// A token that begins before an earlier one's end is a lie; others are not told from mishaps.
  private func take(_ token: Token) {
    let isLie = state.withLock { state in
      defer { state.handedOut = max(state.handedOut, token.positions.upperBound) }
      return token.first < state.handedOut && !configuration.isHonest
    }
    if isLie { count(.lie) }
  }
}

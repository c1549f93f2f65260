public import CorfuClient
internal import CorfuCopyCompaction
public import CorfuGlobalLog
internal import CorfuSequencer

/// What a seed draws for a cluster: its shape, its limits, and all that goes wrong with it.
public struct ClusterConfiguration: Sendable, CustomStringConvertible {
  /// How many chains positions rotate over.
  public var stripes: Int
  /// How many units each chain has.
  public var replicas: Int
  /// Units that stand by.
  public var spares = 0
  /// Whoever looks after the cluster; without any, a hand changes the layout (chapter 5).
  public var monitors = 0
  /// How often they ask, and how long they wait.
  public var monitorLimits = MonitorLimits()
  /// How many acceptors decide.
  public var acceptors = 1
  /// Clients at work at once.
  public var clients: Int
  /// Sizes that units work with.
  public var limits: StoreLimits
  /// How long clients wait, and how much they do at once.
  public var clientLimits = ClientLimits()
  /// What the network does by itself.
  public var network: NetworkFaults
  /// What disks do by themselves.
  public var disk: DiskFaults
  /// The room on a disk; `nil` for any.
  public var capacityBytes: Int?
  /// How long units rest before they look again for damage, and for segments worth emptying; `nil`
  /// if they never do.
  public var upkeepPause: Duration?
  /// The replica of each chain whose disk does not rot: one is intact, says the fault model.
  public var intactReplica: Int
  /// Whether clients trim.
  public var trims: Bool
  /// Whether sequencers do as they should, all the time (R13).
  public var isHonest: Bool
  /// Whether clients die.
  public var clientsDie: Bool
  /// Whether clients have objects (chapter 7).
  public var hasObjects = false
  /// How often whoever has objects lets the log forget, besides when others would.
  var trimRate = 0.0
  /// Of how many streams sequencers remember the ends.
  public var streamsMax = StreamTails.streamsMaxDefault
  /// How many written keys they remember.
  public var writesMax = ConflictWindow.writesMaxDefault
  /// Of what is done to the cluster, how often each.
  public var weights: [ClusterFault: Int]
  /// What an operator has to decide against the rules, once; `nil` for nothing.
  private(set) var overrides: OverridePlan?
  /// How long the cluster is left alone in between.
  public var respite: ClosedRange<Duration>
  /// How many entries are to be acknowledged before the faults end.
  public var appendsWanted: Int

  /// How many transactions are to be committed, before the faults end.
  var commitsWanted: Int { hasObjects ? 80 : 0 }

  /// When the faults end in any case.
  public static let faultyTimeMax = Duration.seconds(20)

  /// How many storage units there are.
  public var unitCount: Int { stripes * replicas + spares }

  /// Whether a majority decides on layouts (chapter 6).
  public var isVoted: Bool { monitors > 0 }

  /// Whether anybody trims anything: what is not written by objects.
  var trimsAnything: Bool { trims && !hasObjects }

  /// Draws a configuration for a stage: 5, where a hand changes the layout, 6, where a majority
  /// does, or 7, with objects.
  public init(stage: Int = 5, using random: inout SeededGenerator) {
    // Whoever has objects writes little, and a disk is full only if it is small and does all the
    // work.
    let isCramped = stage > 6 && random.chance(0.25)
    stripes = random.number(in: 1...(isCramped ? 2 : 4))
    replicas = random.number(in: 1...3)
    clients = random.number(in: 2...6)
    let segmentBytes = isCramped ? 8192 : 8192 << random.number(below: 3)
    limits = .small(segmentBytes: segmentBytes)
    limits.payloadBytesMax = segmentBytes / 16
    limits.zeroAheadBytes = random.chance(0.5) ? 4096 : 0
    limits.openFilesMax = random.number(in: 1...4)
    limits.batchBytesMax = random.chance(0.3) ? 1024 : segmentBytes
    // A hand asks nobody, so there is nobody to ask.
    clientLimits.confirmsNegatives = false
    clientLimits.payloadBytesMax = limits.payloadBytesMax
    clientLimits.callPatience = .milliseconds(random.number(in: 15...120))
    clientLimits.operationPatience = .milliseconds(random.number(in: 100...2000))
    clientLimits.fillTimeoutMax = .milliseconds(random.number(in: 3...60))
    clientLimits.pauseMax = .milliseconds(random.number(in: 10...60))
    clientLimits.readAheadMax = random.number(in: 1...40)
    let slowest = Duration.microseconds([0, 200, 1000, 4000][random.number(below: 4)])
    network = NetworkFaults(
      lossRate: random.chance(0.6) ? 0.04 * random.fraction() : 0,
      repeatRate: random.chance(0.6) ? 0.2 * random.fraction() : 0,
      delay: .zero...slowest
    )
    disk = Self.diskFaults(&random)
    capacityBytes =
      random.chance(stage > 6 ? 0 : 0.35) || isCramped
      // Who has objects needs room for a checkpoint before anything can be forgotten.
      ? segmentBytes * random.number(in: 4...6) * (isCramped ? 2 : 1) + Self.stateBytes : nil
    upkeepPause =
      random.chance(0.7) ? random.duration(in: .milliseconds(1)...(.milliseconds(40))) : nil
    intactReplica = random.number(below: replicas)
    trims = capacityBytes != nil || random.chance(0.7)
    isHonest = random.chance(0.8)
    clientsDie = random.chance(0.6)
    weights = [:]
    repeat {
      for fault in ClusterFault.troubles(of: stage) where random.chance(0.45) {
        // What a chain of one loses is lost.
        if fault == .rot && replicas == 1 { continue }
        // A restart of the sequencer ends an epoch: too many of them, and nothing else happens.
        weights[fault] = fault == .sequencerRestart ? 1 : random.number(in: 1...4)
      }
    } while weights.count < RunSummary<ClusterFault>.kindsMin
    let respiteMax = [20, 60, 150][random.number(below: 3)]
    respite = .milliseconds(1)...(.milliseconds(respiteMax))
    appendsWanted = random.number(in: 520...640)
    if stage > 5 { drawMonitors(&random) }
    // There are three streams: one more, or one less, than some stores and footers have room for.
    if random.chance(0.3) { limits.streamsMax = random.number(below: 4) }
    if random.chance(0.3) { limits.segmentStreamsMax = random.number(below: 4) }
    if stage > 6 { drawObjects(&random) }
  }

  /// Draws what chapter 6 brings.
  private mutating func drawMonitors(_ random: inout SeededGenerator) {
    spares = random.number(in: 0...2)
    // One chain more needs spares.
    if weights[.growth] != nil { spares = max(spares, replicas) }
    // Of two sets of units each takes over from the other.
    if weights[.takeover] != nil, random.chance(0.3) { spares = max(spares, min(unitCount, 4)) }
    acceptors = unitCount < 3 ? 1 : unitCount < 5 || random.chance(0.7) ? 3 : 5
    monitors = random.number(in: 1...3)
    clientLimits.confirmsNegatives = true
    monitorLimits.interval = .milliseconds(random.number(in: 4...25))
    monitorLimits.patience = .milliseconds(random.number(in: 10...60))
    monitorLimits.silenceMax = .milliseconds(random.number(in: 20...150))
    monitorLimits.pauseMin = .milliseconds(random.number(in: 2...10))
    monitorLimits.pauseMax = .milliseconds(random.number(in: 20...100))
    monitorLimits.rebuild.slotsPerStep = 1 << random.number(in: 3...8)
    if random.chance(0.3) { monitorLimits.rebuild.pause = .milliseconds(random.number(in: 1...4)) }
  }

  /// Draws what chapter 7 brings.
  private mutating func drawObjects(_ random: inout SeededGenerator) {
    hasObjects = true
    // Within its epoch, it is believed.
    isHonest = true
    trims = true
    if random.chance(0.4) { streamsMax = random.number(in: 2...12) }
    if random.chance(0.4) { writesMax = random.number(in: 1...60) }
  }

  /// Takes in what an operator will have to decide against the rules.
  mutating func expect(_ plan: OverridePlan) {
    overrides = plan
    // Which disk is an older image of itself only the acceptors know that are to be lost (D12).
    if weights.removeValue(forKey: .oldDisk) != nil {
      weights[.kill] = weights[.kill, default: 1]
    }
    if plan.kind == .appoint { return }
    // One that lies would hand out what was given up, and who stands in for the lost would take it.
    isHonest = true
    // Somebody has to stand in for those that stay away.
    if !plan.destroys { spares = max(spares, 2) }
    if !hasObjects { return }
    // What becomes of objects of which a part is left no replay of the log can tell, so all of it
    // is lost: there is one chain.
    stripes = 1
    acceptors = min(acceptors, unitCount < 3 ? 1 : 3)
    if weights.removeValue(forKey: .growth) != nil {
      weights[.kill] = weights[.kill, default: 1]
    }
  }

  /// How units look after their stores.
  func upkeep(by clock: SimulatedClock) -> UpkeepSettings {
    var settings = UpkeepSettings(clock: clock)
    settings.isAutomatic = upkeepPause != nil
    settings.compaction.stepBytesMax = limits.segmentBytes / 16
    settings.compaction.pause = upkeepPause ?? .zero
    settings.scrub.pause = (upkeepPause ?? .zero) * 4
    return settings
  }

  /// What a node's gate, its acceptor and its openings take of a disk besides the log.
  private static var stateBytes: Int { 96 << 10 }

  /// Draws disk faults that a unit survives, though its process may not.
  private static func diskFaults(_ random: inout SeededGenerator) -> DiskFaults {
    var faults = DiskFaults()
    for kind in [DiskFault.writeError, .syncError, .nameError, .stall] {
      // A stalled sync comes back; an error ends the process.
      let magnitude = kind == .stall ? 2 : random.number(in: 3...4)
      let rate = (0..<magnitude).reduce(0.5) { rate, _ in rate / 10 }
      if random.chance(0.4) { faults[kind] = rate }
    }
    faults.stall = .milliseconds(2)...(.milliseconds(150))
    return faults
  }

  /// How long a hole may hold a reader up when nothing else is wrong (R21).
  ///
  /// The fill timeout; a last look and the fill: the tail, the chain twice; and some syncs.
  public var holeTimeMax: Duration {
    let calls = 2 + 4 * replicas
    return clientLimits.fillTimeoutMax + (network.delay.upperBound * 2 + .milliseconds(5)) * calls
  }

  public var description: String {
    let disk = disk.enabled.map { "\($0)" }.joined(separator: " ")
    let troubles = ClusterFault.allCases.filter { weights[$0, default: 0] > 0 }
    let losses = overrides.map { ", \($0)" } ?? ""
    return "\(stripes) stripes of \(replicas), \(clients) clients"
      + (isVoted ? ", \(spares) spares, \(acceptors) acceptors, \(monitors) monitors" : "")
      + (clientsDie ? " that die" : "") + ", segments of \(limits.segmentBytes)"
      + ", capacity \(capacityBytes.map(String.init) ?? "any")"
      + ", loss \(network.lossRate), repetition \(network.repeatRate)"
      + ", delay up to \(network.delay.upperBound)"
      + ", disk: \(disk.isEmpty ? "well" : disk)"
      + ", troubles: \(troubles.map(\.rawValue).joined(separator: " "))"
      + " every \(respite.upperBound)"
      + (upkeepPause.map { ", upkeep every \($0)" } ?? "")
      + (hasObjects ? ", \(streamsMax) streams and \(writesMax) writes remembered" : "")
      + (trims ? ", trims" : "") + (isHonest ? "" : ", a sequencer that lies")
      + losses
  }
}

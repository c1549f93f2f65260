import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

/// The log of chapter 3 or 4 over many units at the prompt, all of them in this process.
final class MirrorSession<Host: ClusterHost, Kit: CopyParts>: ReplSession {
  typealias Disk = BreakableDevice<Host.Storage, Host.Time>
  typealias Mirror = Stage3<Disk, Kit>
  typealias Care = Stage4<Disk, Kit>

  /// Everything that begins and ends with the processes.
  struct Opened: Sendable {
    let mirror: Mirror
    /// What chapter 4 adds; `nil` in stage 3.
    let care: Care?
    let client: Mirror.Log
    let work: Task<Void, Never>
    let notes: RecoveryNotes
    /// Units that were taken out of the layout because their disks were lost, or older images.
    let lost: [Loss]
    /// Positions that were taken and not used.
    var unused: [Position] = []
    /// What the clients of finished races did.
    var appends = 0
    var lostPositions = 0
    /// Why nobody is to be asked before the log is opened again.
    var outage: LogError?
  }

  let host: Host
  let stage: Int
  let shape: MirrorShape
  let breakages: [NodeID: Breakage]
  let watch = UnitWatch()
  let opened: Guarded<Opened>

  /// Opens the log, or makes one.
  init(
    on host: Host,
    stage: Int,
    shape: MirrorShape,
    parts: Kit.Type
  ) async throws(ReplError) {
    self.host = host
    self.stage = stage
    self.shape = shape
    let count = UInt32(shape.unitCount)
    breakages = Dictionary(uniqueKeysWithValues: (1...count).map { (NodeID($0), Breakage()) })
    opened = Guarded(try await Self.open(on: host, stage, shape, breakages, watch))
  }

  /// Sizes that units work with.
  private static func limits(_ host: Host, _ stage: Int) -> StoreLimits {
    // From chapter 4 on segments are to come and go before one's eyes.
    if stage > 3, host.isSimulated { return .small(segmentBytes: 32 << 10) }
    var limits = StoreLimits()
    if stage > 3 || host.isSimulated { limits.segmentBytes = 4 << 20 }
    return limits
  }

  private static func open(
    _ host: Host,
    _ stage: Int,
    _ seed: UInt64,
    _ shape: MirrorShape,
    _ breakages: [NodeID: Breakage],
    _ watch: UnitWatch
  ) async throws(MirrorError) -> Opened {
    let limits = limits(host, stage)
    let notes = RecoveryNotes()
    let lost = Guarded<[Loss]>([])
    var random = SeededGenerator(seed: seed)
    let folder = Disk(base: host.folderDevice(), breakage: Breakage(), clock: host.clock)
    let makeDevice = { @Sendable (node: NodeID) in
      Disk(
        base: host.device(of: node),
        breakage: breakages[node] ?? Breakage(),
        clock: host.clock
      )
    }
    let onEvent = { @Sendable (event: Mirror.Event) in
      switch event {
      case .store(let node, let event):
        notes.note(event)
        watch.note(.store(event), of: node)
      case .lost(let node): lost.update { $0.append(Loss(node: node, isOlder: false)) }
      case .outdated(let node): lost.update { $0.append(Loss(node: node, isOlder: true)) }
      }
    }
    // Simulated time stands still between commands, so nothing can be due meanwhile.
    var upkeep = UpkeepSettings(clock: host.clock)
    upkeep.isAutomatic = !host.isSimulated
    var care: Care?
    let mirror: Mirror
    if stage > 3 {
      let opened = try await Care.open(
        shape,
        in: folder,
        limits: limits,
        upkeep: upkeep,
        using: &random,
        makeDevice: makeDevice,
        onEvent: onEvent
      )
      care = opened
      mirror = opened.mirrors
    } else {
      mirror = try await Mirror.open(
        shape,
        in: folder,
        limits: limits,
        using: &random,
        makeDevice: makeDevice,
        onEvent: onEvent
      )
    }
    return Opened(
      mirror: mirror,
      care: care,
      client: mirror.client(using: &random),
      work: host.begin { [care, upkeep] in
        let makeThread = { @Sendable in host.makeThread() }
        if let care { return await care.run(on: makeThread) }
        guard upkeep.isAutomatic else { return await mirror.run(on: makeThread) }
        await mirror.run(scrubbing: upkeep.scrub, clock: upkeep.clock, on: makeThread)
      },
      notes: notes,
      lost: lost.value
    )
  }

  private static func open(
    on host: Host,
    _ stage: Int,
    _ shape: MirrorShape,
    _ breakages: [NodeID: Breakage],
    _ watch: UnitWatch
  ) async throws(ReplError) -> Opened {
    let seed = host.draw()
    let result = try await host.run { () -> Result<Opened, MirrorError> in
      do throws(MirrorError) {
        return .success(try await Self.open(host, stage, seed, shape, breakages, watch))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let opened): return opened
    case .failure(let error): throw ReplError(error, place: host.place)
    }
  }

  // MARK: - The session

  var payloadBytesMax: Int { Self.limits(host, stage).payloadBytesMax }
  var place: String { host.place }
  var notices: [String] { opened.value.lost.map { $0.notice(stage: stage) } }
  var isSimulated: Bool { host.isSimulated }
  var log: any SharedLog { self }

  /// Units that may have lost records without a trace, and what helps.
  var doubts: [String] {
    let mirror = opened.value.mirror
    return mirror.units.filter { isInDoubt($0.name.node) }.map { unit in
      let node = unit.name.node
      let what = "\(node) may have lost records without a trace"
      guard mirror.layout.without(unit.name) != nil else {
        return "\(what), and nobody else has what it keeps"
      }
      return stage < 4
        ? "\(what): 'node kill \(node)' lets its chain go on without it"
        : "\(what): 'node kill \(node)' and 'node restart \(node)' fill it again"
    }
  }

  /// Whether all units of a chain may have lost what came last.
  var isEndInDoubt: Bool {
    opened.value.mirror.layout.chains.contains { chain in
      chain.replicas.allSatisfy { isInDoubt($0.node) }
    }
  }

  func isInDoubt(_ node: NodeID) -> Bool {
    opened.value.mirror.unit(node)?.store.reader.isInDoubt ?? false
  }

  func trimMark() async throws(ReplError) -> Position {
    opened.value.mirror.units.compactMap(\.trimMark).max() ?? .zero
  }

  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    var whole = VerifyReport(files: [])
    for unit in opened.value.mirror.units {
      let report: VerifyReport
      do {
        report = try VerifyReport(of: host.view(of: unit.name.node), onFile: onFile)
      } catch {
        // The folder of a unit that was taken out may be gone.
        if unit.condition == .gone { continue }
        throw error
      }
      whole.add(report.named("\(unit.name)"))
    }
    return whole
  }

  func crash() async throws(ReplError) -> [Fact] {
    if let outage = opened.value.outage { throw .log(outage) }
    guard let lost = host.powerCut() else {
      throw .refused(
        "this log is on real disks; 'corfu repl --memory' has some whose power can be cut, "
          + "and 'node kill' ends a unit"
      )
    }
    opened.update { $0.outage = .failed(.powerOff) }
    return [Fact("unsynced sectors lost", .count(lost))]
  }

  func reopen() async throws(ReplError) -> [Fact] {
    await close()
    // Opening may fail; what was closed does not come back by itself.
    opened.update { $0.outage = $0.outage ?? .closed }
    let next = try await Self.open(on: host, stage, shape, breakages, watch)
    opened.update { $0 = next }
    var facts = [Fact("epoch", .count(Int(next.mirror.layout.epoch.number)))]
    facts += next.notes.facts(tail: next.mirror.tail)
    return facts + next.lost.map(\.fact)
  }

  func close() async {
    let now = opened.value
    do {
      try await host.run {
        // A unit whose disk failed has nothing to close; what was acknowledged is durable.
        try? await now.mirror.close()
        await now.work.value
      }
    } catch {
      return  // A world that stopped has nothing left to close.
    }
  }

  func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] {
    let now = opened.value
    if let outage = now.outage { throw .log(outage) }
    var random = SeededGenerator(seed: host.draw())
    let crowd = (0..<clients).map { _ in now.mirror.client(using: &random) }
    let failure = try await host.run { () -> LogError? in
      do throws(LogError) {
        try await RaceOfClients.run(crowd, appends: appends)
        return nil
      } catch {
        return error
      }
    }
    opened.update { opened in
      opened.appends += crowd.reduce(0) { $0 + $1.counters.appends }
      opened.lostPositions += crowd.reduce(0) { $0 + $1.counters.lostPositions }
    }
    if let failure { throw explained(failure) }
    return crowd.enumerated().map { number, client in
      Racer(
        name: "client \(number + 1)",
        appends: client.counters.appends,
        retries: client.counters.lostPositions
      )
    }
  }

  func explained(_ error: LogError) -> ReplError {
    let mirror = opened.value.mirror
    if case .outOfSpace = error {
      let full = mirror.units.map(\.name.node).filter { breakages[$0]?.ill == .full }
      if full.isEmpty { return .log(error) }
      let help = full.map { "'disk mend \($0)' makes room on \($0)" }.joined(separator: ", ")
      return .refused("a disk is full: \(help)")
    }
    guard case .unavailable(let reason) = error else { return .log(error) }
    let down = mirror.units.filter { $0.condition == .down }.map(\.name)
    guard let first = down.first else { return .log(error) }
    let hasOthers = mirror.layout.without(first) != nil
    return .refused(
      hasOthers
        ? "\(reason); 'node kill \(first)' takes it out, and its chain goes on without it"
        : "\(reason), and is the last of its chain: 'node restart \(first)' brings it back"
    )
  }
}

extension MirrorSession: SharedLog {
  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await ask { client throws(LogError) in try await client.append(payload) }
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try await ask { client throws(LogError) in try await client.append(batch: batch) }
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    try await ask { client throws(LogError) in try await client.read(position) }
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await ask { client throws(LogError) in try await client.read(range) }
  }

  func fill(_ position: Position) async throws(LogError) -> Slot {
    try await ask { client throws(LogError) in try await client.fill(position) }
  }

  func trim(_ position: Position) async throws(LogError) {
    try await ask { client throws(LogError) in try await client.trim(position) }
  }

  func trim(_ range: Range<Position>) async throws(LogError) {
    try await ask { client throws(LogError) in try await client.trim(range) }
  }

  func trimPrefix(before mark: Position) async throws(LogError) {
    try await ask { client throws(LogError) in try await client.trimPrefix(before: mark) }
  }

  func tail() async throws(LogError) -> Position {
    try await ask { client throws(LogError) in try await client.tail() }
  }

  /// Lets the session's client do something, and time pass meanwhile.
  func ask<Value: Sendable>(
    _ body: @escaping @Sendable (Mirror.Log) async throws(LogError) -> Value
  ) async throws(LogError) -> Value {
    let now = opened.value
    if let outage = now.outage { throw outage }
    let result: Result<Value, LogError>
    do {
      result = try await host.run {
        do throws(LogError) {
          return .success(try await body(now.client))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw .failed(.failed("\(error)"))
    }
    return try result.get()
  }
}

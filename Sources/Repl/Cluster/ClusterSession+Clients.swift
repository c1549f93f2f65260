import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuTransactions
import CorfuWriteOnce

// The clients that the prompt can be, and the log as the one in use sees it.

extension ClusterSession.Opened {
  /// The client in use.
  var member: ClusterSession.Member? { members.first { $0.name == current } }

  /// Makes a client, and goes on as it.
  mutating func addClient(
    _ name: String?,
    of host: Host,
    _ limits: ClientLimits
  ) throws(ReplError) {
    clientCount += 1
    if name == nil {
      while !isFree("c\(clientCount)") { clientCount += 1 }
    }
    let name = name ?? "c\(clientCount)"
    let fate = ClientFate()
    let way = ClusterSession.Way(endpoint: network.endpoint(name), fate: fate)
    var random = SeededGenerator(seed: host.draw())
    let member: ClusterSession.Member
    if let objects {
      let runtime: Runtime<ClusterSession.Prompted>
      do {
        runtime = try objects.runtime(via: way, limits: limits, using: &random)
      } catch {
        throw ReplError(error)
      }
      member = .init(
        name: name,
        client: runtime.log,
        fate: fate,
        program: PromptedProgram(runtime)
      )
    } else {
      let client = try makeClient(via: way, on: host.clock, limits, using: &random)
      member = .init(name: name, client: client, fate: fate)
    }
    members.append(member)
    names[member.client.id] = name
    current = name
  }

  /// Whether nobody has this name, or had it: partitions, traces and entries go by names.
  func isFree(_ name: String) -> Bool {
    // And "m1" is the monitor of n1.
    let isNode = name.first.map { "nm".contains($0) } == true && Int(name.dropFirst()) != nil
    return !isNode && !["seq", "hand"].contains(name) && !names.values.contains(name)
  }

  func makeClient(
    via way: ClusterSession.Way,
    on clock: Host.Time,
    _ limits: ClientLimits,
    using random: inout SeededGenerator
  ) throws(ReplError) -> ClusterSession.Prompted {
    do {
      return try cluster.client(
        via: way,
        clock: clock,
        limits: limits,
        using: &random
      )
    } catch {
      throw ReplError(error)
    }
  }
}

extension ClusterSession: SharedLog {
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

  func trimPrefix(before mark: Position) async throws(LogError) {
    try await ask { client throws(LogError) in try await client.trimPrefix(before: mark) }
  }

  func tail() async throws(LogError) -> Position {
    try await ask { client throws(LogError) in try await client.tail() }
  }

  var tellsPieces: Bool { stage >= 7 }

  func append(pieces: [[UInt8]]) async throws(LogError) -> [Position] {
    let streams = tellsPieces ? [StreamKeys(PieceStream.id)] : []
    return try await ask { client throws(LogError) in
      try await client.append(batch: pieces, writing: streams)
    }
  }

  /// Has the client in use do something, until it is done or the client dead.
  func ask<Value: Sendable>(
    _ body: @escaping @Sendable (Prompted) async throws(LogError) -> Value
  ) async throws(LogError) -> Value {
    let now = opened.value
    if let outage = now.outage { throw outage }
    guard let member = now.member else { throw .closed }
    let result: Result<Value, LogError>?
    do {
      result = try await untilDeath(of: member) { () -> Result<Value, LogError> in
        do throws(LogError) {
          return .success(try await body(member.client))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw .unavailable("\(error)")
    }
    guard let result else { throw .closed }
    return try result.get()
  }

  /// Does something until it is done; `nil` if the client that does it dies before.
  func untilDeath<Value: Sendable>(
    of member: Member,
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value? {
    let value = try await host.run {
      await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
          await member.fate.waitForDeath()
          return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
      }
    }
    return member.fate.isDead ? nil : value
  }

  /// Puts another client in the place of one that died.
  func bury(_ name: String) throws(ReplError) -> String {
    let (host, limits) = (host, limits)
    let result = opened.update { opened -> Result<String, ReplError> in
      opened.members.removeAll { $0.name == name }
      do throws(ReplError) {
        try opened.addClient(nil, of: host, limits)
        return .success(opened.current)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// What is to be said if the client in use has just died; another goes on in its place.
  func obituary(_ fate: String) -> ReplError? {
    guard let member = opened.value.member, member.fate.isDead else { return nil }
    do throws(ReplError) {
      let next = try bury(member.name)
      return .refused("\(member.name) is dead, \(fate); \(next) goes on in its place")
    } catch {
      return error
    }
  }

  func explained(_ error: LogError) -> ReplError {
    let now = opened.value
    if let death = obituary("and had no answer yet") { return death }
    switch error {
    case .unavailable, .indefinite, .noQuorum, .outOfSpace:
      let advice = advice(now)
      if advice.isEmpty { return .log(error) }
      if error == .noQuorum {
        // Which acceptors to start, the advice says.
        return .refused(
          "no majority of the acceptors answers, so nobody can say what is empty, or where the log "
            + "ends; \(advice)"
        )
      }
      return .refused("\(error); \(advice)")
    case .entryTooLarge, .corrupt, .unknown, .lost, .cut, .beyondTail, .trimmed, .inconsistent,
      .closed, .failed:
      return .log(error)
    }
  }

  /// Whether some nodes have closed the epoch in force.
  private func isHalfSealed(_ cluster: Cluster) -> Bool {
    guard let layout = cluster.layout else { return false }
    return layout.units.contains { unit in
      cluster.node(unit.node)?.unit?.sealed ?? .zero >= layout.epoch
    }
  }

  /// What is wrong with the servers, and what would help.
  func advice(_ now: Opened) -> String {
    if let healing = now.healing { return advice(healing) }
    let cluster = now.cluster
    // Who stands by keeps nothing that could be missed.
    let standingBy = Set((cluster.layout?.spares ?? []).map(\.node))
    let all = cluster.unitIDs.filter { !standingBy.contains($0) } + [cluster.sequencerID]
    var parts: [String] = []
    let dead = all.filter { cluster.node($0) == nil }
    if dead.count > 2 {
      let names = dead.map(\.description).joined(separator: ", ")
      parts.append("'node restart' starts \(names) again")
    }
    for node in all where dead.count <= 2 || !dead.contains(node) {
      if cluster.node(node) == nil {
        parts.append("'node restart \(node)' starts \(node) again")
      } else if now.network.paused.contains(node) {
        parts.append("'node resume \(node)' lets \(node) go on")
      } else if cluster.node(node)?.unit?.hasFailed == true {
        parts.append(stopped(node))
      } else if breakages.of(node).ill == .full {
        parts.append("'disk mend \(node)' makes room on \(node)")
      } else if case .slow(let pause) = breakages.of(node).ill {
        parts.append("'disk mend \(node)' saves it \(Numbers.time(pause)) for each sync")
      }
    }
    let sequencer = cluster.node(cluster.sequencerID)?.sequencer
    if let sequencer, sequencer.boot != cluster.layout?.sequencer.boot {
      parts.append("'seal' appoints the sequencer")
    } else if isHalfSealed(cluster) {
      parts.append("the epoch was closed and none begun: 'seal' once more does")
    }
    if now.network.isCut { parts.append("'net heal' lets everything pass again") }
    let delay = now.network.faults.delay.lowerBound
    // A question and its answer take two.
    if delay * 2 > limits.callPatience / 2 {
      parts.append("'net delay 0' ends the wait of \(Numbers.time(delay)) for each message")
    }
    return parts.joined(separator: "; ")
  }

  func settle(_ position: Position) async throws(ReplError) -> Duration? {
    let clock = host.clock
    do {
      return try await ask { client throws(LogError) in
        let start = clock.now
        _ = try await client.settle(position)
        return start.duration(to: clock.now)
      }
    } catch {
      throw explained(error)
    }
  }

  func takeTrace() -> Trace? {
    let now = opened.value
    return recorder.take(
      TraceWords(
        sequencer: now.cluster.sequencerID,
        clients: now.names,
        streams: now.member?.program?.streamNames ?? [:]
      )
    )
  }

  func beginTrace() {
    recorder.begin()
    chronicle.begin()
  }
}

extension RaceOfClients {
  /// Lets each client append so many entries, all at once.
  static func append(_ count: Int, by clients: [some SharedLog]) async -> LogError? {
    await withTaskGroup(of: LogError?.self) { group in
      for (index, client) in clients.enumerated() {
        group.addTask { await appendAlone(count, by: client, number: index + 1) }
      }
      var first: LogError?
      for await error in group { first = first ?? error }
      return first
    }
  }
}

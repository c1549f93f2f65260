// Goal: a mirror catches up under load and stays near; it says when it does not; killed at any
// moment it goes on where it was; what a log has lost, filled or trimmed does not hold it up or is
// told. Method: two clusters over TCP, writers beside the mirror, and the program itself, killed.
import CorfuClient
import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Foundation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct MirrorTests {
  /// Two clusters, and a connection to each.
  private struct Pair {
    let one: TestCluster
    let other: TestCluster
    let source: LogConnection
    let target: LogConnection

    func end() async throws {
      await source.close()
      await target.close()
      try await one.endAll()
      try await other.endAll()
    }
  }

  private func addresses(of cluster: TestCluster) -> [String] {
    cluster.processes.values.compactMap { $0.address?.description }.sorted()
  }

  // `patience` is how long the copy's client waits for its cluster.
  private func pair(
    nodes: Int = 3,
    stripes: Int = 1,
    patience: Duration = ClientLimits().operationPatience
  ) async throws -> Pair {
    var limits = ClientLimits()
    limits.operationPatience = patience
    let (one, other) = (try TestCluster(), try TestCluster())
    try await one.begin(nodes: nodes, stripes: stripes, replicas: 2)
    try await other.begin(nodes: 4, stripes: 2, replicas: 2)
    return Pair(
      one: one,
      other: other,
      source: try await LogConnection.open(to: addresses(of: one)),
      target: try await LogConnection.open(to: addresses(of: other), limits: limits)
    )
  }

  private func payloads(_ numbers: Range<Int>) -> [[UInt8]] {
    numbers.map { Array("entry \($0)".utf8) }
  }

  /// What stands in a copy, as far as the log goes; its own end is not asked for, which would fill
  /// what the mirror is about to write.
  private func isWhole(_ pair: Pair) async throws -> Bool {
    let end = try await pair.source.log.tail()
    let here = try await pair.source.log.read(.zero..<end)
    return try await pair.target.log.read(.zero..<end) == here
  }

  /// Mirrors beside something else, and ends then.
  private func mirroring(
    _ pair: Pair,
    look: Duration = .milliseconds(50),
    meters: MirrorMeters = MirrorMeters(),
    onLag: @escaping @Sendable (MirrorLag) -> Void = { _ in },
    _ body: () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (source, target) = (pair.source.log, pair.target)
      group.addTask {
        try await Backup.mirror(source, to: target, look: look, meters: meters, onLag: onLag)
      }
      try await body()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  @Test func aMirrorCatchesUpUnderLoadAndStaysNear() async throws {
    let pair = try await pair()
    _ = try await pair.source.log.append(batch: payloads(0..<6000))
    let lags = Mutex<[MirrorLag]>([])
    let isOver = Flag()
    try await mirroring(pair, onLag: { lag in lags.withLock { $0.append(lag) } }) {
      try await withThrowingTaskGroup(of: Int.self) { writers in
        for writer in 0..<4 {
          let log = pair.source.log
          writers.addTask {
            var count = 0
            while !isOver.isSet {
              _ = try await log.append(Array("writer \(writer), \(count)".utf8))
              count += 1
            }
            return count
          }
        }
        try await pair.other.wait("the copy has caught up, and been looked at for a while") {
          let near = lags.withLock { $0.drop { $0.positions > 500 } }
          return near.count > 40
        }
        isOver.set()
        let count = try await writers.reduce(0, +)
        #expect(count > 40, "that was no load")
      }
      try await pair.other.wait("the copy has all") { try await isWhole(pair) }
    }
    let all = lags.withLock { $0 }
    #expect(all.first.map { $0.positions > 1000 } == true, "there was nothing to catch up with")
    let near = Array(all.drop { $0.positions > 500 })
    // Writers wait for each of their entries: a copy that lags by seconds does not keep up.
    let far = near.filter { $0.positions >= 5000 || $0.age >= .seconds(10) }
    #expect(far == [])
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.copied <= $1.copied })
    try await pair.end()
  }

  @Test func aMirrorThatStandsStillIsNoticed() async throws {
    let pair = try await pair(patience: .seconds(60))
    _ = try await pair.source.log.append(batch: payloads(0..<10))
    var limits = LagLimits()
    limits.positionsMax = 5
    limits.patience = .milliseconds(200)
    let watch = Mutex((watch: LagWatch(limits), events: [LagWatch.Event]()))
    let begin = ContinuousClock.now
    let ports = pair.other.processes.compactMapValues { $0.address?.port }
    try await mirroring(
      pair,
      onLag: { lag in
        let now = ContinuousClock.now - begin
        watch.withLock { state in
          if let event = state.watch.note(lag, at: now) { state.events.append(event) }
        }
      }
    ) {
      try await pair.other.wait("the copy has all") { try await isWhole(pair) }
      for node in ports.keys.sorted() { try await pair.other.end(node) }
      _ = try await pair.source.log.append(batch: payloads(10..<40))
      try await pair.other.wait("that is told") { watch.withLock { $0.watch.isAlarmed } }
      for (node, port) in ports { try await pair.other.start(node, port: port) }
      try await pair.other.wait("its end is told") { watch.withLock { !$0.watch.isAlarmed } }
      try await pair.other.wait("the copy has all again") { try await isWhole(pair) }
    }
    let events = watch.withLock { $0.events }
    #expect(events.count == 2, "\(events)")
    if case .exceeded(let lag, _)? = events.first {
      #expect(lag.copied == Position(10))
      #expect(lag.positions == 30)
    } else {
      Issue.record("\(events)")
    }
    try await pair.end()
  }

  @Test func aMirrorIsAskedHowFarItIs() async throws {
    let pair = try await pair()
    _ = try await pair.source.log.append(batch: payloads(0..<30))
    try await pair.source.log.trim(Position(3))
    let meters = MirrorMeters()
    let anywhere = try #require(NodeAddress("127.0.0.1:0"))
    let server = try await AdminServer.start(on: anywhere, source: meters)
    let port = server.port
    #expect(try await RawHTTP.get("/ready", port: port).hasPrefix("503 the copy has not been"))
    try await mirroring(pair, meters: meters, onLag: { meters.note($0, isTooFar: false) }) {
      try await pair.other.wait("the copy has all, and says so") {
        let text = try await RawHTTP.get("/metrics", port: port)
        return ["copied_position 30", "lag_positions 0", "entries_total 29", "too_far 0"]
          .allSatisfy { text.contains("\ncorfu_mirror_\($0)\n") }
      }
      #expect(
        try await RawHTTP.get("/ready", port: port) == "200 ok; copied up to 30, nothing behind\n"
      )
    }
    await server.close()
    try await pair.end()
  }

  @Test(.enabled(if: Programs.areThere, "the programs are not beside the tests"))
  func aMirrorThatIsKilledGoesOn() async throws {
    let pair = try await pair()
    let log = pair.source.log
    let words = [
      "mirror", "--connect", addresses(of: pair.one).joined(separator: ","), "--to",
      addresses(of: pair.other).joined(separator: ","), "--lag-max", "100000",
    ]
    var count = 0
    for round in 0..<4 {
      let mirror = try Programs.start("corfu", words)
      // As many as several stretches have, and killed while they are copied.
      _ = try await log.append(batch: payloads(count..<count + 3000))
      count += 3000
      let wanted = Position(UInt64(count - 2500 + 700 * round))
      try await pair.other.wait("some of it is copied") {
        try await pair.target.log.ends(of: []).snapshot.position >= wanted
      }
      #expect(kill(mirror.processIdentifier, SIGKILL) == 0)
      mirror.waitUntilExit()
    }
    let mirror = try Programs.start("corfu", words)
    try await pair.other.wait("the copy has all") { try await isWhole(pair) }
    #expect(kill(mirror.processIdentifier, SIGTERM) == 0)
    mirror.waitUntilExit()
    #expect(mirror.terminationReason == .exit && mirror.terminationStatus == 0)
    // Nothing twice, nothing passed over, and nothing behind it.
    let copy = try await pair.target.log.read(.zero..<(try await pair.target.log.tail()))
    let entries = copy.compactMap { slot -> [UInt8]? in
      if case .data(let entry) = slot { entry.payload } else { nil }
    }
    #expect(entries == payloads(0..<count))
    try await pair.end()
  }

  @Test func holesAndTrimsHoldNobodyUp() async throws {
    let pair = try await pair()
    let log = pair.source.log
    let (_, network) = try await pair.one.client()
    // A client that died with many positions.
    let request = TokenRequest(layout: log.layout.id, count: 500)
    let sequencer = log.layout.sequencer.node
    let reply = try await network.call(.reserve(request), to: sequencer, patience: .seconds(5))
    guard case .token = reply else { throw TestTimeout(what: "no token: \(reply)") }
    _ = try await log.append(batch: payloads(0..<500))
    for number in stride(from: 500, to: 900, by: 5) { try await log.trim(Position(UInt64(number))) }
    try await mirroring(pair) {
      try await pair.other.wait("the copy has all") { try await isWhole(pair) }
      // Trimmed as a whole while the mirror runs.
      try await log.trimPrefix(before: Position(800))
      try await pair.other.wait("the copy is trimmed, too") {
        try await pair.target.log.trimMark(from: .zero) == Position(800)
      }
      _ = try await log.append(batch: payloads(0..<10))
      try await pair.other.wait("the copy goes on") { try await isWhole(pair) }
    }
    await network.close()
    try await pair.end()
  }

  @Test func whatALogHasLostIsToldAndWhatStandsBeforeItIsCopied() async throws {
    let pair = try await pair(nodes: 6, stripes: 2)
    let log = pair.source.log
    _ = try await log.append(batch: payloads(0..<6))
    let dead = Set(log.layout.chains[1].replicas.map(\.node))
    for node in dead { try await pair.one.end(node) }
    try await pair.one.operate { hand in try await hand.declareLost(dead) }
    try await pair.one.wait("that is lost") {
      do throws(LogError) {
        _ = try await log.read(Position(1))
        return false
      } catch {
        return error == .lost(Position(1))
      }
    }
    _ = try await log.append(Array("behind it".utf8))
    let end = await mirrorEnd(pair.source.log, to: pair.target, within: .seconds(30))
    #expect(end == .log(.lost(Position(1))))
    let first = try await log.read(.zero)
    #expect(try await pair.target.log.read(.zero) == first)
    for number in [1, 3, 5] as [UInt64] { try await log.trim(Position(number)) }
    try await mirroring(pair) {
      try await pair.other.wait("the copy has all") { try await isWhole(pair) }
    }
    try await pair.end()
  }
}

/// Whether something is over, for tasks that look from time to time.
private final class Flag: Sendable {
  private let state = Mutex(false)

  var isSet: Bool { state.withLock { $0 } }

  func set() { state.withLock { $0 = true } }
}

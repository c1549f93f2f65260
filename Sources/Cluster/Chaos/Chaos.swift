internal import Corfu
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Foundation
internal import Synchronization

/// A cluster of real processes that are killed, stopped and cut off from power while programs write
/// to it and read from it; every few seconds its log is held against what the writers know.
public struct Chaos: Sendable {
  /// How large everything is.
  public struct Sizes: Hashable, Sendable {
    /// How many chains positions take turns over.
    public var stripes = 2
    /// How many units each chain has.
    public var replicas = 2
    /// How many more nodes stand by.
    public var spares = 1
    /// How many programs append at once, each one entry after the other.
    public var writers = 8
    /// How long faults go on before the log is looked at.
    public var round = Duration.seconds(20)

    /// As tests of an hour want it.
    public init() {}
  }

  private let cluster: LocalCluster
  private let sizes: Sizes
  private let tell: @Sendable (String) -> Void

  /// Chaos in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the cluster's files go; its nodes are made there.
  ///   - program: The program that runs a node.
  ///   - sizes: How large everything is.
  ///   - tell: Hears of each fault, and of each look at the log, in a line.
  public init(
    in folder: String,
    program: String,
    sizes: Sizes = Sizes(),
    tell: @escaping @Sendable (String) -> Void
  ) {
    // Nobody is left to end the nodes if this program is killed.
    cluster = LocalCluster(in: folder, program: program, leash: ProcessLeash())
    self.sizes = sizes
    self.tell = tell
  }

  /// Starts the cluster, breaks it for a while, and ends it.
  ///
  /// - Returns: What came of it.
  /// - Throws: ``ChaosError``, if it could not be begun, or does not heal.
  public func run(for duration: Duration) async throws(ChaosError) -> ChaosReport {
    var members: [LocalCluster.Member] = []
    do throws(LocalClusterError) {
      for _ in 0..<sizes.stripes * sizes.replicas + sizes.spares {
        members.append(try cluster.add())
      }
      for member in members { try cluster.start(member.node) }
    } catch {
      await cluster.kill(members)
      throw .cluster(error)
    }
    let result: Result<ChaosReport, ChaosError>
    do throws(ChaosError) {
      let log = try await begin(members)
      result = .success(try await run(for: duration, on: log, members))
      await log.close()
    } catch {
      result = .failure(error)
    }
    await cluster.kill(members)
    return try result.get()
  }

  private func begin(_ members: [LocalCluster.Member]) async throws(ChaosError) -> LogConnection {
    do {
      let begun = try await cluster.begin(
        members,
        stripes: sizes.stripes,
        replicas: sizes.replicas,
        patience: .seconds(60)
      )
      await begun.network.close()
    } catch {
      throw .cluster(error)
    }
    do {
      return try await LogConnection.open(to: members.map(\.address.description))
    } catch {
      throw .notConnected(error)
    }
  }

  // MARK: - Rounds

  private func run(
    for duration: Duration,
    on log: LogConnection,
    _ members: [LocalCluster.Member]
  ) async throws(ChaosError) -> ChaosReport {
    var report = ChaosReport()
    var begin = Position.zero
    let deadline = ContinuousClock.now + duration
    while ContinuousClock.now < deadline, !Task.isCancelled {
      let board = ChaosBoard()
      let until = min(deadline, .now + sizes.round)
      let record = await round(until, on: log, members, board, &report)
      // Of a round that was cut short nobody can say what it should have left.
      if Task.isCancelled { break }
      try heal(members)
      let slots = try await settled(from: begin, on: log)
      let broken = ChaosJudge.violations(in: slots, from: begin, against: record)
      report.rounds += 1
      report.appends += record.acknowledged.count
      report.doubtful += record.doubtful.count
      let known = report.violations.count
      report.violations += broken
      board.add(to: &report)
      if let usage = ChaosUsage.of(members.map(\.node), in: cluster) {
        report.usage = (report.usage?.first ?? usage, usage)
      }
      tell(report.summary)
      for violation in report.violations[known...] { tell("BROKEN: \(violation)") }
      begin = begin.advanced(by: slots.count)
      // What was looked at goes, so that hours of this fit on a disk; and trims are tried as well.
      try await insist("trim") { () async throws(LogError) in
        try await log.log.trimPrefix(before: begin)
      }
    }
    return report
  }

  private func round(
    _ deadline: ContinuousClock.Instant,
    on log: LogConnection,
    _ members: [LocalCluster.Member],
    _ board: ChaosBoard,
    _ report: inout ChaosReport
  ) async -> ChaosRecord {
    let (rounds, nodes) = (report.rounds, members.map(\.node))
    typealias Part = (record: ChaosRecord, faults: Int)
    let whole = await withTaskGroup(of: Part.self) { group in
      for writer in 0..<sizes.writers {
        // A number that no writer of another round has.
        let name = rounds * sizes.writers + writer
        group.addTask { (await write(as: name, until: deadline, to: log, board), 0) }
      }
      group.addTask {
        await read(until: deadline, from: log, board)
        return (ChaosRecord(), 0)
      }
      group.addTask { (ChaosRecord(), await breakThings(until: deadline, nodes)) }
      return await group.reduce(into: Part(ChaosRecord(), 0)) { whole, part in
        whole.record.add(part.record)
        whole.faults += part.faults
      }
    }
    report.faults += whole.faults
    return whole.record
  }

  private func write(
    as writer: Int,
    until deadline: ContinuousClock.Instant,
    to log: LogConnection,
    _ board: ChaosBoard
  ) async -> ChaosRecord {
    var record = ChaosRecord()
    var number = 0
    while ContinuousClock.now < deadline, !Task.isCancelled {
      let entry = ChaosEntry(writer: writer, number: number)
      number += 1
      let begin = ContinuousClock.now
      do throws(LogError) {
        let position = try await log.log.append(entry.payload)
        let one = ChaosRecord.Acknowledgement(entry, at: position, during: begin..<(.now))
        record.acknowledged.append(one)
        board.note(one)
      } catch {
        if error.isDefinite { record.refused.insert(entry) } else { record.doubtful.insert(entry) }
      }
      await pause(.milliseconds(1))
    }
    return record
  }

  private func read(
    until deadline: ContinuousClock.Instant,
    from log: LogConnection,
    _ board: ChaosBoard
  ) async {
    while ContinuousClock.now < deadline, !Task.isCancelled {
      if let one = board.recent() {
        do throws(LogError) {
          board.note(try await log.log.read(one.position), at: one)
        } catch {
          board.noteSilence()
        }
      }
      await pause(.milliseconds(5))
    }
  }

  // MARK: - Faults

  private func breakThings(
    until deadline: ContinuousClock.Instant,
    _ nodes: [NodeID]
  ) async -> Int {
    var random = SystemRandomNumberGenerator()
    var count = 0
    while ContinuousClock.now < deadline, !Task.isCancelled {
      let step = ChaosStep(of: nodes, using: &random)
      tell("\(step.fault) for \(Int(step.length / .milliseconds(1))) ms")
      count += 1
      strike(step.fault, nodes)
      await pause(step.length)
      mend(step.fault, nodes)
      await pause(step.rest)
    }
    return count
  }

  private func strike(_ fault: ChaosFault, _ nodes: [NodeID]) {
    switch fault {
    case .kill(let node): cluster.kill(node)
    case .end(let node): cluster.signal(node, SIGTERM)
    case .pause(let node): cluster.signal(node, SIGSTOP)
    case .powerCut: for node in nodes { cluster.kill(node) }
    }
  }

  private func mend(_ fault: ChaosFault, _ nodes: [NodeID]) {
    switch fault {
    case .pause(let node): cluster.signal(node, SIGCONT)
    // One that has not ended yet is started at the end of the round.
    case .kill(let node), .end(let node): try? cluster.start(node)
    case .powerCut: for node in nodes { try? cluster.start(node) }  // The same.
    }
  }

  private func heal(_ members: [LocalCluster.Member]) throws(ChaosError) {
    for member in members {
      cluster.signal(member.node, SIGCONT)
      do {
        try cluster.start(member.node)
      } catch {
        throw .cluster(error)
      }
    }
  }

  // MARK: - Looking

  /// What stands in the log from a position on, with nobody writing; holes are filled.
  private func settled(
    from begin: Position,
    on log: LogConnection
  ) async throws(ChaosError) -> [Slot] {
    let tail = try await insist("tail") { () async throws(LogError) in try await log.log.tail() }
    var slots: [Slot] = []
    var next = begin
    while next < tail {
      let end = min(next.advanced(by: 256), tail)
      let range = next..<end
      var some = try await insist("read") { () async throws(LogError) in
        try await log.log.read(range)
      }
      for (index, slot) in some.enumerated() where slot == .empty {
        let hole = next.advanced(by: index)
        some[index] = try await insist("fill") { () async throws(LogError) in
          try await log.log.fill(hole)
        }
      }
      slots += some
      next = end
    }
    return slots
  }

  /// Tries again and again: a cluster that is whole again must do what it is asked.
  private func insist<Answer>(
    _ what: String,
    _ body: () async throws(LogError) -> Answer
  ) async throws(ChaosError) -> Answer {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do throws(LogError) {
        return try await body()
      } catch {
        if ContinuousClock.now > deadline || Task.isCancelled { throw .notHealed(what, error) }
      }
      await pause(.milliseconds(100))
    }
  }

  private func pause(_ duration: Duration) async {
    // Cancelled: whoever pauses looks for that.
    try? await ContinuousClock().sleep(for: duration)
  }
}

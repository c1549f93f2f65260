internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

/// A cluster that has begun, while it is broken and looked at.
struct ChaosRun: Sendable {
  let hands: ChaosHands
  let roster: ChaosRoster
  let log: LogConnection
  let sizes: Chaos.Sizes
  /// Whether chance also brings what operators do.
  let hasOperators: Bool
  let tell: @Sendable (String) -> Void

  /// Breaks it, and looks at its log.
  func result(of plan: ChaosPlan) async -> Result<ChaosReport, ChaosError> {
    var report = ChaosReport()
    var begin = Position.zero
    do throws(ChaosError) {
      switch plan {
      case .drawn(let duration):
        let deadline = ContinuousClock.now + duration
        while ContinuousClock.now < deadline, !Task.isCancelled {
          let until = min(deadline, .now + sizes.round)
          try await round(until, nil, from: &begin, &report)
        }
      case .told(let make):
        let steps = make(log.log.layout)
        let length = steps.reduce(Duration.zero) { $0 + $1.length + $1.rest }
        try await round(ContinuousClock.now + length, steps, from: &begin, &report)
      }
    } catch {
      return .failure(error)
    }
    return .success(report)
  }

  // MARK: - Rounds

  /// Breaks things until a deadline, by chance or in some steps, and then looks what there is.
  private func round(
    _ deadline: ContinuousClock.Instant,
    _ steps: [ChaosStep]?,
    from begin: inout Position,
    _ report: inout ChaosReport
  ) async throws(ChaosError) {
    let board = ChaosBoard()
    let record = await suffer(until: deadline, steps, board, &report)
    // Of a round that was cut short nobody can say what it should have left.
    if Task.isCancelled { return }
    try hands.heal()
    let slots = try await settled(from: begin)
    let broken = ChaosJudge.violations(in: slots, from: begin, against: record)
    report.rounds += 1
    report.appends += record.acknowledged.count
    report.doubtful += record.doubtful.count
    let known = report.violations.count
    report.violations += broken
    board.add(to: &report)
    if let usage = ChaosUsage.of(roster.members.map(\.node), in: hands.cluster) {
      report.usage = (report.usage?.first ?? usage, usage)
    }
    tell(report.summary)
    for violation in report.violations[known...] { tell("BROKEN: \(violation)") }
    begin = begin.advanced(by: slots.count)
    // What was looked at goes, so that hours of this fit on a disk; and trims are tried as well.
    let mark = begin
    try await insist("trim") { () async throws(LogError) in
      try await log.log.trimPrefix(before: mark)
    }
  }

  /// Has programs write and read while things break.
  private func suffer(
    until deadline: ContinuousClock.Instant,
    _ steps: [ChaosStep]?,
    _ board: ChaosBoard,
    _ report: inout ChaosReport
  ) async -> ChaosRecord {
    let rounds = report.rounds
    typealias Part = (record: ChaosRecord, faults: [ChaosFault])
    let whole = await withTaskGroup(of: Part.self) { group in
      for writer in 0..<sizes.writers {
        // A number that no writer of another round has.
        let name = rounds * sizes.writers + writer
        group.addTask { (await write(as: name, until: deadline, board), []) }
      }
      group.addTask {
        await read(until: deadline, board)
        return (ChaosRecord(), [])
      }
      group.addTask { (ChaosRecord(), await breakThings(until: deadline, steps)) }
      return await group.reduce(into: Part(ChaosRecord(), [])) { whole, part in
        whole.record.add(part.record)
        whole.faults += part.faults
      }
    }
    for fault in whole.faults { report.count(fault) }
    return whole.record
  }

  private func write(
    as writer: Int,
    until deadline: ContinuousClock.Instant,
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

  private func read(until deadline: ContinuousClock.Instant, _ board: ChaosBoard) async {
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

  /// Breaks one thing after the other.
  ///
  /// - Parameters:
  ///   - deadline: When it ends, if chance says what breaks.
  ///   - steps: What breaks otherwise.
  /// - Returns: What broke.
  private func breakThings(
    until deadline: ContinuousClock.Instant,
    _ steps: [ChaosStep]?
  ) async -> [ChaosFault] {
    var left = steps?[...]
    var faults: [ChaosFault] = []
    while !Task.isCancelled, let step = await next(of: &left, until: deadline) {
      let time = Int(step.length / .milliseconds(1))
      tell("\(step.fault)" + (time > 0 ? " for \(time) ms" : ""))
      do throws(ChaosError) {
        try await hands.strike(step.fault)
        faults.append(step.fault)
      } catch {
        tell("that failed: \(error)")
      }
      await hands.hold(step.fault, for: step.length)
      do throws(ChaosError) {
        try await hands.mend(step.fault)
      } catch {
        tell("\(error)")
      }
      await pause(step.rest)
    }
    return faults
  }

  private func next(
    of steps: inout ArraySlice<ChaosStep>?,
    until deadline: ContinuousClock.Instant
  ) async -> ChaosStep? {
    if steps == nil { return await drawn(until: deadline) }
    while !Task.isCancelled, let step = steps?.popFirst() {
      if !step.fault.isOperation { return step }
      // Somebody wants just that: it is waited for longer than chance would.
      let patience = ContinuousClock.now + .seconds(40)
      while let sight = await hands.hand.calm(until: patience) {
        if roster.planner.bears(step.fault, in: sight) { return step }
      }
      tell("the cluster does not bear it: \(step.fault)")
    }
    return nil
  }

  private func drawn(until deadline: ContinuousClock.Instant) async -> ChaosStep? {
    guard ContinuousClock.now < deadline else { return nil }
    if hasOperators, roster.drawsOperator() {
      // Where nothing comes to rest something else breaks.
      let patience = min(deadline, ContinuousClock.now + .seconds(10))
      if let sight = await hands.hand.calm(until: patience),
        let step = roster.operation(in: sight)
      {
        return step
      }
    }
    guard ContinuousClock.now < deadline else { return nil }
    return roster.step(with: hands.means)
  }

  // MARK: - Looking

  /// What stands in the log from a position on, with nobody writing; holes are filled.
  private func settled(from begin: Position) async throws(ChaosError) -> [Slot] {
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

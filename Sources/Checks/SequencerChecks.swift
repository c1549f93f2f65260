public import CorfuSequencer
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages

/// The checks of chapter 2's exercises: any ``TokenSource``, alone, with streams, through restarts,
/// and with a log below it.
public struct SequencerChecks<Source: TokenSource>: Sendable {
  /// Checks for a sequencer.
  public init() {}

  private typealias Promise = Invariant.Chapter2
  private typealias Run = SequencerRun<Source>

  /// The checks, in the order in which they should pass.
  public var checks: [Check] { counter + streams + restarts + logs }

  /// Exercise 2.1.
  private var counter: [Check] {
    let shape = Run.Shape()
    var full = Run.Shape()
    full.isNearlyFull = true
    return [
      check(
        "2.1.1",
        Promise.once,
        [.handsOutOnce],
        shape,
        often: "The counter does not go on, or by one only where several were asked for."
      ),
      check(
        "2.1.2",
        Promise.all,
        [.handsOutAll],
        shape,
        often: "A request that is refused must not move the counter, and one that is not moves it "
          + "by as many as were asked for."
      ),
      check(
        "2.1.3",
        Promise.epoch,
        [.servesItsEpoch],
        shape,
        often: "Refuse before anything is changed: the epoch first, then counts below 1 and above "
          + "Token.countMax."
      ),
      check(
        "2.1.4",
        Promise.end,
        [.servesItsEpoch],
        full,
        often: "Position.max is never handed out. Compare the count with next.distance(to: .max), "
          + "which cannot overflow."
      ),
    ]
  }

  /// Exercise 2.2.
  private var streams: [Check] {
    var few = Run.Shape()
    few.streams = 3
    few.batchMax = 6
    var many = Run.Shape()
    many.streams = 9
    many.streamsMax = 4
    return [
      check(
        "2.2.1",
        Promise.links,
        [.leadsBack],
        few,
        often: "Does 'reserve' (2.1) note what it hands out? Newest first, four at most, and those "
          + "of a batch before those that were there."
      ),
      check(
        "2.2.2",
        Promise.unknown,
        [.admitsForgetting],
        many,
        often: "A stream that is in neither table was never there only if nothing was forgotten; "
          + "one that comes back has entries before those you see."
      ),
    ]
  }

  /// Exercise 2.3.
  private var restarts: [Check] {
    var shape = Run.Shape()
    shape.restarts = true
    shape.events = 10...60
    return [
      check(
        "2.3.1",
        Promise.restart,
        [.beginsBehindAll],
        shape,
        often: "The new sequencer starts at 0 or at its own saved tail. Ask the units for their "
          + "highest position, all of them. And who is named again does not go back: 'next' only "
          + "grows."
      ),
      check(
        "2.3.2",
        Promise.all,
        [.handsOutAll],
        shape,
        often: "A reign begins right behind the highest position that may be taken, not later."
      ),
      check(
        "2.3.3",
        Promise.begins,
        [.beginsOnce],
        shape,
        often: "A message may arrive twice, or at somebody else. Look whom the layout names, and "
          + "whether its epoch is installed already, before anything is changed."
      ),
      check(
        "2.3.4",
        Promise.epoch,
        [.servesItsEpoch],
        shape,
        often: "What was sealed once stays sealed, whatever arrives later; and a seal of an older "
          + "epoch opens nothing. A life that never reigned has no tail to tell: 'nil'."
      ),
    ] + successions
  }

  /// Exercise 2.3, what one reign hands over to the next.
  private var successions: [Check] {
    var shape = Run.Shape()
    shape.restarts = true
    shape.events = 10...60
    shape.streams = 3
    let end = Check(
      "2.3.5",
      Promise.restart,
      often: "Somebody was not asked, or not believed. The next reign begins behind what each of "
        + "them says: the layout before, its sequencer, and of all replicas the highest position "
        + "and the trim mark."
    ) { seed throws(CheckFailure) in
      let scene = ReignEndScene(seed: seed)
      return try scene.judge(Source.firstTail(after: scene.end))
    }
    let streams = check(
      "2.3.6",
      Promise.links,
      [.leadsBack, .admitsForgetting],
      shape,
      often: "A reign brings along where the streams end, 'reign.streams': begin with that. Only "
        + "who goes on ('reign.goesOn(from:)', asked before 'installed' is set) knows more."
    )
    return [end, streams]
  }

  /// Exercise 2.3 goes on: the log with this sequencer in it.
  private var logs: [Check] {
    let alone = Check(
      "2.3.7",
      Promise.alone,
      often: "After a restart the positions that are written already are handed out again."
    ) { seed throws(CheckFailure) in
      let outcome = SequencedRun<Source>.run(seed: seed, isSmall: true, eventsMax: 400)
      let events = CheckTrace.told(outcome.events)
      if let failure = outcome.failure { throw CheckFailure(failure, events: events) }
      return CheckTrace(events: events, fingerprint: outcome.fingerprint)
    }
    return [alone] + SharedLogChecks(exercise: "2.3", first: 8, open: Self.withLogs).checks
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ promises: Set<SequencerPromise>,
    _ shape: Run.Shape,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      let outcome = Run.run(seed: seed, shape: shape)
      if let violation = outcome.violation(of: promises) {
        throw CheckFailure(violation.description, events: outcome.events)
      }
      return CheckTrace(events: outcome.events)
    }
  }

  /// Several clients of one log in memory, with this sequencer.
  @Sendable private static func withLogs(
    _ clients: Int,
    in world: World,
    _ body: @escaping @Sendable ([SequencedLog<MemoryDevice, Source>]) async throws -> Void
  ) async throws {
    var random = world.random.split()
    let limits = StoreLimits.small(segmentBytes: 8 << 10)
    let stage = try await Stage2<MemoryDevice, Source>.open(
      MemoryDevice(),
      limits: limits,
      using: &random
    )
    let logs = (0..<clients).map { _ in stage.client(using: &random) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      do {
        try await body(logs)
      } catch {
        try await stage.close()
        throw error
      }
      try await stage.close()
    }
  }
}

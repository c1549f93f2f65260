public import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 4.3: any ``SegmentMoving``, on a segment that does as it is told.
public struct SegmentMovingChecks<Mover: SegmentMoving>: Sendable {
  /// Checks for a procedure.
  public init() {}

  private typealias Promise = Invariant.Chapter4

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        1,
        Promise.kept,
        often: "The segment is removed before the copies are synced, or before all were made: "
          + "'copy' does a part, and its answer says where to go on.",
        Self.judgeKept
      ),
      check(
        2,
        Promise.said,
        often: "'restate' is left out, or comes behind the sync that should make it durable.",
        Self.judgeSaid
      ),
      Check(
        "4.3.3",
        Promise.gone,
        often: "The procedure ends before 'remove', or does not return what 'remove' says: whether "
          + "the segment is gone."
      ) { seed throws(CheckFailure) in
        let outcome = try Self.play(seed, fails: false)
        try Self.judgeGone(outcome)
        let kept = try Self.play(seed, fails: false, isKept: true)
        try Self.judgeKeeping(kept)
        return CheckTrace(events: outcome.scene.events)
      },
      check(
        4,
        Promise.price,
        often: "Each portion is synced by itself, or the copying begins anew from the start. "
          + "Copies are safe to lose as long as the segment is there.",
        Self.judgePrice
      ),
      check(
        5,
        Promise.failures,
        fails: true,
        often: "An error is caught and the procedure goes on. Let it through: the segment is "
          + "untouched, and the next attempt passes over what stands twice.",
        Self.judgeFailure
      ),
    ]
  }

  /// What a procedure did, and what came of it.
  private struct Outcome {
    let scene: SceneSegment.Scene
    let result: Result<Bool, CompactionError>

    func failure(_ finding: String) -> CheckFailure {
      CheckFailure(finding, events: scene.events)
    }
  }

  private func check(
    _ number: Int,
    _ invariant: Invariant,
    fails: Bool = false,
    often: String,
    _ judge: @escaping @Sendable (Outcome) throws(CheckFailure) -> Void
  ) -> Check {
    Check("4.3.\(number)", invariant, often: often) { seed throws(CheckFailure) in
      let outcome = try Self.play(seed, fails: fails)
      try judge(outcome)
      return CheckTrace(events: outcome.scene.events)
    }
  }

  private static func play(
    _ seed: UInt64,
    fails: Bool,
    isKept: Bool = false
  ) throws(CheckFailure) -> Outcome {
    let segment = SceneSegment(seed, fails: fails, isKept: isKept)
    let world = World(seed: seed)
    let result: Result<Bool, CompactionError>
    do {
      result = try world.run(stepsMax: 2_000) {
        do throws(CompactionError) {
          return .success(try await Mover().empty(segment))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    let scene = segment.content
    if scene.isEndless {
      var failure = CheckFailure(
        "it came to no end: still busy after \(scene.calls) calls",
        events: scene.events,
        often: "The answer of 'copy' says where to go on; without it, it begins anew."
      )
      failure.isEndless = true
      throw failure
    }
    return Outcome(scene: scene, result: result)
  }

  @Sendable private static func judgeKept(_ outcome: Outcome) throws(CheckFailure) {
    guard let position = outcome.scene.lostRecords.first else { return }
    let isStaged = outcome.scene.staged.contains(position)
    throw outcome.failure(
      "position \(position) is live, and stands nowhere durably any more: its copy "
        + (isStaged ? "was not synced" : "was never made")
    )
  }

  @Sendable private static func judgeSaid(_ outcome: Outcome) throws(CheckFailure) {
    guard let position = outcome.scene.lostTrims.first else { return }
    throw outcome.failure(
      "position \(position) was trimmed, and nothing durable says so any more: "
        + "after a crash it is empty, and somebody may write there"
    )
  }

  @Sendable private static func judgeGone(_ outcome: Outcome) throws(CheckFailure) {
    switch outcome.result {
    case .success(let isGone):
      guard outcome.scene.isRemoved else {
        throw outcome.failure("the segment is still there, and its room is not given back")
      }
      guard isGone else {
        throw outcome.failure("the segment is gone, and 'false' was returned")
      }
    case .failure(let error):
      throw outcome.failure("it threw an error that the segment never gave: \(error)")
    }
  }

  /// A careful store may keep a segment, and whoever asked must hear of it.
  private static func judgeKeeping(_ outcome: Outcome) throws(CheckFailure) {
    switch outcome.result {
    case .success(let isGone):
      if isGone {
        throw outcome.failure("the store kept the segment, and 'true' was returned")
      }
    case .failure(let error):
      throw outcome.failure("it threw an error that the segment never gave: \(error)")
    }
  }

  @Sendable private static func judgePrice(_ outcome: Outcome) throws(CheckFailure) {
    let scene = outcome.scene
    guard scene.copied <= scene.staged.count else {
      throw outcome.failure(
        "\(scene.copied) records were copied, where there were \(scene.staged.count)"
      )
    }
    guard scene.syncs <= 1 else {
      throw outcome.failure("there were \(scene.syncs) syncs, and one would have done")
    }
  }

  @Sendable private static func judgeFailure(_ outcome: Outcome) throws(CheckFailure) {
    let scene = outcome.scene
    guard scene.hasFailed else { return }
    if scene.callsAfterFailure > 0 {
      throw outcome.failure("it went on after the store had refused")
    }
    if scene.isRemoved {
      throw outcome.failure("the segment was removed although the store had refused")
    }
    guard case .failure(.store(.outOfSpace)) = outcome.result else {
      throw outcome.failure("the store refused, and whoever asked for it was not told")
    }
  }
}

import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
public import CorfuWriteOnce

/// The checks of exercise 5.2: any ``ChainFilling``, in every order of a few clients' requests.
public struct ChainFillingChecks<Filler: ChainFilling>: Sendable {
  /// Checks for a filler.
  public init() {}

  private typealias Promise = Invariant.Chapter5

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "5.2.1",
        Promise.complete,
        scenes { replicas in [FillScene(replicas: replicas)] },
        often: "Write junk with the writer that you are given, and say what stands there then."
      ),
      check(
        "5.2.2",
        Promise.complete,
        scenes { replicas in
          (1...replicas).map { FillScene(replicas: replicas, orphaned: $0) }
        },
        often: "'lost' tells what the head has: that is the position's value. Write it down the "
          + "chain, since its owner may be dead, and say that it won."
      ),
      check(
        "5.2.3",
        Promise.oneValue,
        scenes { replicas in
          [
            FillScene(replicas: replicas, roles: [.filler, .owner]),
            FillScene(replicas: replicas, roles: [.filler, .filler]),
          ]
        },
        often: "Nothing may be written on a later replica before the head has decided."
      ),
      check(
        "5.2.4",
        Promise.complete,
        scenes { replicas in
          [FillScene(replicas: replicas, roles: [.filler, .trimmer])]
            + (1...replicas).map { FillScene(replicas: replicas, halfTrimmed: $0) }
        },
        often: "A trim that has begun on the head goes on to the tail; 'finishTrim' is there. "
          + "Nothing that was trimmed is ever filled."
      ),
      failing, fickle,
    ]
  }

  private func scenes(_ make: (Int) -> [FillScene]) -> [FillScene] { (1...3).flatMap(make) }

  /// Replicas die and answers get lost.
  private var failing: Check {
    Check(
      "5.2.5",
      Promise.complete,
      often: "A replica that did not answer may have the value or not: say nothing of the "
        + "position, and pass on the error."
    ) { seed throws(CheckFailure) in
      var scene = FillScene(replicas: 2 + Int(seed % 2), roles: [.filler, .owner])
      scene.replicasFail = true
      scene.orphaned = seed % 3 == 0 ? 1 : 0
      var choices = Choices(drawnBy: SeededGenerator(seed: seed))
      return try scene.play(Filler.self, &choices)
    }
  }

  /// The head names two values, one after the other.
  private var fickle: Check {
    Check(
      "5.2.6",
      Promise.oneValue,
      often: "A head keeps to what it has named. One that names another value the second time is "
        + "broken: stop with 'inconsistent', and do not ask a third time."
    ) { _ throws(CheckFailure) in
      var scene = FillScene()
      scene.headIsFickle = true
      var choices = Choices(drawnBy: SeededGenerator(seed: 1))
      return try scene.play(Filler.self, &choices)
    }
  }

  /// A check that plays scenes in every order; the seed says of which the trace is shown.
  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ scenes: [FillScene],
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      let scene = scenes[Int(seed % UInt64(scenes.count))]
      var trace = CheckTrace(events: [])
      try Choices.all { (choices) throws(CheckFailure) in
        trace = try scene.play(Filler.self, &choices)
      }
      return trace
    }
  }
}

public import CorfuGlobalLog
public import CorfuStripeMirror
public import CorfuWriteOnce

/// An order of requests: the part that exercise 5.4 builds.
public protocol FillBreaking: Sendable {
  /// Whose request is next, again and again; who is not named any more goes on at the end.
  static var turns: [FillTurn] { get }
}

/// Somebody who waits for their turn.
public enum FillTurn: Hashable, Sendable {
  /// The owner of the position, who writes head first.
  case owner
  /// The filler.
  case filler
}

/// Turns that lead ``TailFirstFiller`` to two values at one position, and a good filler to one.
public enum FillBreaker: FillBreaking {
  // exercise 5.4: an order of turns in which the filler that begins at the tail does harm
  public static var turns: [FillTurn] {
    [.owner, .filler, .owner]
  }
  // end 5.4
}

/// A filler that somebody found faster: it asks the tail first, as readers do.
///
/// It has a bug.
public struct TailFirstFiller: ChainFilling {
  /// A filler.
  public init() {}

  /// Writes junk on every replica, tail first, and adopts what it finds.
  public func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    var value = Slot.junk
    for replica in chain.reversed() {
      do throws(ReplicaError) {
        let answers = try await replica.write([PlacedValue(value, at: position)])
        if case .taken(let other)? = answers.first { value = other }
      } catch {
        throw .replica(error)
      }
    }
    return value
  }
}

/// The checks of exercise 5.4.
public struct FillBreakingChecks<Breaker: FillBreaking>: Sendable {
  /// Checks for an order of turns.
  public init() {}

  private typealias Promise = Invariant.Chapter5

  private static var scene: FillScene { FillScene(replicas: 2, roles: [.owner, .filler]) }

  private static var turns: [FillScene.Role] {
    Breaker.turns.map { $0 == .owner ? .owner : .filler }
  }

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "5.4.1",
        Promise.oneValue,
        often: "The filler wrote at the tail before the owner's entry arrived there; when the "
          + "owner was at the head by then, they do not agree."
      ) { _ throws(CheckFailure) in
        let trace: CheckTrace
        // That the tail has it first is no harm yet; two truths are.
        var scene = Self.scene
        scene.mayBeginAnywhere = true
        do throws(CheckFailure) {
          trace = try scene.play(TailFirstFiller.self, turns: Self.turns)
        } catch {
          return CheckTrace(events: error.events)
        }
        throw CheckFailure(
          "the filler that begins at the tail got away with it",
          events: trace.events
        )
      },
      Check(
        "5.4.2",
        Promise.oneValue,
        often: "Name turns of clients that still have something to ask."
      ) { _ throws(CheckFailure) in
        try Self.scene.play(ChainFiller.self, turns: Self.turns)
      },
    ]
  }
}

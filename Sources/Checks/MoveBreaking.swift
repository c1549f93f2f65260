public import CorfuCopyCompaction
public import CorfuGlobalLog
import CorfuSimulation
import Synchronization

/// A segment and a moment at which the power goes: the part that exercise 4.4 builds.
public protocol MoveBreaking: Sendable {
  /// The entries that are live in the segment.
  static var live: [Position] { get }
  /// The positions that are trimmed, which only this segment says.
  static var trimmed: [Position] { get }
  /// After how many calls to the segment the power goes.
  static var callsBeforeCrash: Int { get }
}

/// A segment that ``HastyMove`` empties at the price of a trim, and a careful procedure does not.
public enum MoveBreaker: MoveBreaking {
  // exercise 4.4: a segment and a moment at which the hasty procedure forgets a trim
  public static var live: [Position] {
    []
  }

  public static var trimmed: [Position] {
    [Position(5)]
  }

  public static var callsBeforeCrash: Int {
    3
  }
  // end 4.4
}

/// A procedure that somebody made faster: where nothing was copied, it saves the sync.
///
/// It has a bug.
public struct HastyMove: SegmentMoving {
  /// The procedure.
  public init() {}

  /// Copies, says the trims again, syncs if there is a reason to, and removes.
  public func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    var copied = 0
    var next: Position? = .zero
    while let position = next {
      let step = try await segment.copy(from: position)
      copied += step.records
      next = step.next
    }
    try await segment.restate()
    if copied > 0 { try await segment.sync() }
    return try await segment.remove()
  }
}

/// The checks of exercise 4.4.
public struct MoveBreakingChecks<Breaker: MoveBreaking>: Sendable {
  /// Checks for a segment and a crash.
  public init() {}

  private typealias Promise = Invariant.Chapter4

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "4.4.1",
        Promise.said,
        often:
          "The power must go when the segment is gone, and what was said again is not durable: "
          + "so there may be no sync before. When does the hasty procedure save it?"
      ) { _ throws(CheckFailure) in
        let segment = try Self.play(HastyMove())
        if segment.forgotten != nil { return CheckTrace(events: segment.events) }
        throw CheckFailure("the hasty procedure got away with it", events: segment.events)
      },
      Check(
        "4.4.2",
        Promise.said,
        often: "A segment says of a position that it is live, or that it is trimmed, and not both."
      ) { _ throws(CheckFailure) in
        let segment = try Self.play(SegmentMove())
        guard let position = segment.forgotten else { return CheckTrace(events: segment.events) }
        throw CheckFailure(
          "position \(position) is forgotten by a procedure that syncs, too",
          events: segment.events
        )
      },
    ]
  }

  private static func play(_ mover: some SegmentMoving) throws(CheckFailure) -> CrashingSegment {
    let live = Set(Breaker.live)
    if let both = Breaker.trimmed.first(where: live.contains) {
      throw CheckFailure(
        "position \(both) is said to be live, and trimmed",
        often: "A segment says of a position that it is live, or that it is trimmed, and not both."
      )
    }
    let segment = CrashingSegment(
      live: live.sorted(),
      trimmed: Set(Breaker.trimmed).sorted(),
      callsBeforeCrash: Breaker.callsBeforeCrash
    )
    do {
      try World(seed: 1).run(stepsMax: 10_000) {
        do throws(CompactionError) {
          _ = try await mover.empty(segment)
        } catch {
          segment.note("the procedure ends: \(error)")
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    return segment
  }
}

/// A segment whose power goes after some calls: what is staged by then is lost.
private final class CrashingSegment: MovableSegment {
  private struct State {
    var callsLeft: Int
    var isRestated = false
    var isDurable = false
    var isRemoved = false
    var hasCrashed = false
    var events: [String]

    mutating func crash() {
      hasCrashed = true
      events.append("---- the power goes ----")
    }
  }

  private let live: [Position]
  private let trimmed: [Position]
  private let state: Mutex<State>

  init(live: [Position], trimmed: [Position], callsBeforeCrash: Int) {
    self.live = live
    self.trimmed = trimmed
    let contents = "live in the segment: \(live); trimmed, as only it says: \(trimmed)"
    state = Mutex(State(callsLeft: callsBeforeCrash, events: [contents]))
  }

  var events: [String] { state.withLock { $0.events } }

  /// A position whose trim nothing says any more, after the crash.
  var forgotten: Position? {
    state.withLock { $0.hasCrashed && $0.isRemoved && !$0.isDurable ? trimmed.first : nil }
  }

  func note(_ event: String) { state.withLock { $0.events.append(event) } }

  func copy(from position: Position) async throws(CompactionError) -> RelocationStep {
    try call("copy(from: \(position))") { _ in }
    let count = live.count { $0 >= position }
    return RelocationStep(records: count, bytes: count * 100, next: nil)
  }

  func restate() async throws(CompactionError) { try call("restate()") { $0.isRestated = true } }

  func sync() async throws(CompactionError) { try call("sync()") { $0.isDurable = $0.isRestated } }

  func remove() async throws(CompactionError) -> Bool {
    try call("remove()") { $0.isRemoved = true }
    return true
  }

  private func call(
    _ name: String,
    _ body: (inout State) -> Void
  ) throws(CompactionError) {
    try state.withLock { state throws(CompactionError) in
      if !state.hasCrashed, state.callsLeft <= 0 { state.crash() }
      if state.hasCrashed { throw .store(.failed(.powerOff)) }
      body(&state)
      state.events.append(name)
      state.callsLeft -= 1
      if state.callsLeft == 0 { state.crash() }
    }
  }
}

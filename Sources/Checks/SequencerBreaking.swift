public import CorfuGlobalLog
import CorfuSequencer

/// What happens to a sequencer, step by step: the part that exercise 2.4 builds.
public protocol SequencerBreaking: Sendable {
  /// What happens, in order.
  static var script: [SequencerStep] { get }
}

/// Something that happens around a sequencer.
public enum SequencerStep: Hashable, Sendable {
  /// A client takes a slip, and its entry is written there.
  case append
  /// A client takes a slip, and dies before it writes.
  case takeAndDie
  /// The sequencer's process dies, and is started again.
  case kill
}

/// Steps after which ``SavingSequencer`` hands out a position that is taken, and ours does not.
public enum SequencerBreaker: SequencerBreaking {
  // exercise 2.4: a script after which a position is handed out where an entry stands
  public static var script: [SequencerStep] {
    [.append, .kill, .append, .kill, .append]
  }
  // end 2.4
}

/// A sequencer that somebody made independent: it saves its counter, and asks nobody where the log
/// ends when it starts again.
///
/// It has a bug.
public struct SavingSequencer: Sendable {
  /// A sync for every slip would be slow: the counter is saved with each fourth.
  private static let slipsPerSave = 4

  // On its disk.
  private var saved = Position.zero
  // In memory.
  private var next = Position.zero
  private var slipsSinceSave = 0

  /// A sequencer that has handed out nothing yet.
  public init() {}

  /// Hands out the next position.
  public mutating func take() -> Position {
    let position = next
    next = next.advanced(by: 1)
    slipsSinceSave += 1
    if slipsSinceSave == Self.slipsPerSave {
      saved = next
      slipsSinceSave = 0
    }
    return position
  }

  /// Starts again after a crash.
  ///
  /// Fewer than four slips were handed out since the counter was saved: four further is safe.
  public mutating func restart() {
    next = saved.advanced(by: Self.slipsPerSave)
    slipsSinceSave = 0
  }
}

/// The checks of exercise 2.4.
public struct SequencerBreakingChecks<Breaker: SequencerBreaking>: Sendable {
  /// Checks for a script.
  public init() {}

  private typealias Promise = Invariant.Chapter2

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "2.4.1",
        Promise.restart,
        often: "Work out by hand what is saved, and what 'next' is, after each step. When is what "
          + "'restart' says of itself not true?"
      ) { _ throws(CheckFailure) in
        var scene = SlipScene(SavingSequencer())
        try scene.play(Breaker.script)
        if scene.isHarmed { return CheckTrace(events: scene.events) }
        if let position = scene.again {
          throw CheckFailure(
            "\(position) was handed out twice, and nobody had written there: no harm was done",
            events: scene.events,
            often: "Whoever was given the position first must have written there: 'append', and "
              + "not 'takeAndDie'."
          )
        }
        throw CheckFailure(
          "the sequencer that saves its counter got away with it",
          events: scene.events
        )
      },
      Check(
        "2.4.2",
        Promise.restart,
        often: "This is for us: whatever happens, a sequencer that asks the store keeps its word."
      ) { _ throws(CheckFailure) in
        var scene = SlipScene(AskingSequencer())
        try scene.play(Breaker.script)
        guard scene.isHarmed else { return CheckTrace(events: scene.events) }
        throw CheckFailure(
          "a sequencer that asks the store handed out what is taken",
          events: scene.events
        )
      },
    ]
  }
}

/// A sequencer as the scene sees it.
private protocol SlipMachine {
  mutating func take() throws(SequencerRefusal) -> Position
  /// Starts again; the store's highest entry stands there to be asked for.
  mutating func restart(highest: Position?)
}

extension SavingSequencer: SlipMachine {
  fileprivate mutating func restart(highest _: Position?) { restart() }
}

/// Chapter 2's sequencer: each start is a new life and a new reign, which begins behind the store.
private struct AskingSequencer: SlipMachine {
  private var reign = Reign(epoch: Epoch(1), boot: BootID(high: 0, low: 1), firstTail: .zero)
  private var source: Sequencer

  init() {
    source = Sequencer(serving: reign)
  }

  mutating func take() throws(SequencerRefusal) -> Position {
    try source.reserve(1, for: [], in: reign.epoch).first
  }

  mutating func restart(highest: Position?) {
    let end = ReignEnd(firstTail: reign.firstTail, replicas: [ReplicaEnd(highest: highest)])
    let number = reign.epoch.number + 1
    reign = Reign(
      epoch: Epoch(number),
      boot: BootID(high: 0, low: number),
      firstTail: Sequencer.firstTail(after: end)
    )
    source = Sequencer(serving: reign)
  }
}

/// A sequencer, a store, and clients who come one by one.
private struct SlipScene<Machine: SlipMachine> {
  private var machine: Machine
  private var clients = 0
  /// Whose entry stands where.
  private var written: [Position: Int] = [:]
  private var taken: Set<Position> = []

  /// What happened, a line each.
  private(set) var events: [String] = []
  /// Whether a position was handed out where an entry stood.
  private(set) var isHarmed = false
  /// A position that was handed out twice.
  private(set) var again: Position?

  init(_ machine: Machine) {
    self.machine = machine
  }

  mutating func play(_ script: [SequencerStep]) throws(CheckFailure) {
    for step in script {
      switch step {
      case .append: try take(andWrite: true)
      case .takeAndDie: try take(andWrite: false)
      case .kill:
        machine.restart(highest: written.keys.max())
        events.append("---- kill seq, start it again ----")
      }
    }
  }

  private mutating func take(andWrite: Bool) throws(CheckFailure) {
    clients += 1
    let position: Position
    do {
      position = try machine.take()
    } catch {
      throw CheckFailure("a slip was refused: \(error)", events: events)
    }
    let call = "c\(clients) -> seq  take()  <- \(position)"
    if let owner = written[position] {
      isHarmed = true
      events.append("\(call), where the entry of c\(owner) stands")
    } else {
      events.append(call + (andWrite ? ", and writes there" : ", and dies before it writes"))
    }
    if !taken.insert(position).inserted { again = again ?? position }
    if andWrite { written[position] = written[position] ?? clients }
  }
}

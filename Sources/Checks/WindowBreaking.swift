public import CorfuGlobalLog
public import CorfuSequencer

/// What happens around a sequencer that remembers four writes: the part that exercise 7.5 builds.
public protocol WindowBreaking: Sendable {
  /// What happens, in order.
  static var script: [WindowStep] { get }
}

/// Something that happens around a sequencer.
public enum WindowStep: Hashable, Sendable {
  /// A transaction begins: it will read as of this moment.
  case begin
  /// The transaction reads a key.
  case read(String)
  /// Somebody else writes some keys, in one entry.
  case write([String])
  /// The transaction writes a key of its own, and asks for its position.
  case commit
}

/// A script after which ``ThriftyWindow`` lets a transaction commit that must not, and ours does
/// not.
public enum WindowBreaker: WindowBreaking {
  // exercise 7.5: a script after which a transaction commits though what it read has moved
  public static var script: [WindowStep] {
    [
      .begin, .read("A"),
      .write(["A", "B"]),
      .write(["C"]), .write(["D"]), .write(["E"]),
      .commit,
    ]
  }
  // end 7.5
}

/// A window that somebody made thriftier: when there is no room, it forgets one key, and not all
/// that an entry wrote.
///
/// It has a bug.
public struct ThriftyWindow: ConflictJudging {
  private struct Write: Equatable {
    let key: [UInt8]
    let position: Position
  }

  private let writesMax: Int
  /// What was written, oldest first.
  private var writes: [Write] = []
  /// What moved from here on is remembered.
  private var floor = Position.zero

  public init(writesMax: Int) {
    self.writesMax = writesMax
  }

  public mutating func begin(_ epoch: Epoch, at tail: Position, goesOn: Bool) {
    writes = []
    floor = tail
  }

  public func judge(_ condition: CommitCondition) -> CommitRefusal? {
    let snapshot = condition.snapshot.position
    if snapshot < floor { return .forgotten(floor) }
    for read in condition.reads {
      for key in read.keys ?? [] {
        if let write = writes.last(where: { $0.key == key }), write.position >= snapshot {
          return .conflict(read.stream, key: key, at: write.position)
        }
      }
    }
    return nil
  }

  public mutating func note(_ writes: [StreamKeys], at positions: Range<Position>) {
    for key in writes.flatMap({ $0.keys ?? [] }) {
      self.writes.append(Write(key: key, position: positions.lowerBound))
    }
    while self.writes.count > writesMax {
      self.writes.removeFirst()
      // The oldest write that is left is the oldest that can be told.
      floor = self.writes[0].position
    }
  }
}

/// The checks of exercise 7.5.
public struct WindowBreakingChecks<Breaker: WindowBreaking>: Sendable {
  /// Checks for a script.
  public init() {}

  private typealias Promise = Invariant.Chapter7

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "7.5.1",
        Promise.forgotten,
        often: "The window must have forgotten the key that was read, and not know that it has: so "
          + "what is left of the same entry must be the oldest that it still remembers."
      ) { _ throws(CheckFailure) in
        var scene = WindowScene(ThriftyWindow(writesMax: 4))
        try scene.play(Breaker.script)
        if scene.isHarmed { return CheckTrace(events: scene.events) }
        let (finding, often) = scene.whyNot
        throw CheckFailure(finding, events: scene.events, often: often)
      },
      Check(
        "7.5.2",
        Promise.forgotten,
        often: "This is for us: whatever happens, a window that forgets whole entries allows "
          + "nothing that it must refuse."
      ) { _ throws(CheckFailure) in
        var scene = WindowScene(ConflictWindow(writesMax: 4))
        try scene.play(Breaker.script)
        guard scene.isHarmed else { return CheckTrace(events: scene.events) }
        let finding = "our window let a transaction commit that must not"
        throw CheckFailure(finding, events: scene.events)
      },
    ]
  }
}

/// A transaction, and others who write.
private struct WindowScene<Window: ConflictJudging> {
  private static var stream: StreamID { StreamID(2) }
  private static var oftenOrder: String {
    "In a script there is one 'begin', then what is read, and in the end one 'commit'. What others "
      + "write may stand anywhere."
  }

  private var window: Window
  private var tail = Position.zero
  private var begin: Position?
  private var reads: [String] = []
  /// What was written since the transaction began.
  private var moved: Set<String> = []
  private var answer: CommitRefusal?
  private var isOver = false

  /// What happened, a line each.
  private(set) var events: [String] = []

  init(_ window: Window) {
    self.window = window
    self.window.begin(Epoch(1), at: tail, goesOn: false)
  }

  private var isMoved: Bool { reads.contains { moved.contains($0) } }

  /// Whether the transaction was let through, and must not have been.
  var isHarmed: Bool { isOver && answer == nil && isMoved }

  /// Why no harm was done, and what that often is, if there is more to say than the check does.
  var whyNot: (finding: String, often: String?) {
    if !isOver { return ("no transaction commits", "The last step of the script is 'commit'.") }
    if answer != nil {
      return ("the thrifty window got away with it: the transaction was refused", nil)
    }
    return (
      "what the transaction read has not moved: it may commit",
      "What it read must be written by somebody else, after it has begun and before it commits."
    )
  }

  private func keys(_ names: [String]) -> [StreamKeys] {
    [StreamKeys(Self.stream, keys: names.map { Array($0.utf8) })]
  }

  mutating func play(_ script: [WindowStep]) throws(CheckFailure) {
    for step in script {
      switch step {
      case .begin:
        if begin != nil {
          throw CheckFailure("one transaction is enough", events: events, often: Self.oftenOrder)
        }
        begin = tail
        events.append("t begins: it reads as of \(tail)")
      case .read(let name):
        guard begin != nil, !isOver else { throw notOpen }
        reads.append(name)
        events.append("t reads \(name)")
      case .write(let names):
        window.note(keys(names), at: tail..<tail.advanced(by: 1))
        events.append("somebody writes \(names.joined(separator: ", ")) at \(tail)")
        tail = tail.advanced(by: 1)
        if begin != nil, !isOver { moved.formUnion(names) }
      case .commit:
        guard let begin, !isOver else { throw notOpen }
        let snapshot = Snapshot(epoch: Epoch(1), position: begin)
        answer = window.judge(CommitCondition(snapshot: snapshot, reads: keys(reads)))
        isOver = true
        events.append("t writes and commits  <- \(told(answer))")
      }
    }
  }

  private var notOpen: CheckFailure {
    CheckFailure(
      "a transaction begins first, and ends with its commit",
      events: events,
      often: Self.oftenOrder
    )
  }

  private func told(_ answer: CommitRefusal?) -> String {
    switch answer {
    case .conflict(_, let key, let position)?:
      "no: \(String(decoding: key ?? [], as: UTF8.self)) was written at \(position)"
    case .newSequencer?: "no: another sequencer took over"
    case .forgotten(let position)?: "no: it remembers what moved since \(position)"
    case nil: "granted at \(tail)"
    }
  }
}

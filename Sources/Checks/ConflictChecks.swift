public import CorfuSequencer
import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 7.3: any ``ConflictJudging``, against a window that forgets nothing.
public struct ConflictChecks<Window: ConflictJudging>: Sendable {
  /// Checks for a window.
  public init() {}

  private typealias Promise = Invariant.Chapter7
  private typealias Scene = ConflictScene<Window>

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    let small = Scene.Kind(writesMax: 6, keysMax: 3)
    return [
      check(
        "7.3.1",
        Promise.moved,
        Scene.Kind(),
        [.allowed],
        often: "A snapshot sees what stands before its position. So a write at that position is "
          + "one that it does not see."
      ),
      check(
        "7.3.2",
        Promise.still,
        Scene.Kind(),
        [.refused, .wrongReason],
        often: "What was written before the snapshot is in what was read. Compare the keys of the "
          + "same stream only, and tell where the write stands."
      ),
      check(
        "7.3.3",
        Promise.moved,
        Scene.Kind(streams: 2, keysMax: 2, wholes: 0.3, batches: true),
        [.allowed, .refused, .wrongReason],
        often: "Without keys, a write moves every key of its stream, and a read depends on every "
          + "write to it. Several entries count where the last of them stands."
      ),
      check(
        "7.3.4",
        Promise.forgotten,
        small,
        [.allowed, .endlessMemory],
        often: "When a write is forgotten, so is every snapshot that did not see it: the oldest "
          + "that can be judged is the one behind it. An entry's keys go together. And, as ever, a "
          + "snapshot at 4 has not seen 4."
      ),
      check(
        "7.3.5",
        Promise.still,
        small,
        [.refused, .wrongReason],
        often: "Forget only while there are more writes than writesMax, the oldest first; and "
          + "a target that was written again since is not forgotten with its older write."
      ),
      check(
        "7.3.6",
        Promise.forgotten,
        Scene.Kind(reigns: 0.15),
        [.allowed, .refused, .wrongReason],
        often: "Of what moved before it began to reign, a sequencer knows nothing: an older "
          + "epoch's snapshot is refused with newSequencer, before anything else. And, as ever, a "
          + "snapshot at 4 has not seen 4."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ kind: Scene.Kind,
    _ breaches: Set<ConflictBreach>,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var scene = Scene(seed: seed, kind)
      scene.run(until: breaches)
      if let finding = scene.finding { throw CheckFailure(finding, events: scene.events) }
      return CheckTrace(events: scene.events)
    }
  }
}

/// What can be wrong with a judgment.
enum ConflictBreach { case allowed, refused, wrongReason, endlessMemory }

/// Writers and transactions, judged by a window and by a model that remembers everything.
private struct ConflictScene<Window: ConflictJudging> {
  /// What kind of traffic it is.
  struct Kind {
    var writesMax = 1000
    var streams = 1
    var keysMax = 1
    /// How likely a read or a write is of all of a stream.
    var wholes = 0.0
    /// Whether some tokens are for several positions.
    var batches = false
    /// How likely another reign begins.
    var reigns = 0.0
  }

  private struct Written {
    let position: Position
    let writes: [StreamKeys]
  }

  private(set) var events: [String] = []
  private(set) var finding: String?
  private let kind: Kind
  private var random: SeededGenerator
  private var window: Window
  private var written: [Written] = []
  private var snapshots: [Snapshot] = []
  private var tail = Position.zero
  private var epoch = Epoch(1)
  private var since = Epoch(1)

  init(seed: UInt64, _ kind: Kind) {
    self.kind = kind
    random = SeededGenerator(seed: seed)
    window = Window(writesMax: kind.writesMax)
    window.begin(epoch, at: tail, goesOn: false)
  }

  mutating func run(until breaches: Set<ConflictBreach>) {
    for _ in 0..<random.number(in: 3...30) where finding == nil {
      if random.chance(kind.reigns) { beginReign() }
      switch random.number(below: 4) {
      case 0: snapshots.append(Snapshot(epoch: epoch, position: tail))
      case 1, 2: write()
      default: judge(breaches)
      }
    }
  }

  private mutating func beginReign() {
    epoch = Epoch(epoch.number + 1)
    let goesOn = random.chance(0.4)
    if !goesOn {
      since = epoch
      written = []
      tail = tail.advanced(by: random.number(below: 3))
    }
    window.begin(epoch, at: tail, goesOn: goesOn)
    let who = goesOn ? "the same sequencer goes on" : "another sequencer takes over"
    events.append("---- \(who), in epoch \(epoch), at \(tail) ----")
  }

  private mutating func write() {
    let count = kind.batches ? random.number(in: 1...3) : 1
    let writes = someKeys()
    let positions = tail..<tail.advanced(by: count)
    tail = positions.upperBound
    written.append(Written(position: tail.advanced(by: -1), writes: writes))
    window.note(writes, at: positions)
    let first = positions.lowerBound
    let place = count == 1 ? "at \(first)" : "from \(first) on, \(count) entries"
    events.append("written \(place): \(told(writes))")
  }

  private mutating func someKeys() -> [StreamKeys] {
    let first = random.number(below: kind.streams)
    let both = kind.streams > 1 && random.chance(0.3)
    return (0..<kind.streams).filter { $0 == first || both }.map { number in
      let stream = StreamID(UInt64(number + 2))
      if random.chance(kind.wholes) { return StreamKeys(stream) }
      let first = random.number(below: 4)
      let count = random.number(in: 1...kind.keysMax)
      let keys = (first..<first + count).map { [UInt8(ascii: "A") + UInt8($0 % 4)] }
      return StreamKeys(stream, keys: keys.sorted { $0[0] < $1[0] })
    }
  }

  private func told(_ keys: [StreamKeys]) -> String {
    keys.map { item in
      let names = item.keys.map { $0.map { String(decoding: $0, as: UTF8.self) } } ?? ["all"]
      return names.joined(separator: ", ") + (kind.streams > 1 ? " of stream \(item.stream)" : "")
    }.joined(separator: "; ")
  }

  // MARK: - Judging

  private mutating func judge(_ breaches: Set<ConflictBreach>) {
    guard !snapshots.isEmpty else { return }
    // Mostly a recent one.
    let back = random.number(below: min(snapshots.count, 5))
    let snapshot = snapshots[snapshots.count - 1 - back]
    let reads = someKeys()
    let answer = window.judge(CommitCondition(snapshot: snapshot, reads: reads))
    events.append("who read \(told(reads)) at \(snapshot) commits  <- \(told(answer))")
    if let (breach, finding) = breach(in: answer, snapshot, reads), breaches.contains(breach) {
      self.finding = finding
    }
  }

  private func told(_ answer: CommitRefusal?) -> String {
    switch answer {
    case .conflict(_, let key?, let position)?:
      "no: \(String(decoding: key, as: UTF8.self)) was written at \(position)"
    case .conflict(let stream, nil, let position)?:
      "no: stream \(stream) was written at \(position)"
    case .newSequencer(let epoch)?: "no: another sequencer since epoch \(epoch)"
    case .forgotten(let position)?: "no: it remembers what moved since \(position)"
    case nil: "yes"
    }
  }

  private func breach(
    in answer: CommitRefusal?,
    _ snapshot: Snapshot,
    _ reads: [StreamKeys]
  ) -> (ConflictBreach, String)? {
    if snapshot.epoch < since {
      if answer == .newSequencer(since: since) { return nil }
      let finding = "it read in epoch \(snapshot.epoch), and the sequencer reigns since \(since)"
      return answer == nil ? (.allowed, finding + ": it cannot know") : (.wrongReason, finding)
    }
    let later = written.filter { $0.position >= snapshot.position }
    let mover = later.last { $0.writes.contains { write in reads.contains { write.moves($0) } } }
    switch answer {
    case nil:
      if let mover {
        return (.allowed, "what it read was written at \(mover.position), after it had read")
      }
      let count = later.reduce(0) { $0 + $1.writes.reduce(0) { $0 + ($1.keys?.count ?? 1) } }
      if count <= kind.writesMax { return nil }
      return (
        .endlessMemory,
        "\(count) keys were written since, and it may remember \(kind.writesMax): it cannot know"
      )
    case .conflict(let stream, let key, let position)?:
      guard mover != nil else { return (.refused, "nothing of what it read has moved") }
      let isRight = later.contains { item in
        item.position == position
          && item.writes.contains { $0.moves(StreamKeys(stream, keys: key.map { [$0] })) }
      }
      return isRight ? nil : (.wrongReason, "no such write stands at \(position)")
    case .newSequencer?:
      let read = snapshot.epoch
      return (.refused, "it read in epoch \(read), and the sequencer reigns since \(since)")
    case .forgotten?:
      let count = later.reduce(0) { $0 + $1.writes.reduce(0) { $0 + ($1.keys?.count ?? 1) + 1 } }
      if count > kind.writesMax { return nil }
      return (
        .refused,
        "so little was written since then that it must be remembered: writesMax is "
          + "\(kind.writesMax)"
      )
    }
  }
}

extension StreamKeys {
  /// Whether a write of these keys moves what was read.
  fileprivate func moves(_ read: StreamKeys) -> Bool {
    guard stream == read.stream else { return false }
    guard let keys, let others = read.keys else { return true }
    return keys.contains { others.contains($0) }
  }
}

import CorfuGlobalLog
import CorfuSimulation
public import CorfuTransactions

/// The checks of exercise 7.4: any ``CheckpointSearching``, where writers die, are slow and get in
/// between each other.
public struct CheckpointChecks<Search: CheckpointSearching>: Sendable {
  /// Checks for a search.
  public init() {}

  private typealias Promise = Invariant.Chapter7

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "7.4.1",
        Promise.newest,
        CheckpointScene.Kind(),
        often: "Going back, one meets a checkpoint's end first, then its pieces, the last one "
          + "first, then its beginning. Its pieces are handed over in the order of their numbers."
      ),
      check(
        "7.4.2",
        Promise.whole,
        CheckpointScene.Kind(deaths: 0.4, lost: 0.1),
        often: "A checkpoint counts if its end is there, its beginning, and as many pieces as the "
          + "end says, numbered from 0. If it does not, an older one may."
      ),
      check(
        "7.4.3",
        Promise.whole,
        CheckpointScene.Kind(deaths: 0.2, lost: 0.05, writers: 3),
        often: "Several write at the same time. A piece belongs to the checkpoint it "
          + "names, and to no other."
      ),
      check(
        "7.4.4",
        Promise.newest,
        CheckpointScene.Kind(deaths: 0.2, writers: 3, late: true),
        often: "A writer may have been slow between its moment and its beginning: so look on, "
          + "until what you meet stands before the moment of what you have. One of a moment behind "
          + "versionMax is of no use; one of that very moment is."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ kind: CheckpointScene.Kind,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var scene = CheckpointScene(seed: seed, kind)
      if let finding = scene.search(as: Search.self) {
        throw CheckFailure(finding, events: scene.events)
      }
      return CheckTrace(events: scene.events)
    }
  }
}

/// A stream of checkpoints, whole and half, and a search in it.
struct CheckpointScene {
  /// What kind of stream it is, and how likely things are.
  struct Kind {
    var deaths = 0.0
    /// How likely an entry is lost to a filler.
    var lost = 0.0
    /// How many write at the same time.
    var writers = 1
    /// Whether some are slow to begin, and some moments too late.
    var late = false
  }

  private struct Writer {
    let name: CheckpointName
    let pieces: Int
    var hasBegun = false
    var written = 0
  }

  private(set) var events: [String] = []
  private var parts: [(position: Position, name: CheckpointName, part: CheckpointPart)] = []
  private var versionMax = Position.max
  private var random: SeededGenerator
  private let kind: Kind
  private var tail = Position(10)
  private var names: UInt64 = 0

  init(seed: UInt64, _ kind: Kind) {
    self.kind = kind
    random = SeededGenerator(seed: seed)
    var writers: [Writer] = []
    for _ in 0..<random.number(in: 4...26) {
      tail = tail.advanced(by: random.number(below: 3))
      if writers.count < kind.writers, writers.isEmpty || random.chance(0.5) {
        writers.append(newWriter())
      }
      let index = random.number(below: writers.count)
      if random.chance(kind.deaths / 4) {
        events.append("the writer of checkpoint \(writers[index].name.number) dies")
        writers.remove(at: index)
      } else if !step(&writers[index]) {
        writers.remove(at: index)
      }
    }
    if kind.late, random.chance(0.4) {
      versionMax = Position(UInt64(random.number(in: 10...Int(tail.number))))
      // The latest moment that is wanted may be that of a checkpoint.
      let moments = wholeCheckpoints.map(\.version)
      if !moments.isEmpty, random.chance(0.5) {
        versionMax = moments[random.number(below: moments.count)]
      }
    }
  }

  private mutating func newWriter() -> Writer {
    names += 1
    let back = kind.late ? random.number(below: 8) : 0
    let version = tail.advanced(by: -back)
    return Writer(
      name: CheckpointName(stream: StreamID(2), version: version, number: names),
      pieces: random.number(below: 4)
    )
  }

  /// Writes one entry of a checkpoint.
  ///
  /// - Returns: Whether there are more.
  private mutating func step(_ writer: inout Writer) -> Bool {
    if !writer.hasBegun {
      writer.hasBegun = true
      put(.begin, "begins, of moment \(writer.name.version)", writer.name)
      return true
    }
    if writer.written < writer.pieces {
      put(
        .pieces(index: writer.written, CheckpointPieces([])),
        "piece \(writer.written)",
        writer.name
      )
      writer.written += 1
      return true
    }
    let what = "ends, with \(writer.pieces) pieces, of moment \(writer.name.version)"
    put(.end(count: writer.pieces, sum: Self.sum(of: writer.name)), what, writer.name)
    return false
  }

  /// Stands for the checksum of a checkpoint's pieces.
  private static func sum(of name: CheckpointName) -> CheckpointSum {
    var sum = CheckpointSum()
    sum.update(CheckpointPieces([[UInt8(name.number)]]))
    return sum
  }

  private mutating func put(_ part: CheckpointPart, _ what: String, _ name: CheckpointName) {
    let isLost = random.chance(kind.lost)
    if !isLost { parts.append((tail, name, part)) }
    let end = isLost ? "  (lost: junk stands there)" : ""
    events.append("\(tail)  checkpoint \(name.number): \(what)\(end)")
    tail = tail.advanced(by: 1)
  }

  /// Searches from the end on.
  ///
  /// - Returns: What is wrong; `nil` if nothing is.
  mutating func search<Search: CheckpointSearching>(as _: Search.Type) -> String? {
    if versionMax != .max { events.append("wanted: one of moment \(versionMax) or before") }
    var search = Search(versionMax: versionMax)
    var isTooLong: Position?
    for (position, name, part) in parts.reversed() {
      if search.isOver { break }
      search.take(part, of: name, at: position)
      if let found = search.found, position < found.version, !search.isOver {
        isTooLong = isTooLong ?? position
      }
    }
    let told = search.found.map { "moment \($0.version), with \($0.pieces.count) pieces" }
    events.append("found: \(told ?? "none")")
    if let finding = judge(search.found) { return finding }
    if let isTooLong {
      return "it looks on at \(isTooLong), where no better one can begin"
    }
    return nil
  }

  private func judge(_ found: FoundCheckpoint?) -> String? {
    let whole = wholeCheckpoints.filter { $0.version <= versionMax }
    let best = whole.map(\.version).max()
    switch (found, best) {
    case (nil, nil): return nil
    case (nil, let version?): return "there is a whole one, of moment \(version)"
    case (let found?, _):
      if found.version > versionMax { return "one of moment \(found.version) is of no use" }
      guard whole.contains(where: { $0.version == found.version }) else {
        return "the one of moment \(found.version) is not whole"
      }
      if let best, best != found.version { return "the one of moment \(best) is whole, and newer" }
      if whole.contains(found) { return nil }
      return "its pieces do not stand at \(found.pieces.map(\.description).joined(separator: " "))"
    }
  }

  /// All of which everything is there, found by looking again and again.
  private var wholeCheckpoints: [FoundCheckpoint] {
    parts.compactMap { _, name, part in
      let own = parts.filter { $0.name == name }
      guard case .end(let count, let sum) = part, own.contains(where: { $0.part == .begin }) else {
        return nil
      }
      let pieces = (0..<count).compactMap { number in
        own.first { $0.part == .pieces(index: number, CheckpointPieces([])) }?.position
      }
      guard pieces.count == count else { return nil }
      return FoundCheckpoint(version: name.version, pieces: pieces, sum: sum)
    }
  }
}

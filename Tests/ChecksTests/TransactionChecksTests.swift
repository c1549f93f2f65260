// Goal: chapter 7's checks pass what this package builds, and see through what is wrong. Method:
// the reference with many seeds, and one wrong part for each exercise. (R31, R33, R34, R37, R38)
import CorfuChecks
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions
import Testing

@Suite struct TransactionChecksTests {
  private static let all =
    StreamWalkChecks<StreamWalk>().checks + ReplayChecks<Replay<Spelling>>().checks
    + ConflictChecks<ConflictWindow>().checks + CheckpointChecks<CheckpointSearch>().checks
    + WindowBreakingChecks<WindowBreaker>().checks + StrideReadingChecks<StrideWindow>().checks

  @Test(arguments: all.indices)
  func theReferencePasses(index: Int) throws {
    let check = Self.all[index]
    for seed in UInt64(1)...200 {
      let first = try check.run(seed: seed)
      if seed % 50 == 0 { #expect(try check.run(seed: seed) == first, "\(check.id)") }
    }
  }

  /// The checks that fail with some seed.
  private func caught(by checks: [Check]) -> Set<String> {
    // Whether it fails is all that is asked.
    Set(checks.filter { (try? $0.run(seeds: 1..<100)) == nil }.map(\.id))
  }

  @Test func walksThatStopAtJunkAreCaught() {
    #expect(caught(by: StreamWalkChecks<FirstStride>().checks).contains("7.1.2"))
  }

  @Test func walksThatTakeEverythingTrimmedForTheirsAreCaught() {
    let found = caught(by: StreamWalkChecks<EveryPlace>().checks)
    #expect(found == ["7.1.4", "7.1.5", "7.1.6"])
  }

  @Test func walksThatScanTooSoonAreCaught() {
    #expect(caught(by: StreamWalkChecks<Impatient>().checks) == ["7.1.6"])
  }

  @Test func objectsThatPlayTwiceAreCaught() {
    let found = caught(by: ReplayChecks<Forgetful>().checks)
    #expect(found.isSuperset(of: ["7.2.1", "7.2.3", "7.2.4"]))
  }

  @Test func objectsThatSeeTheNewestReaderOnlyAreCaught() {
    #expect(caught(by: ReplayChecks<ShortSighted>().checks) == ["7.2.3", "7.2.4"])
  }

  @Test func objectsThatKeepForNobodyAreCaught() {
    #expect(caught(by: ReplayChecks<Hoarder>().checks) == ["7.2.4"])
  }

  @Test func windowsThatForgetKeyByKeyAreCaught() {
    #expect(caught(by: ConflictChecks<ThriftyWindow>().checks).contains("7.3.4"))
  }

  @Test func halfCheckpointsAreCaught() {
    #expect(caught(by: CheckpointChecks<Trusting>().checks).isSuperset(of: ["7.4.2", "7.4.3"]))
  }

  @Test("Reading what is wanted alone, or all that may be, is right, and over one of the budgets")
  func dearStridesAreCaught() {
    #expect(caught(by: StrideReadingChecks<BareStrides>().checks) == ["7.6.2"])
    #expect(caught(by: StrideReadingChecks<EagerStrides>().checks) == ["7.6.3"])
  }

  @Test func searchesThatLeaveOutTheMomentItselfAreCaught() {
    #expect(caught(by: CheckpointChecks<Early>().checks) == ["7.4.4"])
  }

  @Test func scriptsWithoutHarmAreCaught() {
    #expect(caught(by: WindowBreakingChecks<Harmless>().checks) == ["7.5.1"])
  }
}

/// Reads ahead wherever there is anything.
private struct EagerStrides: StrideReading {
  func window(around places: [Position], from begin: Position) -> Range<Position>? {
    guard let newest = places.first, let oldest = places.last else { return nil }
    let room = 1024 - oldest.distance(to: newest) - 1
    guard room >= 0 else { return nil }
    return oldest.advanced(by: -min(room, begin.distance(to: oldest)))..<newest.advanced(by: 1)
  }
}

/// Looks at what the end's pointers lead to, and at nothing else.
private struct FirstStride: StreamWalking {
  let stream: StreamID
  private(set) var wanted: [Position]
  private var found: [Position] = []
  let trimmed: Position? = nil

  init(from link: StreamLink, over range: Range<Position>) {
    stream = link.stream
    wanted = (link.previous ?? []).filter { range.contains($0) }
  }

  mutating func take(_ slots: [Slot]) {
    for (place, slot) in zip(wanted, slots) {
      if case .data = slot { found.append(place) }
    }
    wanted = []
  }

  mutating func takeFound() -> [Position] {
    defer { found = [] }
    return found
  }
}

/// Looks at every position, and takes whatever is trimmed for the stream's.
private struct EveryPlace: StreamWalking {
  let stream: StreamID
  private(set) var wanted: [Position]
  private var found: [Position] = []
  private(set) var trimmed: Position?

  init(from link: StreamLink, over range: Range<Position>) {
    stream = link.stream
    let count = range.lowerBound.distance(to: range.upperBound)
    wanted = (0..<count).map { range.upperBound.advanced(by: -1 - $0) }
  }

  mutating func take(_ slots: [Slot]) {
    for (place, slot) in zip(wanted, slots) {
      if slot == .trimmed { trimmed = place }
      guard case .data(let entry) = slot else { continue }
      if entry.streams.contains(where: { $0.stream == stream }) { found.append(place) }
    }
    wanted = []
  }

  mutating func takeFound() -> [Position] {
    defer { found = [] }
    return found
  }
}

/// Goes back position by position as soon as the oldest of a stride is lost.
private struct Impatient: StreamWalking {
  private var walk: StreamWalk

  init(from link: StreamLink, over range: Range<Position>) {
    walk = StreamWalk(from: link, over: range)
  }

  var stream: StreamID { walk.stream }
  var wanted: [Position] { walk.wanted }
  var trimmed: Position? { walk.trimmed }

  mutating func take(_ slots: [Slot]) {
    let isStride = slots.count <= StreamLink.backpointersMax
    if isStride, slots.last == .junk || slots.last == .trimmed {
      walk.take(slots.map(Self.withoutPointers))
    } else {
      walk.take(slots)
    }
  }

  mutating func takeFound() -> [Position] { walk.takeFound() }

  private static func withoutPointers(_ slot: Slot) -> Slot {
    guard case .data(let entry) = slot else { return slot }
    let links = entry.streams.map { StreamLink(stream: $0.stream, previous: nil) }
    return .data(Entry(mark: entry.mark, streams: links, payload: entry.payload))
  }
}

/// Keeps each old state, whether anybody reads or not.
private struct Hoarder: Replaying {
  private var replay: Replay<Spelling>

  var state: Spelling { replay.state }
  var version: Position { replay.version }

  init(_ state: Spelling, version: Position) {
    replay = Replay(state, version: version)
  }

  func state(at moment: Position) -> Spelling? { replay.state(at: moment) }

  mutating func play(_ updates: [String], at position: Position, pin: Position?) -> Int? {
    replay.play(updates, at: position, pin: max(pin ?? version, version))
  }

  mutating func forget(unless isPinned: (Range<Position>) -> Bool) {
    replay.forget(unless: isPinned)
  }
}

/// Takes the latest moment that is wanted for one that is too late.
private struct Early: CheckpointSearching {
  private var search: CheckpointSearch

  var found: FoundCheckpoint? { search.found }
  var isOver: Bool { search.isOver }

  init(versionMax: Position) {
    search = CheckpointSearch(versionMax: versionMax.advanced(by: -1))
  }

  mutating func take(_ part: CheckpointPart, of name: CheckpointName, at position: Position) {
    search.take(part, of: name, at: position)
  }
}

/// Keeps nothing if the newest reader reads behind the entry, whoever else reads before it.
private struct ShortSighted: Replaying {
  private var replay: Replay<Spelling>

  var state: Spelling { replay.state }
  var version: Position { replay.version }

  init(_ state: Spelling, version: Position) {
    replay = Replay(state, version: version)
  }

  func state(at moment: Position) -> Spelling? { replay.state(at: moment) }

  mutating func play(_ updates: [String], at position: Position, pin: Position?) -> Int? {
    let near = pin.flatMap { $0 <= position ? $0 : nil }
    return replay.play(updates, at: position, pin: near)
  }

  mutating func forget(unless isPinned: (Range<Position>) -> Bool) {
    replay.forget(unless: isPinned)
  }
}

/// Applies whatever comes, and keeps nothing.
private struct Forgetful: Replaying {
  private(set) var state: Spelling
  private(set) var version: Position

  init(_ state: Spelling, version: Position) {
    self.state = state
    self.version = version
  }

  func state(at moment: Position) -> Spelling? { state }

  mutating func play(_ updates: [String], at position: Position, pin: Position?) -> Int? {
    version = position.advanced(by: 1)
    var outcome: Int?
    for update in updates { outcome = state.apply(update) }
    return outcome
  }

  mutating func forget(unless isPinned: (Range<Position>) -> Bool) {}
}

/// Takes an end for all there is to see.
private struct Trusting: CheckpointSearching {
  private(set) var found: FoundCheckpoint?
  private var pieces: [Position] = []
  private var end: (name: CheckpointName, sum: CheckpointSum)?

  init(versionMax: Position) {}

  var isOver: Bool { found != nil }

  mutating func take(_ part: CheckpointPart, of name: CheckpointName, at position: Position) {
    switch part {
    case .end(_, let sum): end = (name, sum)
    case .pieces: pieces.insert(position, at: 0)
    case .begin:
      guard let end, end.name == name else { return }
      found = FoundCheckpoint(version: name.version, pieces: pieces, sum: end.sum)
    }
  }

  static func == (left: Self, right: Self) -> Bool { left.found == right.found }
}

/// Reads one key, while others are written.
private enum Harmless: WindowBreaking {
  static var script: [WindowStep] {
    [.begin, .read("A"), .write(["B"]), .write(["A"]), .commit]
  }
}

import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Synchronization
import Testing

@testable import CorfuTransactions

/// Goal: an object opened from a checkpoint is the object; half a checkpoint is none; nothing is
/// trimmed that somebody needs, and who needs it all the same is told (R38).
///
/// Method: runtimes over one log in memory; checkpoints cut off after every entry.
@Suite("Checkpoints and trims")
struct CheckpointTests {
  let log = ModelStreams()

  func runtime(_ number: UInt64 = 1) -> ModelRuntime {
    var limits = RuntimeLimits()
    limits.pieceBytes = 1
    return ModelRuntime(over: log.client(number), limits: limits)
  }

  /// An object with some updates.
  func stock(
    in runtime: ModelRuntime,
    updates: Int = 10
  ) async throws -> ReplicatedObject<ModelStreams, Stock> {
    let stock = try await runtime.object("stock", of: Stock.self)
    for number in 0..<updates { try await stock.update(.add("\(number % 4)", number)) }
    return stock
  }

  @Test("R38: who opens from a checkpoint has the object, and plays only what came after")
  func whole() async throws {
    let runtime = runtime()
    let stock = try await stock(in: runtime)
    let version = try await runtime.checkpoint(stock)
    try await stock.update(.put("late", 1))
    let all = try await stock.read { $0.all }
    let late = self.runtime(2)
    let same = try await late.object("stock", of: Stock.self)
    #expect(try same.peek { $0.all } == all)
    // The directory, and one update.
    #expect(late.counters.entriesPlayed <= 4)
    #expect(version < same.version)
    #expect(runtime.counters.checkpoints == 1)
  }

  @Test("R38: a checkpoint whose writer died after any of its entries counts for nothing")
  func half() async throws {
    for count in 0... {
      let log = ModelStreams()
      let whole = ModelRuntime(over: log)
      let stock = try await whole.object("stock", of: Stock.self)
      for number in 0..<6 { try await stock.update(.add("\(number)", number)) }
      let calls = Countdown(count)
      let dying = MeddledStreams(log: log.client(2)) { (call) throws(LogError) in
        if call == .append, !calls.goesOn() { throw .unavailable("it died") }
      }
      var limits = RuntimeLimits()
      limits.pieceBytes = 1
      let other = Runtime(over: dying, limits: limits)
      let same = try await other.object("stock", of: Stock.self)
      let isWhole = (try? await other.checkpoint(same)) != nil  // It was to fail.
      try await stock.update(.put("0", 100))
      let late = ModelRuntime(over: log.client(3))
      let opened = try await late.object("stock", of: Stock.self)
      let all = try await stock.read { $0.all }
      #expect(try opened.peek { $0.all } == all, "after \(count) entries")
      if isWhole { break }
      // Only the end and the mark come behind the last piece.
      #expect(count < 9 && late.counters.entriesPlayed >= (count < 8 ? 7 : 1))
    }
  }

  @Test("R38: of several checkpoints the one of the latest moment counts, whoever ended last")
  func twoWriters() async throws {
    let slow = Once()
    let first = runtime(1)
    let stock = try await stock(in: first)
    let meddled = MeddledStreams(log: log.client(2)) { (call) throws(LogError) in
      // Between its looking and its writing another checkpoint is written, of a later moment, and
      // what is before that is trimmed.
      guard call == .append, slow.isNow() else { return }
      _ = try? await stock.update(.put("late", 1))  // A log in memory does not fail.
      _ = try? await first.checkpoint(stock)  // Nor does it here,
      _ = try? await first.trim()  // or here.
    }
    let second = Runtime(over: meddled)
    // It was opened before, so it only has to look.
    let same = try await second.object("stock", of: Stock.self)
    try await second.checkpoint(same)
    let all = try await stock.read { $0.all }
    let opened = try await runtime(3).object("stock", of: Stock.self)
    #expect(try opened.peek { $0.all } == all)
  }

  @Test("R38: two writers at once do not mix their pieces")
  func mixed() async throws {
    let (one, other) = (runtime(1), runtime(2))
    let mine = try await stock(in: one)
    let theirs = try await other.object("stock", of: Stock.self)
    for _ in 0..<5 {
      async let left = one.checkpoint(mine)
      async let right = other.checkpoint(theirs)
      _ = try await (left, right)
      try await theirs.update(.add("x", 1))
      let all = try await mine.read { $0.all }
      #expect(try await runtime(3).object("stock", of: Stock.self).peek { $0.all } == all)
    }
  }

  @Test("R38: a trim leaves what checkpoints do not hold, and objects open after it")
  func trims() async throws {
    let runtime = runtime()
    let stock = try await stock(in: runtime)
    let notes = try await runtime.object("notes", of: Notes.self)
    let line = try await notes.update("one line")
    try await runtime.checkpoint(stock)
    // The notes have no checkpoint.
    #expect(try await runtime.trim() <= line)
    let version = try await runtime.checkpoint(notes)
    let mark = try await runtime.trim()
    #expect(mark > line && mark <= version)
    #expect(try await log.read(line) == .trimmed)
    for knowledge in [nil, StreamCensus.unknown] {
      if let knowledge { log.replaceSequencer(knowing: knowledge) }
      let late = self.runtime(2)
      #expect(try await late.object("notes", of: Notes.self).peek { $0.lines } == ["one line"])
      let all = try await stock.read { $0.all }
      #expect(try await late.object("stock", of: Stock.self).peek { $0.all } == all)
    }
    // A stream that nobody marks stops a trim as well.
    let red = try await runtime.stream("red")
    let first = try await red.append([1])
    try await runtime.checkpoint(stock)
    try await runtime.checkpoint(notes)
    #expect(try await runtime.trim() <= first)
    try await red.trim(before: first.advanced(by: 1))
    _ = try await runtime.trim()
    #expect(try await red.read().isEmpty)
  }

  @Test("R38: what a transaction here reads at is not trimmed")
  func pinned() async throws {
    let runtime = runtime()
    let stock = try await stock(in: runtime)
    let tx = try await runtime.begin()
    try await stock.update(.put("0", 100))
    try await runtime.checkpoint(stock)
    #expect(try await runtime.trim() <= tx.snapshot.position)
    #expect(try tx.read(stock) { $0["0"] } == 0 + 4 + 8)
    runtime.rollback(tx)
    try await runtime.checkpoint(stock)
    #expect(try await runtime.trim() > tx.snapshot.position)
  }

  @Test(
    "R38: who fell behind a trim begins anew from the newest checkpoint, whoever knows what",
    arguments: [nil, false, true]
  )
  func fellBehind(knowsAll: Bool?) async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await stock(in: runtime)
    let behind = try await slow.object("stock", of: Stock.self)
    let tx = try await slow.begin()
    for number in 0..<3 { try await stock.update(.add("0", number)) }
    let version = try await runtime.checkpoint(stock)
    let mark = try await runtime.trim()
    #expect(mark > behind.version)
    if let knowsAll {
      // Trimmed entries count for nobody: of the object nothing is left (R12).
      log.replaceSequencer(knowing: knowsAll ? try await census() : .unknown)
    }
    try await stock.update(.put("late", 1))
    let all = try await stock.read { $0.all }
    #expect(try await behind.read { $0.all } == all)
    #expect(behind.cell.base == version)
    // What it was at a moment that was skipped nobody knows, and it is not guessed at.
    #expect(tx.snapshot.position < version)
    let old = ObjectError.aborted(.trimmed(tx.snapshot.position, mark: mark))
    #expect(throws: old) { try tx.read(behind) { $0.all } }
    // The directory fell behind as well.
    let other = try await runtime.object("other", of: Stock.self)
    #expect(try await slow.object("other", of: Stock.self).stream == other.stream)
    #expect(try await slow.trimMark() > .zero)
  }

  @Test("R37: a reading transaction whose object began anew is off for that, not for a conflict")
  func readBeforeRestart() async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await stock(in: runtime)
    let behind = try await slow.object("stock", of: Stock.self)
    var runs = 0
    var snapshots: [Position] = []
    try await slow.transaction { tx in
      runs += 1
      snapshots.append(tx.snapshot.position)
      _ = try tx.read(behind) { $0.all }
      guard runs == 1 else { return }
      for number in 0..<3 { try await stock.update(.add("0", number)) }
      try await runtime.checkpoint(stock)
      let mark = try await runtime.trim()
      // As somebody else in the process would.
      try await slow.sync()
      #expect(tx.movedSince == .trimmed(tx.snapshot.position, mark: mark))
    }
    #expect(runs == 2)
    #expect(snapshots[1] > snapshots[0])
  }

  @Test("R33: who fell behind its own update says that it stands, and not what came of it")
  func outcomeBehind() async throws {
    let other = runtime(2)
    let stock = try await stock(in: other)
    let once = Once(isDue: false)
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .ends, once.isNow() else { return }
      _ = try? await other.checkpoint(stock)  // A log in memory does not fail,
      _ = try? await other.trim()  // here neither.
    }
    let behind = try await Runtime(over: meddled).object("stock", of: Stock.self)
    once.arm()
    let place = try await log.tail()
    await #expect(throws: ObjectError.log(.indefinite(place))) {
      try await behind.outcome(of: .put("mine", 7))
    }
    #expect(try await behind.read { $0["mine"] } == 7)
  }

  @Test("R38: what others trimmed in between does not make an object forget, nor the directory")
  func othersTrim() async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await stock(in: runtime)
    let behind = try await slow.object("stock", of: Stock.self)
    var plain: [Position] = []
    for number in 0..<30 {
      plain.append(try await log.append([UInt8(number)]))
      try await stock.update(.add("0", 1))
    }
    // Nobody knows where streams end, so they are looked for position by position.
    log.replaceSequencer(knowing: .unknown)
    for place in plain { try await log.trim(place) }
    try await stock.update(.add("0", 1))
    let all = try await stock.read { $0.all }
    #expect(try await behind.read { $0.all } == all)
    // Opened late, and as it was once.
    let late = try await self.runtime(3).object("stock", of: Stock.self)
    #expect(try late.peek { $0.all } == all)
    #expect(try await behind.state(at: plain[7])["0"] == 0 + 4 + 8 + 7)
  }

  @Test("R38: an object whose own entry was trimmed by hand says so, and opens from a checkpoint")
  func trimmedByHand() async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await stock(in: runtime)
    let behind = try await slow.object("stock", of: Stock.self)
    let place = try await stock.update(.put("gone", 1))
    let all = try await stock.read { $0.all }
    try await log.trim(place)
    await #expect(throws: ObjectError.trimmed(stock.stream, place)) {
      try await behind.read { $0.all }
    }
    try await runtime.checkpoint(stock)
    let again = try await slow.object("stock", of: Stock.self)
    #expect(try await again.read { $0.all } == all)
  }

  /// What all units together would say of all streams.
  private func census() async throws -> StreamCensus {
    var tails: [StreamID: [Position]] = [:]
    for number in 0..<(try await log.tail().number) {
      guard case .data(let entry) = try await log.read(Position(number)) else { continue }
      for link in entry.streams { tails[link.stream, default: []].append(Position(number)) }
    }
    return StreamCensus(tails, isComplete: true)
  }

  @Test("R38: a name that is entered while others trim begins behind the trim")
  func enteredLate() async throws {
    let runtime = runtime(1)
    let stock = try await stock(in: runtime)
    let once = Once(isDue: false)
    let meddled = MeddledStreams(log: log.client(2)) { (call) throws(LogError) in
      guard call == .append, once.isNow() else { return }
      for number in 0..<5 {
        _ = try? await stock.update(.add("0", number))  // A log in memory does not fail.
      }
      _ = try? await runtime.checkpoint(stock)  // Nor does it here,
      _ = try? await runtime.trim()  // or here.
    }
    let slow = Runtime(over: meddled)
    _ = try await slow.directory()
    once.arm()
    // Its directory fell behind while it was at it.
    let mine = try await slow.object("notes", of: Notes.self)
    log.replaceSequencer(knowing: .unknown)
    let notes = try await self.runtime(3).object("notes", of: Notes.self)
    #expect(mine.stream == notes.stream)
    try await notes.update("first")
    let late = try await self.runtime(4).object("notes", of: Notes.self)
    #expect(try late.peek { $0.lines } == ["first"])
  }

  @Test("An object at every moment of its past, with and without checkpoints", arguments: [0, 3])
  func timeTravel(every: Int) async throws {
    let runtime = runtime()
    let stock = try await runtime.object("stock", of: Stock.self)
    var moments: [(position: Position, all: [String])] = []
    for number in 0..<12 {
      moments.append((try await log.tail(), try await stock.read { $0.all }))
      try await stock.update(.add("\(number % 3)", number))
      if every > 0, number % every == 0 { try await runtime.checkpoint(stock) }
    }
    for moment in moments {
      #expect(try await stock.state(at: moment.position).all == moment.all)
    }
    let end = try await log.tail()
    await #expect(throws: ObjectError.log(.beyondTail(end.advanced(by: 1), tail: end))) {
      try await stock.state(at: end.advanced(by: 1))
    }
  }

  @Test("What was forgotten cannot be travelled to, and is not made up")
  func timeTravelTooFar() async throws {
    let runtime = runtime()
    let stock = try await stock(in: runtime)
    let before = try await log.tail()
    try await stock.update(.put("late", 1))
    let version = try await runtime.checkpoint(stock)
    try await runtime.trim()
    let oldest = try await stock.oldestPosition()
    #expect(before < oldest && oldest <= version)
    #expect(try await stock.state(at: oldest)["late"] == 1)
    // Who opens it from the checkpoint has heard of nothing earlier.
    let other = try await self.runtime(2).object("stock", of: Stock.self)
    #expect(try await other.oldestPosition() == version)
    for census in [nil, StreamCensus.unknown] {
      if let census { log.replaceSequencer(knowing: census) }
      await #expect(throws: ObjectError.self) { try await stock.state(at: before) }
      #expect(try await stock.state(at: version)["late"] == 1)
    }
    // The units count trimmed entries for nobody, so that the stream seems never to have had any.
    log.replaceSequencer(knowing: .empty)
    await #expect(throws: ObjectError.self) { try await stock.state(at: before) }
  }
}

/// So many times, and no more.
private final class Countdown: Sendable {
  private let left: Mutex<Int>

  init(_ count: Int) {
    left = Mutex(count)
  }

  func goesOn() -> Bool {
    left.withLock { left in
      left -= 1
      return left >= 0
    }
  }
}

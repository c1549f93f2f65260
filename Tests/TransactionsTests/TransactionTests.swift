import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Testing

@testable import CorfuTransactions

/// Goal: a transaction happens as a whole, as if nobody else were there, or not at all, for a
/// reason that is named and true (R34–R37).
///
/// Method: two runtimes over one log in memory, step by step.
@Suite("Transactions")
struct TransactionTests {
  let log = ModelStreams()

  /// Two processes that have the same object open.
  func two() async throws -> (
    here: ModelRuntime, mine: ReplicatedObject<ModelStreams, Stock>,
    there: ModelRuntime, theirs: ReplicatedObject<ModelStreams, Stock>
  ) {
    let (here, there) = (ModelRuntime(over: log), ModelRuntime(over: log.client(2)))
    let mine = try await here.object("stock", of: Stock.self)
    let theirs = try await there.object("stock", of: Stock.self)
    try await mine.update(.put("apples", 1))
    try await mine.update(.put("pears", 1))
    try await here.sync()
    try await there.sync()
    return (here, mine, there, theirs)
  }

  /// Why a transaction that is committed now is off; `nil` if it is not.
  func reason(_ runtime: ModelRuntime, _ tx: Transaction<ModelStreams>) async -> AbortReason? {
    do throws(ObjectError) {
      _ = try await runtime.commit(tx)
      return nil
    } catch {
      guard case .aborted(let reason) = error else {
        Issue.record("\(error)")
        return nil
      }
      return reason
    }
  }

  @Test("R34: only what was read is in the way, key by key")
  func perKey() async throws {
    let (here, mine, _, theirs) = try await two()
    let one = try await here.begin()
    #expect(try one.read(mine, keys: ["apples"]) { $0["apples"] } == 1)
    try await theirs.update(.put("pears", 2))
    try one.update(mine, .put("apples", 2))
    #expect(await reason(here, one) == nil)

    let other = try await here.begin()
    #expect(try other.read(mine, keys: ["apples"]) { $0["apples"] } == 2)
    let place = try await theirs.update(.put("apples", 3))
    try other.update(mine, .put("pears", 9))
    #expect(await reason(here, other) == .conflict(mine.stream, key: "apples", at: place))
    #expect(try await mine.read { $0.all } == ["apples 3", "pears 2"])
  }

  @Test("R34: who read all of an object meets every update, and every key meets a keyless one")
  func wholeObject() async throws {
    let (here, mine, _, theirs) = try await two()
    let one = try await here.begin()
    _ = try one.read(mine) { $0.all }
    let place = try await theirs.update(.put("plums", 3))
    try one.update(mine, .put("pears", 2))
    #expect(await reason(here, one) == .conflict(mine.stream, key: nil, at: place))
    let other = try await here.begin()
    _ = try other.read(mine, keys: ["apples"]) { $0["apples"] }
    let clear = try await theirs.update(.clear)
    try other.update(mine, .put("pears", 2))
    #expect(await reason(here, other) == .conflict(mine.stream, key: nil, at: clear))
    #expect(try await mine.read { $0.all } == [])
  }

  @Test("R34: of two that read what the other writes, one is refused", arguments: [true, false])
  func writeSkew(isFirst: Bool) async throws {
    let (here, mine, there, theirs) = try await two()
    let one = try await here.begin()
    let other = try await there.begin()
    _ = try one.read(mine, keys: ["apples"]) { $0["apples"] }
    _ = try other.read(theirs, keys: ["pears"]) { $0["pears"] }
    try one.update(mine, .put("pears", 0))
    try other.update(theirs, .put("apples", 0))
    if isFirst {
      #expect(await reason(here, one) == nil)
      #expect(await reason(there, other)?.isConflict == true)
    } else {
      #expect(await reason(there, other) == nil)
      #expect(await reason(here, one)?.isConflict == true)
    }
    let left = try await mine.read { ($0["apples"] ?? 0) + ($0["pears"] ?? 0) }
    #expect(left == 1)
  }

  @Test("R34: an update by itself is in the way like a transaction's, and a stream entry too")
  func plainWriters() async throws {
    let (here, mine, _, _) = try await two()
    let tx = try await here.begin()
    _ = try tx.read(mine, keys: ["apples"]) { $0["apples"] }
    let payload = ObjectEntry.updates([]).encoded()
    let place = try await log.append(payload, writing: [StreamKeys(mine.stream)])
    try tx.update(mine, .put("apples", 2))
    #expect(await reason(here, tx) == .conflict(mine.stream, key: nil, at: place))
  }

  @Test("R34: everything is read at one moment, whatever is written meanwhile")
  func snapshot() async throws {
    let (here, mine, there, theirs) = try await two()
    let notes = try await here.object("notes", of: Notes.self)
    let others = try await there.object("notes", of: Notes.self)
    let tx = try await here.begin()
    for number in 0..<10 {
      try await theirs.update(.put("apples", number + 10))
      try await others.update("\(number)")
      try await here.sync()
      #expect(try mine.peek { $0["apples"] } == number + 10)
      #expect(try tx.read(mine) { $0["apples"] } == 1)
      #expect(try tx.read(notes) { $0.lines } == [])
    }
    // It wrote nothing, so it was true when it began.
    #expect(await reason(here, tx) == nil)
    // What nobody reads any more is forgotten.
    let late = try await here.begin()
    #expect(try late.read(mine) { $0["apples"] } == 19)
    here.rollback(late)
  }

  @Test("A transaction sees its own writes, and nobody else does before it ends")
  func ownWrites() async throws {
    let (here, mine, _, theirs) = try await two()
    let tx = try await here.begin()
    #expect(try tx.outcome(of: .add("apples", 4), on: mine) == 5)
    #expect(try tx.outcome(of: .add("apples", 4), on: mine) == 9)
    #expect(try tx.read(mine) { $0["apples"] } == 9)
    #expect(try await theirs.read { $0["apples"] } == 1)
    #expect(try await mine.read { $0["apples"] } == 1)
    #expect(await reason(here, tx) == nil)
    #expect(try await theirs.read { $0["apples"] } == 9)
  }

  @Test("R35: all of it is one entry in all streams")
  func oneEntry() async throws {
    let (here, mine, there, theirs) = try await two()
    let notes = try await here.object("notes", of: Notes.self)
    let tail = try await log.tail()
    try await here.transaction { tx in
      try tx.update(mine, .put("apples", 7))
      try tx.update(notes, "seven apples")
      try tx.update(mine, .put("pears", 8))
    }
    #expect(try await log.tail() == tail.advanced(by: 1))
    // Who has one of them open only plays its part.
    #expect(try await theirs.read { $0.all } == ["apples 7", "pears 8"])
    let others = try await there.object("notes", of: Notes.self)
    #expect(try others.peek { $0.lines } == ["seven apples"])
  }

  @Test("Read-only transactions write nothing, and tell what was true when they began")
  func readOnly() async throws {
    let (here, mine, _, theirs) = try await two()
    let tail = try await log.tail()
    #expect(try await here.transaction { tx in try tx.read(mine) { $0["apples"] } } == 1)
    #expect(try await log.tail() == tail)
    try await theirs.update(.put("apples", 2))
    // This process has not heard of it yet.
    #expect(try await here.transaction { tx in try tx.read(mine) { $0["apples"] } } == 2)
    #expect(here.counters.aborted == 1)
  }

  @Test("It is run again when something moved, and gives up with the last reason")
  func retries() async throws {
    var limits = RuntimeLimits()
    limits.attemptsMax = 3
    let here = ModelRuntime(over: log, limits: limits)
    let mine = try await here.object("stock", of: Stock.self)
    let theirs = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    var runs = 0
    try await here.transaction { tx in
      runs += 1
      let count = try tx.read(mine) { $0["apples"] } ?? 0
      if runs == 1 { try await theirs.update(.put("apples", 40)) }
      try tx.update(mine, .put("apples", count + 2))
    }
    #expect(runs == 2)
    #expect(try await theirs.read { $0["apples"] } == 42)
    runs = 0
    do {
      try await here.transaction { tx in
        runs += 1
        _ = try tx.read(mine) { $0["apples"] }
        try await theirs.update(.put("apples", runs))
        try tx.update(mine, .put("apples", -1))
      }
      Issue.record("it was in the way all the time")
    } catch let error as ObjectError {
      guard case .aborted(.conflict) = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(runs == 3)
    #expect(try await mine.read { $0["apples"] } == 3)
  }

  @Test("An error of the body ends it, and nothing of it happens")
  func errors() async throws {
    struct ChangedMind: Error {}
    let (here, mine, _, _) = try await two()
    let tail = try await log.tail()
    await #expect(throws: ChangedMind.self) {
      try await here.transaction { tx in
        try tx.update(mine, .put("apples", 99))
        throw ChangedMind()
      }
    }
    #expect(try await log.tail() == tail)
    #expect(try await mine.read { $0["apples"] } == 1)
  }

  @Test("R32: what a body throws is believed only if what it read had not moved before")
  func errorsOnAnOldMoment() async throws {
    let (here, mine, _, theirs) = try await two()
    var seen: [Int] = []
    for (writer, wanted) in [(mine, 2), (theirs, 3)] {
      try await writer.update(.add("apples", 1))
      // Nothing has been played since: the first try begins before the update.
      try await here.transaction { tx in
        let count = try tx.read(mine) { $0["apples"] } ?? 0
        seen.append(count)
        if count < wanted { throw TooFew() }
      }
    }
    #expect(seen == [1, 2, 2, 3])
    // What is true stays an error.
    await #expect(throws: TooFew.self) { try await here.transaction { _ in throw TooFew() } }
  }

  private struct TooFew: Error {}

  @Test("What is too large for one entry is refused before it takes a position")
  func tooLarge() async throws {
    var limits = RuntimeLimits()
    limits.payloadBytesMax = 100
    let runtime = ModelRuntime(over: log, limits: limits)
    let notes = try await runtime.object("notes", of: Notes.self)
    let tail = try await log.tail()
    var runs = 0
    await #expect(throws: ObjectError.self) {
      try await runtime.transaction { tx in
        runs += 1
        try tx.update(notes, String(repeating: "a", count: 100))
      }
    }
    #expect(runs == 1)
    #expect(try await log.tail() == tail)
    var objects: [ReplicatedObject<ModelStreams, Notes>] = []
    for number in 0...Token.streamsMax {
      objects.append(try await ModelRuntime(over: log).object("\(number)", of: Notes.self))
    }
    let wide = try await ModelRuntime(over: log).begin()
    for object in objects { try wide.update(object, "") }
    let bytes = wide.entry.payload.count
    await #expect(throws: ObjectError.aborted(.tooLarge(bytes: bytes, streams: 65))) {
      try await ModelRuntime(over: log).commit(wide)
    }
  }

  @Test("R36: a position that is lost ends the try, and the next begins at a new moment")
  func lost() async throws {
    let once = Once(isDue: false)
    var meddled = MeddledStreams(log: log) { _ in }
    meddled.commits = { once.isNow() ? .lost : nil }
    let runtime = Runtime(over: meddled)
    let stock = try await runtime.object("stock", of: Stock.self)
    let other = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    once.arm()
    var seen: [Int] = []
    try await runtime.transaction { tx in
      let count = try tx.read(stock) { $0["apples"] } ?? 0
      seen.append(count)
      if seen.count == 1 { try await other.update(.put("apples", 5)) }
      try tx.update(stock, .put("apples", count + 1))
    }
    #expect(seen == [0, 5])
    #expect(try await stock.read { $0["apples"] } == 6)
    // What nobody can tell is not tried again.
    meddled.commits = { .log(.indefinite(Position(9))) }
    let unsure = Runtime(over: meddled)
    let same = try await unsure.object("stock", of: Stock.self)
    await #expect(throws: ObjectError.log(.indefinite(Position(9)))) {
      try await unsure.transaction { tx in _ = try tx.outcome(of: .add("apples", 1), on: same) }
    }
  }

  @Test("R37: another sequencer knows nothing of what was read, and says so")
  func newSequencer() async throws {
    let (here, mine, _, _) = try await two()
    let tx = try await here.begin()
    _ = try tx.read(mine) { $0.all }
    try tx.update(mine, .put("apples", 2))
    log.replaceSequencer(knowing: .unknown)
    #expect(await reason(here, tx) == .newSequencer(since: Epoch(2)))
    #expect(try await mine.read { $0["apples"] } == 1)
    try await here.transaction { tx in _ = try tx.outcome(of: .add("apples", 1), on: mine) }
    #expect(try await mine.read { $0["apples"] } == 2)
  }

  @Test("R37: what the sequencer has forgotten is not taken for unmoved")
  func forgotten() async throws {
    let log = ModelStreams(writesMax: 4)
    let runtime = ModelRuntime(over: log)
    let stock = try await runtime.object("stock", of: Stock.self)
    let notes = try await runtime.object("notes", of: Notes.self)
    let tx = try await runtime.begin()
    _ = try tx.read(stock, keys: ["apples"]) { $0["apples"] }
    try tx.update(stock, .put("pears", 2))
    try await stock.update(.put("apples", 1))
    var place = Position.zero
    for number in 0..<4 { place = try await notes.update("\(number)") }
    do throws(ObjectError) {
      _ = try await runtime.commit(tx)
      Issue.record("a key that moved was forgotten, and taken for unmoved")
    } catch {
      guard case .aborted(.forgotten(let floor)) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(floor > tx.snapshot.position && floor <= place)
    }
  }

  @Test("What was opened after a transaction began is not known as it was then")
  func tooOld() async throws {
    let (here, mine, there, theirs) = try await two()
    let notes = try await there.object("notes", of: Notes.self)
    let tx = try await here.begin()
    try await notes.update("one")
    try await theirs.update(.put("apples", 2))
    try await there.checkpoint(notes)
    let late = try await here.object("notes", of: Notes.self)
    #expect(throws: ObjectError.aborted(.tooOld(tx.snapshot.position))) {
      try tx.read(late) { $0.lines }
    }
    #expect(try tx.read(mine) { $0["apples"] } == 1)
  }

  @Test("R37: a transaction that its own body calls off leaves no trace, and is not tried again")
  func calledOff() async throws {
    let (here, mine, _, theirs) = try await two()
    let tail = try await log.tail()
    var runs = 0
    let calledOff = ObjectError.aborted(.user("too few apples"))
    await #expect(throws: calledOff) {
      try await here.transaction { tx in
        runs += 1
        try tx.update(mine, .put("pears", 9))
        if try tx.read(mine, { $0["apples"] }) ?? 0 < 2 { throw tx.abort("too few apples") }
      }
    }
    #expect(runs == 1)
    #expect(try await log.tail() == tail)
    #expect("\(calledOff)" == "the transaction is off: too few apples")
    // Its moment is let go, and others go on.
    try await here.transaction { tx in try tx.update(mine, .put("apples", 2)) }
    #expect(try await theirs.read { $0.all } == ["apples 2", "pears 1"])
  }

  @Test("R32: who commits, and reads in a transaction, sees what he wrote")
  func readsOwnCommits() async throws {
    let (here, mine, _, _) = try await two()
    for number in 0..<5 {
      try await here.transaction { tx in try tx.update(mine, .put("apples", number)) }
      #expect(try await here.transaction { tx in try tx.read(mine) { $0["apples"] } } == number)
    }
    #expect(here.counters.aborted == 0)
  }
}

extension AbortReason {
  fileprivate var isConflict: Bool {
    if case .conflict = self { true } else { false }
  }
}

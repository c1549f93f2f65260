import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Testing

@testable import CorfuTransactions

/// Goal: every process has the same objects, whenever it opened them and whatever became of the
/// sequencer and of positions in between (R31–R33).
///
/// Method: runtimes over one log in memory.
@Suite("Objects over a log")
struct RuntimeTests {
  let log = ModelStreams()

  @Test("R32: what was acknowledged is read, here and elsewhere")
  func readsWhatWasAcknowledged() async throws {
    let (here, there) = (ModelRuntime(over: log), ModelRuntime(over: log.client(2)))
    let stock = try await here.object("stock", of: Stock.self)
    try await stock.update(.put("apples", 3))
    #expect(try await stock.read { $0["apples"] } == 3)
    let same = try await there.object("stock", of: Stock.self)
    #expect(same.stream == stock.stream)
    #expect(try same.peek { $0["apples"] } == 3)
    try await same.update(.add("apples", 1))
    #expect(try stock.peek { $0["apples"] } == 3)
    #expect(try await stock.read { $0["apples"] } == 4)
  }

  @Test("R33: an outcome is that of the update's own position, whoever wrote meanwhile")
  func outcomes() async throws {
    let other = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    let once = Once()
    // Between the update and its outcome somebody else adds.
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .ends, try await log.tail() > Position(5), once.isNow() else { return }
      _ = try? await other.update(.add("apples", 100))  // A log in memory does not fail.
    }
    let stock = try await Runtime(over: meddled).object("stock", of: Stock.self)
    for _ in 0..<4 { try await stock.update(.add("apples", 1)) }
    #expect(try await stock.outcome(of: .add("apples", 1)) == 5)
    #expect(try await stock.read { $0["apples"] } == 105)
  }

  @Test("R31: entries whose writers were waited for are found like all others")
  func lateWriters() async throws {
    let stock = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    let other = try await ModelRuntime(over: log.client(2)).object("other", of: Stock.self)
    for number in 1...40 { try await (number % 3 == 0 ? other : stock).update(.add("a", number)) }
    let all = try await stock.read { $0["a"] }
    for late in [[0], [0, 1], [2], [0, 1, 2]] as [[UInt64]] {
      let runtime = Runtime(
        over: MeddledStreams(log: log, before: { _ in }, isLate: { late.contains($0.number % 3) })
      )
      let mine = try await runtime.object("stock", of: Stock.self)
      #expect(try mine.peek { $0["a"] } == all)
      let another = try await runtime.object("other", of: Stock.self)
      #expect(try another.peek { $0["a"] } == 3 * (1...13).reduce(0, +))
    }
  }

  @Test("R33: many outcomes at once, each its own")
  func concurrentOutcomes() async throws {
    let notes = try await ModelRuntime(over: log).object("notes", of: Notes.self)
    let outcomes = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<50 { group.addTask { try await notes.outcome(of: "\(number)") } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.sorted() == Array(1...50))
  }

  @Test("An object opened twice is one, and one opened late is the same")
  func openings() async throws {
    let runtime = ModelRuntime(over: log)
    let first = try await runtime.object("stock", of: Stock.self)
    let second = try await runtime.object("stock", of: Stock.self)
    #expect(first.cell === second.cell)
    let other = try await runtime.object("other", of: Stock.self)
    for number in 0..<20 {
      try await (number % 3 == 0 ? other : first).update(.add("apples", number))
    }
    // Closed, it is played no more; opened again, it is played from its beginning.
    await runtime.close(other)
    try await runtime.sync()
    let again = try await runtime.object("other", of: Stock.self)
    #expect(try again.peek { $0["apples"] } == 0 + 3 + 6 + 9 + 12 + 15 + 18)
    #expect(try await first.read { $0["apples"] } == 190 - 63)
  }

  @Test("A closed object tells nothing any more, and no checkpoint of it is written")
  func closed() async throws {
    let runtime = ModelRuntime(over: log)
    let stock = try await runtime.object("stock", of: Stock.self)
    try await stock.update(.put("apples", 1))
    try await runtime.sync()
    await runtime.close(stock)
    let other = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    try await other.update(.put("apples", 2))
    await #expect(throws: ObjectError.self) { try await stock.read { $0["apples"] } }
    await #expect(throws: ObjectError.self) { try await runtime.checkpoint(stock) }
    let again = try await ModelRuntime(over: log.client(3)).object("stock", of: Stock.self)
    #expect(try again.peek { $0["apples"] } == 2)
  }

  @Test("A name has one type, one kind and 1 to 255 bytes")
  func names() async throws {
    let runtime = ModelRuntime(over: log)
    _ = try await runtime.object("stock", of: Stock.self)
    await #expect(throws: ObjectError.otherType("stock")) {
      try await runtime.object("stock", of: Notes.self)
    }
    // Another program that has not opened it is told the same.
    await #expect(throws: ObjectError.otherType("stock")) {
      try await ModelRuntime(over: log.client(2)).object("stock", of: Notes.self)
    }
    await #expect(throws: ObjectError.badName("stock")) { try await runtime.stream("stock") }
    await #expect(throws: ObjectError.badName("")) { try await runtime.stream("") }
    let long = String(repeating: "a", count: 256)
    await #expect(throws: ObjectError.badName(long)) {
      try await runtime.object(long, of: Notes.self)
    }
    #expect(try await runtime.directory().read { $0.names.map(\.name) } == ["stock"])
  }

  @Test("R33: outcomes are kept no longer than somebody may ask for them")
  func outcomesAreForgotten() async throws {
    let object = try await ModelRuntime(over: log).object("stock", of: Stock.self)
    // Somebody always waits: a chain of callers of whom each begins before the last one ends.
    var begin = object.cell.expectOutcome()
    for number in 0..<100 {
      try await object.update(.add("a", number))
      _ = try await object.read { $0.all }
      let next = object.cell.expectOutcome()
      object.cell.endExpecting(since: begin)
      begin = next
      #expect(object.cell.outcomesKept <= 1, "\(number)")
    }
    // What the last of them wrote meanwhile is there for it.
    let position = try await object.update(.add("a", 1))
    _ = try await object.read { $0.all }
    #expect(object.cell.takeOutcome(at: position) != nil)
    object.cell.endExpecting(since: begin)
    #expect(object.cell.outcomesKept == 0)
  }

  @Test("Two who make a name at once get one object")
  func oneName() async throws {
    let runtimes = (1...4).map { ModelRuntime(over: log.client(UInt64($0))) }
    let streams = try await withThrowingTaskGroup(of: StreamID.self) { group in
      for runtime in runtimes {
        group.addTask { try await runtime.object("stock", of: Stock.self).stream }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(streams.count == 1)
  }

  @Test("An entry that is no update of the object fails it, and no other")
  func undecodable() async throws {
    let runtime = ModelRuntime(over: log)
    let stock = try await runtime.object("stock", of: Stock.self)
    let notes = try await runtime.object("notes", of: Notes.self)
    let position = try await log.append([1, 2, 3], writing: [StreamKeys(stock.stream)])
    try await notes.update("still here")
    await #expect(throws: ObjectError.undecodable(stock.stream, position)) {
      try await stock.read { $0["apples"] }
    }
    #expect(try await notes.read { $0.lines } == ["still here"])
    // An update of another type, and half an update.
    let wrong = ObjectUpdate(stream: notes.stream, bytes: [0xff, 0xff, 0xff, 0xff, 0xff])
    let payload = ObjectEntry.updates([wrong]).encoded()
    let other = try await log.append(payload, writing: [StreamKeys(notes.stream)])
    await #expect(throws: ObjectError.undecodable(notes.stream, other)) {
      try await notes.read { $0.lines }
    }
  }

  @Test("R31: holes of dead clients, fewer and more than an entry points at", arguments: 0...9)
  func holes(count: Int) async throws {
    let runtime = ModelRuntime(over: log)
    let stock = try await runtime.object("stock", of: Stock.self)
    for number in 0..<6 { try await stock.update(.add("apples", number)) }
    log.leaveHoles(count, in: [stock.stream])
    try await stock.update(.add("apples", 100))
    #expect(try await stock.read { $0["apples"] } == 115)
    log.leaveHoles(count, in: [stock.stream])
    #expect(try await stock.read { $0["apples"] } == 115)
    let late = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    #expect(try late.peek { $0["apples"] } == 115)
  }

  @Test("R12, R31: another sequencer, who knows all streams, some, or none", arguments: 0...2)
  func sequencers(knowledge: Int) async throws {
    let runtime = ModelRuntime(over: log)
    let stock = try await runtime.object("stock", of: Stock.self)
    let notes = try await runtime.object("notes", of: Notes.self)
    var places: [Position] = []
    for number in 0..<9 {
      places.append(try await stock.update(.add("apples", number)))
      try await notes.update("\(number)")
    }
    let directory = try await log.ends(of: [StreamID(0)]).links[0].previous ?? []
    let known = [stock.stream: places, StreamID(0): directory]
    switch knowledge {
    case 0: log.replaceSequencer(knowing: .unknown)
    case 1: log.replaceSequencer(knowing: StreamCensus(known, isComplete: false))
    default:
      let all = try await log.ends(of: [notes.stream]).links[0].previous ?? []
      let census = known.merging([notes.stream: all]) { left, _ in left }
      log.replaceSequencer(knowing: StreamCensus(census, isComplete: true))
    }
    try await stock.update(.add("apples", 100))
    #expect(try await stock.read { $0["apples"] } == 136)
    let late = ModelRuntime(over: log.client(2))
    #expect(try await late.object("stock", of: Stock.self).peek { $0["apples"] } == 136)
    #expect(try await late.object("notes", of: Notes.self).peek { $0.lines.count } == 9)
  }

  @Test("R32: an end that another reign began before is asked for again")
  func endsOfOldReigns() async throws {
    let other = try await ModelRuntime(over: log.client(2)).object("stock", of: Stock.self)
    try await other.update(.add("apples", 1))
    let once = Once(isDue: false)
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .settle, once.isNow() else { return }
      // Two positions were handed out that nobody wrote, and are handed out once more: to the
      // object, and to somebody else.
      log.replaceSequencer(knowing: .unknown)
      _ = try? await other.update(.add("apples", 10))  // A log in memory does not fail.
      _ = try await log.append([1])
    }
    let runtime = Runtime(over: meddled)
    let stock = try await runtime.object("stock", of: Stock.self)
    #expect(try stock.peek { $0["apples"] } == 1)
    log.leaveHoles(2, in: [StreamID(77)])
    once.arm()
    #expect(try await stock.read { $0["apples"] } == 11)
    let stream = try await runtime.stream("red")
    let first = try await runtime.append([1], to: [stream])
    log.leaveHoles(2, in: [StreamID(77)])
    once.arm()
    #expect(try await stream.read().map(\.position) == [first])
  }

  @Test("Streams are the log, filtered; an entry of several stands in each at the same place")
  func streams() async throws {
    let runtime = ModelRuntime(over: log)
    let red = try await runtime.stream("red")
    let green = try await runtime.stream("green")
    let first = try await red.append([1])
    let batch = try await green.append(batch: [[2], [3]])
    let both = try await runtime.append([4], to: [red, green])
    log.leaveHoles(5, in: [red.stream])
    let last = try await red.append([5])
    #expect(try await red.read().map(\.position) == [first, both, last])
    #expect(try await green.read().map(\.position) == batch + [both])
    #expect(try await red.read(from: both).map(\.entry.payload) == [[4], [5]])
    var entries = red.entries().makeAsyncIterator()
    #expect(try await entries.next()?.position == first)
    #expect(try await entries.next()?.position == both)
    #expect(try await entries.next()?.position == last)
  }
}

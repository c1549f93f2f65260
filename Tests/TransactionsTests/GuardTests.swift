import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Testing

@testable import CorfuTransactions

/// Goal: nobody misses an entry silently, whatever was trimmed, given up or broken while another
/// sequencer took over.
///
/// Method: runtimes over one log in memory, whose sequencer is replaced by one that knows what
/// units would tell it.
@Suite("What is missing is told")
struct GuardTests {
  let log = ModelStreams()

  func runtime(_ number: UInt64 = 1, passesLosses: Bool = false) -> ModelRuntime {
    var limits = RuntimeLimits()
    limits.passesLosses = passesLosses
    return ModelRuntime(over: log.client(number), limits: limits)
  }

  /// Units count what is trimmed for nobody (R12).
  private func replaceSequencer() async throws {
    var tails: [StreamID: [Position]] = [:]
    for position in Position.zero..<(try await log.tail()) {
      guard case .data(let entry) = try await log.read([position])[0] else { continue }
      for link in entry.streams { tails[link.stream, default: []].append(position) }
    }
    log.replaceSequencer(knowing: StreamCensus(tails, isComplete: true))
  }

  // MARK: - The directory

  @Test("R38: the directory stays open when it is closed, and so the objects learn of trims")
  func directoryIsClosed() async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await runtime.object("stock", of: Stock.self)
    for number in 0..<10 { try await stock.update(.add("\(number % 2)", number)) }
    let behind = try await slow.object("stock", of: Stock.self)
    await slow.close(try await slow.directory())
    for number in 0..<10 { try await stock.update(.add("\(number % 2)", number)) }
    try await runtime.checkpoint(stock)
    try await runtime.trim()
    try await replaceSequencer()
    let all = try await stock.read { $0.all }
    #expect(try await behind.read { $0.all } == all)
    #expect(try await slow.directory().read { $0.names.map(\.name) } == ["stock"])
  }

  @Test("R38: where the directory cannot be read, nobody goes on into another reign unguarded")
  func directoryHasFailed() async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await runtime.object("stock", of: Stock.self)
    try await stock.update(.add("apples", 1))
    let behind = try await slow.object("stock", of: Stock.self)
    let directory = Directory.item.stream
    let bad = try await log.append([1, 2, 3], writing: [StreamKeys(directory)])
    try await stock.update(.add("apples", 1))
    // In the same reign the sequencer knows of every entry.
    #expect(try await behind.read { $0["apples"] } == 2)
    await #expect(throws: ObjectError.undecodable(directory, bad)) {
      try await slow.object("notes", of: Notes.self)
    }
    #expect(try await behind.read { $0["apples"] } == 2)
    try await replaceSequencer()
    for _ in 0..<2 {
      await #expect(throws: ObjectError.undecodable(directory, bad)) {
        try await behind.read { $0["apples"] }
      }
    }
    // Whoever tries to open it looks at all that was announced, whatever else stands there.
    await #expect(throws: ObjectError.undecodable(directory, bad)) {
      try await slow.object("notes", of: Notes.self)
    }
    #expect(try await behind.read { $0["apples"] } == 2)
  }

  // MARK: - What was given up

  @Test("R24: an object of which something may have been given up says so, in every other process")
  func givenUp() async throws {
    let (runtime, slow) = (runtime(1), runtime(2))
    let stock = try await runtime.object("stock", of: Stock.self)
    let early = try await stock.update(.add("apples", 1))
    let behind = try await slow.object("stock", of: Stock.self)
    let lost = try await stock.update(.add("apples", 10))
    let late = try await stock.update(.add("apples", 100))
    #expect(try await stock.read { $0["apples"] } == 111)
    log.giveUp([lost])
    try await replaceSequencer()
    // Who has played it knows it.
    #expect(try await stock.read { $0["apples"] } == 111)
    await #expect(throws: ObjectError.log(.lost(lost))) { try await behind.read { $0.all } }
    let other = self.runtime(3)
    for _ in 0..<2 {
      await #expect(throws: ObjectError.log(.lost(lost))) {
        try await other.object("stock", of: Stock.self)
      }
    }
    // The past before it is there, and nothing behind it.
    #expect(try await stock.state(at: lost)["apples"] == 1)
    await #expect(throws: ObjectError.log(.lost(lost))) {
      try await self.runtime(1).object("stock", of: Stock.self)
    }
    #expect(early < lost && lost < late)
    // The way on: who knows it writes it down, and with it the directory.
    try await runtime.checkpoint(stock)
    let same = try await other.object("stock", of: Stock.self)
    #expect(try await same.read { $0["apples"] } == 111)
    let again = try await slow.object("stock", of: Stock.self)
    #expect(try await again.read { $0["apples"] } == 111)
    var shown = 0
    try await same.replay { _ in shown += 1 }
    #expect(shown == 0)
  }

  @Test("R24: what was given up last of a stream leaves no pointer, and is told all the same")
  func givenUpLast() async throws {
    let runtime = runtime(1)
    let stock = try await runtime.object("stock", of: Stock.self)
    try await stock.update(.add("apples", 1))
    let lost = try await stock.update(.add("apples", 10))
    _ = try await log.append([7])
    log.giveUp([lost])
    try await replaceSequencer()
    try await stock.update(.add("apples", 100))
    await #expect(throws: ObjectError.log(.lost(lost))) {
      try await self.runtime(2).object("stock", of: Stock.self)
    }
    // An operator saves what is left, and that is what everybody has from then on.
    let saviour = self.runtime(3, passesLosses: true)
    let saved = try await saviour.object("stock", of: Stock.self)
    #expect(try await saved.read { $0["apples"] } == 101)
    try await saviour.checkpointAll()
    let late = try await self.runtime(4).object("stock", of: Stock.self)
    #expect(try late.peek { $0["apples"] } == 101)
  }

  @Test("R24: who trims what was given up says that nobody needs it")
  func givenUpAndTrimmed() async throws {
    let runtime = runtime(1)
    let stock = try await runtime.object("stock", of: Stock.self)
    try await stock.update(.add("apples", 1))
    let plain = try await log.append(batch: [[1], [2], [3]])
    try await stock.update(.add("apples", 1))
    log.giveUp(plain)
    try await replaceSequencer()
    for (index, place) in plain.enumerated().reversed() {
      await #expect(throws: ObjectError.log(.lost(plain[index]))) {
        try await self.runtime(2).object("stock", of: Stock.self)
      }
      try await log.trim(place)
    }
    let late = try await self.runtime(2).object("stock", of: Stock.self)
    #expect(try late.peek { $0["apples"] } == 2)
  }

  @Test("R24: streams do not pass over what was given up, from wherever they are read")
  func streamsAndLosses() async throws {
    let runtime = runtime(1)
    let red = try await runtime.stream("red")
    let places = try await red.append(batch: [[1], [2], [3]])
    log.giveUp([places[1]])
    try await replaceSequencer()
    await #expect(throws: ObjectError.log(.lost(places[1]))) { try await red.read() }
    await #expect(throws: ObjectError.log(.lost(places[1]))) { try await red.read(from: places[1]) }
    #expect(try await red.read(from: places[2]).map(\.position) == [places[2]])
    var entries = red.entries(from: places[0]).makeAsyncIterator()
    await #expect(throws: ObjectError.log(.lost(places[1]))) { try await entries.next() }
  }

  // MARK: - Streams behind a trim

  @Test(
    "R21: who follows a stream and falls behind a trim is told where to go on",
    arguments: 0...2
  )
  func follower(sequencer: Int) async throws {
    let runtime = runtime(1)
    let stock = try await runtime.object("stock", of: Stock.self)
    let red = try await runtime.stream("red")
    let first = try await red.append([1])
    var all = red.entries().makeAsyncIterator()
    var late = try await self.runtime(2).stream("red").entries(from: first).makeAsyncIterator()
    #expect(try await all.next()?.position == first)
    #expect(try await late.next()?.position == first)
    for number in 0..<8 as Range<UInt8> { try await red.append([number]) }
    try await stock.update(.add("apples", 1))
    try await runtime.checkpointAll()
    let mark = try await red.append([9])
    try await red.trim(before: mark)
    try await runtime.checkpointAll()
    let forgotten = try await runtime.trim()
    #expect(forgotten > first.advanced(by: 8))
    switch sequencer {
    case 0: break
    case 1: log.replaceSequencer(knowing: .unknown)
    default: try await replaceSequencer()
    }
    let error = ObjectError.log(.trimmed(first.advanced(by: 1), mark: forgotten))
    await #expect(throws: error) { try await late.next() }
    await #expect(throws: error) { try await all.next() }
    // Whoever begins where the stream begins has what is left, and so has whoever goes on there.
    var left = red.entries().makeAsyncIterator()
    #expect(try await left.next()?.position == mark)
    var goesOn = red.entries(from: forgotten).makeAsyncIterator()
    #expect(try await goesOn.next()?.position == mark)
    #expect(try await red.read().map(\.position) == [mark])
  }
}

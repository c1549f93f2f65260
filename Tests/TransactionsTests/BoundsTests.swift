import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Synchronization
import Testing

@testable import CorfuTransactions

/// Goal: with room for one of everything objects are the same, and transactions as true, as with
/// room for all; and no more is held.
///
/// Method: runtimes over one log in memory, with limits of one.
@Suite("Bounds of memory")
struct BoundsTests {
  let log = ModelStreams()

  /// How many positions were asked for at once.
  private final class ReadSizes: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    func begin() { state.withLock { $0.now = 0 } }

    func note() {
      state.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
    }
  }

  private func limits(chunkMax: Int) -> RuntimeLimits {
    var limits = RuntimeLimits()
    limits.chunkMax = chunkMax
    return limits
  }

  @Test("R32: objects are the same, played one entry at a time or many", arguments: [1, 2, 256])
  func chunks(chunkMax: Int) async throws {
    let sizes = ReadSizes()
    let counting = MeddledStreams(
      log: log.client(2),
      before: { (call) throws(LogError) in if call == .read { sizes.begin() } },
      isLate: { _ in
        sizes.note()
        return false
      }
    )
    let reader = Runtime(over: counting, limits: limits(chunkMax: chunkMax))
    let writer = ModelRuntime(over: log)
    let stock = try await writer.object("stock", of: Stock.self)
    let notes = try await writer.object("notes", of: Notes.self)
    let same = try await reader.object("stock", of: Stock.self)
    let others = try await reader.object("notes", of: Notes.self)
    for number in 0..<60 {
      try await writer.transaction { tx in
        try tx.update(stock, .add("\(number % 4)", number))
        if number % 3 == 0 { try tx.update(notes, "\(number)") }
      }
      if number % 10 == 5 { log.leaveHoles(1, in: [stock.stream]) }
    }
    let all = try await stock.read { $0.all }
    let lines = try await notes.read { $0.lines }
    #expect(try await same.read { $0.all } == all)
    #expect(try others.peek { $0.lines } == lines)
    // The pointers of a few entries, but not all that is played.
    if chunkMax == 1 { #expect(sizes.most < 30, "\(sizes.most)") }
    if chunkMax == 256 { #expect(sizes.most >= 60, "\(sizes.most)") }
    let middle = Position(31)
    let then = try await stock.state(at: middle).all
    #expect(try await same.state(at: middle).all == then)
    var changes = 0
    try await same.replay { _ in changes += 1 }
    #expect(changes == 60)
    // Read as it stands, the log is the same as along its pointers.
    var scanning = limits(chunkMax: chunkMax)
    scanning.scanMin = 1
    let late = Runtime(over: log.client(3), limits: scanning)
    #expect(try await late.object("stock", of: Stock.self).peek { $0.all } == all)
    #expect(try await late.object("notes", of: Notes.self).peek { $0.lines } == lines)
  }

  // MARK: - Backlogs

  /// A runtime that follows pointers, and holds few positions.
  private func frugal(_ number: UInt64, positionsMax: Int) -> ModelRuntime {
    var limits = RuntimeLimits()
    (limits.positionsMax, limits.scanMin, limits.chunkMax) = (positionsMax, .max, 50)
    return ModelRuntime(over: log.client(number), limits: limits)
  }

  @Test("R32: of a long backlog few positions are held", arguments: [1, 16, 200])
  func backlog(positionsMax: Int) async throws {
    let writer = ModelRuntime(over: log)
    let stock = try await writer.object("stock", of: Stock.self)
    let notes = try await writer.object("notes", of: Notes.self)
    let behind = frugal(2, positionsMax: positionsMax)
    let same = try await behind.object("stock", of: Stock.self)
    let others = try await behind.object("notes", of: Notes.self)
    let spender = frugal(3, positionsMax: .max)
    _ = try await spender.object("stock", of: Stock.self)
    _ = try await spender.object("notes", of: Notes.self)
    for number in 0..<900 {
      switch number % 5 {
      case 0:
        try await writer.transaction { tx in
          try tx.update(stock, .add("\(number % 7)", number))
          try tx.update(notes, "both \(number)")
        }
      case 1: try await notes.update("\(number)")
      case 2: _ = try await log.append([1])
      default: try await stock.update(.add("\(number % 7)", number))
      }
      if number % 90 == 7 { log.leaveHoles(5, in: [stock.stream]) }
    }
    let (all, lines) = (try await stock.read { $0.all }, try await notes.read { $0.lines })
    let late = frugal(4, positionsMax: positionsMax)
    let lateStock = try await late.object("stock", of: Stock.self)
    let lateNotes = try await late.object("notes", of: Notes.self)
    #expect(try await same.read { $0.all } == all)
    #expect(try others.peek { $0.lines } == lines)
    #expect(try lateStock.peek { $0.all } == all)
    #expect(try lateNotes.peek { $0.lines } == lines)
    #expect(behind.seen == late.seen)
    // The directory and two objects; each needs a few.
    let most = positionsMax + 3 * (max(4, positionsMax / 12) + 8)
    #expect(behind.counters.positionsHeldMax <= most, "\(behind.counters.positionsHeldMax)")
    #expect(late.counters.positionsHeldMax <= most, "\(late.counters.positionsHeldMax)")
    try await spender.sync()
    #expect(spender.counters.positionsHeldMax > 800)
    // What an object was, and what became of it, is the same.
    let middle = Position(400)
    let then = try await stock.state(at: middle).all
    #expect(try await lateStock.state(at: middle).all == then)
    var changes = 0
    try await lateStock.replay { _ in changes += 1 }
    #expect(changes == 540)
  }

  @Test("R21: a stream is read in parts, and followed, whoever takes the sequencer's place")
  func longStream() async throws {
    let red = try await ModelRuntime(over: log).stream("red")
    let blue = try await ModelRuntime(over: log).stream("blue")
    var places: [Position] = []
    for number in 0..<100 as Range<UInt8> {
      places += try await red.append(batch: [[number], [number]])
      try await blue.append([number])
    }
    for positionsMax in [1, 30] {
      let late = try await frugal(2, positionsMax: positionsMax).stream("red")
      #expect(try await late.read().map(\.position) == places)
      #expect(try await late.read(from: places[77]).map(\.position) == Array(places[77...]))
      var followed: [Position] = []
      for try await item in late.entries() {
        followed.append(item.position)
        if followed.count == 60 { log.replaceSequencer(knowing: .unknown) }
        if followed.count == 200 { break }
      }
      #expect(followed == places)
    }
  }

  @Test("R24: what is given up while a long stream is read is told", arguments: [1, .max])
  func givenUpMeanwhile(positionsMax: Int) async throws {
    let red = try await ModelRuntime(over: log).stream("red")
    var places: [Position] = []
    for _ in 0..<300 {
      places.append(try await red.append([1]))
      // So far from each other that none is read ahead.
      _ = try await log.append(batch: [[UInt8]](repeating: [2], count: 15))
    }
    let late = try await frugal(2, positionsMax: positionsMax).stream("red")
    var entries = late.entries().makeAsyncIterator()
    for place in places[..<100] { #expect(try await entries.next()?.position == place) }
    log.giveUp([places[250]])
    log.replaceSequencer(knowing: .unknown)
    await #expect(throws: ObjectError.log(.lost(places[250]))) {
      for _ in 100..<300 { _ = try await entries.next() }
    }
  }

  @Test("R38: whoever meets a trim between two walks begins anew from the checkpoint")
  func trimMeanwhile() async throws {
    var restarts = 0
    for reads in 0..<60 {
      let log = ModelStreams()
      let keeper = ModelRuntime(over: log)
      let stock = try await keeper.object("stock", of: Stock.self)
      for number in 0..<150 {
        try await stock.update(.add("\(number % 4)", number))
        if number % 3 == 0 { _ = try await log.append([1]) }
      }
      let all = try await stock.read { $0.all }
      let calls = Mutex(reads)
      let meddled = MeddledStreams(log: log.client(2)) { (call) throws(LogError) in
        guard call == .read else { return }
        let isNow = calls.withLock { calls in
          calls -= 1
          return calls == 0
        }
        if !isNow { return }
        do throws(ObjectError) {
          try await keeper.checkpointAll()
          try await keeper.trim()
        } catch {
          throw .unavailable("\(error)")
        }
      }
      var limits = RuntimeLimits()
      (limits.positionsMax, limits.scanMin, limits.chunkMax) = (8, .max, 10)
      let late = Runtime(over: meddled, limits: limits)
      let same = try await late.object("stock", of: Stock.self)
      #expect(try await same.read { $0.all } == all, "trimmed at read \(reads)")
      restarts += late.counters.restarts
    }
    #expect(restarts > 0)
  }

  @Test("R38: what is forgotten is told, and the rest opened, one entry at a time")
  func chunksBehindATrim() async throws {
    let writer = ModelRuntime(over: log)
    let stock = try await writer.object("stock", of: Stock.self)
    for number in 0..<20 { try await stock.update(.add("\(number % 4)", number)) }
    try await writer.checkpoint(stock)
    #expect(try await writer.trim() > Position(10))
    for number in 0..<5 { try await stock.update(.add("late", number)) }
    let reader = Runtime(over: log.client(2), limits: limits(chunkMax: 1))
    let same = try await reader.object("stock", of: Stock.self)
    let all = try await stock.read { $0.all }
    #expect(try await same.read { $0.all } == all)
    await #expect(throws: ObjectError.self) { try await same.state(at: Position(9)) }
  }

  @Test("R12, R37: a sequencer that remembers one write and one stream says what it forgot")
  func leastMemory() async throws {
    let log = ModelStreams(streamsMax: 1, writesMax: 1)
    let (here, there) = (ModelRuntime(over: log), ModelRuntime(over: log.client(2)))
    let mine = try await here.object("stock", of: Stock.self)
    let theirs = try await there.object("stock", of: Stock.self)
    try await mine.update(.put("apples", 1))
    let tx = try await here.begin()
    #expect(try tx.read(mine, keys: ["apples"]) { $0["apples"] } == 1)
    let place = try await theirs.update(.put("pears", 1))
    try tx.update(mine, .put("apples", 2))
    let forgotten = ObjectError.aborted(.forgotten(place.advanced(by: 1)))
    await #expect(throws: forgotten) { try await here.commit(tx) }
    // Read again, nothing is in the way.
    try await here.transaction { tx in
      let apples = try tx.read(mine, keys: ["apples"]) { $0["apples"] } ?? 0
      try tx.update(mine, .put("apples", apples + 1))
    }
    #expect(try await theirs.read { $0.all } == ["apples 2", "pears 1"])
    // Nobody knows where a stream ends, and all of it is found.
    let late = ModelRuntime(over: log.client(3))
    #expect(try await late.object("stock", of: Stock.self).peek { $0.all.count } == 2)
  }

  @Test("R34: long keys conflict with themselves, and with no others")
  func longKeys() async throws {
    let (here, there) = (ModelRuntime(over: log), ModelRuntime(over: log.client(2)))
    let mine = try await here.object("stock", of: Stock.self)
    let theirs = try await there.object("stock", of: Stock.self)
    let long = String(repeating: "a", count: 1000)
    let other = long + "b"
    for key in [long, other] { try await mine.update(.put(key, 1)) }
    let one = try await here.begin()
    #expect(try one.read(mine, keys: [.string(long)]) { $0[long] } == 1)
    try await theirs.update(.put(other, 2))
    try one.update(mine, .put("apples", 2))
    #expect(try await here.commit(one) != nil)
    let two = try await here.begin()
    #expect(try two.read(mine, keys: [.string(long)]) { $0[long] } == 1)
    let place = try await theirs.update(.put(long, 2))
    try two.update(mine, .put("apples", 3))
    // Which key it was its digest does not tell.
    let conflict = ObjectError.aborted(.conflict(mine.stream, key: nil, at: place))
    await #expect(throws: conflict) { try await here.commit(two) }
    #expect(try await mine.read { $0["apples"] } == 2)
  }
}

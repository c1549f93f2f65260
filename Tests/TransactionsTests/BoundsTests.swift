import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Synchronization
import Testing

@testable import CorfuTransactions

/// Goal: with room for one of everything objects are the same, and transactions as true, as with
/// room for all.
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

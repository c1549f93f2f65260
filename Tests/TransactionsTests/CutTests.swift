import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
@testable import CorfuTransactions
import Testing

// Goal: no process keeps what stood behind a cut of the log, where others have something else
// (R24).
// Method: a model of the log is cut at every place while one process has played all of it; it is
// compared with one that knows nothing of what was.

struct CutTests {
  typealias Stock = MapState<Int>

  /// A log with an update of two objects by turns, and a process that has played them.
  private func story(
    _ count: Int
  ) async throws -> (log: ModelStreams, first: ReplicatedObject<ModelStreams, Stock>) {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let first = try await runtime.object("first", of: Stock.self)
    let second = try await runtime.object("second", of: Stock.self)
    for number in 0..<count {
      try await (number % 2 == 0 ? first : second).update(.put("a", number))
    }
    _ = try await first.read { $0["a"] }
    return (log, first)
  }

  @Test(
    "R24: what was played behind a cut is told to be lost, and opened again it is what others have"
  )
  func everyPlace() async throws {
    let count = 8
    let end = try await story(count).log.tail()
    // The names are entered first.
    let begin = end.advanced(by: -count)
    for place in 0...count {
      let (log, first) = try await story(count)
      let cut = begin.advanced(by: place)
      log.cut(from: cut)
      let other = try await Runtime(over: log.client(2)).object("first", of: Stock.self)
      try await other.update(.put("b", place))
      let kept = (0..<place).last { $0 % 2 == 0 }
      #expect(try await other.read { $0["a"] } == kept)
      // The last update of the first object is the last but one of all.
      if place >= count - 1 {
        #expect(try await first.read { $0["a"] } == kept)
        #expect(try await first.read { $0["b"] } == place)
        continue
      }
      await #expect(throws: ObjectError.log(.cut(cut)), "\(place)") {
        _ = try await first.read { $0["a"] }
      }
      let again = try await first.runtime.object("first", of: Stock.self)
      #expect(try await again.read { $0["a"] } == kept)
      #expect(try await again.read { $0["b"] } == place)
    }
  }

  @Test("R24: a transaction that began before a cut is off")
  func transaction() async throws {
    let (log, first) = try await story(4)
    let runtime = first.runtime
    let tx = try await runtime.begin()
    let value = try tx.read(first, keys: ["a"]) { $0["a"] }
    #expect(value == 2)
    try tx.update(first, .put("c", 1))
    log.cut(from: try await log.tail().advanced(by: -3))
    await #expect(throws: ObjectError.self) { _ = try await runtime.commit(tx) }
  }

  /// A stream of four entries, somebody who has found all of them, and a cut before the last two.
  private func newsCut() async throws -> (
    log: ModelStreams, stream: LogStream<ModelStreams>, reader: StreamReader<ModelStreams>,
    cut: Position
  ) {
    let log = ModelStreams()
    let stream = try await Runtime(over: log).stream("news")
    for number in 0..<4 as Range<UInt8> { _ = try await stream.append([number]) }
    var reader = stream.reader(from: .zero)
    try await reader.sync()
    let cut = try await log.tail().advanced(by: -2)
    log.cut(from: cut)
    return (log, stream, reader, cut)
  }

  @Test("R24: a stream's readers are told where the log was cut")
  func stream() async throws {
    let (_, stream, found, cut) = try await newsCut()
    var reader = found
    await #expect(throws: ObjectError.log(.cut(cut))) { try await reader.sync() }
    var fresh = stream.reader(from: .zero)
    try await fresh.sync()
    #expect(try await fresh.next()?.entry.payload == [0])
    #expect(try await fresh.next()?.entry.payload == [1])
    #expect(try await fresh.next() == nil)
  }

  @Test("R24: what a stream's reader has found is not read where the log was cut since")
  func found() async throws {
    let (log, _, found, cut) = try await newsCut()
    var reader = found
    _ = try await log.client(2).append(batch: [[7], [8]], writing: [])
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await reader.next() }
  }

  @Test("R24: what others write where the log is cut meanwhile is not taken for what stood there")
  func meanwhile() async throws {
    let log = ModelStreams()
    let other = try await Runtime(over: log.client(2)).object("first", of: Stock.self)
    for number in 0..<4 { try await other.update(.put("a", number)) }
    let once = Once(isDue: false)
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .read, once.isNow() else { return }
      log.cut(from: try await log.tail().advanced(by: -2))
      _ = try? await other.update(.put("b", 1))  // A log in memory does not fail,
      _ = try? await other.update(.put("a", 9))  // here neither.
    }
    let mine = try await Runtime(over: meddled).object("first", of: Stock.self)
    for number in 4..<6 { try await other.update(.put("a", number)) }
    once.arm()
    // It has played nothing of what was lost, so it misses nothing.
    for _ in 0..<2 {
      #expect(try await mine.read { $0["a"] } == 9)
      #expect(try await mine.read { $0["b"] } == 1)
    }
  }

  @Test("R24, R38: there is no checkpoint of what was lost with a cut")
  func checkpoint() async throws {
    let log = ModelStreams()
    let other = try await Runtime(over: log.client(2)).object("first", of: Stock.self)
    let once = Once(isDue: false)
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .append, once.isNow() else { return }
      log.cut(from: try await log.tail().advanced(by: -2))
      // It is longer than before by the time that the checkpoint begins.
      for _ in 0..<4 {
        _ = try? await other.update(.put("b", 1))  // A log in memory does not fail.
      }
    }
    let runtime = Runtime(over: meddled)
    let mine = try await runtime.object("first", of: Stock.self)
    for number in 0..<4 { try await other.update(.put("a", number)) }
    once.arm()
    await #expect(throws: ObjectError.self) { _ = try await runtime.checkpoint(mine) }
    let late = try await Runtime(over: log.client(3)).object("first", of: Stock.self)
    #expect(try await late.read { $0["a"] } == 1)
    #expect(try await late.read { $0["b"] } == 1)
  }

  @Test("R24, R38: a checkpoint that was read before a cut, and is gone with it, is not played on")
  func opening() async throws {
    let log = ModelStreams()
    let writer = Runtime(over: log.client(2))
    let other = try await writer.object("first", of: Stock.self)
    let (first, second) = (Once(isDue: false), Once(isDue: false))
    let cut = try await log.tail().advanced(by: 2)
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .ends else { return }
      // The checkpoint is looked for first, and then there is to play what comes behind it.
      if first.isNow() { return second.arm() }
      guard second.isNow() else { return }
      log.cut(from: cut)
      for _ in 0..<12 {
        _ = try? await other.update(.put("b", 1))  // A log in memory does not fail.
      }
    }
    let runtime = Runtime(over: meddled)
    _ = try await runtime.directory()
    for number in 0..<4 { try await other.update(.put("a", number)) }
    try await writer.checkpoint(other)
    first.arm()
    await #expect(throws: ObjectError.log(.cut(cut))) {
      _ = try await runtime.object("first", of: Stock.self)
    }
    let again = try await runtime.object("first", of: Stock.self)
    #expect(try await again.read { $0["a"] } == 1)
    #expect(try await again.read { $0["b"] } == 1)
  }

  @Test("R24: an object whose name was lost with a cut has no stream any more")
  func names() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    _ = try await runtime.object("first", of: Stock.self)
    let cut = try await log.tail()
    let second = try await runtime.object("second", of: Stock.self)
    let news = try await runtime.stream("news")
    let tx = try await runtime.begin()
    try tx.update(second, .put("a", 1))
    log.cut(from: cut)
    let other = try await Runtime(over: log.client(2)).object("third", of: Stock.self)
    #expect(other.stream == second.stream)
    try await other.update(.put("a", 7))
    // Nothing is written to what may be another's.
    await #expect(throws: ObjectError.log(.cut(cut))) { try await second.update(.put("a", 1)) }
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await news.append([1]) }
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await runtime.commit(tx) }
    #expect(try await other.read { $0["a"] } == 7)
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await second.read { $0["a"] } }
    let again = try await runtime.object("second", of: Stock.self)
    #expect(again.stream != other.stream)
    #expect(try await again.read { $0["a"] } == nil)
  }

  @Test(
    "R24: an entry whose streams' names are lost while it is on its way is not written",
    arguments: Errand.allCases
  )
  func namesOnTheWay(errand: Errand) async throws {
    let log = ModelStreams()
    let once = Once(isDue: false)
    let third = try await Runtime(over: log.client(2)).object("first", of: Stock.self)
    let cut = try await log.tail()
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .append, once.isNow() else { return }
      log.cut(from: cut)
      // Another object gets the stream that is on the way to be written to.
      // A log in memory does not fail.
      let other = try? await third.runtime.object("third", of: Stock.self)
      _ = try? await other?.update(.put("a", 7))  // Nor here.
    }
    let runtime = Runtime(over: meddled)
    let lost: StreamID
    if errand.isAboutStream {
      let news = try await runtime.stream("news")
      lost = news.stream
      once.arm()
      await #expect(throws: ObjectError.log(.cut(cut))) {
        if errand == .batch { return _ = try await news.append(batch: [[1], [2]]) }
        _ = try await news.append([1])
      }
    } else {
      let second = try await runtime.object("second", of: Stock.self)
      lost = second.stream
      once.arm()
      await #expect(throws: ObjectError.log(.cut(cut))) {
        if errand == .update { return _ = try await second.update(.put("a", 1)) }
        try await runtime.transaction { tx in try tx.update(second, .put("a", 1)) }
      }
    }
    let other = try await third.runtime.object("third", of: Stock.self)
    #expect(other.stream == lost)
    #expect(try await other.read { $0["a"] } == 7)
  }

  enum Errand: CaseIterable {
    case update, transaction, append, batch

    var isAboutStream: Bool { self == .append || self == .batch }
  }

  @Test("R24: what is opened under a name that is lost meanwhile is not what others have there")
  func namesWhileOpening() async throws {
    let log = ModelStreams()
    let third = try await Runtime(over: log.client(2)).object("first", of: Stock.self)
    let cut = try await log.tail()
    let earlier = try await third.runtime.object("second", of: Stock.self)
    let (once, opening) = (Once(isDue: false), Once(isDue: false))
    let meddled = MeddledStreams(log: log) { (call) throws(LogError) in
      guard call == .ends, once.isNow() else { return }
      // Somebody who knows what the name stands for waits for its turn,
      opening.arm()
      for _ in 0..<1_000 { await Task.yield() }
      log.cut(from: cut)
      // and then it stands for nothing.
      // A log in memory does not fail.
      let other = try? await Runtime(over: log.client(3)).object("third", of: Stock.self)
      _ = try? await other?.update(.put("a", 7))  // Nor here.
    }
    let runtime = Runtime(over: meddled)
    let first = try await runtime.object("first", of: Stock.self)
    once.arm()
    async let opened = {
      while !opening.isNow() { await Task.yield() }
      return try await runtime.object("second", of: Stock.self)
    }()
    try await runtime.sync()
    #expect(first.cell.hasFailed)
    let second = try await opened
    let other = try await Runtime(over: log.client(4)).object("third", of: Stock.self)
    #expect(other.stream == earlier.stream && second.stream != other.stream)
    try await second.update(.put("b", 1))
    #expect(try await second.read { $0["b"] } == 1)
    #expect(try await other.read { ($0["a"], $0["b"]) } == (7, nil))
  }

  @Test("R24: a transaction that begins behind a cut writes to no object of before")
  func objectOfBefore() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let first = try await runtime.object("first", of: Stock.self)
    let cut = try await log.tail()
    let second = try await runtime.object("second", of: Stock.self)
    let news = try await runtime.stream("news")
    log.cut(from: cut)
    let other = try await Runtime(over: log.client(2)).object("third", of: Stock.self)
    #expect(other.stream == second.stream)
    // It has heard of the cut by now.
    try await runtime.sync()
    #expect(second.cell.hasFailed)
    await #expect(throws: ObjectError.log(.cut(cut))) {
      try await runtime.transaction { tx in try tx.update(second, .put("a", 1)) }
    }
    await #expect(throws: ObjectError.log(.cut(cut))) {
      try await runtime.transaction { tx in tx.append([1], to: news) }
    }
    await #expect(throws: ObjectError.log(.cut(cut))) {
      let again = try await runtime.object("first", of: Stock.self)
      try await runtime.transaction { tx in
        let before = try tx.read(again, keys: ["a"]) { $0["a"] }
        try tx.update(second, .put("a", before ?? 1))
      }
    }
    // Nor does it take one for empty that began behind its moment, and is not there any more.
    await #expect(throws: ObjectError.log(.cut(cut))) {
      try await runtime.transaction { tx in _ = try tx.read(second) { $0["a"] } }
    }
    #expect(first.stream != second.stream)
    #expect(try await other.read { $0["a"] } == nil)
  }

  @Test("R24: what is read under a name that was lost is not what others have in its stream")
  func readingUnderALostName() async throws {
    let log = ModelStreams()
    let (runtime, writer) = (Runtime(over: log), Runtime(over: log.client(2)))
    _ = try await writer.object("first", of: Stock.self)
    let cut = try await log.tail()
    let second = try await runtime.object("second", of: Stock.self)
    try await second.update(.put("a", 1))
    let news = try await runtime.stream("news")
    log.cut(from: cut)
    let third = try await Runtime(over: log.client(3)).object("third", of: Stock.self)
    for number in 0..<4 { try await third.update(.put("b", number)) }
    let fourth = try await third.runtime.stream("fourth")
    _ = try await fourth.append(batch: [[1], [2]])
    #expect(third.stream == second.stream && fourth.stream == news.stream)
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await news.read() }
    var entries = news.entries(from: .zero).makeAsyncIterator()
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await entries.next() }
    let end = try await log.tail()
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await second.state(at: end) }
    await #expect(throws: ObjectError.log(.cut(cut))) {
      _ = try await second.lastWrite(of: .string("b"), before: end)
    }
    await #expect(throws: ObjectError.log(.cut(cut))) { _ = try await second.oldestPosition() }
    await #expect(throws: ObjectError.log(.cut(cut))) {
      try await second.replay { _ in Issue.record("it is another's") }
    }
    // Under the name there is nothing now, and it is asked for anew.
    #expect(try await runtime.stream("news").read().isEmpty)
  }
}

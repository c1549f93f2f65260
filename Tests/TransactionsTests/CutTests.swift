import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
@testable import CorfuTransactions
import Testing

// Goal: no process keeps what stood behind a cut of the log, where others have something else (R24).
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
      await #expect(throws: ObjectError.log(.lost(cut)), "\(place)") {
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

  @Test("R24: a stream's readers are told where the log was cut")
  func stream() async throws {
    let log = ModelStreams()
    let stream = try await Runtime(over: log).stream("news")
    for number in 0..<4 as Range<UInt8> { _ = try await stream.append([number]) }
    var reader = stream.reader(from: .zero)
    try await reader.sync()
    let cut = try await log.tail().advanced(by: -2)
    log.cut(from: cut)
    await #expect(throws: ObjectError.log(.lost(cut))) { try await reader.sync() }
    var fresh = stream.reader(from: .zero)
    try await fresh.sync()
    #expect(try await fresh.next()?.entry.payload == [0])
    #expect(try await fresh.next()?.entry.payload == [1])
    #expect(try await fresh.next() == nil)
  }
}

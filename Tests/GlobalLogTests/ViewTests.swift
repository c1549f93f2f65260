// Goal: who looks at a folder while its owner writes sees what was acknowledged, and nothing else.
// Method: an owner's life is kept, state by state; looks begin at each of them and take their time.
@testable import CorfuGlobalLog
import CorfuSimulation
import Synchronization
import Testing

struct ViewTests {
  /// What was promised when a folder had so many states.
  private struct Promise: Sendable {
    var states: Int
    var tail: Position
    var mark: Position
  }

  /// Appends that roll segments, a trim that drops some, a kill, a recovery, and more of the same.
  private static func life() async throws -> (HistoryDevice, [Promise]) {
    let device = HistoryDevice()
    let promises = Mutex<[Promise]>([])
    for round in 0..<3 {
      try await withStore(device, limits: .small(segmentBytes: 8 << 10), closes: round == 1) {
        store in
        for number in round * 60..<round * 60 + 60 {
          _ = try await store.write([entry(number)], at: Position(UInt64(number)))
          if number % 50 == 45 { try await store.trimPrefix(before: Position(UInt64(number - 9))) }
          let promise = Promise(
            states: device.history.count,
            tail: store.tail(),
            mark: store.reader.trimMark
          )
          promises.withLock { $0.append(promise) }
        }
      }
    }
    return (device, promises.withLock { $0 })
  }

  private static func check(
    _ view: StoreView<PassingDevice>,
    _ promise: Promise?,
    _ comment: Comment
  ) throws {
    let tail = view.reader.tail
    #expect(tail >= promise?.tail ?? .zero, comment)
    let mark = view.reader.trimMark
    #expect(mark >= promise?.mark ?? .zero, comment)
    for position in Position.zero..<tail {
      let expected = position < mark ? .trimmed : data(Int(position.number))
      #expect(view.reader.find(position) != .empty, comment)
      do {
        #expect(try view.reader.read(position) == expected, comment)
      } catch LogError.failed(.notFound) {
        continue  // Dropped or replaced meanwhile: whoever asks looks again.
      }
    }
  }

  @Test("Nothing acknowledged looks empty, lost or doubtful", arguments: [1, 2, 5, 40])
  func looks(pace: Int) async throws {
    let (device, promises) = try await Self.life()
    let history = device.history
    let first = try #require(history.firstIndex { $0["identity"] != nil })
    for begin in stride(from: first, to: history.count, by: 1) {
      let passing = PassingDevice(history, from: begin, pace: pace)
      let view = try StoreView(of: passing)
      try Self.check(view, promises.last { $0.states <= begin + 1 }, "state \(begin), pace \(pace)")
    }
  }

  @Test("A look again sees what came, and costs little where nothing did")
  func looksAgain() async throws {
    let (device, promises) = try await Self.life()
    let history = device.history
    let first = try #require(history.firstIndex { $0["identity"] != nil })
    let passing = PassingDevice(history, from: first, pace: 30)
    var view = try StoreView(of: passing)
    for _ in 0..<400 {
      let begin = passing.index
      try view.refresh()
      try Self.check(view, promises.last { $0.states <= begin + 1 }, "state \(begin)")
    }
    #expect(view.reader.tail == promises.last?.tail)
    let before = passing.bytesRead
    try view.refresh()
    #expect(passing.bytesRead - before < 8 << 10)
  }
}

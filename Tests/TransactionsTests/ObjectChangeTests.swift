import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Testing

@testable import CorfuTransactions

/// Goal: an object's past is shown change by change, as far as the log remembers it; the directory
/// tells what a name was made as; and a transaction may write what is younger than its moment.
///
/// Method: two runtimes on the model of a log with streams.
@Suite("The past of objects")
struct ObjectChangeTests {
  /// Numbers by name.
  struct Shelf: ReplicatedState, Codable, Equatable {
    enum Update: Codable, Equatable {
      case put(String, Int)
    }

    var numbers: [String: Int] = [:]

    mutating func apply(_ update: Update) -> Int? {
      switch update {
      case .put(let name, let number): numbers.updateValue(number, forKey: name)
      }
    }

    static func keys(writtenBy update: Update) -> [LogKey]? {
      switch update {
      case .put(let name, _): [.string(name)]
      }
    }
  }

  private typealias Shown = (position: Position, client: ClientID, shelf: Shelf)

  private func changes(
    of object: ReplicatedObject<ModelStreams, Shelf>
  ) async throws -> [Shown] {
    var shown: [Shown] = []
    try await object.replay { shown.append(($0.position, $0.client, $0.state)) }
    return shown
  }

  @Test("Every change is shown, with where it stands, who made it, and what it made of the object")
  func everyChange() async throws {
    let log = ModelStreams()
    let (mine, theirs) = (Runtime(over: log), Runtime(over: log.client(2)))
    let shelf = try await mine.object("shelf", of: Shelf.self)
    let same = try await theirs.object("shelf", of: Shelf.self)
    let first = try await shelf.update(.put("a", 1))
    let second = try await same.update(.put("b", 2))
    try await mine.object("other", of: Shelf.self).update(.put("a", 9))
    try await theirs.transaction { transaction in
      try transaction.update(same, .put("a", 3))
      try transaction.update(same, .put("b", 4))
    }
    let both = try await log.tail().advanced(by: -1)
    let shown = try await changes(of: shelf)
    #expect(shown.map(\.position) == [first, second, both])
    #expect(shown.map(\.client) == [log.id, theirs.log.id, theirs.log.id])
    #expect(
      shown.map(\.shelf.numbers) == [["a": 1], ["a": 1, "b": 2], ["a": 3, "b": 4]]
    )
    var updates: [Int] = []
    try await shelf.replay { updates.append($0.updates.count) }
    #expect(updates == [1, 1, 2])
  }

  @Test("R38: what was trimmed begins as the oldest checkpoint that is left has it")
  func afterATrim() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let shelf = try await runtime.object("shelf", of: Shelf.self)
    try await shelf.update(.put("a", 1))
    let version = try await runtime.checkpoint(shelf)
    // Nothing is trimmed yet: a checkpoint alone hides nothing.
    #expect(try await changes(of: shelf).count == 1)
    let mark = try await runtime.trim()
    #expect(mark == version)
    #expect(try await changes(of: shelf).isEmpty)
    let second = try await shelf.update(.put("b", 2))
    try await runtime.checkpoint(shelf)
    let third = try await shelf.update(.put("b", 3))
    let reader = Runtime(over: log.client(2))
    let shown = try await changes(of: reader.object("shelf", of: Shelf.self))
    #expect(shown.map(\.position) == [second, third])
    #expect(shown.map(\.shelf.numbers) == [["a": 1, "b": 2], ["a": 1, "b": 3]])
  }

  @Test("R38: without a checkpoint nobody can say what a trimmed object was")
  func trimmedByHand() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let shelf = try await runtime.object("shelf", of: Shelf.self)
    let position = try await shelf.update(.put("a", 1))
    try await shelf.update(.put("a", 2))
    try await log.trimPrefix(before: position.advanced(by: 1))
    await #expect(throws: ObjectError.self) { try await changes(of: shelf) }
  }

  @Test("The directory keeps what a name was made as")
  func typeNames() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    _ = try await runtime.object("shelf", of: Shelf.self)
    _ = try await runtime.stream("orders")
    let directory = try await Runtime(over: log.client(2)).directory()
    #expect(try directory.peek { $0["shelf"]?.type } == "Shelf")
    #expect(try directory.peek { $0["orders"]?.type } == nil)
    let update = Directory.Update.enter(name: "a", kind: .object, type: "Shelf", at: 3)
    #expect(try BinaryCoder.decode(from: BinaryCoder.encode(update)) == update)
  }

  @Test("R34: an object that is younger than the transaction was empty at its moment")
  func youngerObject() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let transaction = try await runtime.begin()
    _ = try await log.append([1])
    let shelf = try await runtime.object("shelf", of: Shelf.self)
    #expect(try transaction.read(shelf, keys: ["a"]) { $0.numbers["a"] } == nil)
    try transaction.update(shelf, .put("a", 1))
    let position = try await runtime.commit(transaction)
    #expect(position != nil)
    #expect(try await shelf.read { $0.numbers } == ["a": 1])
  }

  @Test("R34: and what others put into it since is not there for it, and in its way")
  func youngerObjectThatMoved() async throws {
    let log = ModelStreams()
    let (mine, theirs) = (Runtime(over: log), Runtime(over: log.client(2)))
    let transaction = try await mine.begin()
    _ = try await log.append([1])
    let same = try await theirs.object("shelf", of: Shelf.self)
    let moved = try await same.update(.put("a", 1))
    let shelf = try await mine.object("shelf", of: Shelf.self)
    #expect(try transaction.read(shelf, keys: ["a"]) { $0.numbers["a"] } == nil)
    try transaction.update(shelf, .put("b", 1))
    let reason = AbortReason.conflict(shelf.stream, key: "a", at: moved)
    await #expect(throws: ObjectError.aborted(reason)) { try await mine.commit(transaction) }
  }

  @Test("An outcome comes with its position, and the last write of a key is found from any end")
  func lastWrites() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let shelf = try await runtime.object("shelf", of: Shelf.self)
    let empty = try await runtime.object("empty", of: Shelf.self)
    var places: [Position] = []
    for number in 0..<40 {
      let (position, outcome) = try await shelf.place(.put(number % 10 == 0 ? "a" : "b", number))
      let stride = number % 10 == 0 ? 10 : number % 10 == 1 ? 2 : 1
      #expect(outcome == (number < 2 ? nil : number - stride))
      if number % 10 == 0 { places.append(position) }
    }
    let tail = try await log.tail()
    #expect(try await shelf.lastWrite(of: "a", before: tail) == .at(places[3]))
    for index in 1..<4 {
      #expect(try await shelf.lastWrite(of: "a", before: places[index]) == .at(places[index - 1]))
    }
    #expect(try await shelf.lastWrite(of: "a", before: places[0]) == .nowhere)
    #expect(try await shelf.lastWrite(of: "c", before: tail) == .nowhere)
    #expect(try await empty.lastWrite(of: "a", before: tail) == .nowhere)
    // What was trimmed is not taken for what never was.
    try await log.trim(places[1])
    let gone = LastWrite.forgotten(before: places[1].advanced(by: 1))
    #expect(try await shelf.lastWrite(of: "a", before: places[2]) == gone)
    try await log.trimPrefix(before: places[3])
    let isForgotten =
      if case .forgotten(let mark) = try await shelf.lastWrite(of: "c", before: tail) {
        mark > places[1] && mark <= places[3]
      } else { false }
    #expect(isForgotten)
    #expect(try await shelf.lastWrite(of: "a", before: tail) == .at(places[3]))
  }
}

// Goal: what chapter 7 says its examples do, they do. Method: the chapter shows this file.
import CorfuClient
import CorfuGlobalLog
import CorfuTransactions
import Testing

@Suite struct ChapterExamples {
  @Test("Two streams in one log, and an entry that is in both")
  func twoStreams() async throws {
    let runtime = Runtime(over: ModelStreams())
    let orders = try await runtime.stream("orders")  // its name is entered at 0
    let stock = try await runtime.stream("stock")  // and this one's at 1
    try await orders.append(Array("three apples".utf8))  // 2
    try await stock.append(Array("ten pears came".utf8))  // 3
    try await runtime.append(Array("sold: one apple".utf8), to: [orders, stock])  // 4
    try await orders.append(Array("two pears".utf8))  // 5
    #expect(try await orders.read().map(\.position.number) == [2, 4, 5])
    #expect(try await stock.read().map(\.position.number) == [3, 4])
  }

  @Test("R32, R33: two processes have one switch, and each update its own outcome")
  func oneSwitchInTwoProcesses() async throws {
    let log = ModelStreams()
    let here = try await Runtime(over: log).object("switch", of: LogicalSwitch.self)
    let there = try await Runtime(over: log.client(2)).object("switch", of: LogicalSwitch.self)
    #expect(try await here.enablePort(7) == false)
    // Nobody told this process: it reads the log up to its end first.
    #expect(try await there.read { $0.enabled } == [7])
    #expect(try await there.enablePort(7) == true)
    #expect(try await there.outcome(of: .disable(port: 7)) == true)
  }

  @Test("R34: `if A == 1 { B = 7 }`, refused once A has moved")
  func ifAIsOne() async throws {
    let log = ModelStreams()
    let mine = Runtime(over: log)
    let values = try await mine.object("values", of: MapState<Int>.self)  // 0
    try await values.update(.put("A", 0))  // 1
    try await values.update(.put("B", 5))  // 2
    try await values.update(.put("A", 1))  // 3

    let transaction = try await mine.begin()
    let a = try transaction.read(values, keys: ["A"]) { $0["A"] }
    if a == 1 { try transaction.update(values, .put("B", 7)) }

    let others = try await Runtime(over: log.client(2)).object("values", of: MapState<Int>.self)
    try await others.update(.put("A", 2))  // 4

    let conflict = ObjectError.aborted(.conflict(values.stream, key: "A", at: Position(4)))
    await #expect(throws: conflict) { try await mine.commit(transaction) }
    #expect(try await values.read { $0["B"] } == 5)
    // Nothing of it is in the log.
    #expect(try await log.tail() == Position(5))
  }

  @Test("R34: what it did not read may move")
  func othersMayWriteWhatWasNotRead() async throws {
    let log = ModelStreams()
    let mine = Runtime(over: log)
    let values = try await mine.object("values", of: MapState<Int>.self)
    try await values.update(.put("A", 1))
    let others = try await Runtime(over: log.client(2)).object("values", of: MapState<Int>.self)
    try await mine.transaction { tx in
      let a = try tx.read(values, keys: ["A"]) { $0["A"] }
      try await others.update(.put("C", 9))
      if a == 1 { try tx.update(values, .put("B", 7)) }
    }
    #expect(try await values.read { [$0["B"], $0["C"]] } == [7, 9])
  }

  @Test("R35: money moves between two objects, at one position")
  func oneEntryInTwoStreams() async throws {
    let log = ModelStreams()
    let mine = Runtime(over: log)
    let left = try await mine.object("left", of: MapState<Int>.self)
    let right = try await mine.object("right", of: MapState<Int>.self)
    try await left.update(.put("money", 10))
    try await mine.transaction { tx in
      let money = try tx.read(left, keys: ["money"]) { $0["money"] } ?? 0
      try tx.update(left, .put("money", money - 3))
      try tx.update(right, .put("money", 3))
    }
    let theirs = Runtime(over: log.client(2))
    let (l, r) = (
      try await theirs.object("left", of: MapState<Int>.self),
      try await theirs.object("right", of: MapState<Int>.self)
    )
    let sum = try await theirs.transaction { tx in
      (try tx.read(l) { $0["money"] } ?? 0) + (try tx.read(r) { $0["money"] } ?? 0)
    }
    #expect(sum == 10)
  }

  @Test("R38: a checkpoint stands for what was before it, and that may be forgotten")
  func checkpointAndTrim() async throws {
    let log = ModelStreams()
    let runtime = Runtime(over: log)
    let values = try await runtime.object("values", of: MapState<Int>.self)
    for a in 1...100 { try await values.update(.put("A", a)) }
    // Time travel: what it was when everything before 51 was in it.
    #expect(try await values.state(at: Position(51))["A"] == 50)

    try await runtime.checkpoint(values)
    #expect(try await runtime.trim() == Position(101))

    // Somebody new needs the checkpoint, and nothing that was before it.
    let others = Runtime(over: log.client(2))
    let theirs = try await others.object("values", of: MapState<Int>.self)
    #expect(try await theirs.read { $0["A"] } == 100)
    await #expect(throws: ObjectError.self) { try await theirs.state(at: Position(51)) }
  }
}

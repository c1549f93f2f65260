// Goal: each state in the box is the plain structure it stands for; its outcomes tell what
// happened; its updates and pieces survive bytes; its keys are those it writes.
// Method: the same random updates on a state and on a plain model; restore from pieces on the way.
import CorfuSimulation
import Testing

@testable import CorfuTransactions

/// What must hold of any state after any updates.
private func expectFaithful<State: ReplicatedState & Equatable>(_ state: State) throws {
  var restored = State()
  for piece in state.pieces {
    let bytes = try BinaryCoder.encode(piece)
    #expect(bytes.count < 100, "a piece is small")
    restored.restore(try BinaryCoder.decode(State.Piece.self, from: bytes))
  }
  #expect(restored == state)
}

/// The update as the log has it.
private func sent<Update: Codable & Equatable>(_ update: Update) throws -> Update {
  let bytes = try BinaryCoder.encode(update)
  let received = try BinaryCoder.decode(Update.self, from: bytes)
  #expect(received == update)
  #expect(
    bytes.indices.allSatisfy { end in
      // An error is what is hoped for.
      (try? BinaryCoder.decode(Update.self, from: bytes[..<end])) == nil
    }
  )
  return received
}

private struct Account: IndexedValue, Equatable {
  enum Index: CaseIterable { case owner, tag }

  var owner: Int64
  var tags: [String]

  func keys(in index: Index) -> [LogKey] {
    switch index {
    case .owner: [.integer(owner)]
    case .tag: tags.map(LogKey.string)
    }
  }
}

struct StateTests {
  @Test("A register's outcome is what was true at the update's own position (R33)")
  func register() throws {
    typealias Update = RegisterState<String>.Update
    var state = RegisterState<String>()
    let story: [(Update, String?, Bool, String?)] = [
      (.compareAndSet(expected: "x", "a"), nil, false, nil),
      (.compareAndSet(expected: nil, "a"), nil, true, "a"),
      (.compareAndSet(expected: nil, "b"), "a", false, "a"),
      (.write("c"), "a", true, "c"),
      (.compareAndSet(expected: "c", nil), "c", true, nil),
      (.write(nil), nil, true, nil),
      (.write("d"), nil, true, "d"),
    ]
    for (update, previous, isSet, value) in story {
      let outcome = state.apply(try sent(update))
      #expect(outcome.previous == previous && outcome.isSet == isSet && state.value == value)
      #expect(RegisterState.keys(writtenBy: update) == nil)
      try expectFaithful(state)
    }
  }

  @Test func counter() throws {
    var state = CounterState()
    let story: [(Int64, Int64?)] = [
      (5, 5), (-7, -2), (.min + 2, .min), (-1, nil), (.max, -1), (.max, .max - 1), (2, nil),
    ]
    for (number, value) in story {
      let before = state.value
      expect(state.apply(try sent(.add(number))), is: value)
      #expect(state.value == value ?? before)
      try expectFaithful(state)
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func map(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var state = MapState<Int>()
    var model: [LogKey: Int] = [:]
    for step in 0..<400 {
      let key = LogKey.integer(Int64(random.number(below: 200)))
      switch random.number(below: 100) {
      case 0:
        expect(state.apply(try sent(.removeAll)), is: nil)
        #expect(MapState<Int>.keys(writtenBy: .removeAll) == nil)
        model = [:]
      case ..<70:
        expect(state.apply(try sent(.put(key, step))), is: model.updateValue(step, forKey: key))
        #expect(MapState<Int>.keys(writtenBy: .put(key, step)) == [key])
      default:
        expect(state.apply(try sent(.remove(key))), is: model.removeValue(forKey: key))
        #expect(MapState<Int>.keys(writtenBy: .remove(key)) == [key])
      }
      #expect(state[key] == model[key] && state.count == model.count)
    }
    #expect(state.elements().map(\.key) == model.keys.sorted())
    let part = model.keys.filter { 50 <= $0 && $0 < 120 }.sorted()
    #expect(state.elements(in: 50..<120).map(\.key) == part)
    #expect(state.elements(in: 50..<120, .descending).map(\.key) == part.reversed())
    try expectFaithful(state)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func orderedMap(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var state = OrderedMapState<Account>()
    var model: [LogKey: Account] = [:]
    for _ in 0..<300 {
      let key = LogKey.integer(Int64(random.number(below: 60)))
      let tags = (0..<random.number(below: 4)).map { _ in "tag\(random.number(below: 5))" }
      let account = Account(owner: Int64(random.number(below: 9)), tags: tags)
      if random.chance(0.01) {
        expect(state.apply(try sent(.removeAll)), is: nil)
        model = [:]
      } else if random.chance(0.7) {
        let old = state.apply(try sent(.put(key, account)))
        expect(model.updateValue(account, forKey: key), is: old)
      } else {
        expect(state.apply(try sent(.remove(key))), is: model.removeValue(forKey: key))
      }
      state.checkInvariants()
    }
    for low in -1...9 as ClosedRange<Int64> {
      expectOwners(state, .integer(low)..<5, model, { low <= $0 && $0 < 5 }, isEmpty: low > 5)
      expectOwners(state, .integer(low)...8, model, { low <= $0 && $0 <= 8 }, isEmpty: low > 8)
    }
    let tagged = state.elements(by: .tag, in: "tag1"..."tag1").map(\.key)
    #expect(tagged == model.filter { $0.value.tags.contains("tag1") }.map(\.key).sorted())
    #expect(state.elements().map(\.key) == model.keys.sorted())
    try expectFaithful(state)
  }

  private func expectOwners(
    _ state: OrderedMapState<Account>,
    _ interval: @autoclosure () -> some KeyInterval<LogKey>,
    _ model: [LogKey: Account],
    _ belongs: (Int64) -> Bool,
    isEmpty: Bool
  ) {
    // A range whose bounds are in the wrong order cannot be made.
    guard !isEmpty else { return }
    let sorted = model.filter { belongs($0.value.owner) }
      .sorted { ($0.value.owner, $0.key) < ($1.value.owner, $1.key) }
    #expect(state.elements(by: .owner, in: interval()).map(\.key) == sorted.map(\.key))
    #expect(
      state.elements(by: .owner, in: interval(), .descending).map(\.key)
        == sorted.reversed().map(\.key)
    )
  }

  @Test func set() throws {
    var random = SeededGenerator(seed: 1)
    var state = SetState()
    var model: Set<LogKey> = []
    for _ in 0..<400 {
      let key = LogKey.string(String(random.number(below: 60)))
      if random.chance(0.01) {
        expect(state.apply(try sent(.removeAll)), is: !model.isEmpty)
        model = []
      } else if random.chance(0.6) {
        expect(state.apply(try sent(.insert(key))), is: model.insert(key).inserted)
        #expect(SetState.keys(writtenBy: .insert(key)) == [key])
      } else {
        expect(state.apply(try sent(.remove(key))), is: (model.remove(key) != nil))
      }
      #expect(state.contains(key) == model.contains(key) && state.count == model.count)
    }
    #expect(Array(state.elements()) == model.sorted())
    #expect(Array(state.elements(in: "2"..<"4")) == model.filter { "2" <= $0 && $0 < "4" }.sorted())
    try expectFaithful(state)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func list(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var state = ListState<Int>()
    var model: [Int] = []
    for step in 0..<800 {
      let index = random.number(in: -1...model.count + 1)
      let isThere = model.indices.contains(index)
      let outcome: ListState<Int>.Outcome
      let expected: ListState<Int>.Outcome
      switch random.number(below: 10) {
      case ..<3:
        outcome = state.apply(try sent(.append(step)))
        expected = .inserted(at: model.count)
        model.append(step)
      case ..<7:
        outcome = state.apply(try sent(.insert(step, at: index)))
        let fits = isThere || index == model.count
        expected = fits ? .inserted(at: index) : .outOfRange(count: model.count)
        if fits { model.insert(step, at: index) }
      case ..<8:
        outcome = state.apply(try sent(.set(step, at: index)))
        expected = isThere ? .replaced(model[index]) : .outOfRange(count: model.count)
        if isThere { model[index] = step }
      default:
        outcome = state.apply(try sent(.remove(at: index)))
        expected = isThere ? .removed(model.remove(at: index)) : .outOfRange(count: model.count)
      }
      #expect(outcome == expected && state.count == model.count)
    }
    #expect(Array(state.elements()) == model)
    #expect(model.indices.allSatisfy { state[$0] == model[$0] })
    #expect(state[-1] == nil && state[model.count] == nil)
    try expectFaithful(state)
  }

  @Test func queue() throws {
    var random = SeededGenerator(seed: 1)
    var state = QueueState<Int>()
    var model: [Int] = []
    for step in 0..<2_000 {
      if random.chance(step < 1_000 ? 0.6 : 0.3) {
        model.append(step)
        expect(state.apply(try sent(.push(step))), is: .pushed(count: model.count))
      } else if model.isEmpty {
        expect(state.apply(try sent(.pop)), is: .empty)
      } else {
        expect(state.apply(try sent(.pop)), is: .popped(model.removeFirst()))
      }
      #expect(state.first == model.first && state.count == model.count)
      if step % 400 == 399 {
        #expect(Array(state.elements()) == model)
        try expectFaithful(state)
      }
    }
  }

  @Test func anUnknownUpdateIsRefused() {
    #expect(throws: BinaryCodingError.self) {
      try BinaryCoder.decode(CounterState.Update.self, from: [0x82, 1, 1])
    }
    #expect(throws: BinaryCodingError.self) {
      try BinaryCoder.decode(MapState<Int>.Update.self, from: [0x83, 1, 1, 1])
    }
    #expect(throws: BinaryCodingError.self) {
      try BinaryCoder.decode(MapState<Int>.Update.self, from: [0x81, 0x20])
    }
  }
}

import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization

/// Some clients on one position of a chain, perhaps somebody who closes the epoch meanwhile, and a
/// director who decides whose message arrives next.
struct PositionScene: Sendable, CustomStringConvertible {
  enum Role: Sendable {
    case writer, filler, trimmer, reader
  }

  /// How many units the chain has.
  var units: Int
  var roles: [Role]
  /// Whether somebody seals all units and installs the next layout.
  var isSealed = false
  /// How many clients may die, or not hear a reply, each at any of its messages.
  var mishapsMax = 0

  static let position = Position(4)
  static let layouts = [LayoutID(epoch: Epoch(1), hash: 11), LayoutID(epoch: Epoch(2), hash: 22)]

  static func entry(of client: Int) -> Slot {
    let mark = EntryMark(client: ClientID(high: 0, low: UInt64(client)), sequence: 1)
    return .data(Entry(mark: mark, payload: [7]))
  }

  var description: String {
    "\(units) units, \(roles)\(isSealed ? ", sealed" : ""), \(mishapsMax) mishaps"
  }

  /// Plays the scene once.
  ///
  /// - Returns: What is wrong, or `nil`.
  func play(_ choices: inout Choices) -> String? {
    let world = World(seed: 1, eventsMax: 60)
    let stage = PositionStage(units: units)
    let box = Shared(choices)
    do {
      try world.run(stepsMax: 10_000) {
        await withTaskGroup(of: Void.self) { group in
          for (index, role) in roles.enumerated() {
            let client = PositionClient(number: index + 1, stage: stage)
            group.addTask { await client.play(role) }
          }
          if isSealed {
            let client = PositionClient(number: 0, stage: stage)
            group.addTask { await client.handOver() }
          }
          await direct(stage, world, box)
        }
        await PositionClient(number: -1, stage: stage).lookAtTheEnd(trims: roles.contains(.trimmer))
      }
    } catch {
      return "\(error)"
    }
    choices = box.value
    return stage.violation.map { "\($0)\n\(stage.story.joined(separator: "\n"))" }
  }

  private func direct(_ stage: PositionStage, _ world: World, _ choices: Shared<Choices>) async {
    var mishaps = 0
    while true {
      // When time passes, everybody has thought as far as they can.
      await world.sleep(for: .nanoseconds(1))
      let waiting = stage.waiting
      if waiting.isEmpty { return }
      // The one who hands over goes to its end, so that the others may.
      let mortal = mishaps < mishapsMax ? waiting.filter { $0 > 0 } : []
      let choice = choices.change { $0.pick(of: waiting.count + 2 * mortal.count) }
      if choice < waiting.count {
        stage.resume(waiting[choice], .arrives)
      } else {
        mishaps += 1
        let number = choice - waiting.count
        stage.resume(mortal[number / 2], number % 2 == 0 ? .dies : .repliesAreLost)
      }
      stage.checkOrder()
    }
  }
}

/// A value behind a lock, to be shared with a closure.
final class Shared<Value: Sendable>: Sendable {
  private let content: Mutex<Value>

  init(_ value: Value) {
    content = Mutex(value)
  }

  var value: Value { content.withLock { $0 } }

  func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    content.withLock { body(&$0) }
  }
}

/// The units, and the messages that wait to arrive.
final class PositionStage: Sendable {
  enum Fate: Sendable {
    case arrives, dies, repliesAreLost
  }

  private struct State: Sendable {
    var spaces: [AddressSpace<EpochGate>]
    var waiting: [(client: Int, continuation: UnsafeContinuation<Fate, Never>)] = []
    var dead: Set<Int> = []
    /// Where the next epoch begins, once everybody is sealed.
    var firstTail: Position?
    var patient: [UnsafeContinuation<Void, Never>] = []
    var clock = 0
    var story: [String] = []
    var violation: String?
    /// The value that somebody was told stands there.
    var value: Slot?
    /// When somebody was first told that it is trimmed.
    var trimmedAt: Int?
    /// When somebody was first told that something stands there.
    var takenAt: Int?
    var losers: Set<Slot> = []
  }

  private let state: Mutex<State>

  init(units: Int) {
    var space = AddressSpace<EpochGate>()
    do {
      try space.install(PositionScene.layouts[0])
    } catch {
      preconditionFailure("\(error)")
    }
    state = Mutex(State(spaces: Array(repeating: space, count: units)))
  }

  var violation: String? { state.withLock { $0.violation } }
  var story: [String] { state.withLock { $0.story } }
  var waiting: [Int] { state.withLock { $0.waiting.map(\.client).sorted() } }
  var count: Int { state.withLock { $0.spaces.count } }
  var firstTail: Position? { state.withLock { $0.firstTail } }

  func fail(_ text: String) {
    state.withLock { $0.violation = $0.violation ?? text }
  }

  func tick() -> Int {
    state.withLock { state in
      state.clock += 1
      return state.clock
    }
  }

  /// Waits for the director, who says whether the message arrives; at the end there is none.
  func turn(of client: Int) async -> Fate {
    if client < 0 { return .arrives }
    if state.withLock({ $0.dead.contains(client) }) { return .dies }
    return await withUnsafeContinuation { continuation in
      state.withLock { $0.waiting.append((client, continuation)) }
    }
  }

  func resume(_ client: Int, _ fate: Fate) {
    let continuation = state.withLock { state in
      if fate == .dies { state.dead.insert(client) }
      let index = state.waiting.firstIndex { $0.client == client }
      return index.map { state.waiting.remove(at: $0).continuation }
    }
    continuation?.resume(returning: fate)
  }

  /// A message arrives at a unit.
  func apply<Answer: Sendable>(
    _ unit: Int,
    by client: Int,
    _ what: String,
    _ body: (inout AddressSpace<EpochGate>) throws(EpochRefusal) -> Answer
  ) throws(EpochRefusal) -> Answer {
    try state.withLock { (state) throws(EpochRefusal) in
      do throws(EpochRefusal) {
        let answer = try body(&state.spaces[unit])
        state.story.append("c\(client) → u\(unit): \(what): \(answer)")
        return answer
      } catch {
        state.story.append("c\(client) → u\(unit): \(what): refused: \(error)")
        throw error
      }
    }
  }

  /// Everybody is sealed: the next epoch is known.
  func begin(at firstTail: Position) {
    let patient = state.withLock { state in
      state.firstTail = firstTail
      defer { state.patient = [] }
      return state.patient
    }
    for continuation in patient { continuation.resume() }
  }

  /// Waits until the next epoch is known.
  func nextEpoch() async {
    await withUnsafeContinuation { continuation in
      let isKnown = state.withLock { state in
        if state.firstTail == nil { state.patient.append(continuation) }
        return state.firstTail != nil
      }
      if isKnown { continuation.resume() }
    }
  }

  /// What a unit has, every unit before it has (I7).
  func checkOrder() {
    let slots = state.withLock { state in state.spaces.map { $0[PositionScene.position] } }
    for (left, right) in zip(slots, slots.dropFirst()) where left != right {
      if right != .empty && left != .trimmed { fail("I7: \(slots) along the chain") }
    }
  }

  /// Somebody was told what stands there, of what they had asked at a moment.
  func heard(_ slot: Slot, since began: Int, by client: Int) {
    state.withLock { state in
      state.clock += 1
      state.story.append("c\(client) is told \(slot)")
      switch slot {
      case .empty:
        if let at = state.takenAt, at < began {
          state.violation = state.violation ?? "c\(client) is told 'empty', after something stood"
        }
      case .trimmed: state.trimmedAt = state.trimmedAt ?? state.clock
      case .data, .junk:
        if let at = state.trimmedAt, at < began {
          state.violation = state.violation ?? "R20: c\(client) is told \(slot), after 'trimmed'"
        }
        if let value = state.value, value != slot {
          state.violation = state.violation ?? "c\(client) is told \(slot), and others \(value)"
        }
        if state.losers.contains(slot) {
          state.violation = state.violation ?? "R16: \(slot) stands, and its writer gave it up"
        }
        state.value = slot
      }
      if slot != .empty { state.takenAt = state.takenAt ?? state.clock }
    }
  }

  /// A writer was told that its entry stands nowhere.
  func lost(_ slot: Slot) {
    state.withLock { state in
      state.story.append("given up: \(slot)")
      state.losers.insert(slot)
      if state.value == slot {
        state.violation = state.violation ?? "R16: \(slot) is given up by its writer, and stands"
      }
    }
  }
}

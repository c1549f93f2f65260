import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import Synchronization

/// A chain in memory on which nothing happens until a director lets it: the stage for scenes in
/// which every order of requests can be tried.
///
/// Each request of a client waits for its turn. Between two turns everybody thinks, and nothing
/// else happens.
final class SceneChain: Sendable {
  /// How a request that waits may come out.
  enum Turn: Sendable {
    /// It is done, and answered.
    case done
    /// It is done, and the answer is lost.
    case answerLost
    /// Its client has died; the request is never sent.
    case clientDies
  }

  private struct Waiting: Sendable {
    let replica: Int
    let continuation: UnsafeContinuation<Turn, Never>
  }

  private struct State: Sendable {
    var slots: [[Position: Slot]]
    var dead: Set<Int> = []
    var crashed: Set<Int> = []
    /// The request that each client has sent, by the client's number; one at a time.
    var waiting: [Int: Waiting] = [:]
    var requests = 0
    var sent: [Int: Int] = [:]
    var clock = 0
    var violation: String?
    /// Whatever stood on some replica at some time.
    var stood: Set<Slot> = []
  }

  let world: World
  let names: [UnitName]
  private let state: Mutex<State>

  /// A chain of empty replicas.
  init(of count: Int, in world: World) {
    self.world = world
    names = (1...count).map {
      UnitName(node: NodeID(UInt32($0)), incarnation: Incarnation(high: 0, low: UInt64($0)))
    }
    state = Mutex(State(slots: [[Position: Slot]](repeating: [:], count: count)))
  }

  /// What stands on each replica.
  var slots: [[Position: Slot]] { state.withLock { $0.slots } }

  /// The first time that a replica had what the one before it had not.
  var violation: String? { state.withLock { $0.violation } }

  /// What stood on some replica at some time, whether it is still there or not.
  var stood: Set<Slot> { state.withLock { $0.stood } }

  /// How many requests a client has sent.
  func requests(of client: Int) -> Int { state.withLock { $0.sent[client, default: 0] } }

  /// Lets something stand on a replica before the scene begins.
  func place(_ slot: Slot, at position: Position, on replica: Int) {
    state.withLock { state in
      state.slots[replica][position] = slot
      state.stood.insert(slot)
    }
  }

  /// Takes a replica away for ever.
  func kill(_ replica: Int) {
    state.withLock { _ = $0.dead.insert(replica) }
    world.note("\(names[replica]) dies")
  }

  /// Whether a replica is there.
  func isAlive(_ replica: Int) -> Bool { state.withLock { !$0.dead.contains(replica) } }

  /// Whether a client has died.
  func hasCrashed(_ client: Int) -> Bool { state.withLock { $0.crashed.contains(client) } }

  /// The clients that have sent a request, and wait, in order.
  var waiting: [Int] { state.withLock { $0.waiting.keys.sorted() } }

  /// A number that grows: what is done later gets a larger one.
  func tick() -> Int {
    state.withLock { state in
      state.clock += 1
      return state.clock
    }
  }

  /// Gives a client that waits its turn.
  func give(_ turn: Turn, to client: Int) {
    let waiting = state.withLock { state in
      if turn == .clientDies { state.crashed.insert(client) }
      return state.waiting.removeValue(forKey: client)
    }
    if turn == .clientDies { world.note("c\(client) dies") }
    waiting?.continuation.resume(returning: turn)
  }

  /// The chain as a client sees it.
  func replicas(for client: Int) -> [SceneReplica] {
    names.indices.map { SceneReplica(name: names[$0], index: $0, client: client, chain: self) }
  }

  /// What is left of the chain when only some replicas survive, each answering at once.
  func survivors(_ indexes: [Int]) -> [StillReplica] {
    let slots = slots
    return indexes.map { StillReplica(name: names[$0], slots: slots[$0]) }
  }

  /// Carries out a request when its turn comes.
  fileprivate func request<Answer: Sendable>(
    _ call: String,
    of client: Int,
    to replica: Int,
    _ body: @Sendable (inout [Position: Slot]) -> Answer,
    told: (Answer) -> String
  ) async throws(ReplicaError) -> Answer {
    let story = "c\(client) -> \(names[replica])  \(call)"
    // Asking the dead for a while is allowed; for ever is not.
    let isTooMuch = state.withLock { state in
      state.requests += 1
      state.sent[client, default: 0] += 1
      return state.crashed.contains(client) || state.requests > 1000
    }
    if isTooMuch { throw .unreachable(names[replica]) }
    let turn = await withUnsafeContinuation { continuation in
      state.withLock {
        $0.waiting[client] = Waiting(replica: replica, continuation: continuation)
      }
    }
    if turn == .clientDies { throw .unreachable(names[replica]) }
    guard isAlive(replica) else {
      world.note("\(story)  <- no answer, it is dead")
      throw .unreachable(names[replica])
    }
    let answer = state.withLock { state in
      let answer = body(&state.slots[replica])
      state.stood.formUnion(state.slots[replica].values)
      state.violation = state.violation ?? Self.disorder(in: state.slots, names)
      return answer
    }
    if turn == .answerLost {
      world.note("\(story)  <- the answer is lost: \(told(answer))")
      throw .timedOut(names[replica])
    }
    world.note("\(story)  <- \(told(answer))")
    return answer
  }

  /// What is wrong with the order of a chain: a replica may lag behind the one before it, and
  /// nothing else.
  private static func disorder(in slots: [[Position: Slot]], _ names: [UnitName]) -> String? {
    for (replica, (before, after)) in zip(slots, slots.dropFirst()).enumerated() {
      for (position, slot) in after.sorted(by: { $0.key < $1.key }) {
        let known = before[position] ?? .empty
        if known == slot || known == .trimmed { continue }
        return "\(names[replica + 1]) has \(slot.owner) at \(position), "
          + "and \(names[replica]) before it has \(known.owner)"
      }
    }
    return nil
  }
}

/// A replica of a scene, as one client sees it.
struct SceneReplica: Replica {
  let name: UnitName
  fileprivate let index: Int
  fileprivate let client: Int
  fileprivate let chain: SceneChain

  func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    let text = values.map { "\($0.value.owner) at \($0.position)" }.joined(separator: ", ")
    return try await chain.request("write(\(text))", of: client, to: index) { slots in
      values.map { slots.write($0) }
    } told: { answers in
      answers.map(\.told).joined(separator: ", ")
    }
  }

  func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    let text = positions.map(\.description).joined(separator: " ")
    return try await chain.request("read(\(text))", of: client, to: index) { slots in
      positions.map { .success(slots[$0] ?? .empty) }
    } told: { answers in
      answers.map(\.told).joined(separator: ", ")
    }
  }

  func trim(_ positions: [Position]) async throws(ReplicaError) {
    let text = positions.map(\.description).joined(separator: " ")
    try await chain.request("trim(\(text))", of: client, to: index) { slots in
      for position in positions { slots[position] = .trimmed }
    } told: { _ in
      "done"
    }
  }

  func trimPrefix(before mark: Position) async throws(ReplicaError) {
    try await chain.request("trim before \(mark)", of: client, to: index) { slots in
      for position in Position.zero..<mark { slots[position] = .trimmed }
    } told: { _ in
      "done"
    }
  }
}

/// A replica that does at once what it is asked, for looking at a chain when a scene is over.
final class StillReplica: Replica {
  let name: UnitName
  private let slots: Mutex<[Position: Slot]>
  private let damage: Mutex<[Position: LogError]>
  private let onRequest: @Sendable (String) -> Void
  private let calls = Mutex(0)
  private let emptied = Mutex<Position?>(nil)

  init(
    name: UnitName,
    slots: [Position: Slot],
    damage: [Position: LogError] = [:],
    onRequest: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.name = name
    self.slots = Mutex(slots)
    self.damage = Mutex(damage)
    self.onRequest = onRequest
  }

  private func begin(_ call: String) {
    calls.withLock { $0 += 1 }
    onRequest("\(name)  \(call)")
  }

  /// How often it was asked for anything.
  var requests: Int { calls.withLock { $0 } }

  /// What stands on it.
  var content: [Position: Slot] { slots.withLock { $0 } }

  /// The first position at which it was asked to write that nothing is there, which a real store
  /// takes for a mistake of the program.
  var emptyWritten: Position? { emptied.withLock { $0 } }

  func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    begin("write(\(values.map { "\($0.value.owner) at \($0.position)" }.joined(separator: ", ")))")
    if let value = values.first(where: { $0.value == .empty }) {
      emptied.withLock { $0 = $0 ?? value.position }
    }
    let damage = damage.withLock { $0 }
    return slots.withLock { slots in
      values.map { value in
        if let error = damage[value.position] { return .refused(error) }
        return slots.write(value)
      }
    }
  }

  func repair(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    begin("repair(\(values.map { "\($0.value.owner) at \($0.position)" }.joined(separator: ", ")))")
    damage.withLock { damage in
      for value in values { damage[value.position] = nil }
    }
    return slots.withLock { slots in values.map { slots.write($0) } }
  }

  func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    begin("read(\(positions.map(\.description).joined(separator: " ")))")
    let damage = damage.withLock { $0 }
    return slots.withLock { slots in
      positions.map { position in
        if let error = damage[position] { return .failure(error) }
        return .success(slots[position] ?? .empty)
      }
    }
  }

  func trim(_ positions: [Position]) async throws(ReplicaError) {
    begin("trim(\(positions.map(\.description).joined(separator: " ")))")
    slots.withLock { slots in
      for position in positions { slots[position] = .trimmed }
    }
  }

  func trimPrefix(before mark: Position) async throws(ReplicaError) {
    begin("trim before \(mark)")
    slots.withLock { slots in
      for position in Position.zero..<mark { slots[position] = .trimmed }
    }
  }
}

extension [Position: Slot] {
  /// Writes a value, unless something is there.
  fileprivate mutating func write(_ placed: PlacedValue) -> WriteAnswer {
    let known = self[placed.position] ?? .empty
    if known.isTaken { return .taken(known) }
    self[placed.position] = placed.value
    return .written
  }
}

extension Result<Slot, LogError> {
  /// For stories.
  var told: String {
    switch self {
    case .success(let slot): slot.owner
    case .failure(let error): "\(error)"
    }
  }
}

extension WriteAnswer {
  /// For stories.
  var told: String {
    switch self {
    case .written: "written"
    case .taken(let slot): "taken by \(slot.owner)"
    case .refused(let error): "refused: \(error)"
    }
  }
}

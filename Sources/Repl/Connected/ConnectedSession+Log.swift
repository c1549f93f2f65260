import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuTransactions

// The log and its objects, as the client in use sees them.

extension ConnectedSession: SharedLog {
  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await ask { client throws(LogError) in try await client.append(payload) }
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try await ask { client throws(LogError) in try await client.append(batch: batch) }
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    try await ask { client throws(LogError) in try await client.read(position) }
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await ask { client throws(LogError) in try await client.read(range) }
  }

  func fill(_ position: Position) async throws(LogError) -> Slot {
    try await ask { client throws(LogError) in try await client.fill(position) }
  }

  func trim(_ position: Position) async throws(LogError) {
    try await ask { client throws(LogError) in try await client.trim(position) }
  }

  func trimPrefix(before mark: Position) async throws(LogError) {
    try await ask { client throws(LogError) in try await client.trimPrefix(before: mark) }
  }

  func tail() async throws(LogError) -> Position {
    try await ask { client throws(LogError) in try await client.tail() }
  }

  /// Has the client in use do something.
  func ask<Value: Sendable>(
    _ body: @Sendable (Prompted) async throws(LogError) -> Value
  ) async throws(LogError) -> Value {
    let crowd = crowd.value
    guard !crowd.isClosed, let member = crowd.member else { throw .closed }
    return try await body(member.client)
  }

  var tellsPieces: Bool { true }

  func append(pieces: [[UInt8]]) async throws(LogError) -> [Position] {
    try await ask { client throws(LogError) in
      try await client.append(batch: pieces, writing: [StreamKeys(PieceStream.id)])
    }
  }

  func settle(_ position: Position) async throws(ReplError) -> Duration? {
    let clock = clock
    do {
      return try await ask { client throws(LogError) in
        let start = clock.now
        _ = try await client.settle(position)
        return start.duration(to: clock.now)
      }
    } catch {
      throw explained(error)
    }
  }
}

extension ConnectedSession: ObjectPrompt {
  var hasObjects: Bool { true }

  var clientNames: [ClientID: String] { crowd.value.names }

  var programs: [(name: String, program: PromptedProgram<Prompted>)] {
    crowd.value.members.map { ($0.name, $0.program) }
  }

  var nameInUse: String { crowd.value.current }

  /// Nobody draws messages here.
  var drawsMessages: Bool {
    get { false }
    set {}
  }

  func program() throws(ReplError) -> (who: String, program: PromptedProgram<Prompted>) {
    let crowd = crowd.value
    guard !crowd.isClosed, let member = crowd.member else { throw .log(.closed) }
    return (member.name, member.program)
  }

  func goOn(as name: String) throws(ReplError) {
    if crowd.value.members.contains(where: { $0.name == name }) {
      return crowd.update { $0.current = name }
    }
    try goOn(asNew: name)
  }

  /// Makes a client of this name, and goes on as it.
  func goOn(asNew name: String) throws(ReplError) {
    let isNode = name.first == "n" && Int(name.dropFirst()) != nil
    if isNode || name == "seq" || crowd.value.names.values.contains(name) {
      throw .refused("the name '\(name)' is taken: choose another")
    }
    addClient(name)
  }

  func untilEnd<Value: Sendable>(
    of name: String,
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value? {
    await body()
  }
}

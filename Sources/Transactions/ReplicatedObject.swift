public import CorfuClient
public import CorfuGlobalLog
internal import CorfuSequencer

/// An object that is open in this process, and the same in every other.
///
/// ```swift
/// let stock = try await runtime.object("stock", of: MapState<Int>.self)
/// try await stock.update(.put("apples", 3))
/// let apples = try await stock.read { $0["apples"] }
/// ```
public struct ReplicatedObject<Log: StreamingLog, State: ReplicatedState>: Sendable {
  /// Its name.
  public let name: String
  let item: Directory.Item
  let cell: ObjectCell<State>
  let runtime: Runtime<Log>
  /// How often names had been lost when the directory was asked for it.
  let namesLost: Int

  init(
    named name: String,
    _ cell: ObjectCell<State>,
    in runtime: Runtime<Log>,
    since namesLost: Int
  ) {
    self.name = name
    item = cell.item
    self.cell = cell
    self.runtime = runtime
    self.namesLost = namesLost
  }

  /// Its stream.
  public var stream: StreamID { item.stream }

  // MARK: - Reading

  /// Reads it as it is now: whatever was acknowledged before the call is in it (R32).
  ///
  /// - Parameter body: Looks at the state; it may take its time.
  /// - Returns: What `body` returns.
  /// - Throws: ``ObjectError``.
  public func read<Answer: Sendable>(
    _ body: (State) -> Answer
  ) async throws(ObjectError) -> Answer {
    if !planted(.readsUnsynced) { try await runtime.sync() }
    return try peek(body)
  }

  /// Reads it as this process knows it, which may be old.
  public func peek<Answer: Sendable>(_ body: (State) -> Answer) throws(ObjectError) -> Answer {
    body(try cell.state())
  }

  /// Everything before it is in what ``peek(_:)`` shows; updates behind it are none yet.
  public var version: Position { cell.version }

  /// What it was when everything before a position was in it, and nothing else: time travel.
  ///
  /// It is played anew, from the newest checkpoint before the position.
  ///
  /// - Throws: ``ObjectError/trimmed(_:_:)`` if what it was then is forgotten;
  ///   `LogError.beyondTail` if the log does not reach so far.
  public func state(at position: Position) async throws(ObjectError) -> State {
    let now = try await runtime.sync()
    if position > now.position { throw .log(.beyondTail(position, tail: now.position)) }
    if let state = try cell.state(at: position) { return state }
    let state = try await runtime.replay(item, as: State.self, to: position)
    try await proveName()
    return state
  }

  /// Sees to it that what was read of its stream, and not played with all others, is its own.
  func proveName() async throws(ObjectError) {
    _ = try await runtime.proveNames(since: namesLost)
  }

  /// From which position on ``state(at:)`` has an answer, here and now.
  ///
  /// - Returns: The position.
  /// - Throws: ``ObjectError``, if that can't be found out.
  public func oldestPosition() async throws(ObjectError) -> Position {
    do throws(ObjectError) {
      let base = try await runtime.oldestBase(of: item, as: State.self)
      try await proveName()
      return min(base.version, version)
    } catch {
      // What is played here is known, whatever the log has left of it.
      guard case .trimmed = error else { throw error }
      return version
    }
  }

  // MARK: - Writing

  /// Puts an update into the log.
  ///
  /// It is applied when the object is played to it, here and everywhere.
  ///
  /// - Returns: Where it stands.
  /// - Throws: ``ObjectError``.
  @discardableResult
  public func update(_ update: State.Update) async throws(ObjectError) -> Position {
    let payload = ObjectEntry.updates([try State.entry(update, of: stream)]).encoded()
    let writes = [StreamKeys(stream, keys: State.keys(writtenBy: update)?.map(\.canonicalBytes))]
    let epoch = try await runtime.proveNames(since: namesLost)
    return try await runtime.ask { (log) throws(LogError) in
      try await log.append(payload, writing: writes, since: epoch)
    }
  }

  /// Puts an update into the log, and says what came of it there: at its own position, in the order
  /// of all updates (R33).
  ///
  /// - Throws: ``ObjectError``; `LogError.indefinite` if it stands in the log, and nobody can
  ///   say what came of it: look before you do it again.
  public func outcome(of update: State.Update) async throws(ObjectError) -> State.Outcome {
    try await place(update).outcome
  }

  /// Puts an update into the log, and says where it stands and what came of it there.
  ///
  /// - Returns: Both.
  /// - Throws: ``ObjectError``, as ``outcome(of:)`` does.
  public func place(
    _ update: State.Update
  ) async throws(ObjectError) -> (position: Position, outcome: State.Outcome) {
    let begin = cell.expectOutcome()
    defer { cell.endExpecting(since: begin) }
    let cuts = runtime.cutsHeard
    let position = try await self.update(update)
    do throws(ObjectError) {
      try await runtime.play(through: position, heard: cuts)
    } catch {
      // Whatever keeps it from being played: it stands there, and must not be taken for undone.
      throw .log(.indefinite(position))
    }
    if let outcome = cell.takeOutcome(at: position) { return (position, outcome) }
    // Nor if the object has failed, or this process fell so far behind that it never came by.
    throw .log(.indefinite(position))
  }
}

internal import CorfuGlobalLog
internal import Synchronization

/// An object as a player of the log sees it.
protocol PlayedObject: AnyObject, Sendable {
  /// Its name.
  var name: String { get }
  /// What the directory knows of it.
  var item: Directory.Item { get }
  /// Everything before it is in the object; updates behind it are none yet.
  var version: Position { get }

  /// Applies the updates of one entry, unless the object holds them already.
  ///
  /// - Parameters:
  ///   - updates: What the entry has for this object, in order.
  ///   - position: Where the entry stands.
  ///   - isMine: Whether this process wrote it, so that somebody may wait for the outcome.
  ///   - pin: The newest moment at which somebody reads.
  func apply(_ updates: [ArraySlice<UInt8>], at position: Position, isMine: Bool, pin: Position?)

  /// Takes notice that what the log says of it can't be known: nobody may read it from now on.
  func fail(_ error: ObjectError)

  /// Forgets what it was at moments at which nobody reads any more.
  func forget(unless pins: PinnedMoments)

  /// Writes a checkpoint of it.
  ///
  /// - Returns: Everything before it is in the checkpoint.
  func checkpoint<Log>(in runtime: Runtime<Log>) async throws(ObjectError) -> Position
}

extension PlayedObject {
  /// Its stream.
  var stream: StreamID { item.stream }
}

/// An object as this process has played it, and as it was at the moments at which somebody reads.
final class ObjectCell<State: ReplicatedState>: PlayedObject {
  let name: String
  let item: Directory.Item
  private let content: Mutex<Content>

  private struct Content {
    var state: State
    var version: Position
    var failure: ObjectError?
    /// What it was, and at which moments.
    var history: [(moments: Range<Position>, state: State)] = []
    /// How many callers wait for an outcome.
    var waiting = 0
    var outcomes: [Position: State.Outcome] = [:]
  }

  /// An object that holds what updates before a position have made of it.
  init(named name: String, _ item: Directory.Item, state: State, version: Position) {
    self.name = name
    self.item = item
    content = Mutex(Content(state: state, version: version))
  }

  var version: Position { content.withLock { $0.version } }

  /// What it is now.
  func state() throws(ObjectError) -> State {
    try content.withLock { (content) throws(ObjectError) in
      if let failure = content.failure { throw failure }
      return content.state
    }
  }

  /// What it was at a moment, if that is still known.
  func state(at moment: Position) throws(ObjectError) -> State? {
    try content.withLock { (content) throws(ObjectError) in
      if moment < content.version {
        return content.history.last { $0.moments.contains(moment) }?.state
      }
      if let failure = content.failure { throw failure }
      return content.state
    }
  }

  func apply(
    _ updates: [ArraySlice<UInt8>],
    at position: Position,
    isMine: Bool,
    pin: Position?
  ) {
    content.withLock { content in
      guard position >= content.version, content.failure == nil else { return }
      if let pin, pin >= content.version {
        let moments = content.version..<position.advanced(by: 1)
        content.history.append((moments, content.state))
      }
      content.version = position.advanced(by: 1)
      for bytes in updates {
        guard let update = State.decodeUpdate(bytes) else {
          return content.failure = .undecodable(stream, position)
        }
        let outcome = content.state.apply(update)
        if isMine && content.waiting > 0 { content.outcomes[position] = outcome }
        if planted(.tellsAnotherOutcome) { content.outcomes = content.outcomes.mapValues { _ in outcome } }
      }
    }
  }

  func fail(_ error: ObjectError) {
    content.withLock { $0.failure = $0.failure ?? error }
  }

  func forget(unless pins: PinnedMoments) {
    content.withLock { content in
      if content.history.isEmpty { return }
      content.history.removeAll { !pins.contains(in: $0.moments) }
    }
  }

  func checkpoint<Log>(in runtime: Runtime<Log>) async throws(ObjectError) -> Position {
    try await runtime.writeCheckpoint(of: self)
  }

  // MARK: - Outcomes

  /// Announces that somebody will ask for the outcome of an update that is not in the log yet.
  func expectOutcome() {
    content.withLock { $0.waiting += 1 }
  }

  /// Gives out the outcome of the update at a position, if it has been played.
  func takeOutcome(at position: Position) -> State.Outcome? {
    content.withLock { $0.outcomes.removeValue(forKey: position) }
  }

  /// Nobody will ask any more, of those who announced it.
  func endExpecting() {
    content.withLock { content in
      content.waiting -= 1
      if content.waiting == 0 { content.outcomes = [:] }
    }
  }
}

internal import CorfuClient
internal import CorfuGlobalLog
internal import Synchronization

/// An entry of the log as objects see it.
struct PlayedEntry: Sendable {
  /// Where it stands.
  let position: Position
  /// What it has for objects, in order; `nil` if it is none that objects read.
  let updates: [ObjectUpdate]?
  /// Whether this process wrote it, so that somebody may wait for the outcome.
  let isMine: Bool
}

/// An object as a player of the log sees it.
protocol PlayedObject: AnyObject, Sendable {
  /// Its name.
  var name: String { get }
  /// What the directory knows of it.
  var item: Directory.Item { get }
  /// Everything before it is in the object; updates behind it are none yet.
  var version: Position { get }

  /// Applies the updates of some entries, but for those that the object holds already.
  ///
  /// - Parameters:
  ///   - entries: Entries of the object's stream, in the order of the log.
  ///   - pin: The newest moment at which somebody reads.
  func apply(_ entries: [PlayedEntry], pin: Position?)

  /// The reign in which its checkpoint was read, or an older one; zero if it began without.
  var reign: Epoch { get }
  /// Everything before it was in the object from the beginning: what it was earlier is not known.
  var base: Position { get }
  /// Whether nobody may read it any more.
  var hasFailed: Bool { get }

  /// Begins anew from the newest checkpoint, if that is of a moment behind a gap.
  ///
  /// - Returns: Whether it is.
  func restart<Log>(
    in runtime: Runtime<Log>,
    behind place: Position
  ) async throws(ObjectError) -> Bool

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
    var replay: Replay<State>
    var base: Position
    var reign: Epoch
    var failure: ObjectError?
    /// Who waits for an outcome: for each version at which somebody began to, how many.
    var waiting: [Position: Int] = [:]
    var outcomes: [Position: State.Outcome] = [:]
  }

  /// An object that holds what updates before a position have made of it.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - item: What the directory knows of it.
  ///   - state: What it is.
  ///   - version: The position.
  ///   - reign: The reign in which that was read, or an older one.
  init(
    named name: String,
    _ item: Directory.Item,
    state: State,
    version: Position,
    reign: Epoch = .zero
  ) {
    self.name = name
    self.item = item
    content = Mutex(Content(replay: Replay(state, version: version), base: version, reign: reign))
  }

  var version: Position { content.withLock { $0.replay.version } }
  var base: Position { content.withLock { $0.base } }
  var reign: Epoch { content.withLock { $0.reign } }
  var hasFailed: Bool { content.withLock { $0.failure != nil } }

  /// What it is now.
  func state() throws(ObjectError) -> State {
    try content.withLock { (content) throws(ObjectError) in
      if let failure = content.failure { throw failure }
      return content.replay.state
    }
  }

  /// What it was at a moment, if that is still known.
  func state(at moment: Position) throws(ObjectError) -> State? {
    try content.withLock { (content) throws(ObjectError) in
      if let failure = content.failure, moment >= content.replay.version { throw failure }
      return content.replay.state(at: moment)
    }
  }

  func apply(_ entries: [PlayedEntry], pin: Position?) {
    content.withLock { content in
      for entry in entries where entry.position >= content.replay.version {
        if content.failure != nil { return }
        apply(entry, to: &content, pin: pin)
      }
    }
  }

  private func apply(_ entry: PlayedEntry, to content: inout Content, pin: Position?) {
    guard let updates = entry.updates else {
      return content.failure = .undecodable(stream, entry.position)
    }
    var decoded: [State.Update] = []
    decoded.reserveCapacity(updates.count)
    for update in updates where update.stream == stream {
      guard let update = State.decodeUpdate(update.bytes) else {
        content.failure = .undecodable(stream, entry.position)
        break
      }
      decoded.append(update)
    }
    // Of an entry that can't be read nothing is shown; what was before it stays readable.
    let outcome = content.replay.play(decoded, at: entry.position, pin: pin)
    if entry.isMine && !content.waiting.isEmpty { content.outcomes[entry.position] = outcome }
    if planted(.tellsAnotherOutcome) {
      for place in content.outcomes.keys { content.outcomes[place] = outcome }
    }
  }

  func restart<Log>(
    in runtime: Runtime<Log>,
    behind place: Position
  ) async throws(ObjectError) -> Bool {
    let reign = runtime.log.knownEpoch
    guard let found = try await runtime.newestCheckpoint(of: item, as: State.self),
      found.version > place
    else { return false }
    content.withLock { content in
      content.replay = Replay(found.state, version: found.version)
      content.base = found.version
      content.reign = reign
    }
    return true
  }

  func fail(_ error: ObjectError) {
    content.withLock { $0.failure = $0.failure ?? error }
  }

  func forget(unless pins: PinnedMoments) {
    content.withLock { content in
      content.replay.forget { pins.contains(in: $0) }
    }
  }

  func checkpoint<Log>(in runtime: Runtime<Log>) async throws(ObjectError) -> Position {
    try await runtime.writeCheckpoint(of: self)
  }

  // MARK: - Outcomes

  /// Announces that somebody will ask for the outcome of an update that is not in the log yet.
  ///
  /// - Returns: Before which position it cannot come to stand.
  func expectOutcome() -> Position {
    content.withLock { content in
      content.waiting[content.replay.version, default: 0] += 1
      return content.replay.version
    }
  }

  /// Gives out the outcome of the update at a position, if it has been played.
  func takeOutcome(at position: Position) -> State.Outcome? {
    content.withLock { $0.outcomes.removeValue(forKey: position) }
  }

  /// Somebody who announced it will ask no more: outcomes for which nobody can ask are forgotten.
  ///
  /// - Parameter begin: What it was told then.
  func endExpecting(since begin: Position) {
    content.withLock { content in
      let others = (content.waiting[begin] ?? 1) - 1
      content.waiting[begin] = others == 0 ? nil : others
      guard let first = content.waiting.keys.min() else { return content.outcomes = [:] }
      if others == 0, first > begin {
        content.outcomes = content.outcomes.filter { $0.key >= first }
      }
    }
  }

  /// How many outcomes are kept for those who wait.
  var outcomesKept: Int { content.withLock { $0.outcomes.count } }
}

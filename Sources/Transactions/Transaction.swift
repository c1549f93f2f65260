public import Corfu
internal import CorfuGlobalLog
public import CorfuSequencer
internal import Synchronization

/// A transaction under way: what it read, at one moment of the log, and what it is going to write.
///
/// Everything it reads is as it was at that moment, with its own writes on top. At its end all of
/// it is put into the log as one entry, if nothing that it read has moved meanwhile; otherwise
/// nothing of it ever reaches the log. (R34–R37.)
public final class Transaction<Log: StreamingLog>: Sendable {
  /// The moment at which it reads.
  public let snapshot: Snapshot
  /// Whether that was the end of the log when it began.
  let isFresh: Bool
  private let runtime: Runtime<Log>
  private let content = Mutex(Content())

  private struct Content: Sendable {
    var reads: [StreamID: KeySet] = [:]
    var writes: [StreamID: KeySet] = [:]
    var updates: [ObjectUpdate] = []
    /// Objects with the transaction's own writes.
    var copies: [StreamID: any Sendable] = [:]
    /// The objects that it read.
    var objects: [StreamID: any PlayedObject] = [:]
    var isOver = false
  }

  init(at snapshot: Snapshot, isFresh: Bool, in runtime: Runtime<Log>) {
    self.snapshot = snapshot
    self.isFresh = isFresh
    self.runtime = runtime
  }

  deinit { close() }

  // MARK: - Reading and writing

  /// Reads an object, as it was at the transaction's moment, with its own writes on top.
  ///
  /// - Parameters:
  ///   - object: The object.
  ///   - keys: What of it the answer depends on: if any of that is written by somebody else before
  ///     the transaction ends, it is off. `nil` stands for all of the object.
  ///   - body: Looks at the state.
  /// - Returns: What `body` returns.
  /// - Throws: ``ObjectError``.
  public func read<State: ReplicatedState, Answer: Sendable>(
    _ object: ReplicatedObject<Log, State>,
    keys: [LogKey]? = nil,
    _ body: (State) -> Answer
  ) throws(ObjectError) -> Answer {
    let state = try state(of: object)
    content.withLock { content in
      content.reads[object.stream, default: KeySet()].insert(keys)
      content.objects[object.stream] = object.cell
    }
    return body(state)
  }

  /// Writes: the update will be in the log if the transaction is.
  public func update<State: ReplicatedState>(
    _ object: ReplicatedObject<Log, State>,
    _ update: State.Update
  ) throws(ObjectError) {
    _ = try apply(update, to: object)
  }

  /// Writes, and says what comes of it: so the transaction depends on what the update changes.
  public func outcome<State: ReplicatedState>(
    of update: State.Update,
    on object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> State.Outcome {
    let outcome = try apply(update, to: object)
    content.withLock { content in
      let keys = State.keys(writtenBy: update)
      content.reads[object.stream, default: KeySet()].insert(keys)
      content.objects[object.stream] = object.cell
    }
    return outcome
  }

  /// Appends to a stream: the entry will be in it if the transaction is in the log.
  public func append(_ payload: [UInt8], to stream: LogStream<Log>) {
    content.withLock { content in
      precondition(!content.isOver, "the transaction is over")
      content.writes[stream.stream, default: KeySet()].insert(nil)
      content.updates.append(ObjectUpdate(stream: stream.stream, bytes: payload[...]))
    }
  }

  /// Whether it is going to write a key of an object itself, or all of the object.
  public func writes<State: ReplicatedState>(
    _ key: LogKey,
    of object: ReplicatedObject<Log, State>
  ) -> Bool {
    content.withLock { $0.writes[object.stream]?.contains(key) ?? false }
  }

  private func apply<State: ReplicatedState>(
    _ update: State.Update,
    to object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> State.Outcome {
    var state = try state(of: object)
    let outcome = state.apply(update)
    let (after, written) = (state, try State.entry(update, of: object.stream))
    content.withLock { content in
      precondition(!content.isOver, "the transaction is over")
      content.copies[object.stream] = after
      content.writes[object.stream, default: KeySet()].insert(State.keys(writtenBy: update))
      content.updates.append(written)
    }
    return outcome
  }

  private func state<State: ReplicatedState>(
    of object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> State {
    if let copy = content.withLock({ $0.copies[object.stream] }) as? State { return copy }
    // It is younger than the transaction's moment, so at that moment it was empty.
    if snapshot.position <= object.item.begin { return State() }
    guard let state = try object.cell.state(at: snapshot.position) else {
      throw .aborted(.tooOld(snapshot.position))
    }
    return state
  }

  // MARK: - The end

  /// Whether it writes nothing.
  var isReadOnly: Bool { content.withLock { $0.updates.isEmpty } }

  /// What of what it has read moved, as far as this process has heard.
  var movedSince: AbortReason? {
    let objects = content.withLock { $0.objects }
    // In order, so that the same run tells the same.
    for (stream, object) in objects.sorted(by: { $0.key < $1.key }) {
      let version = object.version
      // It was loaded anew meanwhile: what it was at that moment nobody here can say.
      if object.base > snapshot.position { return .tooOld(snapshot.position) }
      if version > snapshot.position {
        return .conflict(stream, key: nil, at: version.advanced(by: -1))
      }
    }
    return nil
  }

  /// Its entry: what it writes, of what streams, and on which condition.
  var entry: (payload: [UInt8], writes: [StreamKeys], condition: CommitCondition?) {
    content.withLock { content in
      let reads = content.reads.map { $1.keys(of: $0) }.sorted { $0.stream < $1.stream }
      let writes = content.writes.map { $1.keys(of: $0) }.sorted { $0.stream < $1.stream }
      return (
        payload: ObjectEntry.updates(content.updates).encoded(),
        writes: writes,
        condition: reads.isEmpty ? nil : CommitCondition(snapshot: snapshot, reads: reads)
      )
    }
  }

  /// Lets go of the moment.
  func close() {
    let wasOver = content.withLock { content in
      defer { content.isOver = true }
      return content.isOver
    }
    if !wasOver { runtime.unpin(snapshot.position) }
  }
}

/// Keys of one stream, or all of it.
private struct KeySet: Sendable {
  private var keys: Set<LogKey>? = []

  mutating func insert(_ keys: [LogKey]?) {
    guard let keys else { return self.keys = nil }
    self.keys?.formUnion(keys)
  }

  func contains(_ key: LogKey) -> Bool { keys?.contains(key) ?? true }

  func keys(of stream: StreamID) -> StreamKeys {
    // In order: the order of a set differs from process to process.
    StreamKeys(stream, keys: keys?.sorted().map(\.canonicalBytes))
  }
}

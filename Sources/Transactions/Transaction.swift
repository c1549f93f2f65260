public import CorfuClient
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
    /// Objects with the transaction's own writes, as far as somebody has looked at them.
    var copies: [StreamID: OwnCopy] = [:]
    /// The objects that it read.
    var objects: [StreamID: any PlayedObject] = [:]
    /// How often names had been lost when the first of its streams became known.
    var namesLost = Int.max
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
    let (state, _) = try state(of: object)
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
    // What comes of it is worked out for whoever looks: most write what they don't read again.
    _ = try write(update, to: object)
  }

  /// Writes, and says what comes of it: so the transaction depends on what the update changes.
  public func outcome<State: ReplicatedState>(
    of update: State.Update,
    on object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> State.Outcome {
    var (state, count) = try state(of: object)
    let outcome = state.apply(update)
    // Unless something else was written in between.
    if try write(update, to: object) == count + 1 { keep(state, of: object.stream, count + 1) }
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
      content.namesLost = min(content.namesLost, stream.namesLost)
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

  /// - Returns: How many updates there are now.
  private func write<State: ReplicatedState>(
    _ update: State.Update,
    to object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> Int {
    let written = try State.entry(update, of: object.stream)
    return content.withLock { content in
      precondition(!content.isOver, "the transaction is over")
      content.namesLost = min(content.namesLost, object.namesLost)
      content.writes[object.stream, default: KeySet()].insert(State.keys(writtenBy: update))
      content.updates.append(written)
      return content.updates.count
    }
  }

  /// Remembers an object as it is with the first updates, of all objects.
  private func keep(_ state: some ReplicatedState, of stream: StreamID, _ updates: Int) {
    content.withLock { $0.copies[stream] = OwnCopy(state: state, updates: updates) }
  }

  /// An object as it is for the transaction, and how many updates had been written then.
  private func state<State: ReplicatedState>(
    of object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> (State, Int) {
    let (copy, written, count) = content.withLock { content in
      let copy = content.copies[object.stream]
      let news = content.updates.dropFirst(copy?.updates ?? 0)
      let own = news.filter { $0.stream == object.stream }
      return (copy?.state as? State, own, content.updates.count)
    }
    var state: State
    if let copy { state = copy } else { state = try before(object) }
    if written.isEmpty { return (state, count) }
    for update in written {
      // As all others will read it.
      guard let update = State.decodeUpdate(update.bytes) else {
        throw .unencodable("an update of '\(object.name)' cannot be read again")
      }
      _ = state.apply(update)
    }
    keep(state, of: object.stream, count)
    return (state, count)
  }

  /// An object as it was at the transaction's moment.
  private func before<State: ReplicatedState>(
    _ object: ReplicatedObject<Log, State>
  ) throws(ObjectError) -> State {
    // It is younger than the transaction's moment, so at that moment it was empty.
    if snapshot.position <= object.item.begin {
      // Unless its name was lost, and it is not what others have.
      _ = try object.cell.state()
      return State()
    }
    guard let state = try object.cell.state(at: snapshot.position) else {
      throw .aborted(runtime.reasonUnknown(at: snapshot.position))
    }
    return state
  }

  // MARK: - The end

  /// Whether it writes nothing.
  var isReadOnly: Bool { content.withLock { $0.updates.isEmpty } }

  /// How often names had been lost when the first of the streams that it writes to became known.
  var namesLost: Int { content.withLock { $0.namesLost } }

  /// What of what it has read moved, as far as this process has heard.
  var movedSince: AbortReason? {
    let objects = content.withLock { $0.objects }
    // In order, so that the same run tells the same.
    for (stream, object) in objects.sorted(by: { $0.key < $1.key }) {
      let version = object.version
      if object.hasFailed { return .tooOld(snapshot.position) }
      // It was loaded anew meanwhile: what it was at that moment nobody here can say.
      if object.base > snapshot.position { return runtime.reasonUnknown(at: snapshot.position) }
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

/// An object as it is for a transaction that wrote it.
private struct OwnCopy: Sendable {
  let state: any ReplicatedState
  /// How many of the transaction's updates, of all objects, are in it or concern others.
  let updates: Int
}

/// Keys of one stream, or all of it.
private struct KeySet: Sendable {
  /// In order, each once: a set's order differs from process to process.
  private var keys: [LogKey]? = []

  mutating func insert(_ keys: [LogKey]?) {
    guard let keys else { return self.keys = nil }
    for key in keys { insert(key) }
  }

  private mutating func insert(_ key: LogKey) {
    guard let index = keys.map({ $0.partitionIndex(of: key) }) else { return }
    if let keys, index < keys.count, keys[index] == key { return }
    keys?.insert(key, at: index)
  }

  func contains(_ key: LogKey) -> Bool {
    guard let keys else { return true }
    let index = keys.partitionIndex(of: key)
    return index < keys.count && keys[index] == key
  }

  func keys(of stream: StreamID) -> StreamKeys {
    StreamKeys(stream, keys: keys?.map(\.canonicalBytes))
  }
}

extension [LogKey] {
  /// Of keys in order, the index of the first that is not before another.
  fileprivate func partitionIndex(of key: LogKey) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

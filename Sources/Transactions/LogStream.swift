public import CorfuClient
public import CorfuGlobalLog
internal import CorfuSequencer

/// A log within the log: entries of its own, in the order of the whole.
///
/// ```swift
/// let orders = try await runtime.stream("orders")
/// try await orders.append(Array("three apples".utf8))
/// for try await item in orders.entries() { print(item.position) }
/// ```
public struct LogStream<Log: StreamingLog>: Sendable {
  /// Its name.
  public let name: String
  let item: Directory.Item
  let runtime: Runtime<Log>
  /// How often names had been lost when it became known.
  let namesLost: Int

  /// Its number, by which entries name it.
  public var stream: StreamID { item.stream }

  /// Appends an entry.
  ///
  /// - Returns: Where it stands in the whole log.
  /// - Throws: ``ObjectError``.
  @discardableResult
  public func append(_ payload: [UInt8]) async throws(ObjectError) -> Position {
    try await runtime.append(payload, to: [self])
  }

  /// Appends entries side by side.
  @discardableResult
  public func append(batch: [[UInt8]]) async throws(ObjectError) -> [Position] {
    let epoch = try await runtime.proveNames(since: namesLost)
    return try await runtime.ask { (log) throws(LogError) in
      try await log.append(batch: batch, writing: [StreamKeys(stream)], since: epoch)
    }
  }

  /// Its entries, as far as it goes now.
  ///
  /// Junk and trimmed entries are left out: it tells what is left. What was given up with its disks
  /// may have been of this stream, and is an error (R24).
  ///
  /// All entries are kept in memory at once: for a long stream use ``entries(from:)``.
  ///
  /// - Parameter begin: The first position that may be among them.
  /// - Returns: The entries, in the order of the log.
  /// - Throws: ``ObjectError``.
  public func read(from begin: Position = .zero) async throws(ObjectError) -> [LogItem] {
    var reader = reader(from: begin)
    var items: [LogItem] = []
    try await reader.sync()
    while let item = try await reader.next() { items.append(item) }
    return items
  }

  /// Its entries in order, without an end: when there are no more, it waits for the next.
  ///
  /// Whoever falls behind a trim is told so, by `LogError.trimmed` with the position to
  /// go on at (R21).
  ///
  /// - Parameter begin: The first position that is wanted; zero for the oldest entry that is left.
  /// - Returns: The entries, each with its position.
  public func entries(from begin: Position = .zero) -> StreamEntries<Log> {
    StreamEntries(stream: self, begin: begin)
  }

  /// Somebody who reads it step by step.
  func reader(from begin: Position) -> StreamReader<Log> {
    StreamReader(of: self, from: max(begin, item.begin))
  }

  /// Somebody who follows it, and is to miss nothing.
  func follower(from begin: Position) -> StreamReader<Log> {
    var reader = reader(from: begin)
    reader.trims = begin == .zero ? .passedAtFirst : .told
    return reader
  }

  /// Says that nobody wants its entries before a position any more.
  ///
  /// They are forgotten when all that stands before some position can be; see
  /// ``Runtime/trim()``.
  public func trim(before mark: Position) async throws(ObjectError) {
    try await runtime.mark(name, before: mark)
  }
}

extension Runtime {
  /// Appends one entry to several streams: in each of them, it stands at the same position.
  @discardableResult
  public func append(
    _ payload: [UInt8],
    to streams: [LogStream<Log>]
  ) async throws(ObjectError) -> Position {
    let writes = streams.map { StreamKeys($0.stream) }
    let oldest = streams.map(\.namesLost).min()
    let epoch = try await proveNames(since: oldest ?? namesLost)
    return try await ask { (log) throws(LogError) in
      try await log.append(payload, writing: writes, since: epoch)
    }
  }
}

/// A reader of one stream, who goes on from where it stopped.
struct StreamReader<Log: StreamingLog> {
  /// What becomes of entries that were trimmed before they were found.
  enum Trims {
    /// They are left out.
    case passed
    /// They are left out for now; from the next time on their absence is an error.
    case passedAtFirst
    case told
  }

  private let stream: StreamID
  private let runtime: Runtime<Log>
  /// How often names had been lost when its stream became known.
  private let namesLost: Int
  private var log: Log { runtime.log }
  var trims = Trims.passed
  /// All before it was found.
  private var seen: Position
  /// In which epoch that was learned.
  private var epoch = Epoch.zero
  /// What was found and not read yet.
  private var pending: ArraySlice<Position> = []
  /// What was not found yet of what the stream had by then: not all of it may fit.
  private var rest = StreamBacklog<PlayedWalk>(along: [], positionsMax: 0)
  private var ahead: ArraySlice<LogItem> = []
  private var finder: StreamFinder<Log, PlayedWalk>

  init(of stream: LogStream<Log>, from begin: Position) {
    self.stream = stream.stream
    runtime = stream.runtime
    namesLost = stream.namesLost
    seen = begin
    finder = StreamFinder(runtime.log)
  }

  /// Finds what the stream has got, up to the log's end as it is now.
  mutating func sync() async throws(ObjectError) {
    while try await !find() { continue }
  }

  /// - Returns: Whether the end was one that holds (R32).
  private mutating func find() async throws(ObjectError) -> Bool {
    let stream = stream
    let ends = try await runtime.ask { (log) throws(LogError) in try await log.ends(of: [stream]) }
    let end = ends.snapshot.position
    try proveUncut(ends)
    guard end > seen, let link = ends.links.first else { return true }
    var backlog: StreamBacklog<PlayedWalk>
    let found: (found: [Position], gaps: [StreamGap])
    do throws(LogError) {
      guard try await log.settle(before: ends.snapshot) else { return false }
      let range = min(max(seen, ends.begin), end)..<end
      // What was read before may have been written by others since, where the log was cut.
      if ends.snapshot.epoch > epoch { finder = StreamFinder(log) }
      let positionsMax = runtime.limits.positionsMax
      backlog = StreamBacklog(along: [(link, range)], positionsMax: positionsMax)
      found = try await finder.positions(of: &backlog)
    } catch {
      if case .beyondTail = error, runtime.isOver(ends.snapshot.epoch) { return false }
      throw .log(error)
    }
    if runtime.isOver(ends.snapshot.epoch) { return false }
    // Another reign's entries may be those of another name.
    _ = try await runtime.proveNames(since: namesLost)
    // Afterwards, so that nothing is trimmed between the walk and this.
    let isOtherReign = ends.snapshot.epoch > epoch
    if isOtherReign { try await runtime.proveWhole(from: seen, to: ends.lossEnd) }
    try await prove(found.gaps, inOtherReign: isOtherReign)
    pending += found.found
    (rest, seen, epoch) = (backlog, backlog.begin, ends.snapshot.epoch)
    return true
  }

  /// Finds more of what did not fit, once all that did was read.
  private mutating func findRest() async throws(ObjectError) {
    // A copy, which takes its place once nothing can go wrong any more.
    var backlog = rest
    let found: (found: [Position], gaps: [StreamGap])
    do {
      found = try await finder.positions(of: &backlog)
    } catch {
      if runtime.isOver(epoch) { return try await startOver() }
      throw .log(error)
    }
    if runtime.isOver(epoch) { return try await startOver() }
    try await prove(found.gaps, inOtherReign: false)
    pending += found.found
    (rest, seen) = (backlog, backlog.begin)
  }

  /// Asks the reign that has begun since where the stream ends: it may have given up what is still
  /// to be found, or handed it out to others (R24).
  private mutating func startOver() async throws(ObjectError) {
    rest = StreamBacklog(along: [], positionsMax: 0)
    try await sync()
  }

  /// Sees to it that nothing is missing that whoever reads has to be told of.
  private mutating func prove(
    _ gaps: [StreamGap],
    inOtherReign isOtherReign: Bool
  ) async throws(ObjectError) {
    if case .passed = trims { return }
    // Another sequencer may not know of what was trimmed (R12). Whoever trims says so first.
    guard isOtherReign || !gaps.isEmpty else { return }
    let forgotten = try await runtime.directory().read { $0.forgotten }
    if case .passedAtFirst = trims { return trims = .told }
    if seen < forgotten { throw .log(.trimmed(seen, mark: forgotten)) }
    if let place = gaps.filter(\.isCertain).map(\.place).max() {
      throw .log(.trimmed(place, mark: place.advanced(by: 1)))
    }
  }

  /// Sees to it that the log was not cut before what was found and is read only now: others have
  /// their entries there then (R24).
  private func proveUncut() async throws(ObjectError) {
    guard runtime.isOver(epoch) else { return }
    let stream = stream
    try proveUncut(
      try await runtime.ask { (log) throws(LogError) in try await log.ends(of: [stream]) }
    )
  }

  private func proveUncut(_ ends: StreamEnds) throws(ObjectError) {
    let found = Snapshot(epoch: epoch, position: seen)
    // Before anything was looked for there is nothing that could be void.
    guard epoch > .zero, let cut = found.cut(in: ends.cuts) else { return }
    throw .log(.cut(cut.position))
  }

  /// What an entry is in this stream: a transaction's may be several things, in several streams.
  private func items(of entry: Entry, at place: Position) -> [LogItem] {
    guard let parts = ObjectUpdate.all(in: entry) else {
      return [LogItem(position: place, entry: entry)]
    }
    return parts.filter { $0.stream == stream }.map { part in
      let entry = Entry(mark: entry.mark, streams: entry.streams, payload: Array(part.bytes))
      return LogItem(position: place, entry: entry)
    }
  }

  /// The next entry of those that were found.
  mutating func next() async throws(ObjectError) -> LogItem? {
    while ahead.isEmpty, !isAtEnd {
      if pending.isEmpty { try await findRest() }
      let places = pending.prefix(64)
      let slots: [Slot]
      do {
        slots = try await finder.slots(at: places)
      } catch {
        try await proveUncut()
        throw .log(error)
      }
      try await proveUncut()
      // Entries stood there when they were found: what is junk was given up since (R24).
      let lost = zip(places, slots).first { $1 == .junk }?.0
      if let lost, !runtime.limits.passesLosses { throw .log(.lost(lost)) }
      pending = pending.dropFirst(places.count)
      for (place, slot) in zip(places, slots) {
        if case .data(let entry) = slot { ahead += items(of: entry, at: place) }
      }
    }
    return ahead.popFirst()
  }
}

/// The entries of a stream, without an end.
public struct StreamEntries<Log: StreamingLog>: AsyncSequence, Sendable {
  /// Entries, each with its position.
  public typealias Element = LogItem
  /// What ends it.
  public typealias Failure = ObjectError

  let stream: LogStream<Log>
  let begin: Position

  /// Begins a pass.
  public func makeAsyncIterator() -> Iterator {
    Iterator(reader: stream.follower(from: begin), runtime: stream.runtime)
  }

  /// One pass along the stream.
  public struct Iterator: AsyncIteratorProtocol {
    private var reader: StreamReader<Log>
    private let runtime: Runtime<Log>
    private var pause: Duration

    fileprivate init(reader: StreamReader<Log>, runtime: Runtime<Log>) {
      self.reader = reader
      self.runtime = runtime
      pause = runtime.limits.pauseMin
    }

    /// The next entry; `nil` once the task is cancelled.
    public mutating func next() async throws(ObjectError) -> LogItem? {
      try await next(isolation: #isolation)
    }

    /// The next entry; `nil` once the task is cancelled.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(ObjectError) -> LogItem? {
      while !Task.isCancelled {
        var isSilent = false
        do throws(ObjectError) {
          if let item = try await reader.next() {
            pause = runtime.limits.pauseMin
            return item
          }
          try await reader.sync()
        } catch {
          switch error {
          // Silence may end; what the log says for good does not.
          case .log(.unavailable), .log(.noQuorum): isSilent = true
          default: throw error
          }
        }
        if isSilent || reader.isAtEnd {
          await runtime.log.rest(for: pause)
          pause = Swift.min(pause * 2, runtime.limits.pauseMax)
        }
      }
      return nil
    }
  }
}

extension StreamReader {
  /// Whether nothing that was found is left.
  var isAtEnd: Bool { ahead.isEmpty && pending.isEmpty && rest.isOver }
}

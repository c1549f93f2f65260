public import CorfuClient
public import CorfuGlobalLog
public import CorfuSequencer
internal import Synchronization

/// A log with streams in a page: what each operation means, without servers, disks or waiting.
///
/// Checks hold other logs against it, and whoever learns how objects work can play with one.
public final class ModelStreams: StreamingLog {
  public let id: ClientID
  fileprivate let shared: Shared

  fileprivate final class Shared: Sendable {
    let state: Mutex<State>

    init(_ state: sending State) {
      self.state = Mutex(state)
    }
  }

  fileprivate struct State: Sendable {
    var log = ModelLog()
    var sequencer: Sequencer
    var window: ConflictWindow
    var epoch = Epoch(1)
    var boots: UInt64 = 1
    var nextSequence: UInt64 = 0
    var reads = 0
    /// What was given up.
    var losses: Set<Position> = []
    /// Where the log was cut.
    var cuts: [Snapshot] = []
  }

  /// An empty log, and its first client.
  ///
  /// - Parameters:
  ///   - streamsMax: Of how many streams the sequencer remembers the ends.
  ///   - writesMax: How many written keys it remembers.
  public init(
    streamsMax: Int = StreamTails.streamsMaxDefault,
    writesMax: Int = ConflictWindow.writesMaxDefault
  ) {
    id = ClientID(high: 0, low: 1)
    let boot = BootID(high: 0, low: 1)
    let reign = Reign(epoch: Epoch(1), boot: boot, firstTail: .zero, streams: .empty)
    var window = ConflictWindow(writesMax: writesMax)
    window.begin(Epoch(1), at: .zero, goesOn: false)
    shared = Shared(
      State(sequencer: Sequencer(serving: reign, streamsMax: streamsMax), window: window)
    )
  }

  private init(id: ClientID, shared: Shared) {
    self.id = id
    self.shared = shared
  }

  /// Another client of the same log.
  public func client(_ number: UInt64) -> ModelStreams {
    ModelStreams(id: ClientID(high: 0, low: number), shared: shared)
  }
}

// MARK: - The log

extension ModelStreams {
  private func access<Answer, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let result = shared.state.withLock { state -> Result<Answer, Failure> in
      do throws(Failure) {
        return .success(try body(&state))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Gives out a token, or says why not.
  private static func reserve(
    _ wish: Reservation,
    in state: inout State
  ) throws(CommitError) -> Token {
    if let refusal = wish.condition.flatMap({ state.window.judge($0) }) { throw .refused(refusal) }
    do {
      let token = try state.sequencer.reserve(wish.count, for: wish.streams, in: state.epoch)
      if !wish.writes.isEmpty { state.window.note(wish.writes, at: token.positions) }
      return token
    } catch {
      throw .log(.unavailable("\(error)"))
    }
  }

  private func put(_ payloads: [[UInt8]], _ wish: Reservation) throws(CommitError) -> [Position] {
    try access { (state) throws(CommitError) in
      let token = try Self.reserve(wish, in: &state)
      for (index, payload) in payloads.enumerated() {
        let mark = EntryMark(client: id, sequence: state.nextSequence)
        state.nextSequence += 1
        let entry = Entry(mark: mark, streams: token.links(ofEntry: index), payload: payload)
        _ = state.log.write(entry, at: token.first.advanced(by: index))
      }
      return Array(token.positions)
    }
  }

  public func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> Position {
    let positions = try await append(batch: [payload], writing: writes, since: epoch)
    guard let position = positions.first else {
      preconditionFailure("an entry without a position")
    }
    return position
  }

  public func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> [Position] {
    if !writes.isEmpty, let cut = access({ $0.cuts.first { $0.epoch > epoch } }) {
      throw .cut(cut.position)
    }
    do {
      return try put(batch, Reservation(count: batch.count, writes: writes))
    } catch {
      guard case .log(let error) = error else { throw .inconsistent(.zero) }
      throw error
    }
  }

  public func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    if condition: CommitCondition
  ) async throws(CommitError) -> Position {
    let wish = Reservation(writes: writes, condition: condition)
    guard let position = try put([payload], wish).first else { throw .lost }
    return position
  }

  public func ends(of streams: [StreamID]) async throws(LogError) -> StreamEnds {
    try access { (state) throws(LogError) in
      do {
        let tail = try state.sequencer.tail(in: state.epoch)
        return StreamEnds(
          snapshot: Snapshot(epoch: state.epoch, position: tail),
          // A sequencer does not know what was trimmed, and units count it for nobody.
          begin: .zero,
          lossEnd: state.lossEnd,
          cuts: state.cuts,
          links: try state.sequencer.streamTails(of: streams, in: state.epoch)
        )
      } catch {
        throw .unavailable("\(error)")
      }
    }
  }

  public func read(_ position: Position) async throws(LogError) -> Slot {
    try access { (state) throws(LogError) in
      if state.isLost(position) { throw .lost(position) }
      return state.log.read(position)
    }
  }

  public func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try access { (state) throws(LogError) in
      if let lost = range.first(where: { state.isLost($0) }) { throw .lost(lost) }
    }
    return try await read(Array(range))
  }

  public func read(_ positions: [Position]) async throws(LogError) -> [Slot] {
    access { state in
      state.reads += positions.count
      return positions.map { state.isLost($0) ? .junk : state.log.read($0) }
    }
  }

  public func settle(_ position: Position) async throws(LogError) -> Slot {
    try await fill(position)
  }

  public func settle(before moment: Snapshot) async throws(LogError) -> Bool {
    access { state in
      guard state.epoch == moment.epoch else { return false }
      if moment.position > .zero { _ = state.log.fill(moment.position.advanced(by: -1)) }
      return true
    }
  }

  public var knownEpoch: Epoch { access { $0.epoch } }

  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try access { (state) throws(LogError) in
      let tail = state.end
      if position >= tail { throw .beyondTail(position, tail: tail) }
      return state.log.fill(position)
    }
  }

  public func trim(_ position: Position) async throws(LogError) {
    access { $0.log.trim(position) }
  }

  public func trimPrefix(before mark: Position) async throws(LogError) {
    access { $0.log.trimPrefix(before: mark) }
  }

  public func tail() async throws(LogError) -> Position {
    access { $0.end }
  }

  public func rest(for time: Duration) async {
    await Task.yield()
  }

  // MARK: - What can happen

  /// How many positions were read so far.
  public var readCount: Int { access { $0.reads } }

  /// A client takes positions, and dies before it writes.
  ///
  /// - Returns: The holes that it leaves.
  @discardableResult
  public func leaveHoles(_ count: Int = 1, in streams: [StreamID]) -> Range<Position> {
    access { state in
      let wish = Reservation(count: count, writes: streams.map { StreamKeys($0) })
      // Nothing hangs on a condition, and so few positions there always are.
      let token = try? Self.reserve(wish, in: &state)
      return token?.positions ?? .zero..<(.zero)
    }
  }

  /// A disk is lost that alone had some positions, and an operator gives them up (R24).
  ///
  /// A layout tells of it, so another sequencer has to take over next.
  public func giveUp(_ positions: [Position]) {
    access { $0.losses.formUnion(positions) }
  }

  /// All that stands from a position on is lost, with the sequencer that alone knew of it: another
  /// one begins there, in the next epoch, and says so (R24).
  public func cut(from position: Position) {
    access { state in
      var rest = ModelLog()
      for place in Position.zero..<position {
        switch state.log.read(place) {
        case .data(let entry): _ = rest.write(entry, at: place)
        case .junk, .empty: _ = rest.fill(place)
        case .trimmed: rest.trim(place)
        }
      }
      state.log = rest
      state.cuts.removeAll { $0.position >= position }
      state.cuts.append(Snapshot(epoch: Epoch(state.epoch.number + 1), position: position))
    }
    replaceSequencer(knowing: .unknown)
  }

  /// Another sequencer takes over, in the next epoch.
  ///
  /// - Parameter census: What it is told of the streams.
  public func replaceSequencer(knowing census: StreamCensus) {
    access { state in
      state.boots += 1
      state.epoch = Epoch(state.epoch.number + 1)
      let reign = Reign(
        epoch: state.epoch,
        boot: BootID(high: 0, low: state.boots),
        firstTail: state.log.tail,
        streams: census
      )
      state.sequencer = Sequencer(serving: reign)
      state.window.begin(state.epoch, at: state.log.tail, goesOn: false)
    }
  }
}

extension ModelStreams.State {
  /// Whether a position was given up, and is not trimmed.
  fileprivate func isLost(_ position: Position) -> Bool {
    losses.contains(position) && log.read(position) != .trimmed
  }

  /// Just before it something was given up; zero if nothing was.
  fileprivate var lossEnd: Position { losses.max()?.advanced(by: 1) ?? .zero }

  /// The position that is handed out next.
  fileprivate var end: Position {
    // It always serves its own epoch.
    (try? sequencer.tail(in: epoch)) ?? log.tail
  }
}

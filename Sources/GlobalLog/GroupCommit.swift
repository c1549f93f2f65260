internal import Synchronization

/// Many writers, one disk: while one batch syncs, the next one gathers.
///
/// No timer and no lingering. A lone writer pays one sync per entry; a thousand share one.
public final class GroupCommit<Storage: Device>: PositionStore {
  /// The reading side, for any thread.
  public let reader: StoreReader<Storage>
  private let mailbox = Mutex(Mailbox())
  private let store: Mutex<SegmentStore<Storage>?>
  private let totals = Mutex(StoreCounters())

  /// The largest payload that it takes, in bytes.
  public let payloadBytesMax: Int
  let trimRangesMax: Int

  private init(_ store: sending SegmentStore<Storage>) {
    reader = store.reader
    payloadBytesMax = store.limits.payloadBytesMax
    trimRangesMax = store.limits.trimRangesMax
    self.store = Mutex(store)
  }

  /// Opens the store in a folder.
  ///
  /// Nothing is written until ``run()`` runs. Who `isLocked` has taken the folder already.
  public static func open(
    _ device: Storage,
    limits: StoreLimits = StoreLimits(),
    using random: inout some RandomNumberGenerator,
    isLocked: Bool = false,
    onEvent: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) async throws(StoreOpenError) -> GroupCommit {
    GroupCommit(
      try await SegmentStore.open(
        device,
        limits: limits,
        using: &random,
        isLocked: isLocked,
        onEvent: onEvent
      )
    )
  }

  /// What the store did since it was opened.
  public var counters: StoreCounters { totals.withLock { $0 } }

  public func tail() -> Position { reader.tail }

  public func write(
    _ entries: [Entry],
    at position: Position
  ) async throws(LogError) -> RunOutcome {
    try await write(entries, at: position, epoch: .zero)
  }

  /// Writes entries to positions side by side, in an epoch.
  ///
  /// See ``PositionStore/write(_:at:)``.
  public func write(
    _ entries: [Entry],
    at position: Position,
    epoch: Epoch
  ) async throws(LogError) -> RunOutcome {
    // Refused as a whole, before any of them is written.
    var bytes = 0
    for entry in entries { bytes = max(bytes, entry.payload.count) }
    if bytes > payloadBytesMax {
      throw .entryTooLarge(bytes: bytes, bytesMax: payloadBytesMax)
    }
    // The checksums are computed here, on the caller's thread, and not on the one that syncs.
    return try await submitRun(.write(WriteRun(entries, at: position, epoch: epoch)))
  }

  /// Writes values to positions anywhere, each of which may be refused by itself.
  ///
  /// Durable on return, and so is what stood in the way (R2).
  ///
  /// - Parameters:
  ///   - values: Data and junk, at different positions.
  ///   - epoch: The epoch to note in the records.
  /// - Returns: An answer for each value, in order.
  /// - Throws: ``LogError/closed`` and ``LogError/failed(_:)``; some of the values may have been
  ///   written.
  public func write(
    _ values: [PlacedValue],
    epoch: Epoch
  ) async throws(LogError) -> [WriteAnswer] {
    try await submitEach(ScatteredWrites(values, epoch: epoch))
  }

  /// Writes what a peer has to positions whose records rot took (D6).
  ///
  /// Whatever is readable stays. Only values are brought back, never absence (D7).
  ///
  /// - Parameters:
  ///   - values: Data and junk, as they stand on another replica of the chain.
  ///   - epoch: The epoch to note in the records.
  /// - Returns: An answer for each value, as ``write(_:epoch:)`` gives it.
  /// - Throws: As ``write(_:epoch:)``.
  public func repair(
    _ values: [PlacedValue],
    epoch: Epoch
  ) async throws(LogError) -> [WriteAnswer] {
    try await submitEach(ScatteredWrites(values, epoch: epoch, repairs: true))
  }

  private func submitEach(_ writes: ScatteredWrites) async throws(LogError) -> [WriteAnswer] {
    guard case .each(let answers) = try await submit(.writeEach(writes)) else {
      preconditionFailure("scattered writes are answered one by one")
    }
    return answers
  }

  /// Fills a position with junk, unless something is there.
  ///
  /// Returns what stands there.
  public func fill(_ position: Position) async throws(LogError) -> Slot {
    try await submitRun(.fill(position)).obstacle ?? .junk
  }

  /// Trims one position, whatever stands there.
  public func trim(_ position: Position) async throws(LogError) {
    _ = try await submit(.trim(position))
  }

  /// Trims all positions of ranges, whatever stands there.
  ///
  /// A record names many ranges, so that a copied unit's trims cost little.
  public func trim(_ ranges: [Range<Position>]) async throws(LogError) {
    let wanted = PositionSet(ranges).ranges
    for start in stride(from: 0, to: wanted.count, by: trimRangesMax) {
      let end = min(start + trimRangesMax, wanted.count)
      _ = try await submit(.trimRanges(Array(wanted[start..<end])))
    }
  }

  /// Trims every position before `mark`.
  public func trimPrefix(before mark: Position) async throws(LogError) {
    _ = try await submit(.trimPrefix(mark))
  }

  /// Takes an operator's word that what was lost is lost: absence is absence again.
  public func settleLosses() async throws(LogError) {
    _ = try await submit(.settle)
  }

  /// Finishes what was asked for, closes the store and ends ``run()``.
  public func close() async throws(LogError) {
    _ = try await submit(.close)
  }

  /// Serves the writers until the store is closed or its disk fails.
  ///
  /// Run it once, and on a ``ThreadExecutor`` where the disk is a real one, because a
  /// sync blocks. Cancelled, it stops where it is, as a crash would, and whoever
  /// waits hears ``LogError/failed(_:)``.
  public func run() async {
    guard let store = store.withLock({ $0.take() }) else { return }
    await withTaskCancellationHandler {
      await serve(store)
    } onCancel: {
      mailbox.withLock { $0.stop() }?.resume()
    }
  }

  private func serve(_ store: SegmentStore<Storage>) async {
    var round = CommitRound<Storage>()
    while true {
      if round.requests.isEmpty { await waitForRequests() }
      if Task.isCancelled { return end(.failed(.stopped), round.requests) }
      takeRequests(into: &round)
      round.stage(on: store)
      var next = CommitRound<Storage>()
      do {
        if round.isLast {
          try await store.commit()
          try await round.makeRoom(on: store)
        } else {
          try await store.commit {
            // What this round had no room for comes first in the next.
            var rest = round.takeRest()
            next.take(&rest)
            takeRequests(into: &next)
            next.stage(on: store)
          }
        }
        try await round.moveSegments(on: store)
        if store.wantsSpare { try await store.prepareSpare() }
      } catch {
        return end(error, round.requests + next.requests)
      }
      totals.withLock { $0 = store.counters }
      let closers = round.answer()
      if !closers.isEmpty { return await close(store, closers, round.requests) }
      if next.requests.isEmpty { next = round }
      round = next
    }
  }

  private func waitForRequests() async {
    await withUnsafeContinuation { continuation in
      let isEmpty = mailbox.withLock { mailbox in
        let isEmpty = mailbox.requests.isEmpty && mailbox.end == nil
        if isEmpty { mailbox.waiter = continuation }
        return isEmpty
      }
      if !isEmpty { continuation.resume() }
    }
  }

  /// Moves what was asked since the last time.
  private func takeRequests(into round: inout CommitRound<Storage>) {
    mailbox.withLock { round.take(&$0.requests) }
  }

  private func close(
    _ store: SegmentStore<Storage>,
    _ closers: [CommitRequest],
    _ backlog: [CommitRequest]
  ) async {
    var outcome = CommitRequest.Answer.success(.run(RunOutcome(written: 0)))
    do {
      try await store.close()
    } catch {
      outcome = .failure(error)
    }
    end(.closed, backlog)
    for request in closers { request.continuation.resume(returning: outcome) }
  }

  /// Refuses what is asked from now on, and what was not done yet.
  private func end(_ error: LogError, _ requests: [CommitRequest]) {
    let late = mailbox.withLock { mailbox in
      mailbox.end = error
      defer { mailbox.requests = [] }
      return mailbox.requests
    }
    for request in requests + late {
      // A run that was half done when the store closed did have an effect, and is told so.
      let isBegun = request.isBegun && error == .closed
      request.continuation.resume(
        returning: isBegun ? .success(.run(RunOutcome(written: request.done))) : .failure(error)
      )
    }
  }

  func submitRun(
    _ command: CommitRequest.Command
  ) async throws(LogError) -> RunOutcome {
    guard case .run(let outcome) = try await submit(command) else {
      preconditionFailure("a run is answered as one")
    }
    return outcome
  }

  func submit(
    _ command: CommitRequest.Command
  ) async throws(LogError) -> CommitRequest.Outcome {
    let result = await withUnsafeContinuation { continuation in
      let (waiter, end) = mailbox.withLock { mailbox in
        if let end = mailbox.end { return (mailbox.waiter.take(), LogError?.some(end)) }
        mailbox.requests.append(CommitRequest(command: command, continuation: continuation))
        return (mailbox.waiter.take(), nil)
      }
      waiter?.resume()
      if let end { continuation.resume(returning: .failure(end)) }
    }
    return try result.get()
  }
}

/// What was asked and not begun.
private struct Mailbox: Sendable {
  var requests: [CommitRequest] = []
  /// The store's task, if it has nothing to do.
  var waiter: UnsafeContinuation<Void, Never>?
  /// Why nothing is taken any more.
  var end: LogError?

  /// Takes nothing any more.
  ///
  /// Returns whom to wake.
  mutating func stop() -> UnsafeContinuation<Void, Never>? {
    end = end ?? .failed(.stopped)
    return waiter.take()
  }
}

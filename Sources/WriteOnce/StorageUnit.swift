public import CorfuGlobalLog
public import CorfuStripeMirror
internal import Synchronization

/// A storage unit: a durable write-once address space that serves one layout at a time.
///
/// It never calls anyone. Writes gather while a sync is under way (``GroupCommit``), reads look
/// past them, and a seal waits for the writes it found under way: what it then says of its end
/// stays true for ever. (TOCS 2013, 3.1; rules R1–R7.)
public final class StorageUnit<Storage: Device, Gate: EpochAdmission>: Sendable {
  /// The log that keeps the entries.
  public let store: GroupCommit<Storage>
  let state: Mutex<State>
  let onEvent: @Sendable (UnitEvent) -> Void

  struct State {
    var gate: Gate
    var file: EpochFile<Storage>
    /// Writes and trims that were let in and not answered yet.
    var inFlight = 0
    /// Whether a change is under way: the next one has to wait.
    var isChanging = false
    /// Whether it changes the gate: nobody is let in, or refused, until it has.
    var isShut = false
    /// The change that waits for the writes in flight.
    var drain: UnsafeContinuation<Void, Never>?
    /// Requests and changes that wait for the change under way.
    var waiting: [UnsafeContinuation<Void, Never>] = []
    var failure: LogError?
    /// The streams that somebody asks about, page by page, and up to which epoch all is closed.
    var listing: (sealed: Epoch, streams: StreamListing)?
    /// Whoever runs the unit, and is to hear of its end.
    var runner: UnsafeContinuation<Void, Never>?

    mutating func takeWaiting() -> [UnsafeContinuation<Void, Never>] {
      defer { waiting = [] }
      return waiting
    }
  }

  private init(
    store: GroupCommit<Storage>,
    gate: Gate,
    file: EpochFile<Storage>,
    onEvent: @escaping @Sendable (UnitEvent) -> Void
  ) {
    self.store = store
    self.state = Mutex(State(gate: gate, file: file))
    self.onEvent = onEvent
  }

  /// Opens the unit in a folder, or makes one there.
  ///
  /// Nothing is written until ``run()`` runs.
  ///
  /// - Parameters:
  ///   - device: The folder.
  ///   - limits: Sizes to work with.
  ///   - random: Draws the identity of a new unit.
  ///   - isLocked: Whether the caller has taken the folder already.
  ///   - onEvent: Hears what happens, seldom enough to be told one by one.
  /// - Returns: The unit.
  /// - Throws: ``UnitOpenError``, if the folder cannot be served.
  public static func open(
    _ device: Storage,
    limits: StoreLimits = StoreLimits(),
    using random: inout some RandomNumberGenerator,
    isLocked: Bool = false,
    onEvent: @escaping @Sendable (UnitEvent) -> Void = { _ in }
  ) async throws(UnitOpenError) -> StorageUnit {
    // Before all else: the epochs are written anew, and may be another process's.
    if !isLocked {
      do {
        try device.lock()
      } catch {
        throw .store(.device(error))
      }
    }
    // First the gate, then the log: a folder with a log and no gate has lost its gate.
    let file: EpochFile<Storage>
    do {
      file = try await EpochFile.open(in: device)
    } catch {
      device.unlock()
      throw error
    }
    let store: GroupCommit<Storage>
    do {
      store = try await GroupCommit.open(
        device,
        limits: limits,
        using: &random,
        isLocked: true
      ) { event in onEvent(.store(event)) }
    } catch {
      throw .store(error)
    }
    let gate = Gate(sealed: file.contents.sealed, installed: file.contents.installed)
    return StorageUnit(store: store, gate: gate, file: file, onEvent: onEvent)
  }

  /// Which life of its disk this is.
  public var incarnation: Incarnation {
    let drawn = store.reader.identity.incarnation
    return Incarnation(high: drawn.high, low: drawn.low)
  }

  /// The highest epoch that is closed here.
  public var sealed: Epoch { state.withLock { $0.gate.sealed } }

  /// The layout in force here.
  public var installed: LayoutID? { state.withLock { $0.gate.installed } }

  /// The newest layout that was kept here; `nil` if none was, or none that can be read.
  ///
  /// A hint: ``installed`` says what is in force.
  public var keptLayout: Layout? { state.withLock { $0.file.layout } }

  /// Whether it has ended, and answers nothing but errors.
  public var hasFailed: Bool { state.withLock { $0.failure != nil } }

  /// One past the highest position that is not empty.
  public var tail: Position { store.tail() }

  /// Does the unit's work until it is closed, or its disk fails.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.store.run() }
      group.addTask { await self.waitForFailure() }
      await group.next()
      group.cancelAll()
    }
    end(.closed)
  }

  /// Finishes what was asked for, closes the unit and ends ``run()``.
  public func close() async throws(LogError) {
    try await store.close()
  }

  /// Ends the unit where it is, as a crash of its process would.
  public func stop() {
    end(.failed(.stopped))
  }

  // MARK: - Requests

  /// Writes values, each unless something stands there.
  ///
  /// Durable on return, and so is what stood there (R1, R2).
  public func write(
    _ values: [PlacedValue],
    as layout: LayoutID
  ) async throws(UnitRefusal) -> [WriteAnswer] {
    try await enter(layout)
    defer { leave() }
    do {
      return try await store.write(values, epoch: layout.epoch)
    } catch {
      throw .log(error)
    }
  }

  /// Writes what stands on another replica to positions whose records rot took (D6).
  ///
  /// Durable on return. A position has one value for ever, so whoever has it may bring it, and a
  /// request that comes late does no harm.
  public func repair(
    _ values: [PlacedValue],
    as layout: LayoutID
  ) async throws(UnitRefusal) -> [WriteAnswer] {
    try await enter(layout)
    defer { leave() }
    do {
      return try await store.repair(values, epoch: layout.epoch)
    } catch {
      throw .log(error)
    }
  }

  /// Reads positions; never waits for a write.
  public func read(
    _ positions: [Position],
    as layout: LayoutID
  ) async throws(UnitRefusal) -> [Result<Slot, LogError>] {
    try await admit(layout)
    do {
      return try store.reader.read(each: positions)
    } catch {
      throw .log(error)
    }
  }

  /// Forgets positions, whatever stands there.
  public func trim(
    _ positions: [Position],
    as layout: LayoutID
  ) async throws(UnitRefusal) {
    try await enter(layout)
    defer { leave() }
    let answers: [WriteAnswer]
    do {
      let trims = positions.map { PlacedValue(.trimmed, at: $0) }
      answers = try await store.write(trims, epoch: layout.epoch)
    } catch {
      throw .log(error)
    }
    for case .refused(let error) in answers { throw .log(error) }
  }

  /// The positions of a range that are trimmed, as ranges in order.
  ///
  /// Served under the seal, too: it is then that a copy's last trims are made (R28).
  public func trims(
    in range: Range<Position>,
    as layout: LayoutID
  ) async throws(UnitRefusal) -> [Range<Position>] {
    try await admit(layout, underSeal: true)
    return store.reader.trims(in: range)
  }

  /// Forgets ranges that were trimmed on the unit that they are copied from (R28).
  ///
  /// Served under the seal, too, until the next layout is installed.
  public func trim(
    _ ranges: [Range<Position>],
    as layout: LayoutID
  ) async throws(UnitRefusal) {
    try await admit(layout, counted: true, underSeal: true)
    defer { leave() }
    do {
      try await store.trim(ranges)
    } catch {
      throw .log(error)
    }
  }

  /// Forgets every position before `mark`.
  public func trimPrefix(
    before mark: Position,
    as layout: LayoutID
  ) async throws(UnitRefusal) {
    try await enter(layout)
    defer { leave() }
    do {
      try await store.trimPrefix(before: mark)
    } catch {
      throw .log(error)
    }
  }

  // MARK: - Admission

  /// Lets a write or trim in; `leave` must follow.
  private func enter(_ layout: LayoutID) async throws(UnitRefusal) {
    try await admit(layout, counted: true)
  }

  private func admit(
    _ layout: LayoutID,
    counted: Bool = false,
    underSeal: Bool = false
  ) async throws(UnitRefusal) {
    while true {
      let isAdmitted = try state.withLock { (state) throws(UnitRefusal) in
        if let failure = state.failure { throw .log(failure) }
        // Not even a refusal may tell of a seal that is not durable (R2).
        if state.isShut { return false }
        let isUnderSeal = underSeal && state.gate.installed == layout
        if !isUnderSeal, let refusal = state.gate.refusal(of: layout) { throw .epoch(refusal) }
        if counted { state.inFlight += 1 }
        return true
      }
      if isAdmitted { return }
      await waitForChange()
    }
  }

  private func leave() {
    let drain = state.withLock { state in
      state.inFlight -= 1
      return state.inFlight == 0 ? state.drain.take() : nil
    }
    drain?.resume()
  }

  // MARK: - The end

  func end(_ error: LogError) {
    let (waiting, runner) = state.withLock { state in
      state.failure = state.failure ?? error
      return (state.takeWaiting(), state.runner.take())
    }
    for continuation in waiting { continuation.resume() }
    runner?.resume()
  }

  private func waitForFailure() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if state.failure != nil || Task.isCancelled { return true }
          state.runner = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.runner.take() }?.resume()
    }
  }
}

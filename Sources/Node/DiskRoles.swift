internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// What a node's folder makes of it: a storage unit, an acceptor, and somebody who remembers the
/// newest layout.
final class DiskRoles<Storage: Device, Kit: Parts>: Sendable {
  typealias Unit = StorageUnit<Storage, Kit.Gate>

  private let id: NodeID
  private let device: Storage
  private let limits: StoreLimits
  private let settings: UpkeepSettings?
  private let onEvent: @Sendable (UnitEvent) -> Void
  private let state: Mutex<State>
  private let resets = Turn()
  /// Whoever writes the folder's small files, or empties it.
  private let files = Turn()

  private struct State: Sendable {
    var lives: Life
    var random: DrawnGenerator
    /// Who waits for the disk's next life.
    var reset: Reset?
    /// Whether the last life of the disk is over, and the next one has not begun.
    var isBetweenLives = false
    /// Whether no other life is to begin: the process ends.
    var isEnding = false
    var hasEnded = false
  }

  /// One life of the disk.
  private struct Life: Sendable {
    let unit: Unit
    let acceptor: AcceptorRole<Storage, Kit.Voter>
    let openings: OpeningRole<Storage>
    let upkeep: Upkeep<Storage, Kit>?
    let damage: DamageNotes
    let room: RoomNote
  }

  /// A reset that somebody waits for.
  private struct Reset: Sendable {
    let layout: Layout
    let continuation: UnsafeContinuation<Result<Incarnation, Refusal>, Never>
  }

  private init(
    _ id: NodeID,
    _ life: Life,
    in device: Storage,
    _ limits: StoreLimits,
    _ settings: UpkeepSettings?,
    _ random: DrawnGenerator,
    _ onEvent: @escaping @Sendable (UnitEvent) -> Void
  ) {
    self.id = id
    self.device = device
    self.limits = limits
    self.settings = settings
    self.onEvent = onEvent
    state = Mutex(State(lives: life, random: random))
  }

  /// Opens a folder, or makes one.
  static func open(
    _ id: NodeID,
    in device: Storage,
    limits: StoreLimits,
    upkeep settings: UpkeepSettings?,
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (UnitEvent) -> Void
  ) async throws(UnitOpenError) -> DiskRoles {
    do {
      try device.lock()
    } catch {
      throw .store(.device(error))
    }
    var drawn = DrawnGenerator(using: &random)
    do throws(UnitOpenError) {
      let life = try await begin(id, in: device, limits, settings, using: &drawn, onEvent)
      return DiskRoles(id, life, in: device, limits, settings, drawn, onEvent)
    } catch {
      device.unlock()
      throw error
    }
  }

  private static func begin(
    _ id: NodeID,
    in device: Storage,
    _ limits: StoreLimits,
    _ settings: UpkeepSettings?,
    using random: inout DrawnGenerator,
    _ onEvent: @escaping @Sendable (UnitEvent) -> Void
  ) async throws(UnitOpenError) -> Life {
    do {
      try await FolderReset.finish(in: device)
    } catch {
      throw .device(error)
    }
    // Before the unit: a folder with an identity and no acceptor has lost its promises.
    let acceptor = try await AcceptorRole<Storage, Kit.Voter>.open(in: device)
    let damage = DamageNotes()
    let room = RoomNote()
    let hear = { @Sendable (event: UnitEvent) in
      damage.hear(event)
      room.hear(event)
      onEvent(event)
    }
    let unit = try await Unit.open(
      device,
      limits: limits,
      using: &random,
      isLocked: true,
      onEvent: hear
    )
    for position in unit.store.reader.lostPositions { damage.add(position) }
    let upkeep = settings.map { settings in
      Upkeep<Storage, Kit>(of: unit.store, settings) { hear(.store($0)) }
    }
    do {
      let openings = try await OpeningRole.open(in: device, using: &random)
      let name = UnitName(node: id, incarnation: unit.incarnation)
      try await openings.settle(name, under: unit.keptLayout)
      return Life(
        unit: unit,
        acceptor: acceptor,
        openings: openings,
        upkeep: upkeep,
        damage: damage,
        room: room
      )
    } catch {
      throw .device(error)
    }
  }

  private var life: Life { state.withLock { $0.lives } }

  /// The storage unit.
  var unit: Unit { life.unit }

  /// What else the unit needs.
  var upkeep: Upkeep<Storage, Kit>? { life.upkeep }

  /// What the unit knows of its own damage.
  var damage: DamageNotes { life.damage }

  /// Whether the unit has room.
  var room: DiskRoom { life.room.room }

  /// The acceptor.
  var acceptor: AcceptorRole<Storage, Kit.Voter> { life.acceptor }

  /// Whether the disk may serve, and what it knows of others.
  var openings: OpeningRole<Storage> { life.openings }

  /// The storage unit, if it may serve: an older image of a disk would say what is no longer true.
  func admittedUnit() throws(Refusal) -> Unit {
    let life = life
    guard life.openings.admission == .serves else { throw .notAdmitted }
    return life.unit
  }

  /// The newest layout that the folder keeps.
  var keptLayout: Layout? { life.unit.keptLayout }

  /// Does the disk's work, from one of its lives to the next.
  func run(on thread: ThreadExecutor?) async {
    while true {
      let life = life
      await withDiscardingTaskGroup { group in
        if let upkeep = life.upkeep { group.addTask { await upkeep.run() } }
        await withTaskExecutorPreference(thread) { await life.unit.run() }
        group.cancelAll()
      }
      let reset = state.withLock { $0.isEnding ? nil : $0.reset.take() }
      guard let reset else { break }
      let result = await beginAnew(reset.layout)
      reset.continuation.resume(returning: result)
      if case .failure = result { break }
    }
    let late = state.withLock { state in
      state.hasEnded = true
      return state.reset.take()
    }
    late?.continuation.resume(returning: .failure(.log(.failed(.stopped))))
  }

  /// Ends where it is, as a crash of the process would, at whatever moment of the disk's lives.
  func stop() {
    let unit = state.withLock { state in
      state.isEnding = true
      return state.lives.unit
    }
    unit.stop()
  }

  /// Finishes what was asked for and ends; a disk that is being emptied has nothing to finish.
  func close() async throws(LogError) {
    let unit = state.withLock { state -> Unit? in
      state.isEnding = true
      return state.isBetweenLives ? nil : state.lives.unit
    }
    try await unit?.close()
  }

  /// Changes the folder's small files by way of the unit: not while the disk is emptied.
  func filing<Answer>(
    _ body: () async throws(UnitRefusal) -> Answer
  ) async throws(UnitRefusal) -> Answer {
    await files.take()
    defer { files.end() }
    return try await body()
  }

  /// Gives up the registers that came before the layout that is kept: whoever asks about them must
  /// be told that layout by now.
  func forgetHistory() async {
    // Not in the middle of a vote, which would bring it back.
    await files.take()
    defer { files.end() }
    let life = life
    life.acceptor.forget(before: life.unit.keptLayout?.epoch ?? .zero)
  }

  /// Finds out whether the disk serves under a layout, or a newer one that it keeps, before that
  /// comes into force.
  func settle(under layout: Layout) async {
    await files.take()
    defer { files.end() }
    let life = life
    let kept = life.unit.keptLayout
    let newest = kept?.epoch ?? .zero > layout.epoch ? kept : layout
    let name = UnitName(node: id, incarnation: life.unit.incarnation)
    do {
      try await life.openings.settle(name, under: newest)
    } catch {
      life.unit.stop()
    }
  }

  /// Hears whether the disk may serve, if the disk and its opening are those that are meant.
  func hear(_ request: AdmitRequest) async throws(Refusal) {
    await files.take()
    defer { files.end() }
    let life = life
    let name = UnitName(node: id, incarnation: life.unit.incarnation)
    guard request.disk == name.incarnation else { throw .notNamed(name.incarnation) }
    guard life.openings.hear(request) else { throw .notAdmitted }
    do {
      try await life.openings.settle(name, under: life.unit.keptLayout)
    } catch {
      life.unit.stop()
      throw .log(.failed(error))
    }
  }

  /// Vouches for an opening of another disk, or of its own.
  func vouch(
    as incarnation: Incarnation,
    for disk: UnitName,
    _ opening: DiskOpening
  ) async throws(Refusal) -> DiskOpening {
    await files.take()
    defer { files.end() }
    let life = life
    guard life.unit.incarnation == incarnation else { throw .notNamed(life.unit.incarnation) }
    if life.unit.hasFailed { throw .log(.closed) }
    do {
      return try await life.openings.vouch(for: disk, opening, under: life.unit.keptLayout)
    } catch .outOfSpace {
      throw .log(.outOfSpace)
    } catch {
      life.unit.stop()
      throw .log(.failed(error))
    }
  }

  /// Lets the acceptor vote, if the disk is still in the life that is asked.
  func vote<Answer>(
    as incarnation: Incarnation,
    _ body: (AcceptorRole<Storage, Kit.Voter>) async throws(DeviceError) -> Answer
  ) async throws(Refusal) -> Answer {
    await files.take()
    defer { files.end() }
    let life = life
    guard life.unit.incarnation == incarnation else { throw .notNamed(life.unit.incarnation) }
    guard life.openings.admission == .serves else { throw .notAdmitted }
    if life.unit.hasFailed { throw .log(.closed) }
    do {
      return try await body(life.acceptor)
    } catch .outOfSpace {
      throw .log(.outOfSpace)
    } catch {
      life.unit.stop()
      throw .log(.failed(error))
    }
  }

  /// Ends a life of the disk, empties it, and begins another.
  func reset(
    _ incarnation: Incarnation,
    keeping layout: Layout
  ) async throws(Refusal) -> Incarnation {
    await resets.take()
    defer { resets.end() }
    // Whoever asked for the same thing a moment before has begun the life that is on now (R29).
    let now = unit.incarnation
    guard now == incarnation else { throw .notNamed(now) }
    let result = await withUnsafeContinuation { continuation in
      let unit = state.withLock { state -> Unit? in
        if state.isEnding || state.hasEnded { return nil }
        state.isBetweenLives = true
        state.reset = Reset(layout: layout, continuation: continuation)
        return state.lives.unit
      }
      guard let unit else {
        return continuation.resume(returning: .failure(.log(.failed(.stopped))))
      }
      unit.stop()
    }
    return try result.get()
  }

  private func beginAnew(_ layout: Layout) async -> Result<Incarnation, Refusal> {
    await files.take()
    defer { files.end() }
    var random = state.withLock { $0.random }
    do throws(DeviceError) {
      try await FolderReset.run(in: device)
    } catch {
      return .failure(.log(.failed(error)))
    }
    let next: Life
    do {
      next = try await Self.begin(id, in: device, limits, settings, using: &random, onEvent)
    } catch {
      return .failure(.log(.failed(.stopped)))
    }
    let isEnding = state.withLock { [random] state in
      state.lives = next
      state.random = random
      state.isBetweenLives = false
      return state.isEnding
    }
    // Whoever ends the process has met the life before; this one runs just to answer that it ended.
    if isEnding { next.unit.stop() }
    do {
      try await next.unit.keep(layout)
    } catch {
      next.unit.stop()
    }
    return .success(next.unit.incarnation)
  }
}

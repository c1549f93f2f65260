public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuProtocol
public import CorfuStripeMirror
public import CorfuWriteOnce
internal import Synchronization

/// One process of a cluster.
public final class Node<Storage: Device, Kit: Parts>: RequestHandler {
  /// Its name.
  public let id: NodeID
  /// The storage unit, if it has one.
  public let unit: StorageUnit<Storage, Kit.Gate>?
  /// What else its unit needs; `nil` if nobody looks after it.
  public let upkeep: Upkeep<Storage, Kit>?
  /// The sequencer, if it is one.
  public let sequencer: SequencerRole<Kit.Tokens>?
  private let newest: Mutex<Layout?>
  private let file: LayoutFile<Storage>?

  /// A node that is a sequencer, and keeps nothing.
  public init(_ id: NodeID, sequencer: SequencerRole<Kit.Tokens>) {
    self.id = id
    self.sequencer = sequencer
    unit = nil
    upkeep = nil
    file = nil
    newest = Mutex(nil)
  }

  private init(
    _ id: NodeID,
    unit: StorageUnit<Storage, Kit.Gate>,
    upkeep: Upkeep<Storage, Kit>?,
    file: LayoutFile<Storage>,
    newest: Layout?
  ) {
    self.id = id
    self.unit = unit
    self.upkeep = upkeep
    self.file = file
    self.newest = Mutex(newest)
    sequencer = nil
  }

  /// Opens a node that is a storage unit, in its folder.
  ///
  /// - Parameters:
  ///   - id: Its name.
  ///   - device: Its folder.
  ///   - limits: Sizes to work with.
  ///   - upkeep: How its unit compacts and is scrubbed; `nil` for not at all.
  ///   - random: Draws the identity of a new unit.
  ///   - onEvent: Hears what happens in the unit.
  /// - Returns: The node; it serves once ``run()`` runs.
  /// - Throws: ``UnitOpenError``, if the folder cannot be served.
  public static func open(
    _ id: NodeID,
    in device: Storage,
    limits: StoreLimits = StoreLimits(),
    upkeep: UpkeepSettings?,
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (UnitEvent) -> Void = { _ in }
  ) async throws(UnitOpenError) -> Node {
    let unit = try await StorageUnit<Storage, Kit.Gate>.open(
      device,
      limits: limits,
      using: &random,
      onEvent: onEvent
    )
    let upkeep = upkeep.map { settings in
      Upkeep<Storage, Kit>(of: unit.store, settings) { onEvent(.store($0)) }
    }
    let file = LayoutFile(in: device)
    do {
      return Node(id, unit: unit, upkeep: upkeep, file: file, newest: try file.read())
    } catch {
      throw .device(error)
    }
  }

  /// The name by which layouts know its unit.
  public var unitName: UnitName? {
    unit.map { UnitName(node: id, incarnation: $0.incarnation) }
  }

  /// Does the work of its roles until they end: its unit's, and what is due in the background.
  ///
  /// - Parameter thread: A thread that syncs may block; `nil` to stay on the caller's executor,
  ///   where the background work is done in any case.
  public func run(on thread: ThreadExecutor? = nil) async {
    guard let unit else { return }
    await withDiscardingTaskGroup { group in
      if let upkeep { group.addTask { await upkeep.run() } }
      await withTaskExecutorPreference(thread) { await unit.run() }
      group.cancelAll()
    }
  }

  /// The newest layout that this node has heard of.
  public var newestLayout: Layout? { newest.withLock { $0 } }

  public func handle(_ request: Request) async -> Reply {
    do throws(Refusal) {
      return try await reply(to: request)
    } catch {
      return .refused(error)
    }
  }

  private func reply(to request: Request) async throws(Refusal) -> Reply {
    switch request {
    case .write(let request):
      return .written(
        try await ask { (unit) throws(UnitRefusal) in
          try await unit.write(request.values, as: request.layout)
        }
      )
    case .repair(let request):
      return .written(
        try await ask { (unit) throws(UnitRefusal) in
          try await unit.repair(request.values, as: request.layout)
        }
      )
    case .read(let request):
      return .slots(
        try await ask { (unit) throws(UnitRefusal) in
          try await unit.read(request.positions, as: request.layout)
        }
      )
    case .trim(let request):
      try await ask { (unit) throws(UnitRefusal) in
        try await unit.trim(request.positions, as: request.layout)
      }
      return .trimmed
    case .trimPrefix(let request):
      try await ask { (unit) throws(UnitRefusal) in
        try await unit.trimPrefix(before: request.mark, as: request.layout)
      }
      return .trimmed
    case .sealUnit(let request):
      return .unitSealed(
        try await ask { (unit) throws(UnitRefusal) in try await unit.seal(request.epoch) }
      )
    case .install(let request): return .installed(try await install(request.layout))
    case .reserve(let request): return .token(try appointed().reserve(request))
    case .tail(let request): return .tail(try appointed().tail(request))
    case .streamTails(let request): return .streamTails(try appointed().streamTails(request))
    case .sealSequencer(let request): return .sequencerSealed(try appointed().seal(request))
    case .reign(let request):
      try appointed().begin(request)
      note(request.layout)
      return .reigning
    case .newestLayout: return .newestLayout(newestLayout)
    }
  }

  /// Takes a layout for its own, if it names this node's disk, and remembers it in any case.
  private func install(_ layout: Layout) async throws(Refusal) -> LayoutID {
    let id = layout.id
    guard let unit, let name = unitName else {
      note(layout)
      return id
    }
    guard layout.units.contains(name) || layout.spares.contains(name) else {
      throw .notNamed(unit.incarnation)
    }
    // Before the gate: who is told that this layout is in force will want to see it.
    if layout.epoch > newestLayout?.epoch ?? .zero {
      do {
        try await file?.write(layout)
      } catch .outOfSpace {
        // Without an epoch nobody could trim, and the disk would stay full. Others keep the layout.
        note(layout)
      } catch {
        // Like every failure of the disk (D1): the unit ends, and somebody looks at it.
        unit.stop()
        throw .log(.failed(error))
      }
      note(layout)
    }
    let installed = try await ask { (unit) throws(UnitRefusal) in try await unit.install(id) }
    return installed ?? id
  }

  private func note(_ layout: Layout) {
    newest.withLock { newest in
      if let known = newest, known.epoch >= layout.epoch { return }
      newest = layout
    }
  }

  private func appointed() throws(Refusal) -> SequencerRole<Kit.Tokens> {
    guard let sequencer else { throw .noSuchRole }
    return sequencer
  }

  private func ask<Answer>(
    _ body: (StorageUnit<Storage, Kit.Gate>) async throws(UnitRefusal) -> Answer
  ) async throws(Refusal) -> Answer {
    guard let unit else { throw .noSuchRole }
    do {
      return try await body(unit)
    } catch {
      switch error {
      case .log(let error): throw .log(error)
      case .epoch(.sealed(let epoch, _)):
        let newest = newestLayout.flatMap { $0.epoch > epoch ? $0 : nil }
        throw .epoch(.sealed(epoch, newest: newest))
      case .epoch(let refusal): throw .epoch(refusal)
      }
    }
  }
}

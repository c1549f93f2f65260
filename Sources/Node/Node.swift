public import CorfuCopyCompaction
public import CorfuGlobalLog
internal import CorfuPaxosConfigurator
public import CorfuProtocol
public import CorfuStripeMirror
public import CorfuWriteOnce
internal import Synchronization

/// One process of a cluster.
///
/// A node with a folder is a storage unit and an acceptor; any node can be a sequencer besides.
public final class Node<Storage: Device, Kit: Parts>: RequestHandler {
  /// Its name.
  public let id: NodeID
  /// The sequencer, if it is one.
  public let sequencer: SequencerRole<Kit>?
  let disk: DiskRoles<Storage, Kit>?
  let newest = Mutex<KnownLayout?>(nil)
  private let journal = Mutex(LayoutJournal())
  private let view = Mutex<MonitorView?>(nil)
  /// Layouts are installed one by one: what the gate will say is known before it is asked.
  private let installing = Turn()

  /// A layout with its name, which is dear to compute.
  struct KnownLayout: Sendable {
    let layout: Layout
    let id: LayoutID
  }

  /// A node that is a sequencer, and keeps nothing.
  public init(_ id: NodeID, sequencer: SequencerRole<Kit>) {
    self.id = id
    self.sequencer = sequencer
    disk = nil
  }

  /// A node that keeps nothing and hands out nothing: it may look after others.
  public init(_ id: NodeID) {
    self.id = id
    sequencer = nil
    disk = nil
  }

  private init(
    _ id: NodeID,
    disk: DiskRoles<Storage, Kit>,
    sequencer: SequencerRole<Kit>?,
    newest layout: Layout?
  ) {
    self.id = id
    self.disk = disk
    self.sequencer = sequencer
    if let layout { note(layout) }
  }

  /// Opens a node that is a storage unit and an acceptor, in its folder.
  ///
  /// - Parameters:
  ///   - id: Its name.
  ///   - device: Its folder.
  ///   - limits: Sizes to work with.
  ///   - upkeep: How its unit compacts and is scrubbed; `nil` for not at all.
  ///   - sequencer: What makes it a sequencer as well; `nil` for none.
  ///   - random: Draws the identity of a new unit.
  ///   - onEvent: Hears what happens in the unit.
  /// - Returns: The node; it serves once ``run()`` runs.
  /// - Throws: ``UnitOpenError``, if the folder cannot be served.
  public static func open(
    _ id: NodeID,
    in device: Storage,
    limits: StoreLimits = StoreLimits(),
    upkeep: UpkeepSettings?,
    sequencer: SequencerRole<Kit>? = nil,
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (UnitEvent) -> Void = { _ in }
  ) async throws(UnitOpenError) -> Node {
    let disk = try await DiskRoles<Storage, Kit>.open(
      id,
      in: device,
      limits: limits,
      upkeep: upkeep,
      using: &random,
      onEvent: onEvent
    )
    return Node(id, disk: disk, sequencer: sequencer, newest: disk.keptLayout)
  }

  /// The storage unit, if it has one.
  public var unit: StorageUnit<Storage, Kit.Gate>? { disk?.unit }

  /// What else its unit needs; `nil` if nobody looks after it.
  public var upkeep: Upkeep<Storage, Kit>? { disk?.upkeep }

  /// The name by which layouts know its unit.
  public var unitName: UnitName? {
    unit.map { UnitName(node: id, incarnation: $0.incarnation) }
  }

  /// Does the work of its roles until they end: its unit's, and what is due in the background.
  ///
  /// - Parameter thread: A thread that syncs may block; `nil` to stay on the caller's executor,
  ///   where the background work is done in any case.
  public func run(on thread: ThreadExecutor? = nil) async {
    await disk?.run(on: thread)
  }

  /// Ends its roles where they are, as a crash of its process would; ``run(on:)`` ends then.
  public func stop() { disk?.stop() }

  /// Finishes what its unit was asked for, and ends ``run(on:)``.
  ///
  /// - Throws: What kept the unit's log from being closed.
  public func close() async throws(LogError) { try await disk?.close() }

  /// What the monitor sees that lives on this node; `nil` if none does.
  public var monitorView: MonitorView? {
    get { view.withLock { $0 } }
    set { view.withLock { $0 = newValue } }
  }

  /// The newest layout that this node has heard of.
  public var newestLayout: Layout? {
    // First the disk: a layout is in force, and told, a moment before it is noted.
    let kept = disk?.keptLayout
    let known = newest.withLock { $0?.layout }
    guard let kept, kept.epoch > known?.epoch ?? .zero else { return known }
    return kept
  }

  /// The layouts that this node remembers, the oldest first: for people, and not for certain all.
  public var layouts: [Layout] { journal.withLock { $0.layouts } }

  /// Of the layouts that this node remembers the newest, as many as one message holds.
  ///
  /// - Parameter bytesMax: How many bytes they may have together; the newest may have more.
  /// - Returns: The layouts, the oldest first.
  public func layouts(bytesMax: Int) -> [Layout] {
    journal.withLock { $0.newest(bytesMax: bytesMax) }
  }

  /// Remembers layouts of a life before this one; none of them counts as news.
  public func recall(_ layouts: [Layout]) {
    journal.withLock { journal in
      for layout in layouts { journal.add(layout) }
    }
  }

  private func note(_ layout: Layout) {
    if let known = newest.withLock({ $0?.layout }), known.epoch >= layout.epoch { return }
    let known = KnownLayout(layout: layout, id: layout.id)
    journal.withLock { $0.add(layout) }
    newest.withLock { newest in
      if let other = newest, other.layout.epoch >= layout.epoch { return }
      newest = known
    }
  }

  // MARK: - Requests

  public func handle(_ request: Request) async -> Reply {
    do throws(Refusal) {
      return try await reply(to: request)
    } catch {
      return .refused(error)
    }
  }

  /// Answers what needs neither a disk nor anybody's turn; `nil` for what does.
  ///
  /// Whoever reads many requests at once answers these without a task for each.
  public func answerAtOnce(_ request: Request) -> Reply? {
    do throws(Refusal) {
      switch request {
      case .reserve(let request): return .token(try appointed().reserve(request))
      case .reserveEach(let request): return .grants(try appointed().reserve(request))
      case .tail(let request): return .tail(try appointed().tail(request))
      case .streamTails(let request):
        let (tail, links) = try appointed().streamTails(request)
        return .streamTails(tail: tail, links)
      case .newestLayout: return .newestLayout(newestLayout)
      case .status: return .status(status)
      default: return nil
      }
    } catch {
      return .refused(error)
    }
  }

  private func reply(to request: Request) async throws(Refusal) -> Reply {
    if let reply = answerAtOnce(request) { return reply }
    switch request {
    case .write(let request):
      return .written(
        try await ask { (unit) throws(UnitRefusal) in
          try await unit.write(request.values, as: request.layout)
        }
      )
    case .read(let request):
      let slots = try await ask { (unit) throws(UnitRefusal) in
        try await unit.read(request.positions, as: request.layout)
      }
      disk?.damage.hear(slots, at: request.positions)
      return .slots(slots)
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
    case .sealUnit(let request): return .unitSealed(try await seal(request))
    case .install(let request): return .installed(try await install(request.layout))
    case .unitStreams, .repair, .trims, .trimRanges, .reset, .space, .admit:
      return try await care(request)
    case .sealSequencer(let request): return .sequencerSealed(try appointed().seal(request))
    case .reignStreams(let request):
      try appointed().hear(request)
      return .reignStreamsHeard
    case .reign(let request):
      try appointed().begin(request)
      do {
        try await learn(request.layout)
      } catch {
        // A sequencer needs no disk. But what the gate objects to is no layout.
        if case .log = error { note(request.layout) }
      }
      return .reigning
    case .prepare, .accept, .poll, .acceptorStatus, .vouch: return try await vote(request)
    // Some MiB, which take their time.
    case .layouts: return .layouts(layouts)
    // It is a matter of processes: whoever runs the node answers it.
    case .membership, .meters: throw .noSuchRole
    // These were answered at once.
    case .reserve, .reserveEach, .tail, .streamTails, .newestLayout, .status: throw .noSuchRole
    }
  }

  private func appointed() throws(Refusal) -> SequencerRole<Kit> {
    guard let sequencer else { throw .noSuchRole }
    return sequencer
  }

  func ask<Answer>(
    _ body: (StorageUnit<Storage, Kit.Gate>) async throws(UnitRefusal) -> Answer
  ) async throws(Refusal) -> Answer {
    guard let disk else { throw .noSuchRole }
    let unit = try disk.admittedUnit()
    return try await ask(unit, body)
  }

  func ask<Answer>(
    _ unit: StorageUnit<Storage, Kit.Gate>,
    _ body: (StorageUnit<Storage, Kit.Gate>) async throws(UnitRefusal) -> Answer
  ) async throws(Refusal) -> Answer {
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

  // MARK: - Layouts

  /// Remembers a layout that was decided, if it is the newest; durable on return (R30).
  private func learn(_ layout: Layout) async throws(Refusal) {
    if let unit, let disk {
      if layout.names(name(of: unit)), let objection = unit.objection(to: layout.id) {
        throw .epoch(objection)
      }
      await disk.settle(under: layout)
      try await ask(unit) { (unit) throws(UnitRefusal) in
        try await disk.filing { () throws(UnitRefusal) in try await unit.keep(layout) }
      }
    }
    await noteKept(layout)
  }

  /// Notes a layout that the disk keeps.
  private func noteKept(_ layout: Layout) async {
    note(layout)
    // Last: whoever asks about a register that was given up is told the layout (R19).
    await disk?.forgetHistory()
  }

  /// Takes a layout for its own, if it names this node's disk, and remembers it in any case.
  private func install(_ layout: Layout) async throws(Refusal) -> LayoutID {
    let id = layout.id
    await installing.take()
    defer { installing.end() }
    // One life of the disk throughout: the layout may name it, and not the next one.
    // Whoever still takes this process for the sequencer of an epoch before is told the news, too.
    if layout.epoch > .zero { sequencer?.seal(before: layout.epoch) }
    guard let disk, let unit else {
      note(layout)
      return id
    }
    let isNamed = layout.names(name(of: unit))
    await disk.settle(under: layout)
    // Who still believes in an epoch before it is told the news here as well.
    let before = Epoch(max(layout.epoch.number, 1) - 1)
    let installed = try await ask(unit) { (unit) throws(UnitRefusal) in
      try await disk.filing { () throws(UnitRefusal) in
        if isNamed { return try await unit.install(id, keeping: layout) }
        _ = try await unit.seal(before, keeping: layout)
        return nil
      }
    }
    await noteKept(layout)
    guard isNamed else { throw .notNamed(unit.incarnation) }
    return installed ?? id
  }

  private func name(of unit: StorageUnit<Storage, Kit.Gate>) -> UnitName {
    UnitName(node: id, incarnation: unit.incarnation)
  }

  /// Closes an epoch, on the disk that is meant.
  private func seal(_ request: SealRequest) async throws(Refusal) -> UnitSeal {
    guard let disk else { throw .noSuchRole }
    if let wanted = request.incarnation, wanted != disk.unit.incarnation {
      throw .notNamed(disk.unit.incarnation)
    }
    // A disk that is emptied meanwhile has another unit, and this one answers no more.
    let unit = try disk.admittedUnit()
    let opening = disk.openings.opening
    var seal = try await ask(unit) { (unit) throws(UnitRefusal) in
      try await unit.seal(request.epoch)
    }
    seal.opening = opening
    return seal
  }

  /// Empties the disk, if the newest layout does not name it (R29).
  func reset(_ request: ResetRequest) async throws(Refusal) -> Incarnation {
    guard let disk, let name = unitName else { throw .noSuchRole }
    guard name.incarnation == request.incarnation else { throw .notNamed(name.incarnation) }
    let known = newestLayout ?? request.layout
    let newest = known.epoch > request.layout.epoch ? known : request.layout
    // On whichever node: somebody may have mixed up folders.
    guard !newest.names(name.incarnation) else { throw .inUse(name.incarnation) }
    let incarnation = try await disk.reset(request.incarnation, keeping: newest)
    // What was heard meanwhile was kept on the disk that is gone.
    try await learn(newest)
    if let heard = newestLayout { try await learn(heard) }
    return incarnation
  }
}

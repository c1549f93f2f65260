public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuStripeMirror

/// The system as it stands after chapter 4: chapter 3's log over many disks, which give back the
/// room of what was trimmed, and get what they missed.
public final class Stage4<Storage: Device, Parts: CopyParts>: Sendable {
  /// The log as chapter 3 built it.
  public typealias Mirrors = Stage3<Storage, Parts>
  /// The units, their layout and their clients.
  public let mirrors: Mirrors
  private let upkeeps: Upkeeps<Storage, Parts>

  private init(_ mirrors: Mirrors, _ upkeeps: Upkeeps<Storage, Parts>) {
    self.mirrors = mirrors
    self.upkeeps = upkeeps
  }

  /// Opens the log in a folder, or makes one there.
  ///
  /// - Parameters:
  ///   - shape: How many stripes and replicas; a log keeps the shape it was made with.
  ///   - folder: Where the layout is kept.
  ///   - limits: Sizes that units work with.
  ///   - upkeep: How units compact and are scrubbed.
  ///   - random: Draws the identities of new units, and the sequencer's boot.
  ///   - makeDevice: A process's view of a unit's folder; asked for at each start of the unit.
  ///   - onEvent: Hears what happens in the units.
  /// - Returns: The log; ``run(on:)`` must run for it to take writes.
  /// - Throws: ``MirrorError``, if the folder cannot be served.
  public static func open(
    _ shape: MirrorShape = MirrorShape(),
    in folder: Storage,
    limits: StoreLimits = StoreLimits(),
    upkeep: UpkeepSettings,
    using random: inout some RandomNumberGenerator,
    makeDevice: @escaping @Sendable (NodeID) -> Storage,
    onEvent: @escaping @Sendable (Mirrors.Event) -> Void = { _ in }
  ) async throws(MirrorError) -> Stage4 {
    let mirrors = try await Mirrors.open(
      shape,
      in: folder,
      limits: limits,
      using: &random,
      makeDevice: makeDevice,
      onEvent: onEvent
    )
    return Stage4(mirrors, Upkeeps(upkeep) { node, event in onEvent(.store(node, event)) })
  }

  /// Does the units' work until the log is closed.
  ///
  /// - Parameter makeThread: A thread for each unit, where syncs block; `nil` to stay on the
  ///   caller's executor, as in the simulator.
  public func run(on makeThread: @escaping @Sendable () -> ThreadExecutor? = { nil }) async {
    await mirrors.run(on: makeThread) { await self.upkeep(of: $0).run() }
  }

  /// A new client of the log.
  public func client(using random: inout some RandomNumberGenerator) -> Mirrors.Log {
    mirrors.client(using: &random)
  }

  /// Ends a unit at once; see ``Stage3/kill(_:)``.
  @discardableResult
  public func kill(_ node: NodeID) async throws(MirrorError) -> Bool {
    try await mirrors.kill(node)
  }

  /// Closes the units and ends ``run(on:)``; see ``Stage3/close()``.
  public func close() async throws(MirrorError) {
    try await mirrors.close()
  }

  // MARK: - Room

  /// Empties segments of a unit until none is worth it.
  ///
  /// - Returns: What that took.
  /// - Throws: ``MirrorError/notUp(_:)``, ``MirrorError/notCompacted(_:_:)``.
  public func compact(_ node: NodeID) async throws(MirrorError) -> CompactionCounters {
    guard let running = try mirrors.known(node), running.unit.isAlive else { throw .notUp(node) }
    do {
      return try await upkeep(of: running.unit).compact()
    } catch {
      throw .notCompacted(node, error)
    }
  }

  /// What compaction did in a unit since it was started.
  public func counters(of node: NodeID) -> CompactionCounters? {
    mirrors.unit(node).map { upkeep(of: $0).counters }
  }

  private func upkeep(of unit: Mirrors.Unit) -> Upkeep<Storage, Parts> {
    upkeeps.of(unit.name.node, unit.store)
  }
}

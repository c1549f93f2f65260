public import CorfuGlobalLog
internal import CorfuSequencer
public import CorfuStripeMirror
internal import Synchronization

/// The system as it stands after chapter 3: a log over many disks, each entry on a chain of them.
///
/// Until chapter 6 its layout is changed by hand: ``kill(_:)`` takes a unit out of its chains.
public final class Stage3<Storage: Device, Parts: MirrorParts>: Sendable {
  /// A unit of this process.
  public typealias Unit = LocalReplica<Storage>
  /// A client of the log.
  public typealias Log = MirroredLog<Unit, Parts>

  /// Something that happened, seldom enough to be told one by one.
  public enum Event: Hashable, Sendable {
    /// Something happened in a unit's store.
    case store(NodeID, StoreEvent)
    /// A unit's disk is gone, or another one is in its place: it was taken out of its chains.
    case lost(NodeID)
    /// A unit's disk is an older image of itself, which lacks what was written since: it was taken
    /// out of its chains.
    case outdated(NodeID)
  }

  /// How the units are arranged.
  public let shape: MirrorShape
  let folder: Storage
  let makeDevice: @Sendable (NodeID) -> Storage
  let limits: StoreLimits
  let onEvent: @Sendable (Event) -> Void
  let roster: Roster<Unit, Parts.Tokens>
  let state: Mutex<State>
  private let starts: AsyncStream<Running>

  /// A unit at work.
  struct Running: Sendable {
    let unit: Unit
    let device: Storage

    /// How often its disk was opened.
    var boots: UInt64 { unit.store.reader.identity.boots }
  }

  struct State: Sendable {
    var file: MirrorFile
    var running: [NodeID: Running]
    /// Hands a unit to ``run(on:)``.
    let start: AsyncStream<Running>.Continuation
    var isClosed = false
  }

  private init(
    _ opening: Opening<Storage, Parts>,
    running: [NodeID: Running],
    roster: Roster<Unit, Parts.Tokens>
  ) {
    shape = opening.shape
    folder = opening.folder
    makeDevice = opening.makeDevice
    limits = opening.limits
    onEvent = opening.onEvent
    self.roster = roster
    let (starts, start) = AsyncStream.makeStream(of: Running.self)
    self.starts = starts
    state = Mutex(State(file: opening.file, running: running, start: start))
    for (_, one) in running.sorted(by: { $0.key < $1.key }) { start.yield(one) }
  }

  /// Opens the log in a folder, or makes one there.
  ///
  /// ``run(on:)`` must run for it to take writes.
  ///
  /// - Parameters:
  ///   - shape: How many stripes and replicas; a log keeps the shape it was made with.
  ///   - folder: Where the layout is kept.
  ///   - limits: Sizes that units work with.
  ///   - random: Draws the identities of new units, and the sequencer's boot.
  ///   - makeDevice: A process's view of a unit's folder; asked for at each start of the unit.
  ///   - onEvent: Hears what happens in the units.
  /// - Returns: The log.
  /// - Throws: ``MirrorError``, if the folder cannot be served.
  public static func open(
    _ shape: MirrorShape = MirrorShape(),
    in folder: Storage,
    limits: StoreLimits = StoreLimits(),
    using random: inout some RandomNumberGenerator,
    makeDevice: @escaping @Sendable (NodeID) -> Storage,
    onEvent: @escaping @Sendable (Event) -> Void = { _ in }
  ) async throws(MirrorError) -> Stage3 {
    do {
      try folder.lock()
    } catch {
      throw .folder(error)
    }
    do {
      var opening = try Opening<Storage, Parts>(
        shape: shape,
        folder: folder,
        makeDevice: makeDevice,
        limits: limits,
        onEvent: onEvent
      )
      let (running, roster) = try await opening.run(using: &random)
      return Stage3(opening, running: running, roster: roster)
    } catch {
      folder.unlock()
      throw error
    }
  }

  /// Does the units' work until the log is closed.
  ///
  /// - Parameter makeThread: A thread for each unit, where syncs block; `nil` to stay on the
  ///   caller's executor, as in the simulator.
  public func run(on makeThread: @escaping @Sendable () -> ThreadExecutor? = { nil }) async {
    await run(on: makeThread) { _ in }
  }

  /// Does the units' work until the log is closed, and looks for damage beside it (D13).
  ///
  /// - Parameters:
  ///   - limits: How hard each unit is scrubbed.
  ///   - clock: What the rate is held by.
  ///   - makeThread: A thread for each unit, where syncs block.
  public func run(
    scrubbing limits: ScrubLimits,
    clock: some Clock<Duration>,
    on makeThread: @escaping @Sendable () -> ThreadExecutor? = { nil }
  ) async {
    await run(on: makeThread) { unit in
      await unit.store.reader.keepScrubbing(limits, clock: clock) { event in
        self.onEvent(.store(unit.name.node, event))
      }
    }
  }

  /// Does the units' work, and something beside that of each: it is cancelled when the unit ends.
  func run(
    on makeThread: @escaping @Sendable () -> ThreadExecutor?,
    beside care: @escaping @Sendable (Unit) async -> Void
  ) async {
    await withDiscardingTaskGroup { group in
      for await running in starts {
        group.addTask {
          let thread = makeThread()
          await withTaskGroup(of: Void.self) { both in
            both.addTask { await care(running.unit) }
            await running.unit.run(on: thread)
            both.cancelAll()
          }
          thread?.stop()
        }
      }
    }
  }

  /// A new client of the log.
  public func client(using random: inout some RandomNumberGenerator) -> Log {
    MirroredLog(
      roster: roster,
      client: ClientID(using: &random),
      payloadBytesMax: limits.payloadBytesMax
    )
  }

  /// Hands out no more tokens, finishes what was asked for, closes the units and ends ``run(on:)``.
  ///
  /// - Throws: ``MirrorError/notClosed(_:_:)`` for a unit whose disk failed.
  public func close() async throws(MirrorError) {
    // A unit that is just being started is closed with the others, and none is started after them.
    await roster.beginChange()
    defer { roster.endChange(roster.view) }
    roster.view.sequencer.seal()
    let (running, start) = state.withLock { state in
      state.isClosed = true
      defer { state.running = [:] }
      return (state.running.sorted { $0.key < $1.key }, state.start)
    }
    var failure: MirrorError?
    for (node, one) in running {
      do {
        try await one.unit.close()
      } catch {
        failure = failure ?? .notClosed(node, error)
        await one.unit.kill()
        one.device.unlock()
      }
    }
    start.finish()
    folder.unlock()
    if let failure { throw failure }
  }
}

public import CorfuGlobalLog
public import CorfuSequencer

/// The system as it stands after chapter 2: one durable log file, and a sequencer that tells each
/// client where to write.
public final class Stage2<Storage: Device, Source: TokenSource>: Sendable {
  /// The store that all clients share.
  public let store: GroupCommit<Storage>
  /// The sequencer that all clients ask.
  public let sequencer: LocalSequencer<Source>

  private init(store: GroupCommit<Storage>, sequencer: LocalSequencer<Source>) {
    self.store = store
    self.sequencer = sequencer
  }

  /// Opens the log in a folder, or makes one there, with a new sequencer.
  ///
  /// ``run(on:)`` must run for it to take writes.
  ///
  /// - Parameters:
  ///   - device: The folder.
  ///   - limits: Sizes to work with.
  ///   - random: Draws the identity of a new log, and the sequencer's boot.
  ///   - onEvent: Hears what happens in the store.
  /// - Returns: The log.
  /// - Throws: ``StoreOpenError``, if the folder cannot be served.
  public static func open(
    _ device: Storage,
    limits: StoreLimits = StoreLimits(),
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) async throws(StoreOpenError) -> Stage2 {
    let store = try await GroupCommit.open(device, limits: limits, using: &random, onEvent: onEvent)
    // The sequencer that was here before is gone, and nobody has a token of it: all of its clients
    // were in the same process. So what it knew is what the store knows.
    let reign = reign(of: BootID(using: &random), over: store)
    do {
      let sequencer = try LocalSequencer(Source(boot: reign.boot), serving: reign)
      return Stage2(store: store, sequencer: sequencer)
    } catch {
      preconditionFailure("a sequencer refused the first reign of its life: \(error)")
    }
  }

  private static func reign(of boot: BootID, over store: GroupCommit<Storage>) -> Reign {
    let tail = store.tail()
    let replica = ReplicaEnd(
      highest: tail == .zero ? nil : tail.advanced(by: -1),
      trimMark: store.reader.trimMark,
      streams: tail == .zero ? .empty : .unknown
    )
    let end = ReignEnd(firstTail: .zero, replicas: [replica])
    return Reign(
      epoch: Epoch(1),
      boot: boot,
      firstTail: Source.firstTail(after: end),
      streams: end.streams
    )
  }

  /// Does the store's work until it is closed or its disk fails.
  ///
  /// - Parameter thread: A thread that syncs may block; `nil` to stay on the caller's executor, as
  ///   in the simulator.
  public func run(on thread: ThreadExecutor? = nil) async {
    await withTaskExecutorPreference(thread) { await store.run() }
  }

  /// A new client of the log.
  public func client(
    using random: inout some RandomNumberGenerator
  ) -> SequencedLog<Storage, Source> {
    SequencedLog(store: store, sequencer: sequencer, client: ClientID(using: &random))
  }

  /// Hands out no more tokens, finishes what was asked for, closes the log and ends ``run(on:)``.
  public func close() async throws(LogError) {
    sequencer.seal()
    try await store.close()
  }
}

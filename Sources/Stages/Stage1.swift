public import CorfuGlobalLog

/// The system as it stands after chapter 1: one durable log file,
/// and clients that race for its end.
public final class Stage1<Storage: Device, Race: AppendRace>: Sendable {
  /// The store that all clients share.
  public let store: GroupCommit<Storage>

  private init(store: GroupCommit<Storage>) {
    self.store = store
  }

  /// Opens the log in a folder, or makes one there.
  ///
  /// ``run(on:)`` must run for it to take writes.
  ///
  /// - Parameters:
  ///   - device: The folder.
  ///   - limits: Sizes to work with.
  ///   - random: Draws the identity of a new log.
  ///   - onEvent: Hears what happens in the store.
  /// - Returns: The log.
  /// - Throws: ``StoreOpenError``, if the folder cannot be served.
  public static func open(
    _ device: Storage,
    limits: StoreLimits = StoreLimits(),
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) async throws(StoreOpenError) -> Stage1 {
    Stage1(
      store: try await GroupCommit.open(device, limits: limits, using: &random, onEvent: onEvent)
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
  public func client(using random: inout some RandomNumberGenerator) -> RacingLog<Storage, Race> {
    RacingLog(store: store, client: ClientID(using: &random))
  }

  /// Finishes what was asked for, closes the log and ends ``run(on:)``.
  public func close() async throws(LogError) {
    try await store.close()
  }
}

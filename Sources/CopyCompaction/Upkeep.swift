public import CorfuGlobalLog
internal import Synchronization

/// How a store is looked after while it is open.
public struct UpkeepSettings: Sendable {
  /// What rates and pauses are held by.
  public var clock: any Clock<Duration>
  /// How hard it is compacted.
  public var compaction = CompactionLimits()
  /// How hard it is scrubbed.
  public var scrub = ScrubLimits()
  /// Whether that is done from time to time, or only what somebody asks for.
  public var isAutomatic = true

  /// The defaults, by a clock.
  public init(clock: any Clock<Duration>) {
    self.clock = clock
  }
}

/// All that an open store needs beside its writer: its compactor and its scrub, at work in the
/// background, and the compactor whenever it is asked.
///
/// One compactor at a time: two of them would copy the same segment.
public final class Upkeep<Storage: Device, Parts: CompactionParts>: Sendable {
  /// What it looks after.
  public let store: GroupCommit<Storage>
  private let compactor: Compactor<GroupCommit<Storage>, Parts.Policy, Parts.Mover>
  private let settings: UpkeepSettings
  private let onEvent: @Sendable (StoreEvent) -> Void
  private let state = Mutex(State())

  private struct State: Sendable {
    var isBusy = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  /// The upkeep of an open store.
  ///
  /// - Parameters:
  ///   - store: The store.
  ///   - settings: How hard to work, and when.
  ///   - onEvent: Hears of the damage that the scrub finds, and of the end of each of its passes.
  public init(
    of store: GroupCommit<Storage>,
    _ settings: UpkeepSettings,
    onEvent: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) {
    self.store = store
    self.settings = settings
    self.onEvent = onEvent
    compactor = Compactor(
      of: store,
      policy: Parts.Policy(),
      mover: Parts.Mover(),
      limits: settings.compaction,
      clock: settings.clock
    )
  }

  /// What was done so far, in the background too.
  public var counters: CompactionCounters { compactor.counters }

  /// Empties segments until none is worth it.
  ///
  /// - Returns: What that took.
  /// - Throws: As ``Compactor/run()``; what was done until then is in ``counters``.
  public func compact() async throws(CompactionError) -> CompactionCounters {
    await begin()
    defer { end() }
    let before = counters
    try await compactor.run()
    return counters.since(before)
  }

  /// Does what is due from time to time, until it is cancelled or the store is at its end.
  ///
  /// Not on the store's own thread: a scrub reads whole segments.
  public func run() async {
    guard settings.isAutomatic else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.keepCompacting() }
      group.addTask {
        await self.store.reader.keepScrubbing(
          self.settings.scrub,
          clock: self.settings.clock,
          onEvent: self.onEvent
        )
      }
    }
  }

  private func keepCompacting() async {
    while !Task.isCancelled {
      do throws(CompactionError) {
        try await pause()
        _ = try await compact()
      } catch {
        // Room may come back by other means; then there is work again.
        guard error == .store(.outOfSpace) else { return }
      }
    }
  }

  private func pause() async throws(CompactionError) {
    do {
      try await settings.clock.sleep(for: settings.compaction.pause)
    } catch {
      throw .cancelled
    }
  }

  private func begin() async {
    await withUnsafeContinuation { continuation in
      let isMine = state.withLock { state in
        if state.isBusy { state.waiting.append(continuation) }
        defer { state.isBusy = true }
        return !state.isBusy
      }
      if isMine { continuation.resume() }
    }
  }

  /// Passes the turn on to who has waited longest.
  private func end() {
    let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
      if state.waiting.isEmpty {
        state.isBusy = false
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}

extension CompactionCounters {
  /// What was done since the counters stood at others.
  func since(_ earlier: CompactionCounters) -> CompactionCounters {
    var counters = self
    counters.segments -= earlier.segments
    counters.rewritten -= earlier.rewritten
    counters.copiedBytes -= earlier.copiedBytes
    counters.removedBytes -= earlier.removedBytes
    counters.skipped -= earlier.skipped
    return counters
  }
}

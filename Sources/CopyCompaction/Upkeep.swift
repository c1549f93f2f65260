public import CorfuGlobalLog
internal import Synchronization

/// The compactor of a store, at work in the background and whenever it is asked.
///
/// One at a time: two of them would copy the same segment.
public final class Upkeep<Storage: Device, Parts: CompactionParts, Time: Clock>: Sendable
where Time.Duration == Duration {
  /// What it compacts.
  public let store: GroupCommit<Storage>
  private let compactor: Compactor<GroupCommit<Storage>, Parts.Policy, Parts.Mover, Time>
  private let limits: CompactionLimits
  private let clock: Time
  private let state = Mutex(State())

  private struct State: Sendable {
    var isBusy = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  /// The upkeep of an open store.
  ///
  /// - Parameters:
  ///   - store: The store.
  ///   - limits: How hard to work.
  ///   - clock: What rate and pauses are held by.
  public init(of store: GroupCommit<Storage>, limits: CompactionLimits, clock: Time) {
    self.store = store
    self.limits = limits
    self.clock = clock
    compactor = Compactor(
      of: store,
      policy: Parts.Policy(),
      mover: Parts.Mover(),
      limits: limits,
      clock: clock
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

  /// Empties segments whenever it is worth it, until it is cancelled or the store is at its end.
  public func run() async {
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
      try await clock.sleep(for: limits.pause)
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
